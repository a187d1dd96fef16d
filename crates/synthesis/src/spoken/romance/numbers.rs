//! Numbers in words: cardinals in either gender, ordinals, Roman numerals.

use super::{Gender, Kind, Romance};

/// Most digits that are counted; longer numbers are read digit by digit.
const COUNTED: usize = 12;

impl Romance {
    fn number_word(&self, key: &str) -> &'static str {
        self.numbers.get(key).copied().unwrap_or("")
    }

    /// Digit by digit.
    pub(super) fn digits(&self, digits: &str) -> String {
        let digits = digits.chars().filter(char::is_ascii_digit);
        let words: Vec<_> = digits
            .map(|digit| self.number_word(digit.encode_utf8(&mut [0; 4])))
            .collect();
        words.join(" ")
    }

    /// A whole number in words; leading zeros and very long numbers digit by digit.
    pub(super) fn cardinal(&self, digits: &str) -> String {
        match digits.parse::<u64>() {
            Ok(n) if digits.len() <= COUNTED && (digits.len() == 1 || !digits.starts_with('0')) => {
                self.of(n)
            }
            _ => self.digits(digits),
        }
    }

    /// The number before a noun: *un euro, veintiuna libras, duas horas*.
    pub(super) fn counting(&self, digits: &str, gender: Gender) -> String {
        let words = self.cardinal(digits);
        let feminine = gender == Gender::Feminine;
        match self.kind {
            Kind::Italian => match (words.as_str(), feminine) {
                ("uno", true) => "una".to_owned(),
                ("uno", false) => "un".to_owned(),
                _ => words,
            },
            Kind::Spanish if !feminine => shortened(&words),
            Kind::Portuguese if !feminine => words,
            _ => self.feminine(&words),
        }
    }

    /// All that changes behind the millions, which are masculine.
    fn feminine(&self, words: &str) -> String {
        let mut words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        let millions = [self.number_word("million"), self.number_word("millions")];
        let from = words
            .iter()
            .rposition(|word| millions.contains(&word.as_str()));
        for word in words.iter_mut().skip(from.map_or(0, |at| at + 1)) {
            let changed = match word.as_str() {
                "um" => "uma",
                "dois" => "duas",
                "un" | "uno" => "una",
                "veintiún" | "veintiuno" => "veintiuna",
                other => {
                    let stem = other.strip_suffix("entos").or(other.strip_suffix("ientos"));
                    match stem {
                        Some(stem) => &format!("{stem}entas"),
                        None => other,
                    }
                }
            };
            *word = changed.to_owned();
        }
        words.join(" ")
    }

    /// The word between a number of whole millions and what is counted, with its space.
    pub(super) fn of_millions(&self, digits: &str) -> &'static str {
        let is_round = digits.len() > 6 && digits.len() <= COUNTED && digits.ends_with("000000");
        if is_round { self.phrase("of") } else { "" }
    }

    fn of(&self, n: u64) -> String {
        let (scale, one, several) = match n {
            0..100 => return self.number_word(&n.to_string()).to_owned(),
            100 => return self.number_word("100").to_owned(),
            101..1000 => {
                let hundreds = self.number_word(&format!("{}+", n / 100 * 100));
                return self.joined(hundreds, n % 100, true);
            }
            1000..1_000_000 => (1000, "thousand", "thousands"),
            _ if n >= 1_000_000_000 && self.numbers.contains_key("billion") => {
                (1_000_000_000, "billion", "billions")
            }
            _ => (1_000_000, "million", "millions"),
        };
        let (many, rest) = (n / scale, n % scale);
        let lead = match (many, one) {
            (1, "thousand") => self.number_word(one).to_owned(),
            (1, _) => format!(
                "{} {}",
                self.number_word("before_scale"),
                self.number_word(one)
            ),
            // `duemila` is one word, and the end of greater ones.
            (2.., "thousand") if self.kind == Kind::Italian => {
                format!("{}{}", self.of(many), self.number_word(several))
            }
            _ => format!(
                "{} {}",
                shortened(&self.of(many)),
                self.number_word(several)
            ),
        };
        // Portuguese has its `e` before the last group where that is small or round.
        self.joined(&lead, rest, rest < 100 || (rest < 1000 && rest % 100 == 0))
    }

    fn joined(&self, lead: &str, rest: u64, join: bool) -> String {
        match rest {
            0 => lead.to_owned(),
            _ if join => format!("{lead} {} {}", self.number_word("join"), self.of(rest)),
            _ => format!("{lead} {}", self.of(rest)),
        }
    }

    /// *primero, vigésima segunda, ventesimo*; none beyond 999.
    pub(super) fn nth(&self, n: u64, gender: Gender) -> Option<String> {
        let word = |n: u64| self.numbers.get(format!("{n}th").as_str()).copied();
        let words = match n {
            1..1000 if word(n).is_some() => word(n)?.to_owned(),
            // Italian makes them of the cardinal.
            11..1000 if self.kind == Kind::Italian => {
                let cardinal = self.of(n).replace(' ', "");
                let stem = match cardinal.strip_suffix("tré") {
                    Some(stem) => format!("{stem}tre"),
                    None if cardinal.ends_with("sei") => cardinal,
                    None => cardinal[..cardinal.len() - 1].to_owned(),
                };
                format!("{stem}esimo")
            }
            11..100 => format!("{} {}", word(n / 10 * 10)?, word(n % 10)?),
            101..1000 => format!("{} {}", word(n / 100 * 100)?, self.nth(n % 100, gender)?),
            _ => return None,
        };
        if gender == Gender::Masculine {
            return Some(words);
        }
        let feminine = words.split(' ').map(|word| match word.strip_suffix('o') {
            Some(stem) => format!("{stem}a"),
            None => word.to_owned(),
        });
        Some(feminine.collect::<Vec<_>>().join(" "))
    }
}

/// Before a noun or a scale `uno` loses its last letter (Spanish).
fn shortened(words: &str) -> String {
    match words.strip_suffix("uno") {
        Some("veinti") => "veintiún".to_owned(),
        Some(lead) if lead.ends_with(" veinti") => format!("{}veintiún", &lead[..lead.len() - 6]),
        Some(lead) if lead.is_empty() || lead.ends_with(' ') => format!("{lead}un"),
        _ => words.to_owned(),
    }
}

/// The value of a Roman numeral up to 399, if it is written as it should be.
pub(super) fn roman(text: &str) -> Option<u64> {
    const PARTS: [(&str, u64); 9] = [
        ("C", 100),
        ("XC", 90),
        ("L", 50),
        ("XL", 40),
        ("X", 10),
        ("IX", 9),
        ("V", 5),
        ("IV", 4),
        ("I", 1),
    ];
    let (mut rest, mut value) = (text, 0);
    for (part, worth) in PARTS {
        let most = if part.len() == 1 && part != "L" && part != "V" {
            3
        } else {
            1
        };
        for _ in 0..most {
            let Some(after) = rest.strip_prefix(part) else {
                break;
            };
            rest = after;
            value += worth;
        }
    }
    (rest.is_empty() && value > 0).then_some(value)
}
