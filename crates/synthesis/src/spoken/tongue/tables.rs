//! The tables of a language.

use std::collections::{HashMap, HashSet};

use super::super::tables::{self, Signs};

/// What is counted: its name for one and for several.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    pub one: &'static str,
    pub several: &'static str,
    pub feminine: bool,
}

/// Money: its name, and its hundredth's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Currency {
    pub unit: Unit,
    pub part: Option<(&'static str, &'static str)>,
}

/// All tables of a language, from its folder.
pub(super) struct Tables {
    names: HashMap<&'static str, &'static str>,
    pub symbols: HashMap<char, &'static str>,
    pub units: Signs<Unit>,
    pub currencies: Signs<Currency>,
    /// Months and days of the week as they are written: what is said, and a month's number.
    pub calendar: HashMap<&'static str, (&'static str, u64)>,
    /// What is said, and when it fits.
    pub abbreviations: Signs<(&'static str, &'static str)>,
    pub acronyms: HashMap<&'static str, &'static str>,
    pub emoji: HashMap<&'static str, &'static str>,
    /// Words that Roman numerals follow.
    pub roman: HashSet<&'static str>,
    /// Nouns before which *one* is feminine.
    pub feminine: HashSet<&'static str>,
}

/// The files of a language's folder.
pub(super) struct Files {
    pub names: &'static str,
    pub symbols: &'static str,
    pub units: &'static str,
    pub currencies: &'static str,
    pub calendar: &'static str,
    pub abbreviations: &'static str,
    pub acronyms: &'static str,
    pub emoji: &'static str,
    pub lists: &'static str,
}

/// The files of the folder of a language.
macro_rules! files {
    ($code:literal) => {
        files!($code, "names", "symbols", "units", "currencies", "calendar", "abbreviations",
            "acronyms", "emoji", "lists")
    };
    ($code:literal, $($name:literal),+) => {
        $crate::spoken::tongue::tables::Files::new([$(
            include_str!(concat!("../../../data/spoken/", $code, "/", $name, ".tsv"))
        ),+])
    };
}
pub(super) use files;

impl Files {
    pub fn new(files: [&'static str; 9]) -> Self {
        let [
            names,
            symbols,
            units,
            currencies,
            calendar,
            abbreviations,
            acronyms,
            emoji,
            lists,
        ] = files;
        Self {
            names,
            symbols,
            units,
            currencies,
            calendar,
            abbreviations,
            acronyms,
            emoji,
            lists,
        }
    }
}

impl Tables {
    pub fn new(files: &Files) -> Self {
        let column = |row: &[&'static str], at: usize| row.get(at).copied().unwrap_or_default();
        let symbols = tables::pairs(files.symbols).into_iter();
        let unit = |row: &[&'static str]| Unit {
            one: column(row, 1),
            several: column(row, 2),
            feminine: column(row, 3) == "f",
        };
        let units = tables::rows(files.units).map(|row| (row[0], unit(&row)));
        let currency = |row: Vec<&'static str>| {
            let part = (!column(&row, 4).is_empty()).then(|| (column(&row, 4), column(&row, 5)));
            let unit = unit(&row);
            (row[0], Currency { unit, part })
        };
        let list = |name: &'static str| {
            let rows = tables::rows(files.lists).filter(move |row| row[0] == name);
            rows.flat_map(|row| row.get(1).copied().unwrap_or_default().split(' '))
                .collect()
        };
        Self {
            names: tables::pairs(files.names),
            symbols: symbols
                .filter_map(|(sign, said)| {
                    Some((sign.chars().next()?, if said == "-" { "" } else { said }))
                })
                .collect(),
            units: Signs::new(units),
            currencies: Signs::new(tables::rows(files.currencies).map(currency)),
            calendar: tables::rows(files.calendar)
                .map(|row| {
                    (
                        row[0],
                        (column(&row, 1), column(&row, 2).parse().unwrap_or(0)),
                    )
                })
                .collect(),
            abbreviations: Signs::new(
                tables::rows(files.abbreviations)
                    .map(|row| (row[0], (column(&row, 1), column(&row, 2)))),
            ),
            acronyms: tables::pairs(files.acronyms),
            emoji: tables::pairs(files.emoji),
            roman: list("roman"),
            feminine: list("feminine"),
        }
    }

    /// A word of the language by its key in `names.tsv`.
    pub fn name(&self, key: &str) -> &'static str {
        self.names.get(key).copied().unwrap_or_default()
    }

    /// What a sign is called within an address, by the sign.
    pub fn sign(&self, sign: &str) -> Option<&'static str> {
        self.names.get(sign).copied()
    }

    /// What a month's number is called.
    pub fn month(&self, number: u64) -> Option<&'static str> {
        let mut names: Vec<&'static str> = self
            .calendar
            .values()
            .filter(|(_, month)| *month == number && number > 0)
            .map(|(name, _)| *name)
            .collect();
        names.sort_unstable();
        names.first().copied()
    }
}
