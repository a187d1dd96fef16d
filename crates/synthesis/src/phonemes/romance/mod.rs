//! Spanish, Italian and Portuguese words to phonemes: their spelling tells nearly all, by rules;
//! tables have the words that it does not.
//!
//! The voices of these languages learnt from espeak-ng's phonemes as misaki rewrites them, so that
//! its ways are followed where they differ from a grammar's: `A I O W` are the diphthongs of *rey,
//! hay, ou, causa*, a mark stands before its vowel, small words have none.

mod accents;
mod italian;
mod own;
mod pieces;
mod portuguese;
mod sounds;
mod spanish;

use std::collections::HashMap;
use std::sync::LazyLock;

use self::pieces::{Kind, Piece};
use super::table::{column, rows};
use super::{Phonemes, Pronunciations, vocabulary};
use crate::SynthesisError;
use crate::spoken::Token;

/// A language read by these rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tongue {
    /// Of Castile, as the voices `ef_*` and `em_*` learnt it.
    Spanish,
    /// As the voices `if_*` and `im_*` do.
    Italian,
    /// Of Brazil, as the voices `pf_*` and `pm_*` do.
    Portuguese,
}

impl Tongue {
    /// The language of a code such as `es`, `it-IT` or `pt_br`, if it is one of these.
    pub fn of(code: &str) -> Option<Self> {
        match code.get(..2)?.to_ascii_lowercase().as_str() {
            "es" => Some(Self::Spanish),
            "it" => Some(Self::Italian),
            "pt" => Some(Self::Portuguese),
            _ => None,
        }
    }
}

/// Words and letters' names that the rules do not give: sounds between slashes, or a spelling.
struct Tables {
    words: HashMap<&'static str, &'static str>,
    letters: HashMap<char, &'static str>,
}

impl Tables {
    fn new(words: &'static str, letters: &'static str) -> Self {
        let letters = rows(letters)
            .filter_map(|row| Some((row[0].chars().next()?, column(&row, 1))))
            .collect();
        Self {
            words: rows(words).map(|row| (row[0], column(&row, 1))).collect(),
            letters,
        }
    }
}

macro_rules! tables {
    ($name:ident, $folder:literal) => {
        static $name: LazyLock<Tables> = LazyLock::new(|| {
            Tables::new(
                include_str!(concat!("../../../data/", $folder, "/words.tsv")),
                include_str!(concat!("../../../data/", $folder, "/letters.tsv")),
            )
        });
    };
}

tables!(SPANISH, "spanish");
tables!(ITALIAN, "italian");
tables!(PORTUGUESE, "portuguese");

/// One of these languages; costs nothing to make.
#[derive(Debug, Clone, Copy)]
pub struct Romance {
    tongue: Tongue,
}

impl Romance {
    /// Ready at once.
    pub fn new(tongue: Tongue) -> Self {
        Self { tongue }
    }

    /// The phonemes of words as they are spoken, in the vocabulary of the voice. A word with a
    /// letter or digit always has some; other words and unknown marks have none. Takes time in
    /// proportion to the text.
    pub fn phonemes(&self, words: &[Token], own: &Pronunciations) -> Phonemes {
        let pieces = pieces::split(words, own);
        let mut sounds: Vec<String> = pieces.iter().map(|piece| self.piece(piece)).collect();
        self.lean(&pieces, &mut sounds);
        pieces::join(words, &pieces, &sounds)
    }

    /// Pronunciations of a caller's own: IPA between slashes or brackets, or a spelling that the
    /// language would read so (`guguel`).
    ///
    /// # Errors
    /// [`SynthesisError::Pronunciation`] for what is not one word, is too long, or has a character
    /// that stands for no sound.
    pub fn pronunciations<'a>(
        &self,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Pronunciations, SynthesisError> {
        Pronunciations::with(pairs, |said| {
            Ok(own::ipa(said).unwrap_or_else(|| self.word(&said.to_lowercase())))
        })
    }

    fn piece(&self, piece: &Piece) -> String {
        let sounds = match &piece.kind {
            Kind::Mark => return piece.text.clone(),
            Kind::Own(sounds) => return sounds.clone(),
            Kind::Letter { is_last } => {
                let name = self.letter(piece.text.chars().next().unwrap_or(' '));
                if *is_last {
                    name
                } else {
                    name.replace('ˈ', "ˌ")
                }
            }
            Kind::Word => self.word(&piece.text.to_lowercase()),
        };
        let known = |symbol: &char| vocabulary::has(*symbol);
        sounds.chars().filter(known).collect()
    }

