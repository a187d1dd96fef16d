//! Reads ordinal numbers out of words: `twenty first`, `vigésimo primero`, `einundzwanzigste`.

use super::lexicon::Atom;
use super::scan::Scan;

impl Scan<'_> {
    /// The ordinal number that begins at a word, of any size.
    pub fn ordinal(&self, i: usize) -> Option<(u128, usize)> {
        if let Some(number) = self.cardinal_or_ordinal(i)
            && self.is_ordinal(number.end - 1)
        {
            let plain = (i..number.end - 1).all(|token| !self.is_ordinal(token));
            return plain.then_some((number.value, number.end));
        }
        let at = |token: usize| match self.part(self.part_of(token)?)?.atom {
            Atom::Ordinal(value) => Some(value),
            _ => None,
        };
        let (mut value, mut end) = match self.number(i) {
            Some(number) => {
                let and = self.joined(number.end)
                    && self
                        .part_of(number.end)
                        .and_then(|p| self.part(p))
                        .is_some_and(|part| part.atom == Atom::And);
                let end = number.end + usize::from(and);
                let last = at(end).filter(|_| self.joined(end))?;
                let value = number.value;
                let sum = value + last;
                let whole = match last {
                    100.. if !and => value * last,
                    20 if value == 4 => 80,
                    10..=19 if value % 100 == 60 || value % 100 == 80 => sum,
                    10.. if value % 100 == 0 => sum,
                    ..=9 if value % 10 == 0 && value > 0 => sum,
                    _ => return None,
                };
                return Some((whole, end + 1));
            }
            None => (at(i)?, i + 1),
        };
        // `vigésimo primero`: ordinals that add up.
        while let Some(next) = at(end).filter(|_| self.joined(end)) {
            let room = if value % 100 == 0 { 100 } else { 10 };
            if value % 10 != 0 || next >= room {
                break;
            }
            (value, end) = (value + next, end + 1);
        }
        Some((value, end))
    }
}
