//! Fractions: `1/2`, `2 1/2`, `¾`.

use super::super::cursor::Cursor;
use super::super::reader::Reader;
use super::{Gender, Romance};

const VULGAR: [(char, u64, u64); 15] = [
    ('½', 1, 2),
    ('⅓', 1, 3),
    ('⅔', 2, 3),
    ('¼', 1, 4),
    ('¾', 3, 4),
    ('⅕', 1, 5),
    ('⅖', 2, 5),
    ('⅗', 3, 5),
    ('⅘', 4, 5),
    ('⅙', 1, 6),
    ('⅚', 5, 6),
    ('⅛', 1, 8),
    ('⅜', 3, 8),
    ('⅝', 5, 8),
    ('⅞', 7, 8),
];

impl Romance {
    /// A fraction, with a whole number before it or not.
    pub(super) fn fraction(&self, reader: &mut Reader<'_>) -> bool {
        let start = reader.cursor();
        if !start.word_begins() {
            return false;
        }
        let mut cursor = start;
        let (words, end) = if let Some((words, end)) = self.part(start) {
            (words, end)
        } else if let Some(whole) = cursor.whole_digits(1, 3) {
            let gap = cursor.blanks();
            let Some((part, end)) = self.part(cursor).filter(|_| gap < 2) else {
                return false;
            };
            let part = if part == self.phrase("half alone") {
                self.phrase("half").to_owned()
            } else {
                part
            };
            let joined = format!("{} {} {part}", self.cardinal(whole), self.phrase("and"));
            (joined, end)
        } else {
            return false;
        };
        // `1/2 kg`: half a kilogram.
        match self.unit(end) {
            Some(((one, ..), after)) if words == self.phrase("half alone") => {
                reader.say(&format!("{} {one}", self.phrase("half")), after.at)
            }
            Some(((one, many, _), after)) => {
                let noun = if cursor.at == start.at { one } else { many };
                reader.say(
                    &format!("{words} {} {noun}", self.phrase("part of")),
                    after.at,
                )
            }
            None => reader.say(&words, end.at),
        }
    }

    fn part<'t>(&self, mut cursor: Cursor<'t>) -> Option<(String, Cursor<'t>)> {
        let vulgar = cursor
            .peek()
            .and_then(|c| VULGAR.iter().find(|(sign, ..)| *sign == c));
        if let Some((_, above, below)) = vulgar {
            cursor.bump();
            return Some((self.parts(*above, *below)?, cursor));
        }
        let above = cursor.whole_digits(1, 4)?;
        cursor.eat_if(|c| matches!(c, '/' | '⁄'))?;
        let below = cursor.whole_digits(1, 4)?;
        if !cursor.word_ends() || cursor.rest().starts_with(['/', '-']) {
            return None;
        }
        let (top, bottom) = (above.parse().ok()?, below.parse().ok()?);
        let words = self
            .parts(top, bottom)
            .filter(|_| top > 0 && top < bottom + 10);
        let over = || {
            format!(
                "{} {} {}",
                self.cardinal(above),
                self.phrase("over"),
                self.cardinal(below)
            )
        };
        Some((words.unwrap_or_else(over), cursor))
    }

    /// *un tercio, tres cuartos*; none where the parts have no name.
    fn parts(&self, above: u64, below: u64) -> Option<String> {
        let names = self.phrase("parts").split(' ');
        let at = usize::try_from(below).ok()?.checked_sub(2)?;
        let name = names.clone().nth(at)?;
        if (above, below) == (1, 2) {
            return Some(self.phrase("half alone").to_owned());
        }
        let number = self.counting(&above.to_string(), Gender::Masculine);
        if above == 1 {
            return Some(format!("{number} {name}"));
        }
        let plural = match name.strip_suffix('o') {
            Some(stem) if self.kind == super::Kind::Italian => format!("{stem}i"),
            _ => format!("{name}s"),
        };
        Some(format!("{number} {plural}"))
    }
}
