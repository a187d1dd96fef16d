//! Words of misaki's lexicon, with its rules: parts of speech, weak forms that depend on the next
//! sound (*the, to, a*), plurals, possessives, *-ed* and *-ing*, letters of acronyms.

use std::collections::HashMap;
use std::sync::LazyLock;

use misaki_rs::lexicon::{PhonemeEntry, TokenContext};
use misaki_rs::{Language, Lexicon};

use super::Accent;
use super::stress::is_vowel;
use super::unknown::{IN_ACRONYMS, is_pronounceable};
use crate::phonemes::marks;
use crate::phonemes::table::{column, rows};

/// In bytes. No word of the lexicon is as long.
const LONGEST: usize = 48;

/// What a word is said before.
#[derive(Debug, Clone, Default)]
pub(super) struct Following {
    context: TokenContext,
}

impl Following {
    /// What the word before it is said before, given a word's sounds.
    pub fn with(&self, word: &str, tag: &str, sounds: &str) -> Self {
        const CONSONANTS: &str = "bdfhjklmnpstvwzðŋɡɹɾʃʒʤʧθT";
        let vowel = sounds.chars().find_map(|symbol| {
            if marks::pauses(symbol) {
                Some(None)
            } else if is_vowel(symbol) && symbol != 'ɐ' {
                // Not the weak *a*: misaki looks past it, and the voice learned from misaki.
                Some(Some(true))
            } else {
                CONSONANTS.contains(symbol).then_some(Some(false))
            }
        });
        let future_to = matches!(word, "to" | "To") || word == "TO" && matches!(tag, "TO" | "IN");
        Self {
            context: TokenContext {
                future_vowel: vowel.unwrap_or(self.context.future_vowel),
                future_to,
            },
        }
    }
}

/// The lexicon of one accent.
pub(super) struct Known {
    accent: Accent,
    lexicon: Lexicon,
}

static ADDITIONS: LazyLock<HashMap<&'static str, [&'static str; 2]>> = LazyLock::new(|| {
    rows(include_str!("../../../data/english/additions.tsv"))
        .map(|row| (row[0], [column(&row, 1), column(&row, 2)]))
        .collect()
});

impl Known {
    /// Reads the lexicon, which the program carries: a good part of a second.
    pub fn new(accent: Accent) -> Self {
        Self {
            accent,
            lexicon: Lexicon::new(match accent {
                Accent::American => Language::EnglishUS,
                Accent::British => Language::EnglishGB,
            }),
        }
    }

    /// The sounds of a word that the lexicon or its rules have.
    pub fn word(&self, word: &str, tag: &str, following: &Following) -> Option<String> {
        // The lexicon's keys are ASCII, and its rules cut words at bytes.
        if !word.is_ascii() || word.len() > LONGEST || !word.contains(|c: char| c.is_alphabetic()) {
            return None;
        }
        let (small, large) = (word.to_ascii_lowercase(), word.to_ascii_uppercase());
        if let Some(sounds) = ADDITIONS.get(small.as_str()) {
            return Some(sounds[self.accent.column()].to_owned());
        }
        if self.is_spelled_for_want(word, tag) {
            return None;
        }
        let stress = match (word == small, word == large) {
            (true, _) => None,
            (_, true) => Some(self.lexicon.cap_stresses.1),
            _ => Some(self.lexicon.cap_stresses.0),
        };
        let found = self
            .lexicon
            .get_word(word, tag, stress, Some(&following.context));
        let (sounds, _) = found.filter(|(sounds, _)| !sounds.is_empty())?;
        // misaki-rs 0.8 puts letters for sounds in `bossking`: known, a letter, `ing`.
        let stem = word.strip_suffix("ing");
        let slip = stem.and_then(|stem| stem.get(..stem.len().checked_sub(1)?));
        if slip.is_some_and(|stem| sounds == format!("{stem}ɪŋ")) {
            return None;
        }
        Some(sounds.replace('ɾ', "T").replace('ʔ', "t"))
    }

    /// Capitals that misaki would spell out for want of an entry, and that can be read: `KUBERNETES`.
    fn is_spelled_for_want(&self, word: &str, tag: &str) -> bool {
        let is_shouted = word.len() >= 5 && word.bytes().all(|byte| byte.is_ascii_uppercase());
        if !is_shouted || self.has(word) {
            return false;
        }
        let small = word.to_ascii_lowercase();
        !self.has(&small)
            && is_pronounceable(&small, IN_ACRONYMS)
            && self.lexicon.get_word(&small, tag, None, None).is_none()
    }

    /// Whether the lexicon has this very word.
    pub fn has(&self, word: &str) -> bool {
        self.lexicon.in_gold(word) || self.lexicon.silvers.contains_key(word)
    }

    /// Whether it is among the words that people have checked.
    pub fn is_common(&self, word: &str) -> bool {
        self.lexicon.in_gold(word)
    }

    /// A letter's name.
    pub fn letter(&self, letter: char) -> Option<&str> {
        let name = self
            .lexicon
            .golds
            .get(&letter.to_ascii_uppercase().to_string())?;
        match name {
            PhonemeEntry::Simple(sounds) => Some(sounds),
            PhonemeEntry::Tagged(sounds) => sounds.get("DEFAULT")?.as_deref(),
        }
    }

    /// A noun's sounds with `s` or `'s`.
    pub fn with_s(&self, sounds: &str) -> String {
        self.lexicon.append_s(sounds)
    }

    /// A verb's sounds with `ed`.
    pub fn with_ed(&self, sounds: &str) -> String {
        self.lexicon.append_ed(sounds).replace('ɾ', "T")
    }
}
