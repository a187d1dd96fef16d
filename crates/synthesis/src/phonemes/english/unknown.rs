//! Words in no lexicon: taken apart as far as known words reach, spelled where nobody could read
//! them, else left to the network.

use super::known::Following;
use super::table_of_contractions;
use super::{English, affixes, arpabet, stress};

/// Letters that the network reads at once; longer words are read in pieces.
const AT_ONCE: usize = 24;
/// Consonants in a row in what is read as a word though written in capitals, or not.
pub(super) const IN_ACRONYMS: usize = 3;
const IN_WORDS: usize = 6;

impl English {
    /// The sounds of any word with a letter or digit; of another, nothing.
    pub(super) fn unknown(&self, word: &str, tag: &str) -> String {
        if !word.is_ascii() {
            let folded = deunicode::deunicode(word);
            let words = folded.split_whitespace();
            let said = joined(words.map(|word| self.known_or_not(word, tag)), " ");
            // A letter of a script that nobody has put into Latin letters.
            return if said.is_empty() {
                self.known_or_not("letter", "NN")
            } else {
                said
            };
        }
        let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        if bare.len() < word.len() && !bare.is_empty() {
            return self.known_or_not(bare, tag);
        }
        let is_inner = |c: char| !c.is_ascii_alphanumeric() && c != '\'';
        if word.contains(is_inner) {
            return self.parts(word, tag);
        }
        if word.contains(|c: char| c.is_ascii_digit()) {
            let runs = word
                .as_bytes()
                .chunk_by(|a, b| !a.is_ascii_digit() && !b.is_ascii_digit());
            let said = runs.map(|run| match run {
                [digit @ b'0'..=b'9'] => self.known_or_not(DIGITS[usize::from(digit - b'0')], "CD"),
                letters => self.known_or_not(&String::from_utf8_lossy(letters), tag),
            });
            return joined(said, " ");
        }
        match camel(word) {
            Some((first, rest)) => {
                let parts = vec![self.known_or_not(first, tag), self.known_or_not(rest, tag)];
                stress::compound(parts, first.len() == 1)
            }
            None => self.with_apostrophe(word, tag),
        }
    }

    fn known_or_not(&self, word: &str, tag: &str) -> String {
        let known = self.known.word(word, tag, &Following::default());
        known.unwrap_or_else(|| self.unknown(word, tag))
    }

    /// `out-of-the-way`, `and/or`: from the last part, since each leans on the next.
    fn parts(&self, word: &str, tag: &str) -> String {
        let parts = word.split(|c: char| !c.is_ascii_alphanumeric() && c != '\'');
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        let mut following = Following::default();
        let mut said = Vec::with_capacity(parts.len());
        for part in parts.iter().rev() {
            let known = self.known.word(part, tag, &following);
            let sounds = known.unwrap_or_else(|| self.unknown(part, tag));
            following = following.with(part, tag, &sounds);
            said.push(sounds);
        }
        said.reverse();
        if word
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || b"-'".contains(&byte))
        {
            stress::compound(said, parts.first().is_some_and(|part| part.len() == 1))
        } else {
            joined(said.into_iter(), " ")
        }
    }

    fn with_apostrophe(&self, word: &str, tag: &str) -> String {
        let small = word.to_ascii_lowercase();
        if let Some(owner) = small.strip_suffix("'s") {
            return self
                .known
                .with_s(&self.known_or_not(&word[..owner.len()], tag));
        }
        for (ending, sounds) in table_of_contractions(self.accent) {
            if let Some(stem) = small.strip_suffix(ending)
                && !stem.is_empty()
            {
                return self.known_or_not(&word[..stem.len()], tag) + sounds;
            }
        }
        if small.contains('\'') {
            let whole = word.replace('\'', "");
            return self.known_or_not(&whole, tag);
        }
        self.letters_only(word, &small)
    }

    fn letters_only(&self, word: &str, small: &str) -> String {
        let is_capitals = word.bytes().all(|byte| byte.is_ascii_uppercase());
        let consonants = if is_capitals { IN_ACRONYMS } else { IN_WORDS };
        if (is_capitals && word.len() < 5) || !is_pronounceable(small, consonants) {
            return self.spelled(word);
        }
        let is_name = word.starts_with(|c: char| c.is_ascii_uppercase()) && !is_capitals;
        let made = (!is_name).then(|| affixes::sounds(&self.known, self.accent, small));
        if let Some(sounds) = made.flatten() {
            return sounds;
        }
        let pieces = small.as_bytes().chunks(AT_ONCE).map(|piece| {
            let piece = String::from_utf8_lossy(piece);
            let phones = self.speller.phones(&piece);
            let sounds = arpabet::sounds(self.accent, &phones, &piece);
            if sounds.is_empty() {
                self.spelled(&piece)
            } else {
                sounds
            }
        });
        joined(pieces, " ")
    }

    /// Letter by letter, in groups that a breath can say.
    fn spelled(&self, word: &str) -> String {
        let letters: Vec<&str> = word.chars().filter_map(|c| self.known.letter(c)).collect();
        joined(letters.chunks(4).map(stress::letters), " ")
    }
}

const DIGITS: [&str; 10] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
];

fn joined(parts: impl Iterator<Item = String>, between: &str) -> String {
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    parts.join(between)
}

/// Whether somebody might read the word, in small letters, and not spell it: it has vowels, and
/// nowhere more consonants than that between them. *Knightsbridge* has six.
pub(super) fn is_pronounceable(word: &str, consonants: usize) -> bool {
    let is_vowel = |byte: &u8| b"aeiouy".contains(byte);
    let runs = word.as_bytes().split(is_vowel).map(<[u8]>::len);
    word.bytes().any(|byte| is_vowel(&byte)) && runs.max() <= Some(consonants)
}

/// `OpenAI` as `Open` and `AI`, `iPhone` as `i` and `Phone`; but `McGonagall` stays whole.
fn camel(word: &str) -> Option<(&str, &str)> {
    let letters = word.as_bytes();
    let is_cut = |at: &usize| {
        let after = letters.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        let (before, here) = (letters[at - 1], letters[*at]);
        here.is_ascii_uppercase()
            && (before.is_ascii_lowercase() || before.is_ascii_uppercase() && after)
    };
    let cut = (1..letters.len()).find(is_cut)?;
    let (first, rest) = word.split_at(cut);
    (!matches!(first, "Mc" | "Mac" | "Fitz")).then_some((first, rest))
}
