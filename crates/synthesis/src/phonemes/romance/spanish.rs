//! Spanish spelling to sounds, Castilian: `c` and `z` are those of *thin*.

use super::sounds::{Sounds, every_other};

/// Endings in `mente` that are no adverbs: the rest is what stands before.
const NO_ADVERB: [&str; 14] = [
    "co", "de", "la", "fo", "cle", "vehe", "au", "ali", "ci", "docu", "argu", "experi", "imple",
    "incre",
];

/// The sounds of a word in small letters.
pub(super) fn word(word: &str) -> String {
    if let Some(base) = word.strip_suffix("mente")
        && (4..40).contains(&base.len())
        && !NO_ADVERB.contains(&base)
        && base.ends_with(['a', 'e', 'l', 'r', 'z', 'n', 's'])
    {
        return format!("{}mˈente", self::word(base));
    }
    let letters: Vec<char> = word.chars().collect();
    let mut sounds = Sounds::default();
    let mut at = 0;
    while at < letters.len() {
        at += if is_vowel(letters[at]) || is_vowel_y(&letters, at) {
            vowels(&letters, at, &mut sounds)
        } else {
            consonant(&letters, at, &mut sounds)
        };
    }
    if sounds.loud.is_none() {
        let open = word.ends_with(|c| "aeiouns".contains(c));
        let is_one = sounds.syllables().len() < 2;
        sounds.accent_from_end(usize::from(open && !is_one));
    }
    // A stressed e is more open before n and a consonant.
    if let Some(loud) = sounds.loud
        && sounds.list[loud].text == "e"
        && !word.contains('é')
        && let [n, next, ..] = &sounds.list[loud + 1..]
        && matches!(n.text, "n" | "ŋ")
        && !next.is_vowel
        && !matches!(next.text, "j" | "w")
    {
        sounds.list[loud].text = "ɛ";
    }
    sounds.written(|accent, _| every_other(accent))
}

/// At the beginning of a word after another, `b d g` are soft unless a nasal stands before.
pub(super) fn softened(before: &str, sounds: &str) -> Option<String> {
    if before.ends_with(['m', 'n', 'ŋ', 'ɲ']) {
        return None;
    }
    let first = sounds.chars().next()?;
    let soft = match first {
        'b' => 'β',
        'd' => 'ð',
        'ɡ' => 'ɣ',
        _ => return None,
    };
    Some(format!("{soft}{}", &sounds[first.len_utf8()..]))
}

/// A final n is said where the next consonant is; before k only that of *un*.
pub(super) fn before(sounds: &str, next: &str) -> Option<String> {
    let stem = sounds.strip_suffix('n')?;
    let nasal = match next.chars().next()? {
        'b' | 'p' => 'm',
        'ɡ' => 'ŋ',
        'k' if stem.ends_with("ˈu") => 'ŋ',
        _ => return None,
    };
    Some(format!("{stem}{nasal}"))
}

fn is_vowel(c: char) -> bool {
    "aeiouáéíóúü".contains(c)
}

/// Whether a `y` here is said `i`.
fn is_vowel_y(letters: &[char], at: usize) -> bool {
    letters[at] == 'y' && !letters.get(at + 1).copied().is_some_and(is_vowel)
}

fn plain(c: char) -> (char, bool) {
    match c {
        'á' => ('a', true),
        'é' => ('e', true),
        'í' => ('i', true),
        'ó' => ('o', true),
        'ú' => ('u', true),
        'ü' => ('u', false),
        'y' => ('i', false),
        c => (c, false),
    }
}

