//! A word as sounds: which of them carry syllables, and which syllables are loud.

/// A sound of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sound {
    /// In the voice's alphabet; a diphthong is one sound.
    pub text: &'static str,
    /// Whether a syllable is built on it.
    pub is_vowel: bool,
}

/// The sounds of a word, and the one that carries its accent.
#[derive(Debug, Clone, Default)]
pub(super) struct Sounds {
    pub list: Vec<Sound>,
    /// Index in `list`.
    pub loud: Option<usize>,
}

impl Sounds {
    pub fn consonant(&mut self, text: &'static str) {
        self.list.push(Sound {
            text,
            is_vowel: false,
        });
    }

    pub fn vowel(&mut self, text: &'static str, is_loud: bool) {
        if is_loud {
            self.loud = Some(self.list.len());
        }
        self.list.push(Sound {
            text,
            is_vowel: true,
        });
    }

    pub fn last(&self) -> &'static str {
        self.list.last().map_or("", |sound| sound.text)
    }

    pub fn ends_in_vowel(&self) -> bool {
        self.list.last().is_some_and(|sound| sound.is_vowel)
    }

    /// Indices of the sounds that carry syllables.
    pub fn syllables(&self) -> Vec<usize> {
        let vowels = self.list.iter().enumerate();
        vowels
            .filter(|(_, sound)| sound.is_vowel)
            .map(|(at, _)| at)
            .collect()
    }

    /// Puts the accent on a syllable counted from the end, or on the first of a shorter word.
    pub fn accent_from_end(&mut self, back: usize) {
        let syllables = self.syllables();
        let at = syllables.len().saturating_sub(back + 1);
        self.loud = syllables.get(at).copied();
    }

    /// In one string, with marks before the loud vowels. `echoes`: syllables before the accent,
    /// counted from the first and rising, that are loud too, given the accent's place and their
    /// number.
    pub fn written(&self, echoes: fn(accent: usize, syllables: usize) -> Vec<usize>) -> String {
        let syllables = self.syllables();
        let accent = syllables.iter().position(|at| Some(*at) == self.loud);
        let echoes = accent.map_or_else(Vec::new, |accent| echoes(accent, syllables.len()));
        let echoes: Vec<usize> = echoes.into_iter().map(|at| syllables[at]).collect();
        let mut text = String::new();
        for (at, sound) in self.list.iter().enumerate() {
            if self.loud == Some(at) {
                text.push('ˈ');
            } else if echoes.binary_search(&at).is_ok() {
                text.push('ˌ');
            }
            text.push_str(sound.text);
        }
        text
    }
}

/// Every other syllable before the accent, but not the one next to it.
pub(super) fn every_other(accent: usize) -> Vec<usize> {
    (0..accent.saturating_sub(1)).step_by(2).collect()
}
