//! Hindi spelling as syllables: a cluster of consonants with its vowel each, and which of the vowels
//! that are not written are not said either.
//!
//! An unwritten vowel falls at the end of a word, and between a vowel with one consonant and one
//! consonant with a vowel, decided from the end (Ohala 1983, "Aspects of Hindi Phonology").

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::phonemes::table::{column, rows};

/// The vowel that is not written.
pub(super) const SCHWA: &str = "ə";

/// A written syllable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Syllable {
    /// Sounds of its consonants.
    pub onset: Vec<&'static str>,
    /// Sound of its vowel; none where it has fallen or a halant stands at the end.
    pub vowel: Option<&'static str>,
    /// What makes it nasal.
    pub nasal: Option<Nasal>,
    /// Whether a breath follows (`ः`).
    pub is_breathed: bool,
}

/// Signs of nasal vowels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nasal {
    /// A dot: a nasal consonant before another consonant.
    Anusvara,
    /// A moon with a dot: the vowel itself is nasal.
    Chandrabindu,
}

#[derive(Clone, Copy)]
enum Letter {
    Consonant(&'static str),
    Vowel(&'static str),
    Sign(&'static str),
}

static LETTERS: LazyLock<HashMap<&str, Letter>> = LazyLock::new(|| {
    let letter = |row: Vec<&'static str>| {
        let sound = column(&row, 1);
        let letter = match column(&row, 2) {
            "c" => Letter::Consonant(sound),
            "v" => Letter::Vowel(sound),
            _ => Letter::Sign(sound),
        };
        (row[0], letter)
    };
    rows(include_str!("../../../data/hindi/letters.tsv"))
        .map(letter)
        .collect()
});

const NUKTA: char = '़';
const HALANT: char = '्';

/// Whether a character is of the script of Hindi, letters and signs.
pub(super) fn is_devanagari(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{963}' | '\u{970}'..='\u{97f}')
}

/// The syllables of a word in Devanagari. Characters without a sound are left out.
pub(super) fn syllables(word: &str) -> Vec<Syllable> {
    let mut syllables: Vec<Syllable> = Vec::new();
    // Consonants whose vowel is still to come.
    let mut onset: Vec<&'static str> = Vec::new();
    let mut halted = false;
    let mut rest = word;
    while let Some(next) = rest.chars().next() {
        let mut length = next.len_utf8();
        if rest[length..].starts_with(NUKTA)
            && LETTERS.contains_key(&rest[..length + NUKTA.len_utf8()])
        {
            length += NUKTA.len_utf8();
        }
        let letter = LETTERS.get(&rest[..length]).copied();
        rest = &rest[length..];
        match (letter, next) {
            (Some(Letter::Consonant(sound)), _) => {
                if !onset.is_empty() && !halted {
                    syllables.push(open(&mut onset, Some(SCHWA)));
                }
                onset.push(sound);
                halted = false;
            }
            (Some(Letter::Sign(sound)), _) if !onset.is_empty() => {
                syllables.push(open(&mut onset, Some(sound)));
            }
            (Some(Letter::Vowel(sound) | Letter::Sign(sound)), _) => {
                if !onset.is_empty() {
                    syllables.push(open(&mut onset, (!halted).then_some(SCHWA)));
                }
                syllables.push(open(&mut onset, Some(sound)));
            }
            (None, HALANT) => halted = true,
            (None, 'ँ' | 'ं' | 'ः' | 'ऀ') => {
                if !onset.is_empty() {
                    syllables.push(open(&mut onset, Some(SCHWA)));
                }
                if let Some(last) = syllables.last_mut() {
                    match next {
                        'ः' => last.is_breathed = true,
                        'ं' => last.nasal = Some(Nasal::Anusvara),
                        _ => last.nasal = Some(Nasal::Chandrabindu),
                    }
                }
            }
            _ => {}
        }
    }
    if !onset.is_empty() {
        let vowel = (!halted || syllables.is_empty()).then_some(SCHWA);
        syllables.push(open(&mut onset, vowel));
    }
    syllables
}

fn open(onset: &mut Vec<&'static str>, vowel: Option<&'static str>) -> Syllable {
    Syllable {
        onset: std::mem::take(onset),
        vowel,
        ..Syllable::default()
    }
}

impl Syllable {
    /// Whether its vowel is unwritten and nothing hangs on it.
    fn is_bare(&self) -> bool {
        self.vowel == Some(SCHWA)
            && self.nasal.is_none()
            && !self.is_breathed
            && !self.onset.is_empty()
    }
}

/// Drops the unwritten vowels that are not said.
pub(super) fn drop_schwas(syllables: &mut [Syllable]) {
    let count = syllables.len();
    if count < 2 {
        return;
    }
    if syllables[count - 1].is_bare() && !needs_vowel(&syllables[count - 1].onset) {
        syllables[count - 1].vowel = None;
    }
    for at in (1..count - 1).rev() {
        let (last, here, next) = (&syllables[at - 1], &syllables[at], &syllables[at + 1]);
        let opens = last.vowel.is_some() && last.nasal != Some(Nasal::Anusvara);
        let falls = here.is_bare() && here.onset.len() == 1 && here.onset[0] != "h";
        let carries = next.onset.len() == 1 && next.vowel.is_some() && next.onset[0] != "h";
        let noun = next.onset == ["ɾ"]
            && next.vowel == Some(SCHWA)
            && syllables.get(at + 2).is_some_and(|end| end.onset == ["ɳ"]);
        // *vitaraṇ* and its like keep theirs.
        if opens && falls && carries && !noun {
            syllables[at].vowel = None;
        }
    }
}

/// Whether nobody could end a word with these consonants.
fn needs_vowel(onset: &[&str]) -> bool {
    match onset {
        [.., before, last] => match *last {
            "j" | "ɾ" | "n" | "ɳ" | "l" => before != last || *last == "n",
            "m" => !matches!(*before, "n" | "ɾ" | "m"),
            _ => false,
        },
        _ => false,
    }
}
