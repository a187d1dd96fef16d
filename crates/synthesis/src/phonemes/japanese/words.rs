//! The dictionary's words laid on the words that were given, which may be cut elsewhere.

use super::dictionary::{Class, Dictionary};
use super::kana;
use super::lattice::{Morpheme, cut};

/// A word that was given.
pub(super) struct Given<'a> {
    pub text: &'a str,
    /// Its kana, where they are known already.
    pub said: Option<String>,
}

/// The kana of each of several words that are written without a space between them: words of the
/// dictionary, endings joined to what they end.
pub(super) fn read(dictionary: &Dictionary, words: &[Given<'_>]) -> Vec<Vec<String>> {
    let text: String = words.iter().map(|word| word.text).collect();
    let mut ends = Vec::with_capacity(words.len());
    let mut fixed = Vec::new();
    let mut end = 0;
    for word in words {
        let start = end;
        end += word.text.len();
        ends.push(end);
        if word.said.is_some() {
            fixed.push(start..end);
        }
    }
    let mut said: Vec<Vec<String>> = vec![Vec::new(); words.len()];
    let mut last: Option<(usize, Class)> = None;
    let mut at = 0;
    for morpheme in cut(dictionary, &text, &fixed) {
        while ends.get(at).is_some_and(|end| *end <= morpheme.start) {
            at += 1;
        }
        let over = ends[at..]
            .iter()
            .take_while(|end| **end < morpheme.end)
            .count();
        let joins = morpheme.class == Class::Ending
            && last.is_some_and(|(word, class)| {
                word == at && matches!(class, Class::Inflected | Class::Ending)
            });
        let borders: Vec<usize> = ends[at..at + over].to_vec();
        if let Some(known) = &words[at].said {
            said[at] = vec![known.clone()];
            last = None;
            continue;
        }
        let shares = divided(&text, &morpheme, &borders);
        for (more, share) in shares.into_iter().enumerate() {
            let word = &mut said[at + more];
            match word.last_mut().filter(|_| joins) {
                Some(last) => last.push_str(&share),
                None if share.is_empty() => {}
                None => word.push(share),
            }
        }
        at += over;
        last = Some((at, morpheme.class));
    }
    // A word that got nothing of a longer one is read by itself.
    if words.len() > 1 {
        for (word, said) in words.iter().zip(&mut said) {
            if said.is_empty() && word.said.is_none() {
                let alone = Given {
                    text: word.text,
                    said: None,
                };
                *said = read(dictionary, &[alone]).concat();
            }
        }
    }
    said
}

/// The kana of a word of the dictionary, divided where the words given are.
fn divided(text: &str, morpheme: &Morpheme, borders: &[usize]) -> Vec<String> {
    let written = &text[morpheme.start..morpheme.end];
    let whole = if morpheme.sounds.is_empty() {
        kana::katakana(written)
    } else {
        kana::katakana(&morpheme.sounds)
    };
    let mut rest: Vec<char> = whole.chars().collect();
    let mut shares = Vec::with_capacity(borders.len() + 1);
    let mut end = morpheme.end;
    // From the back, where the kana stand for themselves.
    for border in borders.iter().rev() {
        let part = &text[*border..end];
        let before = text[morpheme.start..*border].chars().count();
        let count = part.chars().count();
        let own = if part.chars().all(kana::is_kana) {
            count
        } else {
            rest.len() * count / (count + before)
        };
        let keep = rest
            .len()
            .saturating_sub(own)
            .max(usize::from(!rest.is_empty()));
        shares.push(rest.split_off(keep).into_iter().collect());
        end = *border;
    }
    shares.push(rest.into_iter().collect());
    shares.reverse();
    shares
}
