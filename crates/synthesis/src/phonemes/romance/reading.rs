//! One word as sounds: as listed, by the rules of spelling, or letter by letter.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::super::table::{column, rows};
use super::{Romance, Tongue, italian, portuguese, spanish};

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

impl Romance {
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
    pub(super) fn letter(&self, letter: char) -> String {
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
    pub(super) fn word(&self, word: &str) -> String {
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
}
