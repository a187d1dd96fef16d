//! Languages: the table in `data/languages.tsv` and an index into it.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

/// A row of the table.
struct Row {
    code: &'static str,
    name: &'static str,
    spaced: bool,
}

static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| {
    include_str!("../data/languages.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut cells = line.split('\t');
            Some(Row {
                code: cells.next()?,
                name: cells.next()?,
                spaced: cells.next()? == "spaced",
            })
        })
        .collect()
});

/// One of the languages that Whisper can write: ISO 639-1, or 639-3 where there is none (`haw`, `yue`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Language(u8);

impl Language {
    /// The language Moonshine knows.
    pub const ENGLISH: Self = Self(0);

    /// All, in the order of Whisper's tokenizer.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..TABLE.len()).map(|row| Self(row as u8))
    }

    /// Such as `en`.
    pub fn code(self) -> &'static str {
        self.row().code
    }

    /// English name, such as `German`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Whether words are written with spaces between them.
    pub fn is_spaced(self) -> bool {
        self.row().spaced
    }

    fn row(self) -> &'static Row {
        &TABLE[usize::from(self.0)]
    }
}

impl fmt::Display for Language {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

/// Not the code of a language we know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a known language code (ISO 639-1, such as `en`)")]
pub struct UnknownLanguage(pub String);

impl FromStr for Language {
    type Err = UnknownLanguage;

    /// Accepts a code (`en`), a tag with a region (`en-US`, `pt_BR`) or an English name, in any case.
    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        let lower = text.trim().to_ascii_lowercase();
        let code = lower.split(['-', '_']).next().unwrap_or_default();
        Self::all()
            .find(|language| {
                language.code() == code || language.name().eq_ignore_ascii_case(&lower)
            })
            .ok_or_else(|| UnknownLanguage(text.chars().take(32).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_tags_and_names_are_understood() {
        for text in ["de", "DE", "de-AT", "de_CH", "German", " de "] {
            assert_eq!(
                text.parse::<Language>().map(Language::code),
                Ok("de"),
                "{text}"
            );
        }
        assert_eq!(Language::ENGLISH.code(), "en");
        assert_eq!(Language::all().count(), 100);
    }

    #[test]
    fn an_unknown_code_is_named_in_the_error() {
        assert_eq!("xx".parse::<Language>(), Err(UnknownLanguage("xx".into())));
        assert!("".parse::<Language>().is_err());
    }
}
