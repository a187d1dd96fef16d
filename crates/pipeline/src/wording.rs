//! What we say of ourselves and what to look for in what callers say, by language, from
//! `data/wording.toml`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// One language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// After a silence.
    pub still_there: String,
    /// After the second silence.
    pub goodbye: String,
    /// A part fails and may come back.
    pub apology: String,
    /// A part failed and did not come back.
    pub failure: String,
    /// The caller said goodbye and the model did not.
    pub farewell: String,
    /// Said while the caller speaks at length.
    pub backchannel: Vec<String>,
    /// What callers say without wanting the turn; lower case, no punctuation but hyphens.
    pub acknowledgements: Vec<String>,
    /// What ends a call.
    pub farewells: Vec<String>,
    /// The last words of somebody who is not done.
    pub unfinished: Vec<String>,
}

static ALL: LazyLock<BTreeMap<String, Wording>> = LazyLock::new(|| {
    toml::from_str(include_str!("../data/wording.toml")).expect("checked by a test")
});

impl Wording {
    /// That of a language such as `pt-BR`; English where there is none.
    pub fn of(language: &str) -> &'static Wording {
        let code = language.split(['-', '_']).next().unwrap_or_default();
        let english = || ALL.get("en").expect("checked by a test");
        ALL.get(&code.to_lowercase()).unwrap_or_else(english)
    }

    /// Whether words are nothing but an acknowledgement, said without wanting the turn.
    pub fn is_acknowledgement(&self, text: &str) -> bool {
        let words = plain(text);
        let mut rest = words.as_str();
        while !rest.is_empty() {
            let known = self.acknowledgements.iter().filter(|known| {
                rest.strip_prefix(known.as_str())
                    .is_some_and(|after| after.is_empty() || after.starts_with(' '))
            });
            let Some(longest) = known.max_by_key(|known| known.len()) else {
                return false;
            };
            rest = rest[longest.len()..].trim_start();
        }
        !words.is_empty()
    }
}

/// Lower case, words only, one space between them.
pub fn plain(text: &str) -> String {
    let lower = text.to_lowercase();
    let kept = |c: char| c.is_alphanumeric() || matches!(c, '-' | '\'') || is_mark(c);
    let words = lower
        .split(|c: char| !kept(c))
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Vowel signs of Indian scripts, which are not letters to Unicode.
fn is_mark(c: char) -> bool {
    ('\u{0900}'..='\u{0DFF}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_reads_and_compares_plain() {
        assert!(ALL.contains_key("en"));
        for (language, wording) in ALL.iter() {
            let lists = [
                &wording.acknowledgements,
                &wording.farewells,
                &wording.unfinished,
            ];
            for text in lists.into_iter().flatten() {
                assert_eq!(&plain(text), text, "{language}");
            }
        }
    }

    #[test]
    fn acknowledgements_may_be_several() {
        let english = Wording::of("en-US");
        assert!(english.is_acknowledgement("Yeah, okay. Mm-hmm."));
        assert!(!english.is_acknowledgement("Yeah, but wait."));
        assert!(!english.is_acknowledgement(""));
    }
}
