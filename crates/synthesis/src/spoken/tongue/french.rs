//! How French counts.

use std::sync::LazyLock;

use super::tables::{Tables, files};
use super::{Time, Tongue};
use crate::spoken::tables;

pub(super) struct French;

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables::new(&files!("fr")));
static NUMBERS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let words = tables::pairs(include_str!("../../../data/spoken/fr/numbers.tsv"));
    (0..100)
        .map(|n: u64| {
            words
                .get(n.to_string().as_str())
                .copied()
                .unwrap_or_default()
        })
        .collect()
});

const SCALES: [(u64, &str); 4] = [
    (1_000_000_000_000, "billion"),
    (1_000_000_000, "milliard"),
    (1_000_000, "million"),
    (1000, "mille"),
];

/// In words; `ends`: whether nothing more is counted with it, so that *quatre-vingts* has its s.
fn number(n: u64, ends: bool) -> String {
    for (scale, name) in SCALES {
        if n < scale {
            continue;
        }
        let (many, rest) = (n / scale, n % scale);
        let lead = match (many, name) {
            (1, "mille") => name.to_owned(),
            (_, "mille") => format!("{} {name}", number(many, false)),
            (1, _) => format!("un {name}"),
            _ => format!("{} {name}s", number(many, true)),
        };
        return if rest == 0 {
            lead
        } else {
            format!("{lead} {}", number(rest, ends))
        };
    }
    match n {
        80 if !ends => "quatre vingt".to_owned(),
        0..100 => NUMBERS[usize::try_from(n).unwrap_or(0)].to_owned(),
        _ => {
            let (many, rest) = (n / 100, n % 100);
            let lead = match (many, rest) {
                (1, _) => "cent".to_owned(),
                (_, 0) if ends => format!("{} cents", number(many, false)),
                _ => format!("{} cent", number(many, false)),
            };
            if rest == 0 {
                lead
            } else {
                format!("{lead} {}", number(rest, ends))
            }
        }
    }
}

fn with_ending(cardinal: &str) -> String {
    let (lead, last) = cardinal.rsplit_once(' ').unwrap_or(("", cardinal));
    let last = match last {
        "un" | "une" => "unième".to_owned(),
        "cinq" => "cinquième".to_owned(),
        "neuf" => "neuvième".to_owned(),
        "vingts" => "vingtième".to_owned(),
        "cents" => "centième".to_owned(),
        last => {
            let stem = last
                .strip_suffix('s')
                .filter(|stem| stem.ends_with("on") || stem.ends_with("rd"));
            let stem = stem.unwrap_or(last);
            format!("{}ième", stem.strip_suffix('e').unwrap_or(stem))
        }
    };
    format!("{lead} {last}").trim_start().to_owned()
}

