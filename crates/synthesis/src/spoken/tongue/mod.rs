//! Languages by their tables: what is recognised here is the same for all of them; the words come
//! from `data/spoken/<code>` and a language's own way of counting.

use super::reader::{Reader, Rules};

mod amounts;
mod calendar;
mod codes;
mod digits;
mod french;
mod hindi;
mod money;
mod pictures;
mod tables;
mod web;
mod words;

use tables::Tables;

/// What a language does in its own way.
trait Tongue: Sync {
    fn tables(&self) -> &'static Tables;

    /// A whole number below a thousand million million; `feminine` before such a noun.
    fn cardinal(&self, number: u64, feminine: bool) -> String;

    /// What the letters behind digits make of them, such as `2e`; none if they are no ordinal.
    fn ordinal(&self, number: u64, suffix: &str) -> Option<String>;

    /// A year.
    fn year(&self, year: u64) -> String;

    /// The day of a month.
    fn day(&self, day: u64) -> String;

    /// A time of day.
    fn clock(&self, time: Time) -> String;

    /// So many parts of a whole.
    fn fraction(&self, above: u64, below: u64) -> String;

    /// Digits behind the decimal sign.
    fn decimals(&self, digits: &str) -> String;

    /// One group of the digits of a phone number.
    fn phone_group(&self, digits: &str) -> String;

    /// Whether groups of digits of these lengths are a phone number.
    fn is_phone(&self, groups: &[&str]) -> bool;

    /// An amount of money in whole units and hundredths, with their names.
    fn money(&self, whole: &str, part: Option<&str>) -> String;

    /// The name of what is counted behind a number, with what stands between.
    fn counted(&self, number: u64, name: &str) -> String {
        let _ = number;
        name.to_owned()
    }

    /// Whether a comma stands before decimals.
    fn has_decimal_comma(&self) -> bool;
}

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Time {
    hour: u64,
    minute: u64,
    second: Option<u64>,
    /// Whether it is after noon, where that is written.
    evening: Option<bool>,
}

/// A language read by these rules.
#[derive(Clone, Copy)]
pub(super) struct Local(&'static dyn Tongue);

/// The language of a code such as `fr` or `hi-IN`, if it is one of these.
pub(super) fn language(code: &str) -> Option<Local> {
    match code.get(..2)?.to_ascii_lowercase().as_str() {
        "fr" => Some(Local(&french::French)),
        "hi" => Some(Local(&hindi::Hindi)),
        _ => None,
    }
}

impl Rules for Local {
    fn read(&self, reader: &mut Reader<'_>) -> bool {
        let tongue = self.0;
        let Some(next) = reader.cursor().peek() else {
            return false;
        };
        let figure = digits::value(next).is_some()
            || matches!(next, '-' | '−' | '+' | '(' | '.' | ',')
            || tongue
                .tables()
                .currencies
                .at(reader.cursor().rest())
                .next()
                .is_some();
        web::read(reader, tongue)
            || (figure && figures(reader, tongue))
            || words::abbreviation(reader, tongue)
            || calendar::named(reader, tongue)
            || amounts::sign_between(reader, tongue)
            || words::read(reader, tongue)
            || pictures::unknown(reader, tongue)
            || words::other(reader, tongue)
    }

    fn symbol(&self, sign: char) -> Option<&'static str> {
        self.0.tables().symbols.get(&sign).copied()
    }

    fn emoji(&self, emoji: &str) -> Option<&'static str> {
        self.0.tables().emoji.get(emoji).copied()
    }
}

fn figures(reader: &mut Reader<'_>, tongue: &dyn Tongue) -> bool {
    codes::phone(reader, tongue)
        || calendar::numeric(reader, tongue)
        || calendar::clock(reader, tongue)
        || codes::dotted(reader, tongue)
        || money::read(reader, tongue)
        || calendar::day_before(reader, tongue)
        || amounts::read(reader, tongue)
}
