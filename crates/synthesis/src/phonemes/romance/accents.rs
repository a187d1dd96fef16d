//! Words and endings written with the accents that ordinary spelling leaves out, so that the rules
//! see which vowel is loud and how open it is.

use std::collections::HashMap;

/// Words, and endings (written `-ìbile`), by their ordinary spelling.
pub(super) struct Accents {
    words: HashMap<String, &'static str>,
    endings: HashMap<String, &'static str>,
    /// Letters of the longest ending.
    longest: usize,
}

impl Accents {
    /// Reads lists of words by white space. `plain`: the ordinary spelling of a letter of theirs.
    pub fn new(list: &'static str, plain: fn(char) -> char) -> Self {
        let mut accents = Self {
            words: HashMap::new(),
            endings: HashMap::new(),
            longest: 0,
        };
        let lines = list.lines().filter(|line| !line.starts_with('#'));
        for entry in lines.flat_map(str::split_whitespace) {
            let bare = entry.strip_prefix('-').unwrap_or(entry);
            let key: String = bare.chars().map(plain).collect();
            if bare.len() < entry.len() {
                accents.longest = accents.longest.max(bare.chars().count());
                accents.endings.insert(key, bare);
            } else {
                accents.words.insert(key, bare);
            }
        }
        accents
    }

    /// The same for what is listed as a whole word.
    pub fn word(&self, word: &str) -> Option<(String, Option<usize>)> {
        let listed = self.words.get(word)?;
        Some(((*listed).to_owned(), None))
    }

    /// The word with its accents: the whole word as listed, else by its longest listed ending. An
    /// ending without any accent has it on the syllable before; how many vowels stand behind that.
    pub fn of(&self, word: &str) -> Option<(String, Option<usize>)> {
        if let Some(listed) = self.word(word) {
            return Some(listed);
        }
        let starts: Vec<usize> = word.char_indices().map(|(at, _)| at).collect();
        let from = starts.len().saturating_sub(self.longest);
        starts[from..].iter().find_map(|&at| {
            let ending = self.endings.get(&word[at..])?;
            let vowels = ending.chars().filter(|c| "aeiou".contains(*c)).count();
            let is_plain = ending.is_ascii() && at > 0;
            Some((
                format!("{}{ending}", &word[..at]),
                is_plain.then_some(vowels),
            ))
        })
    }
}
