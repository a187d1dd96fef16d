//! How Hindi counts.

use std::sync::LazyLock;

use super::tables::{Tables, files};
use super::{Time, Tongue, digits};
use crate::spoken::tables;

pub(super) struct Hindi;

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables::new(&files!("hi")));
static NUMBERS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let words = tables::pairs(include_str!("../../../data/spoken/hi/numbers.tsv"));
    (0..100)
        .map(|n: u64| {
            words
                .get(n.to_string().as_str())
                .copied()
                .unwrap_or_default()
        })
        .collect()
});

const SCALES: [(u64, &str); 6] = [
    (10_000_000_000_000, "नील"),
    (100_000_000_000, "खरब"),
    (1_000_000_000, "अरब"),
    (10_000_000, "करोड़"),
    (100_000, "लाख"),
    (1000, "हज़ार"),
];

fn number(n: u64) -> String {
    for (scale, name) in SCALES {
        if n >= scale {
            return joined(&format!("{} {name}", number(n / scale)), n % scale);
        }
    }
    match n {
        0..100 => NUMBERS[usize::try_from(n).unwrap_or(0)].to_owned(),
        _ => joined(&format!("{} सौ", number(n / 100)), n % 100),
    }
}

fn joined(lead: &str, rest: u64) -> String {
    if rest == 0 {
        lead.to_owned()
    } else {
        format!("{lead} {}", number(rest))
    }
}

impl Tongue for Hindi {
    fn tables(&self) -> &'static Tables {
        &TABLES
    }

    fn cardinal(&self, n: u64, _feminine: bool) -> String {
        number(n)
    }

    fn ordinal(&self, n: u64, suffix: &str) -> Option<String> {
        // The ending agrees with the noun: *-ā*, *-e*, *-ī*.
        let ending = match suffix {
            "वाँ" | "वां" | "वा" | "ला" | "रा" | "था" | "ठा" | "st" | "nd" | "rd" | "th" => {
                0
            }
            "वें" | "वे" | "ले" | "रे" | "थे" | "ठे" => 1,
            "वीं" | "वी" | "ली" | "री" | "थी" | "ठी" => 2,
            _ => return None,
        };
        let stem = match n {
            1 => "पहल",
            2 => "दूसर",
            3 => "तीसर",
            4 => "चौथ",
            6 => "छठ",
            _ => return Some(format!("{}{}", number(n), ["वाँ", "वें", "वीं"][ending])),
        };
        Some(format!("{stem}{}", ["ा", "े", "ी"][ending]))
    }

    fn year(&self, year: u64) -> String {
        // *Unnīs sau saintālīs*: years are counted in hundreds.
        if (1100..2000).contains(&year) {
            joined(&format!("{} सौ", number(year / 100)), year % 100)
        } else {
            number(year)
        }
    }

    fn day(&self, day: u64) -> String {
        number(day)
    }

    fn clock(&self, time: Time) -> String {
        let part = match (time.evening, time.hour) {
            (None, _) => "",
            (Some(false), 12 | 0..4) => "रात",
            (Some(false), _) => "सुबह",
            (Some(true), 12 | 1..4) => "दोपहर",
            (Some(true), 4..8) => "शाम",
            (Some(true), _) => "रात",
        };
        let hour = number(time.hour);
        let second = time.second.filter(|second| *second > 0);
        match (time.minute, second) {
            (0, None) => format!("{part} {hour} बजे"),
            (minute, None) => format!("{part} {hour} बजकर {} मिनट", number(minute)),
            (minute, Some(second)) => {
                format!(
                    "{part} {hour} बजकर {} मिनट {} सेकंड",
                    number(minute),
                    number(second)
                )
            }
        }
    }

    fn fraction(&self, above: u64, below: u64) -> String {
        match (above, below) {
            (1, 2) => "आधा".to_owned(),
            (1, 3) => "एक तिहाई".to_owned(),
            (2, 3) => "दो तिहाई".to_owned(),
            (1, 4) => "एक चौथाई".to_owned(),
            (3, 4) => "तीन चौथाई".to_owned(),
            _ => format!("{} बटा {}", number(above), number(below)),
        }
    }

    fn decimals(&self, digits: &str) -> String {
        digits::one_by_one(self, digits)
    }

    fn phone_group(&self, digits: &str) -> String {
        digits::one_by_one(self, digits)
    }

    fn is_phone(&self, groups: &[&str]) -> bool {
        let total: usize = groups.iter().map(|group| group.len()).sum();
        match groups {
            [only] => {
                only.len() == 10 && only.starts_with(['6', '7', '8', '9']) && !only.ends_with("000")
            }
            [first, ..] if first.starts_with('0') => (10..=12).contains(&total) && first.len() < 6,
            [first, second] => {
                first.len() == 5 && second.len() == 5 && first.starts_with(['6', '7', '8', '9'])
            }
            [first, second, third] => {
                [first.len(), second.len(), third.len()] == [3, 3, 4]
                    || first.len() == 4 && total == 10
            }
            _ => false,
        }
    }

    fn money(&self, whole: &str, part: Option<&str>) -> String {
        match part {
            Some(part) => format!("{whole} {part}"),
            None => whole.to_owned(),
        }
    }

    fn has_decimal_comma(&self) -> bool {
        false
    }
}
