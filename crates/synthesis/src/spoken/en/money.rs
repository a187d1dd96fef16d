//! Money: `$5.50`, `20 €`, `USD 3 million`, `5-10 £`.

use std::sync::LazyLock;

use super::super::cursor::Cursor;
use super::super::reader::Reader;
use super::super::tables::{self, Signs};
use super::amounts::{self, Number};
use super::numbers;

/// One and several of a currency, and of its hundredths.
#[derive(Debug)]
struct Currency {
    one: &'static str,
    several: &'static str,
    part: Option<(&'static str, &'static str)>,
}

static CURRENCIES: LazyLock<Signs<Currency>> = LazyLock::new(|| {
    let rows = tables::rows(include_str!("../../../data/spoken/en/currencies.tsv"));
    Signs::new(rows.filter_map(|row| {
        let currency = Currency {
            one: row.get(1).copied()?,
            several: row.get(2).copied()?,
            part: Some((*row.get(3)?, *row.get(4)?)).filter(|part| part.0 != "-"),
        };
        Some((*row.first()?, currency))
    }))
});

/// Reads an amount of money, whichever side its sign stands on.
pub fn read(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    if !cursor.word_begins() {
        return false;
    }
    let minus = match cursor.peek() {
        Some('-' | '−' | '+') => cursor.bump(),
        _ => None,
    };
    let sign = match minus {
        Some('+') => "plus ",
        Some(_) => "minus ",
        None => "",
    };
    let words = if cursor.peek().is_some_and(|c| c.is_ascii_digit()) {
        sign_behind(&mut cursor)
    } else {
        sign_before(&mut cursor)
    };
    words.is_some_and(|words| reader.say(&format!("{sign}{words}"), cursor.at))
}

fn currency(cursor: &mut Cursor<'_>) -> Option<&'static Currency> {
    let (sign, currency) = CURRENCIES.at(cursor.rest()).next()?;
    let mut ahead = *cursor;
    ahead.eat_str(sign);
    // A code ends where its letters end; a sign may touch anything.
    if sign.ends_with(|c: char| c.is_ascii_alphabetic())
        && ahead.peek().is_some_and(char::is_alphabetic)
    {
        return None;
    }
    *cursor = ahead;
    Some(currency)
}

fn sign_before(cursor: &mut Cursor<'_>) -> Option<String> {
    let mut ahead = *cursor;
    let currency = currency(&mut ahead)?;
    ahead.eat('.');
    ahead.blanks();
    let minus = if ahead.eat_if(|c| matches!(c, '-' | '−')).is_some() {
        "minus "
    } else {
        ""
    };
    let number = Number::take(&mut ahead)?;
    let words = rest(&mut ahead, currency, &number);
    *cursor = ahead;
    Some(format!("{minus}{words}"))
}

fn sign_behind(cursor: &mut Cursor<'_>) -> Option<String> {
    let mut ahead = *cursor;
    let number = Number::take(&mut ahead)?;
    let mut end = ahead;
    let upper = range(&mut end).is_some();
    amounts::scale(&mut end, true);
    end.blanks();
    let currency = currency(&mut end)?;
    // `5 $3` is two things.
    if !upper && end.peek().is_some_and(|c| c.is_ascii_digit()) {
        return None;
    }
    let words = rest(&mut ahead, currency, &number);
    *cursor = end;
    Some(words)
}

/// The words of an amount whose first number is read.
fn rest(cursor: &mut Cursor<'_>, currency: &Currency, number: &Number) -> String {
    if let Some(upper) = range(cursor) {
        let scale = amounts::scale(cursor, true).unwrap_or("");
        let upper = upper.words();
        return format!("{} to {upper} {scale} {}", number.words(), currency.several);
    }
    if let Some(scale) = amounts::scale(cursor, true) {
        if let Some(upper) = range(cursor) {
            let more = amounts::scale(cursor, true).unwrap_or("");
            let (lower, upper) = (number.words(), upper.words());
            return format!("{lower} {scale} to {upper} {more} {}", currency.several);
        }
        return format!("{} {scale} {}", number.words(), currency.several);
    }
    let name = if number.is_one() {
        currency.one
    } else {
        currency.several
    };
    let (Some((part, parts)), Some(cents)) = (currency.part, &number.fraction) else {
        return format!("{} {name}", number.words());
    };
    if cents.len() != 2 {
        return format!("{} {}", number.words(), currency.several);
    }
    let whole = numbers::cardinal(if number.whole.is_empty() {
        "0"
    } else {
        &number.whole
    });
    let name = if whole == "one" {
        currency.one
    } else {
        currency.several
    };
    let cents = numbers::value(cents);
    let part = if cents == 1 { part } else { parts };
    let cents = numbers::below_hundred(cents);
    match (whole.as_str(), cents.as_str()) {
        (_, "zero") => format!("{whole} {name}"),
        ("zero", _) => format!("{cents} {part}"),
        _ => format!("{whole} {name} and {cents} {part}"),
    }
}

/// `-10` or `-$10` behind an amount.
fn range(cursor: &mut Cursor<'_>) -> Option<Number> {
    let mut ahead = *cursor;
    ahead.eat_if(|c| matches!(c, '-' | '–' | '—'))?;
    currency(&mut ahead);
    let number = Number::take(&mut ahead)?;
    *cursor = ahead;
    Some(number)
}