    fn tables(&self) -> &'static Tables {
        match self.tongue {
            Tongue::Spanish => &SPANISH,
            Tongue::Italian => &ITALIAN,
            Tongue::Portuguese => &PORTUGUESE,
        }
    }

    /// What a spelling in small letters says by the rules.
    fn by_rules(&self, spelling: &str) -> String {
        match self.tongue {
            Tongue::Spanish => spanish::word(spelling),
            Tongue::Italian => italian::word(spelling),
            Tongue::Portuguese => portuguese::word(spelling),
        }
    }

    fn listed(&self, said: &str) -> String {
        match said.strip_prefix('/') {
            Some(sounds) => sounds.trim_end_matches('/').to_owned(),
            None => self.by_rules(said),
        }
    }

    /// A letter's or digit's name.
    fn letter(&self, letter: char) -> String {
        let letter = letter.to_lowercase().next().unwrap_or(letter);
        match self.tables().letters.get(&letter) {
            Some(name) => self.listed(name),
            None => {
                let plain = deunicode::deunicode_char(letter).unwrap_or("");
                let names = plain
                    .chars()
                    .filter_map(|c| self.tables().letters.get(&c.to_ascii_lowercase()));
                let names: Vec<String> = names.map(|name| self.listed(name)).collect();
                match names.concat() {
                    // Nobody has put it into Latin letters.
                    none if none.is_empty() && letter.is_alphanumeric() => self.letter('x'),
                    said => said,
                }
            }
        }
    }

    /// The sounds of any word in small letters.
    fn word(&self, word: &str) -> String {
        if let Some(said) = self.tables().words.get(word) {
            return self.listed(said);
        }
        let is_read = |c: char| c.is_ascii_lowercase() || c == '\'' || self.reads(c);
        if !word.chars().all(is_read) {
            return self.unusual(word);
        }
        if let Some((first, rest)) = word.split_once('\'') {
            return self.elided(first, rest);
        }
        let has_vowel = word.contains(|c: char| "aeiouy".contains(c) || !c.is_ascii());
        let sounds = if has_vowel {
            self.by_rules(word)
        } else {
            String::new()
        };
        if sounds.contains(char::is_alphabetic) {
            sounds
        } else {
            self.spelled(word)
        }
    }

    /// Whether a letter beyond ASCII is the language's own.
    fn reads(&self, letter: char) -> bool {
        match self.tongue {
            Tongue::Spanish => "áéíóúüñç".contains(letter),
            Tongue::Italian => "àèéìíòóùú".contains(letter),
            Tongue::Portuguese => "áàâãéêíóôõúüç".contains(letter),
        }
    }

    /// Words with foreign letters, digits and signs within.
    fn unusual(&self, word: &str) -> String {
        let mut runs: Vec<String> = Vec::new();
        let mut open = false;
        for c in word.chars() {
            let own = self.reads(c) || c.is_ascii_lowercase() || c == '\'';
            let folded = if own {
                c.to_string()
            } else {
                deunicode::deunicode_char(c).unwrap_or("").to_lowercase()
            };
            for c in folded.chars() {
                let is_letter = c.is_ascii_lowercase() || c == '\'' || self.reads(c);
                if is_letter && open {
                    if let Some(run) = runs.last_mut() {
                        run.push(c);
                    }
                } else if is_letter || c.is_ascii_digit() {
                    runs.push(c.to_string());
                }
                open = is_letter;
            }
        }
        let said = runs.iter().map(|run| {
            if run.contains(|c: char| c.is_alphabetic()) {
                self.word(run.trim_matches('\''))
            } else {
                self.letter(run.chars().next().unwrap_or(' '))
            }
        });
        let said: Vec<String> = said.filter(|sounds| !sounds.is_empty()).collect();
        if said.is_empty() && word.contains(char::is_alphanumeric) {
            // A letter of a script that nobody has put into Latin letters.
            return self.letter('x');
        }
        said.join(" ")
    }

    /// `dell'acqua`: the first part has no accent.
    fn elided(&self, first: &str, rest: &str) -> String {
        let rest = rest.replace('\'', "");
        if rest.is_empty() {
            return self.word(first);
        }
        let soft = rest.starts_with(['e', 'i', 'è', 'é']);
        let lead = match first {
            "" => String::new(),
            "c" if soft => "ʧ".to_owned(),
            "g" if soft => "ʤ".to_owned(),
            // Without an accent no vowel is open.
            _ => {
                let sounds = self.by_rules(first).replace(['ˈ', 'ˌ'], "");
                sounds.replace('ɛ', "e").replace('ɔ', "o")
            }
        };
        let rest = match rest.as_str() {
            "è" => "ˈɛ".to_owned(),
            rest => self.word(rest),
        };
        lead + &rest
    }

    /// Letter by letter.
    fn spelled(&self, word: &str) -> String {
        let names: Vec<String> = word.chars().map(|c| self.letter(c)).collect();
        let last = names.len().saturating_sub(1);
        let names = names.into_iter().enumerate();
        let names = names.map(|(at, name)| {
            if at == last {
                name
            } else {
                name.replace('ˈ', "ˌ")
            }
        });
        names.collect()
    }

    /// Sounds that words in one breath change in each other.
    fn lean(&self, pieces: &[Piece], sounds: &mut [String]) {
        let mut last: Option<usize> = None;
        for at in 0..pieces.len() {
            if sounds[at].is_empty() {
                continue;
            }
            if matches!(pieces[at].kind, Kind::Mark) {
                last = None;
                continue;
            }
            if let Some(before) = last {
                let (first, second) = match self.tongue {
                    Tongue::Spanish => {
                        let second = spanish::softened(&sounds[before], &sounds[at]);
                        (spanish::before(&sounds[before], &sounds[at]), second)
                    }
                    Tongue::Italian => (None, None),
                    Tongue::Portuguese => (portuguese::before(&sounds[before], &sounds[at]), None),
                };
                if let Some(first) = first {
                    sounds[before] = first;
                }
                if let Some(second) = second {
                    sounds[at] = second;
                }
            }
            last = Some(at);
        }
    }
}
