//! What we say of ourselves and what to look for in what callers say, by language, from
//! `data/wording.toml`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// One language. Lists are in lower case, without punctuation but hyphens and apostrophes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// What the language is called in English.
    pub name: String,
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
    /// What callers say without wanting the turn.
    pub acknowledgements: Vec<String>,
    /// What ends a call.
    pub farewells: Vec<String>,
    /// What ends a call only where it is a clause of its own, such as `take care`.
    pub farewells_alone: Vec<String>,
    /// Words before a farewell that make it none (`say goodbye`).
    pub no_farewell_after: Vec<String>,
    /// The last words of somebody who is not done.
    pub unfinished: Vec<String>,
    /// Words whose full stop ends no sentence, without it.
    pub abbreviations: Vec<String>,
    /// Whether `3.` is how `third` is written.
    pub ordinal_point: bool,
    /// First words of stage directions, such as `laughs`.
    pub directions: Vec<String>,
}

static ALL: LazyLock<BTreeMap<String, Wording>> = LazyLock::new(|| {
    toml::from_str(include_str!("../data/wording.toml")).expect("checked by a test")
});

impl Wording {
    /// That of a language such as `pt-BR`; English where there is none.
    pub fn of(language: &str) -> &'static Wording {
        let english = || ALL.get("en").expect("checked by a test");
        Wording::known(language).unwrap_or_else(english)
    }

    /// That of a language such as `pt-BR`, where there is one.
    pub fn known(language: &str) -> Option<&'static Wording> {
        let code = language.split(['-', '_']).next().unwrap_or_default();
        ALL.get(&code.to_lowercase())
    }

    /// All languages by their codes.
    pub fn all() -> impl Iterator<Item = (&'static str, &'static Wording)> {
        ALL.iter().map(|(code, wording)| (code.as_str(), wording))
    }

    /// Whether words are nothing but an acknowledgement, said without wanting the turn.
    pub fn is_acknowledgement(&self, text: &str) -> bool {
        let words = plain(text);
        let mut rest = words.as_str();
        while !rest.is_empty() {
            let known = self.acknowledgements.iter().filter(|known| {
                rest.strip_prefix(known.as_str())
                    .is_some_and(|after| begins_word(known, after))
            });
            let Some(longest) = known.max_by_key(|known| known.len()) else {
                return false;
            };
            rest = rest[longest.len()..].trim_start();
        }
        !words.is_empty()
    }
}

/// Whether a word may begin after another, which it does without a space in Chinese and Japanese.
pub(crate) fn begins_word(before: &str, after: &str) -> bool {
    after.is_empty()
        || after.starts_with(' ')
        || before.ends_with(is_ideographic)
        || after.starts_with(is_ideographic)
}

/// Lower case, words only, one space between them.
pub fn plain(text: &str) -> String {
    let lower = text.to_lowercase().replace('’', "'");
    let kept = |c: char| c.is_alphanumeric() || matches!(c, '-' | '\'') || is_mark(c);
    let words = lower
        .split(|c: char| !kept(c))
        .map(|word| word.trim_matches(['-', '\'']))
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Vowel signs of Indian scripts, which are not letters to Unicode, and what joins their letters.
fn is_mark(c: char) -> bool {
    ('\u{0900}'..='\u{0DFF}').contains(&c) && !matches!(c, '।' | '॥')
        || matches!(c, '\u{200C}' | '\u{200D}')
}

/// Letters of scripts without spaces.
pub(crate) fn is_ideographic(c: char) -> bool {
    matches!(c,
        '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FF9F}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGES: [&str; 9] = ["de", "en", "es", "fr", "hi", "it", "ja", "pt", "zh"];

    #[test]
    fn every_language_reads_and_compares_plain() {
        assert_eq!(ALL.keys().collect::<Vec<_>>(), LANGUAGES);
        for (language, wording) in ALL.iter() {
            let lists = [
                &wording.acknowledgements,
                &wording.farewells,
                &wording.farewells_alone,
                &wording.no_farewell_after,
                &wording.unfinished,
                &wording.directions,
            ];
            for list in lists {
                assert!(!list.is_empty(), "{language}");
                for text in list {
                    assert_eq!(&plain(text), text, "{language}");
                }
            }
            for text in &wording.abbreviations {
                assert!(
                    !text.ends_with('.') && &text.to_lowercase() == text,
                    "{language}"
                );
            }
        }
    }

    #[test]
    fn we_say_something_in_every_language() {
        for (language, wording) in Wording::all() {
            let said = [
                &wording.still_there,
                &wording.goodbye,
                &wording.apology,
                &wording.failure,
                &wording.farewell,
            ];
            for text in said.into_iter().chain(&wording.backchannel) {
                assert!(text::ends_sentence(text), "{language}: {text}");
            }
            for sound in &wording.backchannel {
                assert!(wording.is_acknowledgement(sound), "{language}: {sound}");
            }
            assert!(!wording.is_acknowledgement(&wording.farewell), "{language}");
        }
    }

    #[test]
    fn acknowledgements_may_be_several() {
        let english = Wording::of("en-US");
        assert!(english.is_acknowledgement("Yeah, okay. Mm-hmm."));
        assert!(!english.is_acknowledgement("Yeah, but wait."));
        assert!(!english.is_acknowledgement(""));
        for text in ["嗯嗯，好的。", "好的好的", "对，对对。"] {
            assert!(Wording::of("zh-CN").is_acknowledgement(text), "{text}");
        }
        assert!(Wording::of("ja").is_acknowledgement("はい、はい。"));
        assert!(!Wording::of("ja").is_acknowledgement("はい、違います。"));
        assert!(Wording::of("hi").is_acknowledgement("हाँ, ठीक है।"));
    }

    #[test]
    fn a_language_without_wording_has_the_english_one() {
        assert_eq!(Wording::of("xx").name, "English");
        assert_eq!(Wording::of("auto").name, "English");
        assert_eq!(Wording::of("PT_br").name, "Portuguese");
    }
}
