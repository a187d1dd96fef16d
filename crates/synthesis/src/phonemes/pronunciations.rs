//! A caller's own pronunciations: word to IPA, or to a respelling such as `koo-ber-NET-eez`.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::english::{Accent, stress};
use super::table::{column, rows};
use super::{marks, vocabulary};
use crate::SynthesisError;

/// In letters; a long compound has thirty.
const LONGEST: usize = 100;

/// Sounds by what is written for them: American, British, and the two under stress.
type Sounds = HashMap<&'static str, [&'static str; 4]>;

static IPA: LazyLock<Sounds> = LazyLock::new(|| sounds(include_str!("../../data/english/ipa.tsv")));

static RESPELLING: LazyLock<Sounds> =
    LazyLock::new(|| sounds(include_str!("../../data/english/respelling.tsv")));

fn sounds(table: &'static str) -> Sounds {
    let entry = |row: Vec<&'static str>| {
        let (american, british) = (column(&row, 1), column(&row, 2));
        let stressed = if row.len() > 4 {
            [row[3], row[4]]
        } else {
            [american, british]
        };
        (row[0], [american, british, stressed[0], stressed[1]])
    };
    rows(table).map(entry).collect()
}

/// Words with pronunciations of their own; case does not count.
#[derive(Debug, Clone, Default)]
pub struct Pronunciations {
    words: HashMap<String, String>,
}

impl Pronunciations {
    /// Reads pairs of a word and how it is said in an accent. What has a character beyond ASCII, or
    /// stands between slashes or brackets, is IPA or Kokoro's own alphabet (`/ˈnaɪki/`); the rest
    /// is a respelling: syllables with hyphens between them, the stressed one in capitals
    /// (`NY-kee`), in the letters that `data/english/respelling.tsv` lists.
    ///
    /// # Errors
    /// [`SynthesisError::Pronunciation`] for what is not one word, is too long (100 letters), or
    /// has a character that stands for no sound.
    pub fn new<'a>(
        accent: Accent,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, SynthesisError> {
        Self::each(pairs, |said| said_as(accent, said))
    }

    /// The same for another language: `read` gives the sounds of a respelling in that language;
    /// IPA stands between slashes or brackets.
    ///
    /// # Errors
    /// As [`Pronunciations::new`].
    pub fn with<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        read: impl Fn(&str) -> Result<String, String>,
    ) -> Result<Self, SynthesisError> {
        Self::each(pairs, |said| match within(said) {
            Some(ipa) => checked(plain(ipa)),
            None => checked(read(said)?),
        })
    }

    fn each<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        read: impl Fn(&str) -> Result<String, String>,
    ) -> Result<Self, SynthesisError> {
        let read = |(word, said): (&str, &str)| {
            let (key, said) = (key(word), said.trim());
            let sounds = if word.split_whitespace().count() != 1 {
                Err("one word at a time".to_owned())
            } else if word.chars().count() > LONGEST || said.chars().count() > LONGEST {
                Err(format!("longer than {LONGEST} letters"))
            } else {
                read(said)
            };
            let sounds = sounds.map_err(|reason| SynthesisError::Pronunciation {
                word: word.chars().take(LONGEST).collect(),
                reason,
            })?;
            Ok::<_, SynthesisError>((key, sounds))
        };
        let words = pairs.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { words })
    }

    /// How a word is said, if the caller told us.
    pub(super) fn get(&self, word: &str) -> Option<&str> {
        if self.words.is_empty() {
            return None;
        }
        self.words.get(&key(word)).map(String::as_str)
    }

    /// Where the caller's words stand in a text without spaces, the longest first, none in another;
    /// and how they are said.
    pub(super) fn found(&self, text: &str) -> Vec<(Range<usize>, &str)> {
        let mut found = Vec::new();
        let longest = self.words.keys().map(String::len).max().unwrap_or(0);
        // Small letters of ASCII only: bytes stay where they are.
        let small = text.to_ascii_lowercase();
        let latin = |c: char| c.is_ascii_alphanumeric();
        let is_part = |from: usize, end: usize| {
            small[from..].starts_with(latin) && small[..from].ends_with(latin)
                || small[..end].ends_with(latin) && small[end..].starts_with(latin)
        };
        let mut from = 0;
        while longest > 0 && from < small.len() {
            let ends = small[from..]
                .char_indices()
                .map(|(at, c)| from + at + c.len_utf8());
            let ends = ends.take_while(|end| end - from <= longest);
            let hit = ends
                .filter_map(|end| Some((end, self.words.get(&small[from..end])?)))
                .filter(|(end, _)| !is_part(from, *end))
                .last();
            let next = small[from..].chars().next().map_or(1, char::len_utf8);
            match hit {
                Some((end, sounds)) => {
                    found.push((from..end, sounds.as_str()));
                    from = end;
                }
                None => from += next,
            }
        }
        found
    }
}

fn key(word: &str) -> String {
    word.trim().replace('’', "'").to_lowercase()
}

