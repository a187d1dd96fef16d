//! What happens between French words: liaison, numbers that change, and stress.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::{rules, words};
use crate::phonemes::table::{column, rows};

/// A word that is said otherwise among others.
struct Link {
    is_weak: bool,
    before_vowel: &'static str,
    before_consonant: &'static str,
}

static LINKS: LazyLock<HashMap<&str, Link>> = LazyLock::new(|| {
    let link = |row: Vec<&'static str>| {
        let link = Link {
            is_weak: column(&row, 1) == "weak",
            before_vowel: column(&row, 2),
            before_consonant: column(&row, 3),
        };
        (row[0], link)
    };
    rows(include_str!("../../../data/french/links.tsv"))
        .map(link)
        .collect()
});

/// Words that begin with a vowel and let no liaison through: `=` before whole words, else how
/// they begin.
static ASPIRATED: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("../../../data/french/aspirated.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
        .collect()
});

/// The sounds of a word between the one before it and the one after it; none where there is a
/// pause.
pub(super) fn said(last: &str, word: &str, next: Option<&str>) -> String {
    let (front, word) = match words::elided(word) {
        Some((front, rest)) => (front, rest),
        None => ("", word),
    };
    let link = LINKS.get(word);
    // *Est-ce que*: the e falls.
    if word == "ce" && last.ends_with("est") && next.is_some_and(|next| next.starts_with("qu")) {
        return "s".to_owned();
    }
    let mut sounds = verb(last, word).unwrap_or_else(|| words::sounds(word));
    let mut weak = false;
    if let (Some(link), Some(next)) = (link, next) {
        weak = link.is_weak;
        let tied = if lets_through(next) {
            link.before_vowel
        } else {
            link.before_consonant
        };
        if !tied.is_empty() {
            tied.clone_into(&mut sounds);
        }
        match (word, next) {
            ("dix", "sept") => "dis".clone_into(&mut sounds),
            ("dix", "huit" | "neuf") => "diz".clone_into(&mut sounds),
            ("neuf", "heures" | "ans") => "nœv".clone_into(&mut sounds),
            // *Cent un*, *quatre-vingt-un*: no liaison within a number.
            ("cent" | "cents" | "vingt" | "vingts", "un" | "une")
                if word != "vingt" || last == "quatre" =>
            {
                sounds = words::sounds(word);
            }
            _ => {}
        }
        if word == "vingt" && last != "quatre" && is_unit(next) {
            sounds.push('t');
        }
    } else if next.is_some_and(|next| matches!(next, "il" | "elle" | "on" | "ils" | "elles"))
        && word.ends_with(['t', 'd'])
        && !sounds.ends_with('t')
    {
        // *dit-il*; a noun before *il* has no sense.
        sounds.push('t');
    }
    let sounds = format!("{front}{sounds}");
    if weak || (link.is_some_and(|link| link.is_weak) && sounds.ends_with('ə')) {
        sounds
    } else {
        sounds
            .split(' ')
            .map(stressed)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// A form in `-ent` behind *ils* is a verb, whatever else it may be.
fn verb(last: &str, word: &str) -> Option<String> {
    let stem = word.strip_suffix("ent")?;
    let verb = matches!(last, "ils" | "elles") && !stem.is_empty() && stem.len() > 2;
    let sounds = words::sounds(&format!("{stem}e"));
    (verb && sounds.contains(rules::is_vowel_sound) && !stem.ends_with(['i', 'a']))
        .then_some(sounds)
}

/// `deux` to `neuf`, before which the t of *vingt* is heard.
fn is_unit(word: &str) -> bool {
    matches!(
        word,
        "deux" | "trois" | "quatre" | "cinq" | "six" | "sept" | "huit" | "neuf"
    )
}

/// Whether a word ties itself to the one before it.
fn lets_through(word: &str) -> bool {
    let bare = match words::elided(word) {
        Some(_) => return false,
        None => word,
    };
    let first = bare.chars().next().unwrap_or(' ');
    let begins = rules::is_vowel(first) && first != 'y' || first == 'h';
    let exact = format!("={bare}");
    if bare == "y" || bare.starts_with("yeux") || bare.starts_with("yv") {
        return true;
    }
    let listed = ASPIRATED.contains(exact.as_str())
        || bare
            .char_indices()
            .map(|(at, letter)| &bare[..at + letter.len_utf8()])
            .take(8)
            .any(|beginning| ASPIRATED.contains(beginning));
    begins && !listed
}

/// With a mark before the vowel of the last syllable.
pub(super) fn stressed(sounds: &str) -> String {
    let vowels = sounds
        .char_indices()
        .filter(|(_, sound)| rules::is_vowel_sound(*sound));
    let full = vowels.clone().rfind(|(_, sound)| *sound != 'ə');
    match full.or(vowels.clone().next_back()) {
        Some((at, _)) => format!("{}ˈ{}", &sounds[..at], &sounds[at..]),
        None => sounds.to_owned(),
    }
}
