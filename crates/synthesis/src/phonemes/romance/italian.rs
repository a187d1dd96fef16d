//! Italian spelling to sounds. Where the accent lies and how open an `e` or `o` is comes from
//! `data/italian/accents.txt`; the rest is on the last syllable but one, and open.

use std::sync::LazyLock;

use super::accents::Accents;
use super::sounds::Sounds;

static ACCENTS: LazyLock<Accents> = LazyLock::new(|| {
    Accents::new(
        include_str!("../../../data/italian/accents.txt"),
        |letter| match letter {
            'à' => 'a',
            'è' | 'é' => 'e',
            'ì' => 'i',
            'ò' | 'ó' => 'o',
            'ù' => 'u',
            'ẓ' => 'z',
            letter => letter,
        },
    )
});

/// The sounds of a word in small letters.
pub(super) fn word(word: &str) -> String {
    let accented = word.contains(|c| "àèéìíòóùú".contains(c));
    let spelled = if accented {
        None
    } else {
        let listed = ACCENTS.word(word);
        listed
            .or_else(|| with_pronoun(word))
            .or_else(|| ACCENTS.of(word))
    };
    let (spelled, back) = spelled.unwrap_or_else(|| (word.to_owned(), None));
    let letters: Vec<char> = spelled.chars().collect();
    let mut sounds = Sounds::default();
    let mut at = 0;
    while at < letters.len() {
        at += if is_vowel(letters[at]) {
            vowel(&letters, at, &mut sounds)
        } else {
            consonant(&letters, at, &mut sounds)
        };
    }
    if sounds.loud.is_none() {
        // `aver, nessun`, `vorrei, ormai`: shortened words and falling diphthongs end loud.
        let falls = ["ai", "ei", "oi", "ui"]
            .iter()
            .any(|end| spelled.ends_with(end));
        let is_one = sounds.syllables().len() < 2;
        let loud_end = is_one || falls || spelled.ends_with(|c| !is_vowel(c));
        sounds.accent_from_end(back.unwrap_or(usize::from(!loud_end)));
    }
    for at in 0..sounds.list.len() {
        let is_loud = sounds.loud == Some(at);
        let is_last = at + 1 == sounds.list.len();
        let behind_vowel = at > 0 && sounds.list[at - 1].is_vowel;
        let sound = &mut sounds.list[at];
        sound.text = match sound.text {
            // Only a loud vowel is open.
            "ɛ" if !is_loud => "e",
            "ɔ" if !is_loud => "o",
            "u" if !is_loud && sound.is_vowel => "ʊ",
            "i" if !is_loud && is_last && !behind_vowel => "ɪ",
            "ɲ" if behind_vowel && sounds.loud == Some(at - 1) => "ɲɲ",
            text => text,
        };
    }
    sounds.written(|_, _| Vec::new())
}

/// `prendersi`: as the infinitive before its pronoun.
fn with_pronoun(word: &str) -> Option<(String, Option<usize>)> {
    let pronouns = [
        "gli", "mi", "ti", "si", "ci", "vi", "lo", "la", "li", "le", "ne",
    ];
    let pronoun = pronouns.iter().find(|pronoun| word.ends_with(*pronoun))?;
    let stem = word.strip_suffix(pronoun)?;
    if !stem.ends_with("er") || stem.len() < 5 {
        return None;
    }
    let (spelled, back) = ACCENTS.of(&format!("{stem}e"))?;
    let spelled = spelled.strip_suffix('e')?;
    Some((format!("{spelled}{pronoun}"), back))
}

fn is_vowel(c: char) -> bool {
    "aeiouyàèéìíòóùú".contains(c)
}

/// A vowel or a glide; how many letters.
fn vowel(letters: &[char], at: usize, sounds: &mut Sounds) -> usize {
    let next = letters.get(at + 1).copied().unwrap_or(' ');
    let is_last = at + 1 == letters.len();
    let after_vowel = at > 0 && is_vowel(letters[at - 1]);
    let (text, accent) = match letters[at] {
        'a' => ("a", false),
        'à' => ("a", true),
        'e' => ("ɛ", false),
        'è' => ("ɛ", true),
        'é' => ("e", true),
        'o' => ("ɔ", false),
        'ò' => ("ɔ", true),
        'ó' => ("o", true),
        'ì' | 'í' => ("i", true),
        'ù' | 'ú' => ("u", true),
        'u' => ("u", false),
        _ => ("i", false),
    };
    if accent || !matches!(text, "i" | "u") {
        // An accented `e` alone at the end is as it is written; a plain one is closed.
        sounds.vowel(text, accent);
        return 1;
    }
    // `mio, due`: no other vowel could carry the accent.
    let alone = at + 2 == letters.len()
        && is_vowel(next)
        && !"àèéìíòóùú".contains(next)
        && !letters[..at].iter().any(|c| is_vowel(*c));
    if alone {
        sounds.vowel(text, true);
    } else if is_vowel(next) && next != letters[at] {
        let before = if at == 0 { ' ' } else { letters[at - 1] };
        sounds.consonant(if text == "u" {
            if matches!(before, 'q' | 'g' | ' ') || after_vowel {
                "w"
            } else {
                "ʊ"
            }
        } else if is_full_i(letters, at, before, after_vowel) {
            "i"
        } else {
            "j"
        });
    } else if after_vowel && sounds.ends_in_vowel() {
        sounds.consonant(match (text, letters[at - 1]) {
            ("u", _) => "ʊ",
            (_, 'a' | 'à') if is_last => "j",
            _ => "i",
        });
    } else {
        sounds.vowel(text, false);
    }
    1
}

