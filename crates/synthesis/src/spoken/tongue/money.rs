//! Money: `5,50 €`, `₹1,00,000`, `$3`.

use super::super::cursor::Cursor;
use super::super::reader::Reader;
use super::Tongue;
use super::digits::{self, Number};
use super::tables::Currency;

/// Reads an amount of money.
pub(super) fn read(reader: &mut Reader<'_>, tongue: &dyn Tongue) -> bool {
    let mut cursor = reader.cursor();
    if !cursor.word_begins() {
        return false;
    }
    let minus = cursor.eat_if(|c| matches!(c, '-' | '−')).is_some();
    let before = sign(&mut cursor, tongue, false);
    let Some(number) = Number::take(&mut cursor, tongue) else {
        return false;
    };
    let mut upper = None;
    let mut ahead = cursor;
    if ahead.eat_if(|c| matches!(c, '-' | '–')).is_some() {
        sign(&mut ahead, tongue, false);
        upper = Number::take(&mut ahead, tongue);
        if upper.is_some() {
            cursor = ahead;
        }
    }
    let scale = scale(&mut cursor, tongue);
    let Some(currency) = before.or_else(|| sign(&mut cursor, tongue, true)) else {
        return false;
    };
    let name = |number: &Number| {
        if number.is_one(tongue) {
            currency.unit.one
        } else {
            currency.unit.several
        }
    };
    let minus = if minus {
        tongue.tables().name("minus")
    } else {
        ""
    };
    let feminine = currency.unit.feminine;
    let words = if let Some(upper) = upper {
        let (lower, upper) = (
            number.words(tongue, feminine),
            upper.words(tongue, feminine),
        );
        let to = tongue.tables().name("to");
        format!(
            "{lower} {to} {upper} {} {}",
            scale.unwrap_or(""),
            currency.unit.several
        )
    } else if let Some(scale) = scale {
        let name = tongue.counted(1_000_000, currency.unit.several);
        format!("{} {scale} {name}", number.words(tongue, false))
    } else {
        amount(tongue, &number, &currency, name(&number))
    };
    reader.say(&format!("{minus} {words}"), cursor.at)
}

fn amount(tongue: &dyn Tongue, number: &Number, currency: &Currency, name: &str) -> String {
    let feminine = currency.unit.feminine;
    let value = digits::number(&number.whole);
    let (Some((part, parts)), Some(cents)) = (currency.part, &number.fraction) else {
        let name = match number.fraction {
            None => tongue.counted(value, name),
            Some(_) => name.to_owned(),
        };
        return format!("{} {name}", number.words(tongue, feminine));
    };
    if cents.len() > 2 {
        return format!("{} {name}", number.words(tongue, feminine));
    }
    let cents = digits::number(cents) * if cents.len() == 1 { 10 } else { 1 };
    let part = if cents == 1 { part } else { parts };
    let whole = format!(
        "{} {name}",
        digits::cardinal(tongue, &number.whole, feminine)
    );
    match (value, cents) {
        (_, 0) => whole,
        (0, _) => format!("{} {part}", tongue.cardinal(cents, false)),
        _ => tongue.money(
            &whole,
            Some(&format!("{} {part}", tongue.cardinal(cents, false))),
        ),
    }
}

/// A sign or code of money, perhaps with spaces.
fn sign(cursor: &mut Cursor<'_>, tongue: &dyn Tongue, behind: bool) -> Option<Currency> {
    let mut ahead = *cursor;
    if behind {
        ahead.blanks();
    }
    for (written, currency) in tongue.tables().currencies.at(ahead.rest()) {
        let mut end = ahead;
        end.eat_str(written);
        let letters = written.ends_with(char::is_alphabetic);
        if letters && behind && !digits::ends(&end) {
            continue;
        }
        if !behind {
            end.blanks();
            if end.peek().and_then(digits::value).is_none() {
                continue;
            }
        }
        *cursor = end;
        return Some(*currency);
    }
    None
}

/// `M` and the words of large numbers between a number and its money.
fn scale(cursor: &mut Cursor<'_>, tongue: &dyn Tongue) -> Option<&'static str> {
    let mut ahead = *cursor;
    let spaced = ahead.blanks() > 0;
    let word = ahead.take(12, |c| {
        c.is_alphabetic() || matches!(c, '\u{900}'..='\u{963}')
    });
    let said = tongue.tables().sign(&format!("scale {word}"))?;
    // `3 M` alone may be metres of something; `3 M€` is not.
    let mut behind = ahead;
    if spaced && word.len() == 1 && sign(&mut behind, tongue, true).is_none() {
        return None;
    }
    *cursor = ahead;
    Some(said)
}
