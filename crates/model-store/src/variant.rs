//! `VARIANT`: which models an installation has.

use std::fmt;
use std::str::FromStr;

use crate::StoreError;

/// What an installation is for; decides the models that are fetched and loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Variant {
    /// English, smallest: Moonshine.
    EnLite,
    /// English: Moonshine for live speech, Whisper base for files.
    #[default]
    EnFull,
    /// Many languages: Whisper small.
    MultiFull,
    /// Hindi and English mixed.
    Hinglish,
    /// Many languages and Chinese.
    MultiZh,
    /// Every model there is.
    All,
}

impl Variant {
    /// Every variant.
    pub const ALL: [Self; 6] = [
        Self::EnLite,
        Self::EnFull,
        Self::MultiFull,
        Self::Hinglish,
        Self::MultiZh,
        Self::All,
    ];

    /// As written in `VARIANT`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EnLite => "en-lite",
            Self::EnFull => "en-full",
            Self::MultiFull => "multi-full",
            Self::Hinglish => "hinglish",
            Self::MultiZh => "multi-zh",
            Self::All => "all",
        }
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Variant {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let found = Self::ALL
            .into_iter()
            .find(|variant| variant.as_str() == text);
        found.ok_or_else(|| StoreError::UnknownVariant {
            name: text.to_owned(),
            valid: Self::ALL.map(Self::as_str).join(", "),
        })
    }
}
