//! Numbers said digit by digit: telephone numbers and codes.

use super::lexicon::Atom;
use super::number::Words;

impl Words<'_> {
    /// Digits from a word on, joined: the word after them and what is written. `+91` and the
    /// like stand apart.
    pub fn telephone(&self, start: usize) -> Option<(usize, Option<String>)> {
        let plus = matches!(self.atom(start, true)?.atom, Atom::Plus);
        let first = start + usize::from(plus);
        let (mut digits, mut i, mut single) = (String::new(), first, true);
        while let Some(entry) = self.atom(i, i == start).map(|e| e.atom) {
            match entry {
                Atom::Number { value, .. } => {
                    single &= value < 10;
                    digits.push_str(&value.to_string());
                    i += 1;
                }
                Atom::Ten(ten) => {
                    single = false;
                    let unit = match self.atom(i + 1, false).map(|e| e.atom) {
                        Some(Atom::Number {
                            value,
                            after_ten: true,
                        }) => value,
                        _ => 0,
                    };
                    digits.push_str(&(ten + unit).to_string());
                    i += 1 + usize::from(unit > 0);
                }
                Atom::Oh if i > start || self.spoken_digit(i + 1).is_some() => {
                    digits.push('0');
                    i += 1;
                }
                Atom::Repeat(times) => {
                    let Some(digit) = self.spoken_digit(i + 1) else {
                        break;
                    };
                    digits.push_str(&digit.to_string().repeat(times));
                    i += 2;
                }
                _ => break,
            }
        }
        // The last word may belong to a greater number: एक दो हज़ार.
        let scaled = matches!(self.atom(i, false).map(|e| e.atom), Some(Atom::Scale(_)));
        let said = i - first;
        let sure = match (single, digits.len()) {
            _ if scaled || said < 2 => false,
            (true, 3) => said > 1 && !"123456789".contains(&digits),
            (true, count) => count > 3,
            (false, count) => said > 4 && matches!(count, 10..=12),
        };
        if !sure {
            return None;
        }
        // What goes on in digits, or is cut off, is better left alone.
        let cut = matches!(self.atom(i, false).map(|e| e.atom), Some(Atom::Repeat(_)));
        if cut || self.is_written(i) {
            return Some((i, None));
        }
        let text = match digits.split_at_checked(2) {
            Some((country, rest)) if plus && digits.len() > 11 => format!("+{country} {rest}"),
            _ if plus => format!("+{digits}"),
            _ => digits,
        };
        Some((i, Some(text)))
    }

    /// A word that says one digit.
    fn spoken_digit(&self, i: usize) -> Option<u32> {
        match self.atom(i, false)?.atom {
            Atom::Number { value, .. } if value < 10 => Some(value),
            Atom::Oh => Some(0),
            _ => None,
        }
    }
}
