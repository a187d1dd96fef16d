//! Pinyin syllables: reading them, and what they sound like.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::phonemes::table::{column, rows};

/// A syllable of pinyin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Syllable {
    /// Without the tone, `v` for ü.
    pub letters: String,
    /// 1 to 4; 5 for none.
    pub tone: u8,
}

/// Sounds by pinyin, `0` where the tone goes; finals behind an initial begin with `-`,
/// consonants that are a syllable with `=`.
static SOUNDS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    rows(include_str!("../../../data/mandarin/sounds.tsv"))
        .map(|row| (row[0], column(&row, 1)))
        .collect()
});

const TONED: [(&str, char); 6] = [
    ("āáǎà", 'a'),
    ("ēéěè", 'e'),
    ("īíǐì", 'i'),
    ("ōóǒò", 'o'),
    ("ūúǔù", 'u'),
    ("ǖǘǚǜ", 'v'),
];

impl Syllable {
    /// Reads `zhong1`, `zhōng`, `lü4` or `lv4`; without a tone it is 5.
    pub fn parse(pinyin: &str) -> Option<Self> {
        let (mut letters, mut tone) = (String::new(), None);
        for c in pinyin.chars().flat_map(char::to_lowercase) {
            let marked = TONED
                .iter()
                .find_map(|(marked, plain)| Some((marked.chars().position(|m| m == c)?, *plain)));
            match (c, marked) {
                (_, Some((at, plain))) => {
                    letters.push(plain);
                    tone = tone.or(u8::try_from(at + 1).ok());
                }
                ('ü', _) => letters.push('v'),
                ('1'..='5', _) if tone.is_none() => tone = u8::try_from(u32::from(c) - 48).ok(),
                _ if tone.is_some() && c.is_ascii_digit() => return None,
                _ => letters.push(c),
            }
        }
        let syllable = Self {
            letters,
            tone: tone.unwrap_or(5),
        };
        syllable.pattern().map(|_| syllable)
    }

    /// The sounds, with the tone behind the vowel.
    pub fn sounds(&self) -> String {
        let tone = match self.tone {
            1 => "→",
            2 => "↗",
            3 => "↓",
            4 => "↘",
            _ => "",
        };
        self.pattern().unwrap_or_default().replace('0', tone)
    }

    fn pattern(&self) -> Option<String> {
        let letters = self.letters.as_str();
        let alone = || SOUNDS.get(format!("={letters}").as_str());
        // Initials have no tone; a syllable does.
        if let Some(whole) = SOUNDS
            .get(letters)
            .filter(|sounds| sounds.contains('0'))
            .or_else(alone)
        {
            return Some((*whole).to_owned());
        }
        let cut = letters
            .find(|c| "aeiouvê".contains(c))
            .unwrap_or(letters.len());
        let (initial, last) = letters.split_at(cut);
        let consonant = if initial.is_empty() {
            ""
        } else {
            SOUNDS.get(initial).filter(|sounds| !sounds.contains('0'))?
        };
        // After j, q and x a written u is ü.
        let fronted = match last.strip_prefix('u') {
            Some(rest) if matches!(initial, "j" | "q" | "x") => format!("-v{rest}"),
            _ => format!("-{last}"),
        };
        let vowel = SOUNDS.get(fronted.as_str())?;
        Some(format!("{consonant}{vowel}"))
    }
}
