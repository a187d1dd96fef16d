//! Mandarin words to phonemes: characters to pinyin by phrase, tones that change, pinyin to the
//! voice's alphabet with an arrow for each tone (`→ ↗ ↓ ↘`), as misaki has it.

mod readings;
mod sandhi;
mod syllables;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use self::sandhi::Place;
use self::syllables::Syllable;
use super::assembly::{Part, assemble, shares};
use super::table::{column, rows};
use super::{English, Phonemes, Pronunciations, marks, vocabulary};
use crate::SynthesisError;
use crate::spoken::Token;

/// Names of letters for who has no English, in pinyin.
static LETTERS: LazyLock<HashMap<char, &'static str>> = LazyLock::new(|| {
    rows(include_str!("../../../data/mandarin/letters.tsv"))
        .filter_map(|row| Some((row[0].chars().next()?, column(&row, 1))))
        .collect()
});

/// Mandarin as spoken on the mainland. Some 10 MB of tables, shared by all that are made.
pub struct Mandarin {
    english: Option<Arc<English>>,
}

impl Mandarin {
    /// Reads the tables, in a few hundredths of a second. Words in Latin letters are said in English
    /// if that is given, and else spelled in letters' names as Chinese speakers say them.
    pub fn new(english: Option<Arc<English>>) -> Self {
        readings::prepare();
        Self { english }
    }

    /// A caller's own pronunciations: pinyin with tones (`hang2 zhang3`, `háng zhǎng`), other
    /// characters that sound alike, or IPA between slashes.
    ///
    /// # Errors
    /// [`SynthesisError::Pronunciation`] for what cannot be read so.
    pub fn pronunciations<'a>(
        &self,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Pronunciations, SynthesisError> {
        Pronunciations::with(pairs, respelled)
    }

    /// The phonemes of words as `spoken` gives them, in the vocabulary of the voice. A word with a
    /// letter or digit always has some. Takes time in proportion to the text.
    pub fn phonemes(&self, words: &[Token], own: &Pronunciations) -> Phonemes {
        let mut parts = vec![Part::default(); words.len()];
        let mut stretch = Vec::new();
        let mut from = 0;
        while from < words.len() {
            let word = &words[from];
            let mut until = from + 1;
            if word.is_mark || !word.text.contains(char::is_alphanumeric) {
                parts[from].sounds = marks::spoken(&word.text);
                flush(&mut stretch, own, &mut parts);
            } else if word.text.contains(readings::is_known) {
                stretch.extend(places(&word.text, from));
                let tone = match word.text.as_str() {
                    "地" if is_adverbial(words, from) => Some(5),
                    // 得了, 得到: to get.
                    "得" if words
                        .get(from + 1)
                        .is_some_and(|next| next.text.starts_with(['了', '到', '过'])) =>
                    {
                        Some(2)
                    }
                    _ => None,
                };
                if let (Some(tone), Some(place)) = (tone, stretch.last_mut()) {
                    place.syllable = Syllable {
                        letters: "de".to_owned(),
                        tone,
                    };
                }
            } else {
                flush(&mut stretch, own, &mut parts);
                let foreign = |word: &Token| {
                    word.text.contains(char::is_alphanumeric)
                        && !word.is_mark
                        && !word.text.contains(readings::is_known)
                };
                until = from
                    + words[from..]
                        .iter()
                        .take_while(|word| foreign(word))
                        .count();
                self.foreign(&words[from..until], own, &mut parts[from..until]);
            }
            from = until;
        }
        flush(&mut stretch, own, &mut parts);
        for part in &mut parts {
            part.sounds.retain(vocabulary::has);
        }
        assemble(words, &parts)
    }