fn said_as(accent: Accent, said: &str) -> Result<String, String> {
    let sounds = match within(said) {
        Some(ipa) => from_ipa(accent, ipa),
        None if said.is_ascii() => from_respelling(accent, said)?,
        None => from_ipa(accent, said),
    };
    checked(sounds)
}

/// What stands between slashes or brackets.
fn within(said: &str) -> Option<&str> {
    let within =
        |open: char, close: char| said.strip_prefix(open).and_then(|s| s.strip_suffix(close));
    within('/', '/').or_else(|| within('[', ']'))
}

fn checked(sounds: String) -> Result<String, String> {
    match sounds.chars().find(|sound| !is_sound(*sound)) {
        Some(odd) => Err(format!("`{odd}` stands for no sound")),
        None if !sounds.chars().any(char::is_alphabetic) => Err("it says nothing".to_owned()),
        None => Ok(sounds),
    }
}

/// IPA in the voice's letters, for languages that use it as it is.
fn plain(ipa: &str) -> String {
    let ipa = ipa.trim();
    let joined = [
        ("d͡ʒ", "ʤ"),
        ("dʒ", "ʤ"),
        ("t͡ʃ", "ʧ"),
        ("tʃ", "ʧ"),
        ("g", "ɡ"),
        ("'", "ˈ"),
    ];
    let sounds = joined
        .iter()
        .fold(ipa.to_owned(), |said, (from, to)| said.replace(from, to));
    let sounds: String = sounds
        .chars()
        .flat_map(nasal)
        .filter(|c| !matches!(c, '.' | '͡' | '̯' | '̪'))
        .collect();
    let mut moved = String::with_capacity(sounds.len());
    let mut mark = None;
    for sound in sounds.chars() {
        if matches!(sound, stress::PRIMARY | stress::SECONDARY) {
            mark = Some(sound);
            continue;
        }
        if stress::is_vowel(sound) || "eoyøœɨɯɤ".contains(sound) {
            moved.extend(mark.take());
        }
        moved.push(sound);
    }
    moved
}

/// A vowel and its tilde as two characters.
fn nasal(sound: char) -> Vec<char> {
    let bare = match sound {
        'ã' => 'a',
        'õ' => 'o',
        'ẽ' => 'e',
        'ĩ' => 'i',
        'ũ' => 'u',
        sound => return vec![sound],
    };
    vec![bare, '\u{303}']
}

fn is_sound(symbol: char) -> bool {
    vocabulary::has(symbol) && marks::spoken(symbol.encode_utf8(&mut [0; 4])).is_empty()
}

/// The longest prefix of `text` that `table` has, and the rest.
fn longest<'a>(table: &Sounds, text: &'a str) -> Option<([&'static str; 4], &'a str)> {
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).take(4);
    let found = |end: usize| table.get(&text[..end]).map(|row| (*row, &text[end..]));
    ends.filter_map(found).last()
}

fn from_ipa(accent: Accent, ipa: &str) -> String {
    let mut sounds = String::new();
    let mut rest = ipa.trim();
    while let Some(next) = rest.chars().next() {
        if let Some((row, after)) = longest(&IPA, rest) {
            sounds.push_str(row[accent.column()]);
            rest = after;
        } else {
            sounds.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    stress::before_vowels(&sounds)
}

fn from_respelling(accent: Accent, said: &str) -> Result<String, String> {
    let syllables = said
        .split(['-', ' '])
        .filter(|syllable| !syllable.is_empty());
    let syllables: Vec<&str> = syllables.collect();
    let is_loud = |syllable: &str| {
        syllable.chars().any(|c| c.is_ascii_uppercase())
            && !syllable.chars().any(|c| c.is_ascii_lowercase())
    };
    let any_loud = syllables.iter().any(|syllable| is_loud(syllable));
    let mut sounds = String::new();
    for (at, syllable) in syllables.iter().enumerate() {
        let stressed = if any_loud { is_loud(syllable) } else { at == 0 };
        let said = from_syllable(accent, &syllable.to_ascii_lowercase(), stressed)?;
        if stressed {
            sounds.push_str(&stress::before_vowels(&format!("ˈ{said}")));
        } else {
            sounds.push_str(&said);
        }
    }
    Ok(sounds)
}

fn from_syllable(accent: Accent, syllable: &str, stressed: bool) -> Result<String, String> {
    let mut sounds = String::new();
    let mut rest = syllable;
    while let Some(next) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix('y') {
            let is_consonant = after.starts_with(['a', 'e', 'i', 'o', 'u']);
            sounds.push(if is_consonant { 'j' } else { 'I' });
            rest = after;
        } else if let Some((row, after)) = longest(&RESPELLING, rest) {
            sounds.push_str(row[accent.column() + 2 * usize::from(stressed)]);
            rest = after;
        } else {
            return Err(format!("`{next}` stands for no sound"));
        }
    }
    Ok(sounds)
}