/// A vowel or a diphthong; how many letters.
fn vowels(letters: &[char], at: usize, sounds: &mut Sounds) -> usize {
    let (vowel, accent) = plain(letters[at]);
    let vowel_at = |at: usize| {
        letters
            .get(at)
            .filter(|c| is_vowel(**c) || is_vowel_y(letters, at))
    };
    let next = vowel_at(at + 1).map(|c| plain(*c));
    let glides = !accent && matches!(vowel, 'i' | 'u') && letters[at] != 'y';
    if glides && next.is_some_and(|(next, _)| next != vowel) {
        // After *pr, tl, rr* there are two syllables; the first is passed over in counting.
        let before = |back: usize| at.checked_sub(back).map_or(' ', |at| letters[at]);
        let cluster = matches!(before(1), 'r' | 'l') && "bcdfgkpt".contains(before(2))
            || before(1) == 'r' && matches!(before(2), ' ' | 'r');
        if cluster {
            sounds.consonant(if vowel == 'i' { "i" } else { "u" });
            return 1;
        }
        if vowel == 'u' && at + 2 == letters.len() && letters[at + 1] == 'y' {
            sounds.vowel("u", false);
            sounds.consonant("j");
            return 2;
        }
        sounds.consonant(if vowel == 'i' { "j" } else { "w" });
        return 1;
    }
    let glide = next.filter(|(c, accent)| matches!(c, 'i' | 'u') && !accent);
    // `aye`, `ahue`: the second belongs to the next syllable.
    let is_free = vowel_at(at + 2).is_none() || matches!(letters.get(at + 1), Some('y'));
    let both = match (vowel, glide.map(|(c, _)| c)) {
        ('a', Some('i')) => "I",
        ('a', Some('u')) => "W",
        ('e', Some('i')) if !accent => "A",
        ('e', Some('u')) => "eʊ",
        ('o', Some('i')) => "oɪ",
        ('o', Some('u')) => "ow",
        _ => "",
    };
    if !both.is_empty() && is_free {
        sounds.vowel(both, accent);
        return 2;
    }
    let one = match vowel {
        'a' => "a",
        'e' => "e",
        'i' => "i",
        'o' => "o",
        _ => "u",
    };
    sounds.vowel(one, accent);
    1
}

/// A consonant; how many letters.
fn consonant(letters: &[char], at: usize, sounds: &mut Sounds) -> usize {
    let next = letters.get(at + 1).copied().unwrap_or(' ');
    let after = letters.get(at + 2).copied().unwrap_or(' ');
    let soft = |c: char| matches!(c, 'e' | 'i' | 'é' | 'í');
    let is_nasal = matches!(sounds.last(), "m" | "n" | "ŋ" | "ɲ");
    let strong = sounds.list.is_empty() || is_nasal;
    let (sound, length) = match letters[at] {
        'b' | 'v' if strong || matches!(next, ' ' | 'm' | 't') => ("b", 1),
        'b' | 'v' => ("β", 1),
        'c' if next == 'h' => ("ʧ", 2),
        'c' | 'ç' if soft(next) || letters[at] == 'ç' => ("θ", 1),
        'c' if next == 'k' => ("k", 2),
        'c' => ("k", 1),
        'd' if strong || next == ' ' || (!is_vowel(next) && !matches!(next, 'r' | 'y' | 'h')) => {
            ("d", 1)
        }
        'd' => ("ð", 1),
        'f' => ("f", 1),
        'g' if soft(next) => ("x", 1),
        'g' => {
            let silent = next == 'u' && soft(after);
            let strong = strong || matches!(next, 'n' | 'm' | ' ');
            (if strong { "ɡ" } else { "ɣ" }, 1 + usize::from(silent))
        }
        'h' => return 1,
        'j' => ("x", 1),
        'k' => ("k", 1),
        'l' if next == 'l' => ("ʎ", 2),
        'l' => ("l", 1),
        'm' => ("m", 1),
        'n' => match next {
            'b' | 'v' | 'p' => ("m", 1),
            'g' if after == ' ' => ("ŋ", 2),
            'g' | 'j' => ("ŋ", 1),
            'f' if matches!(after, 'l' | 'r') => ("m", 1),
            _ => ("n", 1),
        },
        'ñ' => ("ɲ", 1),
        'p' if at == 0 && matches!(next, 's' | 't') => return 1,
        'p' if next == 'h' => ("f", 2),
        'p' if next == 't' => ("pː", 1),
        'p' => ("p", 1),
        'q' => ("k", if next == 'u' && soft(after) { 2 } else { 1 }),
        'r' if next == 'r' => ("r", 2),
        'r' if at == 0 || matches!(letters[at - 1], 'n' | 'l' | 's') => ("r", 1),
        'r' => ("ɾ", 1),
        's' if next == 'h' => ("ʃ", 2),
        's' => ("s", if next == 's' { 2 } else { 1 }),
        't' if next == 'z' => ("ts", 2),
        't' => ("t", if next == 't' { 2 } else { 1 }),
        'w' => ("w", 1),
        'x' if at == 0 => ("s", 1),
        'x' => ("ks", 1),
        'y' if is_nasal => ("ʤ", 1),
        'y' => ("ʝ", 1),
        'z' => ("θ", if next == 'z' { 2 } else { 1 }),
        _ => return 1,
    };
    sounds.consonant(sound);
    length
}