impl Tongue for French {
    fn tables(&self) -> &'static Tables {
        &TABLES
    }

    fn cardinal(&self, n: u64, feminine: bool) -> String {
        let words = number(n, true);
        match words
            .strip_suffix("un")
            .filter(|_| feminine && !n.is_multiple_of(1_000_000))
        {
            Some(lead) if lead.is_empty() || lead.ends_with(' ') => format!("{lead}une"),
            _ => words,
        }
    }

    fn ordinal(&self, n: u64, suffix: &str) -> Option<String> {
        let suffix = suffix.to_lowercase();
        Some(match (suffix.as_str(), n) {
            ("er" | "ᵉʳ", 1) => "premier".to_owned(),
            ("ers", 1) => "premiers".to_owned(),
            ("re" | "ère" | "ere", 1) => "première".to_owned(),
            ("res" | "ères", 1) => "premières".to_owned(),
            ("nd" | "d", 2) => "second".to_owned(),
            ("nde" | "de", 2) => "seconde".to_owned(),
            ("e" | "ème" | "eme" | "ième" | "ᵉ", _) if n > 0 => with_ending(&number(n, true)),
            ("es" | "èmes" | "emes" | "ièmes", _) if n > 0 => {
                format!("{}s", with_ending(&number(n, true)))
            }
            _ => return None,
        })
    }

    fn year(&self, year: u64) -> String {
        number(year, true)
    }

    fn day(&self, day: u64) -> String {
        if day == 1 {
            "premier".to_owned()
        } else {
            number(day, true)
        }
    }

    fn clock(&self, time: Time) -> String {
        let hour = match (time.hour, time.evening) {
            (12, Some(false)) => 0,
            (1..12, Some(true)) => time.hour + 12,
            (hour, _) => hour,
        };
        let name = if hour < 2 { "heure" } else { "heures" };
        let mut words = format!("{} {name}", self.cardinal(hour, true));
        if time.minute > 0 {
            words = format!("{words} {}", self.cardinal(time.minute, true));
        }
        if let Some(second) = time.second.filter(|second| *second > 0) {
            let name = if second < 2 { "seconde" } else { "secondes" };
            let minutes = if time.minute > 0 { "" } else { "zéro minute" };
            words = format!(
                "{words} {minutes} et {} {name}",
                self.cardinal(second, true)
            );
        }
        words
    }

    fn fraction(&self, above: u64, below: u64) -> String {
        let several = if above > 1 { "s" } else { "" };
        let part = match below {
            1 => return number(above, true),
            2 => "demi".to_owned(),
            3 => return format!("{} tiers", number(above, false)),
            4 => "quart".to_owned(),
            _ => with_ending(&number(below, true)),
        };
        format!("{} {part}{several}", number(above, false))
    }

    fn decimals(&self, digits: &str) -> String {
        let zeros = digits.len() - digits.trim_start_matches('0').len();
        let rest = &digits[zeros..];
        let lead = "zéro ".repeat(zeros.min(40));
        if rest.len() > 3 || rest.is_empty() || zeros > 39 {
            return super::digits::one_by_one(self, digits);
        }
        format!("{lead}{}", number(super::digits::number(rest), true))
    }

    fn phone_group(&self, digits: &str) -> String {
        // `0612345678` without spaces: in pairs.
        let pairs: Vec<String> = if digits.len() > 3 && digits.len().is_multiple_of(2) {
            (0..digits.len() / 2)
                .map(|at| digits[2 * at..2 * at + 2].to_owned())
                .collect()
        } else {
            vec![digits.to_owned()]
        };
        let said = pairs.iter().map(|pair| match pair.strip_prefix('0') {
            Some(rest) if !rest.is_empty() => {
                let rest = if rest.starts_with('0') || rest.len() > 3 {
                    super::digits::one_by_one(self, rest)
                } else {
                    number(super::digits::number(rest), true)
                };
                format!("zéro {rest}")
            }
            _ => super::digits::cardinal(self, pair, false),
        });
        said.collect::<Vec<_>>().join(" , ")
    }

    fn is_phone(&self, groups: &[&str]) -> bool {
        let total: usize = groups.iter().map(|group| group.len()).sum();
        match groups {
            [first, rest @ ..] if first.starts_with('0') && !rest.is_empty() => {
                rest.iter()
                    .all(|group| group.len() == 2 || group.len() == 3)
                    && (9..=13).contains(&total)
            }
            [only] => only.len() == 10 && only.starts_with('0'),
            _ => false,
        }
    }

    fn money(&self, whole: &str, part: Option<&str>) -> String {
        match part {
            Some(part) => format!("{whole} et {part}"),
            None => whole.to_owned(),
        }
    }

    fn counted(&self, n: u64, name: &str) -> String {
        if n < 1_000_000 || !n.is_multiple_of(1_000_000) {
            name.to_owned()
        } else if name.starts_with(['a', 'e', 'h', 'i', 'o', 'u', 'é']) {
            format!("d'{name}")
        } else {
            format!("de {name}")
        }
    }

    fn has_decimal_comma(&self) -> bool {
        true
    }
}