    /// Words in other letters.
    fn foreign(&self, words: &[Token], own: &Pronunciations, parts: &mut [Part]) {
        let english = self.english.as_ref();
        let said = english.map(|english| english.phonemes(words, own));
        for (at, (word, part)) in words.iter().zip(parts).enumerate() {
            if let Some(said) = &said {
                said.text[said.words[at].clone()].clone_into(&mut part.sounds);
            }
            if let Some(sounds) = own.get(&word.text) {
                sounds.clone_into(&mut part.sounds);
            }
            if part.sounds.is_empty() {
                part.sounds = spelled(&word.text);
            }
        }
    }
}

/// 慢慢地走: behind a longer word and before another, 地 makes an adverb.
fn is_adverbial(words: &[Token], at: usize) -> bool {
    let is_word = |word: &Token| !word.is_mark && word.text.contains(readings::is_known);
    let before = at.checked_sub(1).map(|before| &words[before]);
    before.is_some_and(|word| is_word(word) && word.text.chars().count() > 1)
        && words.get(at + 1).is_some_and(is_word)
}

fn places(word: &str, at: usize) -> Vec<Place> {
    let read = readings::read(word).into_iter();
    read.filter_map(|(character, syllable)| {
        let place = |syllable| Place {
            character,
            word: at,
            syllable,
            own: None,
        };
        // A letter among the characters: 卡拉OK.
        let letter = || {
            Syllable::parse(
                LETTERS
                    .get(&character.to_ascii_uppercase())?
                    .split(' ')
                    .next()?,
            )
        };
        syllable.or_else(letter).map(place)
    })
    .collect()
}

/// Says the stretch and begins another.
fn flush(stretch: &mut Vec<Place>, own: &Pronunciations, parts: &mut [Part]) {
    sandhi::apply(stretch);
    claim(stretch, own, parts);
    for place in stretch.drain(..) {
        let sounds = place.own.unwrap_or_else(|| place.syllable.sounds());
        parts[place.word].sounds.push_str(&sounds);
    }
}

/// Puts the caller's own words into a stretch.
fn claim(stretch: &mut [Place], own: &Pronunciations, parts: &mut [Part]) {
    let written: String = stretch.iter().map(|place| place.character).collect();
    for (range, sounds) in own.found(&written) {
        let from = written[..range.start].chars().count();
        let count = written[range].chars().count();
        let places = &mut stretch[from..from + count];
        let mut last = None;
        for (place, share) in places.iter_mut().zip(shares(sounds, count)) {
            place.own = Some(share);
            parts[place.word].glued |= last.is_some_and(|last| last != place.word);
            last = Some(place.word);
        }
    }
}

/// Letter by letter.
fn spelled(word: &str) -> String {
    let latin = deunicode::deunicode(word);
    let letters = latin
        .chars()
        .filter_map(|c| LETTERS.get(&c.to_ascii_uppercase()));
    let said: String = letters
        .flat_map(|name| name.split(' '))
        .filter_map(Syllable::parse)
        .map(|syllable| syllable.sounds())
        .collect();
    if said.is_empty() {
        // A letter that nobody has put into Latin ones: 字.
        return Syllable::parse("zi4").map_or_else(String::new, |syllable| syllable.sounds());
    }
    said
}

/// Pinyin or characters of the same sound.
fn respelled(said: &str) -> Result<String, String> {
    let mut places = Vec::new();
    for (at, part) in said
        .split([' ', '-', '\''])
        .filter(|part| !part.is_empty())
        .enumerate()
    {
        if part.contains(readings::is_known) {
            for (character, syllable) in readings::read(part) {
                let syllable = syllable.ok_or_else(|| format!("`{character}` has no reading"))?;
                places.push(Place {
                    character,
                    word: at,
                    syllable,
                    own: None,
                });
            }
        } else {
            let syllable =
                Syllable::parse(part).ok_or_else(|| format!("`{part}` is not pinyin"))?;
            places.push(Place {
                character: ' ',
                word: at,
                syllable,
                own: None,
            });
        }
    }
    sandhi::apply(&mut places);
    Ok(places.iter().map(|place| place.syllable.sounds()).collect())
}
