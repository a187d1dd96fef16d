//! Hotwords in recognised text, written as their user wrote them.

use super::{Hotwords, ROOT};
use crate::decode::spelling::fold;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// English words too common to be capitalised for looking like a hotword (`us`, `will`).
static EVERYDAY: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("../../../data/everyday_words.txt")
        .split_whitespace()
        .collect()
});

/// What some words are to be written as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Respelling {
    /// Which words.
    pub words: Range<usize>,
    /// Instead of them.
    pub text: String,
}

impl Hotwords {
    /// The hotwords among the words of a text that are written otherwise than their user does.
    pub(crate) fn respell(&self, words: &[&str]) -> Vec<Respelling> {
        let mut found = Vec::new();
        let mut from = 0;
        while from < words.len() {
            let Some((to, hotword, suffix)) = self.longest(&words[from..]) else {
                from += 1;
                continue;
            };
            let range = from..from + to;
            from = range.end;
            let Some(suffix) = suffix else { continue };
            let last_of_all = range.end == words.len();
            let said = words[range.clone()].join(" ");
            let wanted = &self.written[hotword as usize];
            if let Some(text) = rewrite(&said, wanted, usize::from(suffix), last_of_all) {
                found.push(Respelling { words: range, text });
            }
        }
        found
    }

    /// The longest hotword that the words begin with: how many of them, which, its inflection.
    fn longest(&self, words: &[&str]) -> Option<(usize, u32, Option<u8>)> {
        let mut node = Some(ROOT);
        let mut best = None;
        for (count, word) in words.iter().enumerate() {
            let mut step = |c: char| {
                let after_space = node.is_some_and(|node| self.node(node).last == ' ');
                if c != ' ' || !after_space {
                    node = node.and_then(|node| self.child(node, c));
                }
            };
            if count > 0 {
                step(' ');
            }
            word.chars().for_each(|c| fold(c, &mut step));
            let (hotword, suffix) = match node.map(|node| self.node(node).end) {
                None => break,
                Some(None) => continue,
                Some(Some(end)) => end,
            };
            best = Some((count + 1, hotword, suffix));
        }
        best
    }
}

/// `said` with `wanted` in the place of its words, punctuation around them kept; `None` where
/// they are fine as they are.
fn rewrite(said: &str, wanted: &str, suffix: usize, last_of_all: bool) -> Option<String> {
    let sounds = |c: char| c.is_alphanumeric();
    let start = said.find(sounds)?;
    let end = said.rfind(sounds)? + said[said.rfind(sounds)?..].chars().next()?.len_utf8();
    let (before, mut after) = (&said[..start], &said[end..]);
    let core = &said[start..end];
    // E.M.I.: its last dot is no full stop, but at the end of all.
    if core.contains('.') && !last_of_all {
        after = after.strip_prefix('.').unwrap_or(after);
    }
    // The inflection as it stands, its apostrophe included.
    let cut = match suffix {
        0 => core.len(),
        _ => {
            let (at, _) = core
                .char_indices()
                .rev()
                .filter(|(_, c)| sounds(*c))
                .nth(suffix - 1)?;
            core[..at].trim_end_matches(['\'', '’']).len()
        }
    };
    let (stem, ending) = core.split_at(cut);
    if stem == wanted {
        return None;
    }
    let lower = stem.to_lowercase();
    let mut wanted = wanted.to_owned();
    if lower == wanted.to_lowercase() {
        // The model knows where a sentence begins, and what is an everyday word.
        if wanted == lower || EVERYDAY.contains(lower.as_str()) {
            return None;
        }
    } else if wanted.chars().all(|c| !c.is_uppercase()) && stem.starts_with(char::is_uppercase) {
        let mut letters = wanted.chars();
        let first = letters.next()?.to_uppercase().to_string();
        wanted = first + letters.as_str();
    }
    Some(format!("{before}{wanted}{ending}{after}"))
}

/// Words with replacements made: the parts of `words` each new word is made of, and its text.
pub(crate) fn replaced(words: &[&str], respellings: &[Respelling]) -> Vec<(Range<usize>, String)> {
    let mut out = Vec::with_capacity(words.len());
    let mut at = 0;
    for Respelling { words: range, text } in respellings {
        out.extend((at..range.start).map(|i| (i..i + 1, words[i].to_owned())));
        let parts: Vec<&str> = text.split_whitespace().collect();
        // As many words as before keep their times; else they share one.
        if parts.len() == range.len() {
            out.extend(
                range
                    .clone()
                    .zip(parts)
                    .map(|(i, part)| (i..i + 1, part.to_owned())),
            );
        } else {
            out.push((range.clone(), text.clone()));
        }
        at = range.end;
    }
    out.extend((at..words.len()).map(|i| (i..i + 1, words[i].to_owned())));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn respelled(hotwords: &[&str], text: &str) -> String {
        let hotwords: Vec<String> = hotwords.iter().map(|&it| it.to_owned()).collect();
        let hotwords = Hotwords::new(&hotwords).expect("good words");
        let words: Vec<&str> = text.split_whitespace().collect();
        let out = replaced(&words, &hotwords.respell(&words));
        let texts: Vec<String> = out.into_iter().map(|(_, text)| text).collect();
        texts.join(" ")
    }

    #[test]
    fn the_users_spelling_wins() {
        let said = "Did Go bolt pay the E.M.I. for goboult's loan tap, e m i?";
        assert_eq!(
            respelled(&["GoBoult", "EMI", "LoanTap"], said),
            "Did Go bolt pay the EMI for GoBoult's LoanTap, EMI?"
        );
        assert_eq!(respelled(&["EMI"], "It was the E.M.I."), "It was the EMI.");
    }

    #[test]
    fn sentences_still_begin_with_a_capital() {
        assert_eq!(
            respelled(
                &["check-in", "mortgage"],
                "Check in is at two. Mortgages too."
            ),
            "Check-in is at two. Mortgages too."
        );
    }

    #[test]
    fn everyday_words_are_not_capitalised_for_a_namesake() {
        assert_eq!(
            respelled(&["US", "Will"], "Will they let us?"),
            "Will they let us?"
        );
    }

    #[test]
    fn the_longest_hotword_is_taken() {
        assert_eq!(
            respelled(&["york", "New York Times"], "the new york times in york"),
            "the New York Times in york"
        );
    }
}
