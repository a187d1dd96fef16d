//! English numbers in words, from digits.

use text::english::{ONES, TENS};

const SCALES: [&str; 12] = [
    "",
    "thousand",
    "million",
    "billion",
    "trillion",
    "quadrillion",
    "quintillion",
    "sextillion",
    "septillion",
    "octillion",
    "nonillion",
    "decillion",
];

/// A number below one hundred: `forty two`.
pub fn below_hundred(n: usize) -> String {
    let n = n % 100;
    match (n / 10, n % 10) {
        (0 | 1, _) => ONES[n].to_owned(),
        (tens, 0) => TENS[tens - 2].to_owned(),
        (tens, ones) => format!("{} {}", TENS[tens - 2], ONES[ones]),
    }
}

fn below_thousand(n: usize) -> String {
    match (n / 100, n % 100) {
        (0, rest) => below_hundred(rest),
        (hundreds, 0) => format!("{} hundred", ONES[hundreds % 20]),
        (hundreds, rest) => format!("{} hundred {}", ONES[hundreds % 20], below_hundred(rest)),
    }
}

/// Digits one at a time; characters that are none are left out.
pub fn digits(text: &str) -> String {
    let words: Vec<_> = text
        .chars()
        .filter_map(|c| c.to_digit(10))
        .map(|digit| ONES[digit as usize])
        .collect();
    words.join(" ")
}

/// The value of a few ASCII digits.
pub fn value(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).fold(0, |sum, b| {
        sum.saturating_mul(10).saturating_add(usize::from(b - b'0'))
    })
}

/// A whole number in words. Leading zeros and more than 36 digits are read digit by digit.
pub fn cardinal(text: &str) -> String {
    if text.len() > 3 * SCALES.len() || (text.len() > 1 && text.starts_with('0')) {
        return digits(text);
    }
    let mut groups = Vec::new();
    let mut end = text.len();
    while end > 0 {
        let from = end.saturating_sub(3);
        groups.push(value(&text[from..end]));
        end = from;
    }
    let mut words = Vec::new();
    for (scale, &group) in groups.iter().enumerate().rev() {
        if group > 0 {
            words.push(below_thousand(group));
            if scale > 0 {
                words.push(SCALES[scale].to_owned());
            }
        }
    }
    if words.is_empty() {
        return ONES[0].to_owned();
    }
    words.join(" ")
}

/// The ordinal of a number in words: its last word changes.
pub fn ordinal(cardinal: &str) -> String {
    let (lead, last) = cardinal.rsplit_once(' ').unwrap_or(("", cardinal));
    let last = match last {
        "one" => "first".to_owned(),
        "two" => "second".to_owned(),
        "three" => "third".to_owned(),
        "five" => "fifth".to_owned(),
        "eight" => "eighth".to_owned(),
        "nine" => "ninth".to_owned(),
        "twelve" => "twelfth".to_owned(),
        _ => match last.strip_suffix('y') {
            Some(stem) => format!("{stem}ieth"),
            None => format!("{last}th"),
        },
    };
    format!("{lead} {last}").trim_start().to_owned()
}

/// Several of a number: `nineteen nineties`, `twenties`.
pub fn plural(cardinal: &str) -> String {
    match cardinal.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if cardinal.ends_with("six") => format!("{cardinal}es"),
        None => format!("{cardinal}s"),
    }
}

/// A year: `nineteen oh five`, `two thousand eight`, `twenty twenty four`.
pub fn year(year: usize) -> String {
    let (century, rest) = (year / 100, year % 100);
    if !(1000..10_000).contains(&year) || (year % 1000) < 10 {
        return cardinal(&year.to_string());
    }
    let century = below_hundred(century);
    match rest {
        0 => format!("{century} hundred"),
        1..10 => format!("{century} oh {}", ONES[rest]),
        _ => format!("{century} {}", below_hundred(rest)),
    }
}

/// Three or four digits as in names of things: `seven forty seven`, `three eighty`.
pub fn name(text: &str) -> String {
    match (text.len(), value(text)) {
        (3, n) if n >= 100 && n % 100 >= 10 => {
            format!("{} {}", ONES[n / 100], below_hundred(n % 100))
        }
        (3, n) if n >= 100 && n % 100 > 0 => {
            format!("{} oh {}", ONES[n / 100], ONES[n % 100])
        }
        (1..=3, _) => cardinal(text),
        (4, n) if n >= 1000 => year(n),
        _ => digits(text),
    }
}

/// What `n` parts of a whole are called: `half`, `thirds`, `sixteenths`.
pub fn part(denominator: usize, several: bool) -> String {
    match (denominator, several) {
        (2, false) => "half".to_owned(),
        (2, true) => "halves".to_owned(),
        (4, false) => "quarter".to_owned(),
        (4, true) => "quarters".to_owned(),
        (n, several) => {
            let one = ordinal(&cardinal(&n.to_string()));
            if several { format!("{one}s") } else { one }
        }
    }
}

/// The value of a Roman numeral in its one right spelling, up to 3999.
pub fn roman(text: &str) -> Option<usize> {
    const PARTS: [(usize, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let (mut rest, mut sum) = (text, 0);
    for (value, letters) in PARTS {
        let most = if matches!(letters, "M" | "C" | "X" | "I") {
            3
        } else {
            1
        };
        for _ in 0..most {
            let Some(behind) = rest.strip_prefix(letters) else {
                break;
            };
            rest = behind;
            sum += value;
        }
    }
    // The greedy reading also takes wrong spellings such as IXI; writing the value back shows them.
    (rest.is_empty() && sum > 0 && write_roman(sum, &PARTS) == text).then_some(sum)
}

fn write_roman(mut value: usize, parts: &[(usize, &str)]) -> String {
    let mut text = String::new();
    for (worth, letters) in parts {
        while value >= *worth {
            text.push_str(letters);
            value -= worth;
        }
    }
    text
}
