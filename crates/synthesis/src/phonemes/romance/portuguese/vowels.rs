//! Vowels: alone, with a glide, nasal, before an l that is none.

use super::super::sounds::Sounds;
use super::accent::{is_offglide, is_silent_u, is_vowel};

/// A vowel, with its glide or nasal; how many letters.
pub(super) fn vowel(
    letters: &[char],
    at: usize,
    loud: Option<usize>,
    sounds: &mut Sounds,
) -> usize {
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
        'i' => at > 1 && (is_vowel(letters[at - 2]) || !matches!(letters[at - 1], 'r' | 'l')),
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
