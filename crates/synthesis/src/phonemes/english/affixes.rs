//! New words made of known ones: *doomscrollers*, *unfollowable*, *chatbot*.

use std::sync::LazyLock;

use super::known::{Following, Known};
use super::stress::{is_vowel, softened};
use super::{Accent, flaps};
use crate::phonemes::table::{column, rows};

struct Affix {
    letters: &'static str,
    sounds: [&'static str; 2],
    /// The known word ends in y.
    from_y: bool,
}

struct Affixes {
    endings: Vec<Affix>,
    beginnings: Vec<Affix>,
}

static AFFIXES: LazyLock<Affixes> = LazyLock::new(|| {
    let mut affixes = Affixes {
        endings: Vec::new(),
        beginnings: Vec::new(),
    };
    for row in rows(include_str!("../../../data/english/affixes.tsv")) {
        let list = if row[0].starts_with('-') {
            &mut affixes.endings
        } else {
            &mut affixes.beginnings
        };
        list.push(Affix {
            letters: row[0].trim_matches('-'),
            sounds: [column(&row, 1), column(&row, 2)],
            from_y: column(&row, 3) == "y",
        });
    }
    affixes
});

/// The least letters a known word has, lest every ending be one.
const SHORTEST: usize = 3;
/// The longest word that is looked at.
const LONGEST: usize = 32;

/// The sounds of a word in small letters that is made of known words.
pub(super) fn sounds(known: &Known, accent: Accent, word: &str) -> Option<String> {
    if word.len() > LONGEST || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let made = |word: &str| {
        with_beginning(known, accent, word)
            .or_else(|| with_ending(known, accent, word))
            .or_else(|| two_words(known, word))
    };
    let plural = || {
        let stem = word.strip_suffix('s').filter(|stem| !stem.ends_with('s'))?;
        let sounds = made(stem).or_else(|| made(stem.strip_suffix('e')?))?;
        Some(known.with_s(&sounds))
    };
    let past = || {
        let stem = word.strip_suffix('d').filter(|stem| stem.ends_with('e'))?;
        let sounds = made(stem).or_else(|| made(stem.strip_suffix('e')?))?;
        Some(known.with_ed(&sounds))
    };
    made(word).or_else(plural).or_else(past)
}

fn plain(known: &Known, word: &str) -> Option<String> {
    known.word(word, "", &Following::default())
}

/// *Chatbot*: the second word is less loud. Short words are in too many others to trust.
fn two_words(known: &Known, word: &str) -> Option<String> {
    let cuts = (SHORTEST..word.len().saturating_sub(SHORTEST - 1)).rev();
    cuts.filter_map(|cut| word.split_at_checked(cut))
        .filter(|(first, second)| first.len() + second.len() >= 7)
        .filter(|(first, second)| first.len().max(second.len()) >= 4)
        .filter(|(first, second)| known.is_common(first) && known.is_common(second))
        .find_map(|(first, second)| {
            let second = softened(&plain(known, second)?);
            Some(plain(known, first)? + &second)
        })
}

fn with_beginning(known: &Known, accent: Accent, word: &str) -> Option<String> {
    AFFIXES.beginnings.iter().find_map(|affix| {
        let rest = word.strip_prefix(affix.letters)?;
        // Two letters begin many words by chance.
        if rest.len() < SHORTEST + 1 + usize::from(affix.letters.len() < 3) {
            return None;
        }
        let rest = plain(known, rest).or_else(|| with_ending(known, accent, rest))?;
        let begin = affix.sounds[accent.column()];
        let links = affix.letters.ends_with('r') && starts_with_vowel(&rest);
        let link = if links && !begin.ends_with('ɹ') {
            "ɹ"
        } else {
            ""
        };
        Some(format!("{begin}{link}{rest}"))
    })
}

fn with_ending(known: &Known, accent: Accent, word: &str) -> Option<String> {
    if let Some(stem) = word.strip_suffix("ed").and_then(undoubled)
        && let Some(sounds) = plain(known, stem)
    {
        return Some(known.with_ed(&sounds));
    }
    AFFIXES.endings.iter().find_map(|affix| {
        let stem = word.strip_suffix(affix.letters)?;
        if stem.len() < SHORTEST {
            return None;
        }
        let ending = affix.sounds[accent.column()];
        let joined = |stem: &str| Some(join(accent, stem, &plain(known, stem)?, ending));
        if affix.from_y {
            let sounds = plain(known, &format!("{stem}y"))?;
            return Some(format!("{}{ending}", sounds.strip_suffix('i')?));
        }
        let with_e = || {
            let drops_e = starts_with_vowel(affix.letters) || affix.letters == "y";
            drops_e.then(|| joined(&format!("{stem}e")))?
        };
        let inner = || {
            let inner = two_words(known, stem)?;
            Some(join(accent, stem, &inner, ending))
        };
        joined(stem)
            .or_else(with_e)
            .or_else(|| joined(undoubled(stem)?))
            .or_else(inner)
    })
}

/// `vlogg` as `vlog`.
fn undoubled(stem: &str) -> Option<&str> {
    let single = stem.get(..stem.len().checked_sub(1)?)?;
    let last = stem.chars().next_back()?;
    (single.len() >= SHORTEST && single.ends_with(last) && "bdgklmnprtvz".contains(last))
        .then_some(single)
}

/// A known word's sounds and an ending's, as the accent links them.
fn join(accent: Accent, stem: &str, sounds: &str, ending: &str) -> String {
    if !starts_with_vowel(ending) {
        return format!("{sounds}{ending}");
    }
    match accent {
        Accent::American => match sounds.strip_suffix('t') {
            Some(before) if flaps(before) => format!("{before}T{ending}"),
            _ => format!("{sounds}{ending}"),
        },
        Accent::British if stem.ends_with('r') || stem.ends_with("re") => {
            format!("{}ɹ{ending}", sounds.trim_end_matches('ɹ'))
        }
        Accent::British => format!("{sounds}{ending}"),
    }
}

fn starts_with_vowel(text: &str) -> bool {
    text.trim_start_matches(['ˈ', 'ˌ'])
        .starts_with(|c| is_vowel(c) || c == 'e' || c == 'o')
}
