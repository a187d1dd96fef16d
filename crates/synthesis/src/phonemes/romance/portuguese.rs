//! Brazilian Portuguese spelling to sounds. How open a loud `e` or `o` is comes from
//! `data/portuguese/accents.txt`; the rest is told by the spelling.

use std::sync::LazyLock;

use super::accents::Accents;
use super::sounds::{Sounds, every_other};

static ACCENTS: LazyLock<Accents> = LazyLock::new(|| {
    Accents::new(
        include_str!("../../../data/portuguese/accents.txt"),
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
            vowel(&letters, at, loud, &mut sounds)
        } else {
            consonant(&letters, at, &mut sounds)
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
    let behind_consonant = stem.ends_with(|c: char| "pbtdkɡfvszʃʒʧʤmnɲlɾrxʎ".contains(c));
    let is_long = stem.contains('ˈ') || stem == "ʤ";
    (is_vowel && behind_consonant && is_long).then(|| format!("{stem}{glide}"))
}

fn is_vowel(c: char) -> bool {
    "aeiouyáàâãéêíóôõúü".contains(c)
}

/// Whether letters at a place are an `i` or `u` that ends a diphthong begun before it.
fn is_offglide(letters: &[char], at: usize) -> bool {
    let Some(&before) = at.checked_sub(1).and_then(|at| letters.get(at)) else {
        return false;
    };
    let next = letters.get(at + 1).copied().unwrap_or(' ');
    let behind = letters.get(at + 2).copied().unwrap_or(' ');
    match letters[at] {
        // `rainha`, `ruim`, `ainda`, `sair`, `juiz`.
        'i' => {
            let hiatus = (next == 'n' && behind == 'h')
                || (matches!(next, 'm' | 'n') && !is_vowel(behind))
                || (matches!(next, 'r' | 'l' | 'u' | 'z') && behind == ' ');
            "aeouáéóúâêô".contains(before) && !hiatus && !is_silent_u(letters, at - 1)
        }
        'u' => {
            let hiatus = (matches!(next, 'i' | 'l' | 'm' | 'n' | 'r' | 'z') && !is_vowel(behind))
                || (before == 'e' && next == 'n');
            "aeioáéíóâêô".contains(before) && !hiatus
        }
        _ => false,
    }
}

/// The `u` of *que, gui*, and that of *água*, is no vowel.
fn is_silent_u(letters: &[char], at: usize) -> bool {
    letters[at] == 'u'
        && at > 0
        && matches!(letters[at - 1], 'q' | 'g')
        && letters.get(at + 1).copied().is_some_and(is_vowel)
}

/// The index of the loud vowel.
fn loud(letters: &[char], back: Option<usize>) -> Option<usize> {
    let marked = |marks: &str| letters.iter().rposition(|c| marks.contains(*c));
    if let Some(at) = marked("áéíóúâêô").or_else(|| marked("ãõ")) {
        return Some(at);
    }
    let vowels: Vec<usize> = (0..letters.len())
        .filter(|&at| {
            is_vowel(letters[at])
                && letters[at] != 'ü'
                && !is_silent_u(letters, at)
                && !is_offglide(letters, at)
        })
        .collect();
    let word: String = letters.iter().collect();
    let stem = word.strip_suffix('s').unwrap_or(&word);
    let weak_end = stem.ends_with(['a', 'e', 'o']) && !is_offglide(letters, letters.len() - 1)
        || stem.ends_with("am")
        || stem.ends_with("em")
        || word.ends_with("ens");
    let back = back.unwrap_or(usize::from(weak_end && vowels.len() > 1));
    vowels.get(vowels.len().saturating_sub(back + 1)).copied()
}

/// A vowel, with its glide or nasal; how many letters.
fn vowel(letters: &[char], at: usize, loud: Option<usize>, sounds: &mut Sounds) -> usize {
    let letter = |ahead: usize| letters.get(at + ahead).copied().unwrap_or(' ');
    let (this, next, behind) = (letter(0), letter(1), letter(2));
    let is_loud = loud == Some(at);
    let is_end = |c: char, next: char| c == ' ' || (c == 's' && next == ' ');
    if this == 'ü' {
        sounds.consonant("w");
        return 1;
    }
    if is_silent_u(letters, at) {
        // Said before a, o; and with a diaeresis.
        if matches!(next, 'a' | 'o' | 'á' | 'ã' | 'â' | 'ó' | 'õ' | 'ô') {
            sounds.consonant("w");
        }
        return 1;
    }
    let nasal = matches!(next, 'm' | 'n') && !is_vowel(behind) && behind != 'h';
    let final_nasal = nasal && is_end(behind, letter(3));
    match this {
        'ã' if next == 'o' => {
            sounds.vowel("ɐ\u{303}ʊ\u{303}", is_loud);
            return 2;
        }
        'ã' if matches!(next, 'e' | 'i') => {
            sounds.vowel("ɐ\u{303}y", is_loud);
            return 2;
        }
        'ã' => {
            sounds.vowel("ɐ\u{303}", is_loud);
            return 1;
        }
        'õ' if next == 'e' => {
            sounds.vowel("o\u{303}j", is_loud);
            return 2;
        }
        'õ' => {
            sounds.vowel("o\u{303}", is_loud);
            return 1;
        }
        'a' if final_nasal && next == 'm' => {
            sounds.vowel("ɐ\u{303}ʊ\u{303}", is_loud);
            return 2;
        }
        _ => {}
    }
    if nasal && !is_offglide(letters, at) {
        sounds.vowel(
            match this {
                'a' | 'á' | 'â' => "ɐ\u{303}",
                'e' | 'é' | 'ê' => "A",
                'i' | 'í' | 'y' => "i",
                'o' | 'ó' | 'ô' => "o",
                _ => "u\u{303}",
            },
            is_loud,
        );
        sounds.consonant(if matches!(behind, 'p' | 'b') {
            "m"
        } else {
            "ŋ"
        });
        return 2;
    }
    // Falling diphthongs.
    if at + 1 < letters.len() && is_offglide(letters, at + 1) && loud != Some(at + 1) {
        let both = match (this, next) {
            ('a' | 'á' | 'à', 'i') => "I",
            ('a' | 'á' | 'à', 'u' | 'o') => "W",
            ('e' | 'ê', 'i') => "A",
            ('é', 'i') => "ɛɪ",
            ('e' | 'ê', 'u') => "eʊ",
            ('é', 'u') => "ɛʊ",
            ('o' | 'ô', 'i') => "oɪ",
            ('ó', 'i') => "Y",
            ('o' | 'ô', 'u') => "ow",
            ('i' | 'í', 'u') => "iʊ",
            ('u' | 'ú', 'i') => "uɪ",
            _ => "",
        };
        if !both.is_empty() {
            sounds.vowel(both, is_loud);
            return 2;
        }
    }
    // With an l that ends the syllable.
    if next == 'l' && !is_vowel(behind) && behind != 'h' {
        let both = match this {
            'a' | 'á' | 'à' | 'â' => "W",
            'e' | 'é' if is_loud => "ɛʊ",
            'e' | 'é' | 'ê' => "eʊ",
            'i' | 'í' => "iʊ",
            'u' | 'ú' if !is_loud || behind != 't' => "uw",
            'o' if !is_loud => "ow",
            _ => "",
        };
        if !both.is_empty() {
            sounds.vowel(both, is_loud);
            return 2;
        }
    }
    // Weak i and u before a vowel.
    let is_last_pair = is_vowel(next) && is_end(behind, letter(3)) && loud.is_some_and(|l| l < at);
    let glides = match this {
        // Not behind two consonants: *indústria*.
        'i' => at > 1 && !(matches!(letters[at - 1], 'r' | 'l') && !is_vowel(letters[at - 2])),
        'e' => at > 0 && letters[at - 1] == 'd',
        'u' => at > 0 && letters[at - 1] == 'g',
        _ => false,
    };
    if is_last_pair && glides && !is_vowel(letters[at - 1]) {
        sounds.consonant(if this == 'u' { "w" } else { "j" });
        return 1;
    }
    // `ciência, experiência, influência`.
    if matches!(this, 'i' | 'u') && next == 'ê' && at > 0 {
        sounds.consonant(if this == 'i' { "j" } else { "w" });
        return 1;
    }
    let before_nasal = matches!(next, 'm' | 'n');
    let is_weak_end = !is_loud && (is_end(next, behind));
    let text = match this {
        'a' | 'á' | 'à' | 'â'
            if before_nasal && is_loud || this == 'â' || next == 'n' && behind == 'h' =>
        {
            "ɐ\u{303}"
        }
        'a' if before_nasal => "æ",
        // Behind the accent a is weak wherever it stands.
        'a' if loud.is_some_and(|loud| loud < at) && letters.len() > 2 => "æ",
        'a' if is_weak_end && letters.len() > 2 => "æ",
        'a' | 'á' | 'à' | 'â' => "a",
        'e' if is_weak_end => "y",
        'é' => "ɛ",
        'e' | 'ê' => "e",
        'i' | 'í' | 'y' => "i",
        'o' if is_weak_end => "ʊ",
        'ó' => "ɔ",
        'o' | 'ô' => "o",
        'u' | 'ú' if is_loud && next == 'n' && behind == 'h' => "u\u{303}",
        _ => "u",
    };
    sounds.vowel(text, is_loud);
    1
}

/// Whether a word ends in the vowel at a place, but for an s.
fn is_vowel_end(letters: &[char], at: usize) -> bool {
    matches!(&letters[at + 1..], [] | ['s'])
}

/// A consonant; how many letters.
fn consonant(letters: &[char], at: usize, sounds: &mut Sounds) -> usize {
    let letter = |ahead: usize| letters.get(at + ahead).copied().unwrap_or(' ');
    let (this, next, behind) = (letter(0), letter(1), letter(2));
    let before = at.checked_sub(1).map_or(' ', |at| letters[at]);
    let soft = |c: char| "eiéêíy".contains(c);
    // A final e is said i.
    let is_i = matches!(next, 'i' | 'í' | 'y')
        || (next == 'e' && (behind == ' ' || (behind == 's' && letter(3) == ' ')))
        || (this == 'd'
            && next == 'e'
            && matches!(behind, 'o' | 'a')
            && is_vowel_end(letters, at + 2));
    let between = is_vowel(before) && is_vowel(next);
    let voiced = |c: char| "bdgvzjmnlr".contains(c);
    let (sound, length) = match this {
        'b' => ("b", 1),
        'c' if next == 'h' => ("ʃ", 2),
        'c' if soft(next) => ("s", 1),
        'c' if next == 'c' || next == 'ç' => ("k", 1),
        'c' if next == 'k' => ("k", 2),
        'c' => ("k", 1),
        'ç' => ("s", 1),
        'd' if is_i => ("ʤ", 1),
        'd' => ("d", 1),
        'f' => ("f", 1),
        'g' if soft(next) => ("ʒ", 1),
        'g' => ("ɡ", 1),
        'h' => return 1,
        'j' => ("ʒ", 1),
        'k' => ("k", 1),
        'l' if next == 'h' && at == 0 => ("ʎ", 2),
        'l' if next == 'h' => ("lj", 2),
        'l' => ("l", if next == 'l' { 2 } else { 1 }),
        'm' => ("m", 1),
        'n' if next == 'h' => ("ɲ", 2),
        'n' => ("n", if next == 'n' { 2 } else { 1 }),
        'p' if next == 'h' => ("f", 2),
        'p' => ("p", 1),
        'q' => ("k", 1),
        'r' if next == 'r' => ("x", 2),
        'r' if at == 0 || matches!(before, 'n' | 'l' | 's') => ("x", 1),
        'r' if is_vowel(before) && is_vowel(next) => ("ɾ", 1),
        'r' if next == ' ' || !is_vowel(before) => ("r", 1),
        'r' => ("ɾə", 1),
        's' if next == 's' => ("s", 2),
        's' if next == 'c' && soft(behind) => ("s", 2),
        's' if next == 'ç' => ("s", 2),
        's' if next == 'h' => ("ʃ", 2),
        's' if between || (is_vowel(before) && voiced(next)) => ("z", 1),
        's' => ("s", 1),
        't' if is_i => ("ʧ", 1),
        't' => ("t", if next == 't' { 2 } else { 1 }),
        'v' => ("v", 1),
        'w' => ("w", 1),
        'x' if at == 0 => ("ʃ", 1),
        'x' if before == 'e' && at == 1 && is_vowel(next) => ("z", 1),
        'x' if next == 'c' && soft(behind) => ("s", 2),
        'x' if !is_vowel(next) && next != ' ' => ("s", 1),
        'x' if next == ' ' => ("ks", 1),
        'x' => ("ʃ", 1),
        'ś' => ("s", 1),
        'ẋ' => ("ks", 1),
        'ẑ' => ("z", 1),
        'z' if next == ' ' => ("s", 1),
        'z' => ("z", if next == 'z' { 2 } else { 1 }),
        _ => return 1,
    };
    sounds.consonant(sound);
    length
}
