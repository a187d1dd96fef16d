//! The languages that are spoken.

use std::fmt;
use std::str::FromStr;

use crate::SynthesisError;

/// A language with voices of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// `en-us`
    AmericanEnglish,
    /// `en-gb`
    BritishEnglish,
    /// `es`
    Spanish,
    /// `fr`
    French,
    /// `it`
    Italian,
    /// `pt`, as in Brazil
    Portuguese,
    /// `hi`
    Hindi,
    /// `zh`
    Mandarin,
    /// `ja`
    Japanese,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::AmericanEnglish,
        Self::BritishEnglish,
        Self::Spanish,
        Self::French,
        Self::Italian,
        Self::Portuguese,
        Self::Hindi,
        Self::Mandarin,
        Self::Japanese,
    ];

    /// Its code: ISO 639-1, for English with the country.
    pub fn code(self) -> &'static str {
        match self {
            Self::AmericanEnglish => "en-us",
            Self::BritishEnglish => "en-gb",
            Self::Spanish => "es",
            Self::French => "fr",
            Self::Italian => "it",
            Self::Portuguese => "pt",
            Self::Hindi => "hi",
            Self::Mandarin => "zh",
            Self::Japanese => "ja",
        }
    }

    /// Its English name.
    pub fn name(self) -> &'static str {
        match self {
            Self::AmericanEnglish => "American English",
            Self::BritishEnglish => "British English",
            Self::Spanish => "Spanish",
            Self::French => "French",
            Self::Italian => "Italian",
            Self::Portuguese => "Brazilian Portuguese",
            Self::Hindi => "Hindi",
            Self::Mandarin => "Mandarin Chinese",
            Self::Japanese => "Japanese",
        }
    }

    /// Whether it is one of the two Englishes.
    pub fn is_english(self) -> bool {
        matches!(self, Self::AmericanEnglish | Self::BritishEnglish)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl FromStr for Language {
    type Err = SynthesisError;

    /// Reads a code in any case, with `-` or `_`; of a country that is not told apart only the
    /// language counts (`es-mx`). `en` is American.
    fn from_str(code: &str) -> Result<Self, SynthesisError> {
        let small = code.trim().to_ascii_lowercase().replace('_', "-");
        let (language, country) = small.split_once('-').unwrap_or((&small, ""));
        Ok(match (language, country) {
            ("en", "gb" | "uk" | "au" | "nz" | "ie" | "in" | "za") => Self::BritishEnglish,
            ("en", _) => Self::AmericanEnglish,
            ("es", _) => Self::Spanish,
            ("fr", _) => Self::French,
            ("it", _) => Self::Italian,
            ("pt", _) => Self::Portuguese,
            ("hi", _) => Self::Hindi,
            ("zh" | "cmn", _) => Self::Mandarin,
            ("ja", _) => Self::Japanese,
            _ => {
                return Err(SynthesisError::UnknownLanguage(
                    code.chars().take(20).collect(),
                ));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn codes_are_read_in_any_case_and_countries_matter_for_english_only() {
        for language in Language::ALL {
            assert_eq!(language.code().parse::<Language>().unwrap(), language);
        }
        let read = |code: &str| code.parse::<Language>().unwrap();
        assert_eq!(read("EN"), Language::AmericanEnglish);
        assert_eq!(read("en_GB"), Language::BritishEnglish);
        assert_eq!(read("pt-PT"), Language::Portuguese);
        assert_eq!(read("zh-Hans-CN"), Language::Mandarin);
        assert!("tlh".parse::<Language>().is_err());
        assert!("".parse::<Language>().is_err());
    }
}
