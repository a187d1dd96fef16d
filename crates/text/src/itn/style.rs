//! How a language puts its numbers together, and how it writes them.

use super::lexicon::Lexicon;

/// Order of the words of a number below a hundred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tens {
    /// `twenty three`.
    English,
    /// `treinta y tres`.
    Spanish,
    /// `vingt et un`, `soixante-douze`, `quatre-vingt-dix-huit`.
    French,
    /// `drei und zwanzig`, grown together or not.
    German,
}

/// A language's words and its ways of writing.
pub(super) struct Style {
    /// Its words.
    pub lexicon: Lexicon,
    /// Order of the words below a hundred.
    pub tens: Tens,
    /// Between the whole and the decimals, where the speaker's word does not say.
    pub decimal_mark: char,
    /// Whether a currency's sign stands before the amount.
    pub sign_first: fn(&str) -> bool,
    /// Before `%`.
    pub before_percent: &'static str,
    /// Words for `one` that begin a number with hundreds and more, but are articles by
    /// themselves (`a hundred`).
    pub articles: &'static [&'static str],
    /// What is written for an ordinal that ends with this word.
    pub ordinal: fn(u128, &str) -> String,
    /// A long row of digits, grouped as telephone numbers are.
    pub telephone: fn(&str) -> String,
}
