//! Money: the sign before or behind its number, hundredths, millions of it.

use super::super::reader::Reader;
use super::amounts::Number;
use super::{Counted, Romance};

impl Romance {
    /// `5,50 €`, `R$ 10`, `3 millones de $`.
    pub(super) fn money(&self, reader: &mut Reader<'_>) -> bool {
        let start = reader.cursor();
        if !start.word_begins() {
            return false;
        }
        let mut lead = start;
        let minus = lead.eat_if(|c| matches!(c, '-' | '−')).is_some();
        let signs = self.currencies.at(lead.rest());
        let before = signs
            .filter_map(|(sign, money)| {
                let mut cursor = lead;
                cursor.eat_str(sign);
                cursor.blanks();
                cursor
                    .peek()
                    .is_some_and(|c| c.is_ascii_digit())
                    .then_some((*money, cursor))
            })
            .next();
        let (mut money, mut cursor) = match before {
            Some((money, cursor)) => (Some(money), cursor),
            None => (None, lead),
        };
        let Some(number) = Number::take(&mut cursor) else {
            return false;
        };
        let mut scale = "";
        let mut ahead = cursor;
        ahead.blanks();
        let word = ahead.take(12, char::is_alphabetic);
        let scales = self.phrase("scales").split(' ');
        if scales.clone().any(|scale| scale == word) {
            // `mln`, `bi`: written short.
            scale = match self.phrase(&format!("scale {word}")) {
                "" => word,
                whole => whole,
            };
            cursor = ahead;
        }
        if money.is_none() {
            let mut ahead = cursor;
            ahead.blanks();
            let found = self.currencies.at(ahead.rest()).find_map(|(sign, money)| {
                let mut end = ahead;
                end.eat_str(sign);
                let ends = !sign.ends_with(char::is_alphabetic) || end.word_ends();
                ends.then_some((*money, end))
            });
            if let Some((found, end)) = found {
                money = Some(found);
                cursor = end;
            }
        }
        let Some((unit, cent)) = money else {
            return false;
        };
        let minus = if minus {
            self.numbers.get("minus").copied().unwrap_or("")
        } else {
            ""
        };
        let words = if scale.is_empty() {
            self.sum(&number, unit, cent)
        } else {
            let number = match number.is_one() {
                true => self.counting("1", super::Gender::Masculine),
                false => self.number(&number),
            };
            format!("{number} {scale} {} {}", self.phrase("of"), unit.1)
        };
        reader.say(&format!("{minus} {words}"), cursor.at)
    }

    fn sum(&self, number: &Number, unit: Counted, cent: Counted) -> String {
        let Some((_, digits)) = &number.fraction else {
            return self.number_with(number, unit);
        };
        if digits.len() > 2 || cent.0 == "-" {
            return self.number_with(number, unit);
        }
        let cents = format!("{digits:0<2}");
        let cents = Number {
            whole: cents.trim_start_matches('0').to_owned(),
            fraction: None,
        };
        let whole = Number {
            whole: number.whole.clone(),
            fraction: None,
        };
        if cents.whole.is_empty() {
            return self.number_with(&whole, unit);
        }
        let hundredths = self.number_with(&cents, cent);
        if whole.whole == "0" {
            return hundredths;
        }
        format!(
            "{} {} {hundredths}",
            self.number_with(&whole, unit),
            self.phrase("with cents")
        )
    }
}
