//! English words of numbers, as they are said on the telephone.

use text::english::{ONES, TENS};

/// Below one hundred: `forty-five`.
fn below_hundred(number: u32) -> String {
    let number = number as usize % 100;
    let (tens, ones) = (number / 10, number % 10);
    match (tens, ones) {
        (0 | 1, _) => ONES[number].to_owned(),
        (_, 0) => TENS[tens - 2].to_owned(),
        _ => format!("{}-{}", TENS[tens - 2], ONES[ones]),
    }
}

/// 1100 to 9900, full hundreds but no thousands: `forty-five hundred`.
pub(super) fn hundreds(number: u32) -> Option<String> {
    let is_said = (1100..=9900).contains(&number)
        && number.is_multiple_of(100)
        && !number.is_multiple_of(1000);
    is_said.then(|| format!("{} hundred", below_hundred(number / 100)))
}

/// 1100 to 2099: `nineteen eighty-four`, `two thousand five`.
pub(super) fn year(number: u32) -> Option<String> {
    let (century, rest) = (number / 100, number % 100);
    Some(match (century, rest) {
        (20, 0) => "two thousand".to_owned(),
        (20, 1..=9) => format!("two thousand {}", below_hundred(rest)),
        (11..=19, 0) => format!("{} hundred", below_hundred(century)),
        (11..=19, 1..=9) => format!("{} oh {}", below_hundred(century), below_hundred(rest)),
        (11..=20, _) => format!("{} {}", below_hundred(century), below_hundred(rest)),
        _ => return None,
    })
}

/// One digit after another: `four one five`.
pub(super) fn digits(digits: &str) -> String {
    let words = digits.chars().filter_map(|c| c.to_digit(10));
    words
        .map(|digit| ONES[digit as usize])
        .collect::<Vec<_>>()
        .join(" ")
}
