//! French letters to sounds by the rules in `data/french/rules.tsv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::phonemes::table::{column, rows};

/// A way a context may be; in reading order.
type Way = Vec<char>;

struct Rule {
    before: Vec<Way>,
    letters: Vec<char>,
    after: Vec<Way>,
    sounds: &'static str,
}

static RULES: LazyLock<HashMap<char, Vec<Rule>>> = LazyLock::new(|| {
    let mut rules: HashMap<char, Vec<Rule>> = HashMap::new();
    for row in rows(include_str!("../../../data/french/rules.tsv")) {
        let letters: Vec<char> = column(&row, 1).chars().collect();
        let Some(&first) = letters.first() else {
            continue;
        };
        rules.entry(first).or_default().push(Rule {
            before: ways(column(&row, 0)),
            letters,
            after: ways(column(&row, 2)),
            sounds: column(&row, 3),
        });
    }
    rules
});

/// A context as the ways it may be; none where it does not matter.
fn ways(context: &str) -> Vec<Way> {
    let mut ways = Vec::new();
    for way in context.split('|').filter(|way| !way.is_empty()) {
        let endings: &[&str] = match way.chars().next_back() {
            Some('+') => &["#", "s#"],
            Some('%') => &["e#", "es#", "ent#"],
            _ => &[""],
        };
        let stem = way.trim_end_matches(['+', '%']);
        ways.extend(
            endings
                .iter()
                .map(|end| stem.chars().chain(end.chars()).collect()),
        );
    }
    ways
}

/// Whether a letter fits a sign of a context; none is beyond the word's border.
fn fits(sign: char, letter: Option<char>) -> bool {
    match (sign, letter) {
        ('^' | '#', letter) => letter.is_none(),
        (_, None) => false,
        ('V', Some(letter)) => is_vowel(letter),
        ('C', Some(letter)) => !is_vowel(letter),
        ('D', Some(letter)) => !is_vowel(letter) && !matches!(letter, 'm' | 'n' | 'h'),
        ('E', Some(letter)) => "eéèêëiîïyæ".contains(letter),
        (sign, Some(letter)) => sign == letter,
    }
}

/// Whether it is a letter of vowels.
pub(super) fn is_vowel(letter: char) -> bool {
    "aàâäeéèêëiîïoôöuùûüyœæ".contains(letter)
}

impl Rule {
    fn fits(&self, word: &[char], at: usize) -> bool {
        let end = at + self.letters.len();
        let before = |way: &Way| {
            let signs = way.iter().rev().enumerate();
            let mut signs = signs.map(|(far, &sign)| (sign, at.checked_sub(far + 1)));
            signs.all(|(sign, at)| fits(sign, at.map(|at| word[at])))
        };
        let after = |way: &Way| {
            let mut signs = way.iter().enumerate();
            signs.all(|(far, &sign)| fits(sign, word.get(end + far).copied()))
        };
        word[at..].starts_with(&self.letters)
            && (self.before.is_empty() || self.before.iter().any(before))
            && (self.after.is_empty() || self.after.iter().any(after))
    }
}

/// The sounds of a word in small French letters, without stress. Letters that are not French have
/// none. Time grows with the length.
pub(super) fn sounds(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    settle(&from(&letters, 0))
}

/// What the rules give for the letters from a place on.
fn from(letters: &[char], start: usize) -> String {
    let mut sounds = String::new();
    let mut at = start;
    while at < letters.len() {
        let rules = RULES.get(&letters[at]).map_or(&[][..], Vec::as_slice);
        match rules.iter().find(|rule| rule.fits(letters, at)) {
            Some(rule) => {
                sounds.push_str(rule.sounds);
                at += rule.letters.len();
            }
            None => at += 1,
        }
    }
    sounds
}

/// Whether a sound is a vowel; marks of nasals and length are not.
pub(super) fn is_vowel_sound(sound: char) -> bool {
    "aeiouyøœɛɔəɑEOØ".contains(sound)
}

/// Vowels that hang on the sounds around them: an e that may fall, o and eu open or closed.
fn settle(sounds: &str) -> String {
    let sounds: Vec<char> = sounds.chars().collect();
    let mut settled = String::new();
    for (at, &sound) in sounds.iter().enumerate() {
        let behind = &sounds[at + 1..];
        let consonants = behind.iter().take_while(|s| !is_vowel_sound(**s)).count();
        let is_last = consonants == behind.len();
        let glide = consonants > 1 && matches!(behind[consonants - 1], 'j' | 'w');
        let onset = consonants - usize::from(glide && !is_last);
        let closing = behind.first().filter(|_| is_last);
        settled.push(match sound {
            'E' if is_silent(&settled, behind) => continue,
            'E' => 'ə',
            'O' => match closing {
                Some('z') => 'o',
                Some(_) => 'ɔ',
                None if is_last || onset < 2 => 'o',
                None => 'ɔ',
            },
            'Ø' => match closing {
                None | Some('z' | 't' | 'd' | 'ʒ') => 'ø',
                Some(_) => 'œ',
            },
            sound => sound,
        });
    }
    settled
}

/// Whether an e falls: behind one consonant that follows a vowel, and never in the first syllable.
fn is_silent(before: &str, behind: &[char]) -> bool {
    let consonants = before.chars().rev().take_while(|s| !is_vowel_sound(*s));
    let consonants = consonants.filter(|s| s.is_alphabetic()).count();
    let later = before.contains(is_vowel_sound);
    let then = behind.iter().take_while(|s| !is_vowel_sound(**s)).count();
    let glide = behind.get(1).is_some_and(|s| matches!(s, 'j' | 'w'));
    later && consonants < 2 && then < 3 && !glide
}

/// The sounds of a word whose first letters, up to `end`, have sounds of their own.
pub(super) fn with_stem(word: &str, end: usize, stem: &str) -> String {
    let skipped = word[..end].chars().count();
    let letters: Vec<char> = word.chars().collect();
    settle(&format!("{stem}{}", from(&letters, skipped)))
}
