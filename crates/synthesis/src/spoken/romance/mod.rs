//! Spanish, Italian and Brazilian Portuguese: one set of readings over tables of each language.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::reader::{Reader, Rules};
use super::tables::{self, Signs};

mod abbreviations;
mod amounts;
mod calendar;
mod clock;
mod codes;
mod fractions;
mod money;
mod numbers;
mod web;
mod words;

/// Grammatical gender of what is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gender {
    Masculine,
    Feminine,
}

impl Gender {
    fn of(column: &str) -> Self {
        if column == "f" {
            Self::Feminine
        } else {
            Self::Masculine
        }
    }
}

/// Which of them, where tables cannot say how they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Spanish,
    Italian,
    Portuguese,
}

/// What follows a number: one, several, gender.
type Counted = (&'static str, &'static str, Gender);

/// Tables of one language, under `data/spoken/<code>`.
#[derive(Debug)]
pub(super) struct Romance {
    kind: Kind,
    numbers: HashMap<&'static str, &'static str>,
    symbols: HashMap<char, &'static str>,
    /// Small words of the readings themselves: `dot`, `to`, `and`, ...
    phrases: HashMap<&'static str, &'static str>,
    units: Signs<Counted>,
    /// By sign or code: the money, and its hundredth.
    currencies: Signs<(Counted, Counted)>,
    abbreviations: HashMap<&'static str, (&'static str, &'static str)>,
    acronyms: HashMap<&'static str, &'static str>,
    roman: HashMap<&'static str, &'static str>,
    emoji: HashMap<&'static str, &'static str>,
    /// Words that are no acronym though short and in capitals.
    shouted: HashSet<&'static str>,
}

macro_rules! table {
    ($code:literal, $name:literal) => {
        include_str!(concat!("../../../data/spoken/", $code, "/", $name))
    };
}

macro_rules! language {
    ($name:ident, $kind:expr, $code:literal) => {
        static $name: LazyLock<Romance> =
            LazyLock::new(|| Romance {
                kind: $kind,
                numbers: tables::pairs(table!($code, "numbers.tsv")),
                symbols: symbols(table!($code, "symbols.tsv")),
                phrases: tables::pairs(table!($code, "phrases.tsv")),
                units: Signs::new(
                    tables::rows(table!($code, "units.tsv"))
                        .filter_map(|row| Some((*row.first()?, counted(&row, 1)?))),
                ),
                currencies: Signs::new(tables::rows(table!($code, "currencies.tsv")).filter_map(
                    |row| Some((*row.first()?, (counted(&row, 1)?, counted(&row, 4)?))),
                )),
                abbreviations: tables::rows(table!($code, "abbreviations.tsv"))
                    .filter_map(|row| Some((*row.first()?, (*row.get(1)?, *row.get(2)?))))
                    .collect(),
                acronyms: tables::pairs(table!($code, "acronyms.tsv")),
                roman: tables::pairs(table!($code, "roman.tsv")),
                emoji: tables::pairs(table!($code, "emoji.tsv")),
                shouted: tables::words(table!($code, "shouted.txt")).collect(),
            });
    };
}

language!(SPANISH, Kind::Spanish, "es");
language!(ITALIAN, Kind::Italian, "it");
language!(PORTUGUESE, Kind::Portuguese, "pt");

/// What Unicode lists as emoji; those without a name in the language are called by that word.
static ALL_EMOJI: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| tables::pairs(table!("en", "emoji.tsv")));

/// The language of a code such as `es` or `pt-br`, if it is one of these.
pub(super) fn language(code: &str) -> Option<&'static Romance> {
    match code.get(..2)?.to_ascii_lowercase().as_str() {
        "es" => Some(&SPANISH),
        "it" => Some(&ITALIAN),
        "pt" => Some(&PORTUGUESE),
        _ => None,
    }
}

fn counted(row: &[&'static str], at: usize) -> Option<Counted> {
    Some((
        *row.get(at)?,
        *row.get(at + 1)?,
        Gender::of(row.get(at + 2)?),
    ))
}

fn symbols(table: &'static str) -> HashMap<char, &'static str> {
    let symbols = tables::pairs(table).into_iter();
    symbols
        .filter_map(|(sign, said)| {
            Some((sign.chars().next()?, if said == "-" { "" } else { said }))
        })
        .collect()
}

impl Romance {
    /// A small word of the readings, from `phrases.tsv`.
    fn phrase(&self, key: &str) -> &'static str {
        self.phrases.get(key).copied().unwrap_or("")
    }
}

impl Rules for Romance {
    fn read(&self, reader: &mut Reader<'_>) -> bool {
        let Some(next) = reader.cursor().peek() else {
            return false;
        };
        let may_count = next.is_numeric()
            || matches!(next, '-' | '−' | '+' | '(')
            || self.currencies.at(reader.cursor().rest()).next().is_some();
        self.address(reader)
            || may_count && self.figures(reader)
            || next.is_alphabetic() && (self.abbreviation(reader) || self.word(reader))
            || self.other_digits(reader, next)
    }

    fn symbol(&self, sign: char) -> Option<&'static str> {
        self.symbols.get(&sign).copied()
    }

    fn emoji(&self, emoji: &str) -> Option<&'static str> {
        let named = self.emoji.get(emoji).copied();
        named.or_else(|| ALL_EMOJI.contains_key(emoji).then(|| self.phrase("emoji")))
    }
}

impl Romance {
    fn figures(&self, reader: &mut Reader<'_>) -> bool {
        self.to(reader)
            || self.date(reader)
            || self.document(reader)
            || self.phone(reader)
            || self.time(reader)
            || self.dotted(reader)
            || self.fraction(reader)
            || self.money(reader)
            || self.ordinal(reader)
            || self.amount(reader)
    }

    /// The dash of `10 €-20 €`, between two amounts.
    fn to(&self, reader: &mut Reader<'_>) -> bool {
        let mut cursor = reader.cursor();
        let before = cursor.before();
        let after = before.is_some_and(|c| {
            c.is_ascii_digit() || c == '%' || self.symbols.contains_key(&c) && !"([{\"'".contains(c)
        });
        let dash = cursor.eat_if(|c| matches!(c, '-' | '–')).is_some();
        let begins = cursor.peek().is_some_and(|c| c.is_ascii_digit())
            || self.currencies.at(cursor.rest()).next().is_some();
        let counted = reader.last_written().contains(|c: char| c.is_ascii_digit());
        after && dash && begins && counted && reader.say(self.phrase("to"), cursor.at)
    }

    /// Digits of other scripts and shapes, by their values.
    fn other_digits(&self, reader: &mut Reader<'_>, next: char) -> bool {
        if !next.is_numeric() || next.is_ascii() || self.symbols.contains_key(&next) {
            return false;
        }
        let mut cursor = reader.cursor();
        let mut digits = String::new();
        while let Some(c) = cursor.peek().filter(|c| c.is_numeric() && !c.is_ascii()) {
            let value = deunicode::deunicode_char(c).unwrap_or("");
            if value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit()) || digits.len() > 40 {
                break;
            }
            digits.push_str(value);
            cursor.bump();
        }
        !digits.is_empty() && reader.say(&self.cardinal(&digits), cursor.at)
    }
}
