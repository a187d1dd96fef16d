//! Brazilian Portuguese spelling to sounds. How open a loud `e` or `o` is comes from
//! `data/portuguese/accents.txt`; the rest is told by the spelling.

mod accent;
mod consonants;
mod vowels;

use std::sync::LazyLock;

use self::accent::{is_vowel, loud};
use super::accents::Accents;
use super::sounds::{Sounds, every_other};

static ACCENTS: LazyLock<Accents> = LazyLock::new(|| {
    Accents::new(
        include_str!("../../../../data/portuguese/accents.txt"),
        |letter| match letter {
            'á' => 'a',
            'é' | 'ê' => 'e',
            'í' => 'i',
            'ó' | 'ô' => 'o',
            'ú' => 'u',
            'ś' | 'ẋ' | 'ẑ' => 'x',
            letter => letter,
        },
    )
});

/// The sounds of a word in small letters.
pub(super) fn word(word: &str) -> String {
    let accented = word.contains(|c| "áéíóúâêôãõ".contains(c));
    let listed = if accented { None } else { ACCENTS.of(word) };
    let (spelled, back) = listed.unwrap_or_else(|| (word.to_owned(), None));
    let letters: Vec<char> = spelled.chars().collect();
    let loud = loud(&letters, back);
    let mut sounds = Sounds::default();
    let mut at = 0;
    while at < letters.len() {
        at += if is_vowel(letters[at]) {
            vowels::vowel(&letters, at, loud, &mut sounds)
        } else {
            consonants::consonant(&letters, at, &mut sounds)
        };
    }
    sounds.written(|accent, syllables| match accent {
        1 if syllables > 2 => vec![0],
        accent => every_other(accent),
    })
}

/// What becomes of the end of a word before another.
pub(super) fn before(sounds: &str, next: &str) -> Option<String> {
    let next: char = next.chars().find(|c| !matches!(c, 'ˈ' | 'ˌ'))?;
    let is_vowel = "aeiouɐɛɔæyʊIAOW".contains(next);
    if let Some(stem) = sounds.strip_suffix('r').filter(|_| is_vowel) {
        return Some(format!("{stem}ɾ"));
    }
    if let Some(stem) = sounds.strip_suffix('s')
        && (is_vowel || "bdɡvzʒmnlɾxʎɲʤ".contains(next))
        && next != 'x'
    {
        return Some(format!("{stem}z"));
    }
    let end = sounds.chars().last()?;
    let glide = match end {
        'y' => 'j',
        'ʊ' => 'w',
        _ => return None,
    };
    let stem = &sounds[..sounds.len() - end.len_utf8()];
    let behind_consonant = stem.ends_with(|c: char| "pbtdkɡfvszʃʒʧʤmnɲlɾrxʎj".contains(c));
    let is_long = stem.contains('ˈ') || stem == "ʤ";
    (is_vowel && behind_consonant && is_long).then(|| format!("{stem}{glide}"))
}
