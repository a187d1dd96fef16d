//! Small numbers in dates and times, and years said in two halves.

use super::lexicon::Atom;
use super::scan::Scan;

impl Scan<'_> {
    /// A number that is one word.
    pub fn within_word(&self, i: usize) -> Option<(u128, usize)> {
        let part = self.part(self.part_of(i)?)?;
        match part.atom {
            Atom::Number(value) if part.last => Some((value.into(), i + 1)),
            _ => None,
        }
    }

    /// A number below a hundred that begins at a word, whatever follows it.
    pub fn pair(&self, i: usize, range: std::ops::RangeInclusive<u128>) -> Option<(u128, usize)> {
        let part = self.part_of(i)?;
        // `one hundred` is no pair, nor is `one thousand`.
        let (value, end) = self.piece(i)?;
        let (pair, after) = self.below_hundred(part)?;
        let whole = pair == value
            && self
                .part(after - 1)
                .is_some_and(|last| last.token + 1 == end);
        (whole && range.contains(&value)).then_some((value, end))
    }

    /// A year in two halves (`nineteen eighty four`, `nineteen oh five`), and its end.
    pub fn year_in_halves(
        &self,
        i: usize,
        centuries: std::ops::RangeInclusive<u128>,
    ) -> Option<(u128, usize)> {
        let (century, end) = self.pair(i, centuries)?;
        if !self.joined(end) {
            return None;
        }
        if let Some((oh, _)) = self.phrase("oh", end) {
            let (digit, end) = self.pair(oh, 1..=9).filter(|_| self.joined(oh))?;
            return Some((century * 100 + digit, end));
        }
        let (rest, end) = self.pair(end, 10..=99)?;
        Some((century * 100 + rest, end))
    }

    /// Whether something is counted at a word, so that what stands before it is no time or
    /// year: a number, a unit, a currency.
    pub fn counts(&self, i: usize) -> bool {
        self.joined(i)
            && (self.is_number(i)
                || ["unit", "currency", "cents", "percent", "point", "oh"]
                    .iter()
                    .any(|kind| self.phrase(kind, i).is_some()))
    }
}