/// Whether an i before a vowel keeps its own syllable, as the voices learnt it: in *aria, azione,
/// italiano, pensiero*, not in *medie, piano, iniziare*.
fn is_full_i(letters: &[char], at: usize, before: char, after_vowel: bool) -> bool {
    let next = letters[at + 1];
    let rest = &letters[at + 2..];
    if rest.is_empty() && !"àèéìíòóùú".contains(next) {
        return next != 'e' || before == 'r';
    }
    let ends = |tail: &str| rest.starts_with(&tail.chars().collect::<Vec<_>>());
    !after_vowel
        && match before {
            'r' | 'l' => true,
            'z' | 's' => matches!(next, 'o' | 'ó') && at > 1 && letters[at - 2] != 's',
            'n' | 't' | 'd' => matches!(next, 'e' | 'è') && (ends("r") || ends("me")),
            'b' => matches!(next, 'e' | 'è') && ends("nt"),
            _ => false,
        }
}

/// A consonant, possibly doubled; how many letters.
fn consonant(letters: &[char], at: usize, sounds: &mut Sounds) -> usize {
    let letter = |ahead: usize| letters.get(at + ahead).copied().unwrap_or(' ');
    let (this, next) = (letter(0), letter(1));
    let soft = |c: char| "eièéìí".contains(c);
    let double = next == this;
    // The letter behind a consonant or two of them.
    let ahead = if double { 2 } else { 1 };
    let behind = letter(ahead);
    // An `i` that only softens: another vowel follows.
    let mute = |ahead: usize| usize::from(letter(ahead) == 'i' && is_vowel(letter(ahead + 1)));
    let pair = |one: &'static str, two: &'static str| if double { two } else { one };
    let (sound, length) = match this {
        'b' => (pair("b", "bː"), ahead),
        'c' if next == 'q' => ("kː", 2),
        'c' | 'g' if behind == 'h' => {
            let hard = if this == 'c' {
                pair("k", "kː")
            } else {
                pair("ɡ", "ɡː")
            };
            (hard, ahead + 1)
        }
        'c' if soft(behind) => (pair("ʧ", "ʧː"), ahead + mute(ahead)),
        'c' => (pair("k", "kː"), ahead),
        'd' => (pair("d", "dː"), ahead),
        'f' => (pair("f", "ff"), ahead),
        'g' if next == 'n' => ("ɲ", 2 + mute(2)),
        'g' if next == 'l'
            && matches!(letter(2), 'i' | 'ì')
            && (at == 0 || letters[at - 1] != 'n')
            && (at > 0 || is_vowel(letter(3)) || letter(3) == ' ') =>
        {
            ("ʎ", 2 + mute(2))
        }
        'g' if soft(behind) => (pair("ʤ", "ʤː"), ahead + mute(ahead)),
        'g' => (pair("ɡ", "ɡː"), ahead),
        'h' => return 1,
        'j' => ("j", 1),
        'k' => (pair("k", "kː"), ahead),
        'l' => (pair("l", "ll"), ahead),
        'm' => (pair("m", "mm"), ahead),
        'n' if double => ("nn", 2),
        'n' if next == 'g' && !soft(letter(2)) && letter(2) != 'n' => ("ŋ", 1),
        'n' => ("n", 1),
        'p' if next == 'h' => ("f", 2),
        'p' => (pair("p", "pː"), ahead),
        'q' => (pair("k", "kː"), ahead),
        // A light r in `sarà`, `parole`.
        'r' if !double
            && at > 0
            && (matches!((letters[at - 1], next), ('a', 'a' | 'à'))
                || matches!(next, 'à' | 'ò') && letter(2) == ' ' && is_vowel(letters[at - 1])) =>
        {
            ("ɾ", 1)
        }
        'r' => (pair("r", "rɾ"), ahead),
        's' if double => ("S", 2),
        's' if next == 'c' && soft(letter(2)) => ("ʃ", 2 + mute(2)),
        's' if next == 'h' => ("ʃ", 2),
        's' if "bdglmnrv".contains(next) => ("z", 1),
        's' if sounds
            .list
            .last()
            .is_some_and(|_| is_vowel(letters[at - 1]))
            && is_vowel(next) =>
        {
            ("z", 1)
        }
        's' => ("s", 1),
        't' => (pair("t", "tː"), ahead),
        'v' => (pair("v", "vv"), ahead),
        'w' => ("w", 1),
        'x' => ("ks", 1),
        'ẓ' => (pair("ʣ", "ʣː"), ahead),
        'z' if at == 0 => ("ʣ", 1),
        'z' if double => {
            let is_verb = at > 1 && letters[at - 1] == 'i' && at > 2;
            (if is_verb { "ʣː" } else { "ʦː" }, 2)
        }
        'z' => ("ʦ", 1),
        _ => return 1,
    };
    sounds.consonant(sound);
    length
}
