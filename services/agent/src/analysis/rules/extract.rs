//! What matters in a text by its words alone: frequent terms, and the sentences that hold them.

use super::data;
use crate::analysis::evidence::{Token, Words};
use api::analysis::Topic;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Times a term must stand in a call to be one of its topics.
const LEAST: usize = 2;

#[derive(Deserialize)]
struct File {
    words: String,
}

static STOPWORDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let file: File = data(include_str!("../../../rules/stopwords.toml"));
    // As they are compared: without apostrophes.
    let plain = |word: &str| word.replace('\'', "");
    file.words.split_whitespace().map(plain).collect()
});

/// Words that say nothing of what a text is about.
pub fn stopwords() -> &'static HashSet<String> {
    &STOPWORDS
}

fn says_something(token: &Token) -> bool {
    let letters = token.word.chars().count();
    letters >= 3 && !token.word.chars().all(char::is_numeric) && !stopwords().contains(&token.word)
}

/// The most frequent terms, pairs of words before single ones that only stand in them.
pub fn topics(words: &Words, most: usize) -> Vec<Topic> {
    let mut counts: HashMap<Vec<&str>, (usize, usize)> = HashMap::new();
    for (at, token) in words.tokens.iter().enumerate() {
        if !says_something(token) {
            continue;
        }
        let next = words.tokens.get(at + 1);
        let next = next.filter(|next| next.segment == token.segment && says_something(next));
        let pair = next.map(|next| vec![token.word.as_str(), next.word.as_str()]);
        for term in pair.into_iter().chain([vec![token.word.as_str()]]) {
            counts.entry(term).or_insert((0, at)).0 += 1;
        }
    }
    let mut ranked: Vec<(Vec<&str>, (usize, usize))> = counts
        .into_iter()
        .filter(|(_, (n, _))| *n >= LEAST)
        .collect();
    // A pair says more than a word; the earlier first, so that the order is always the same.
    ranked.sort_by_key(|(term, (n, at))| {
        (
            std::cmp::Reverse(n * term.len()),
            *at,
            std::cmp::Reverse(term.len()),
        )
    });
    let mut taken: HashSet<&str> = HashSet::new();
    let mut topics = Vec::new();
    for (term, (n, at)) in ranked {
        if term.iter().any(|word| taken.contains(word)) {
            continue;
        }
        taken.extend(&term);
        topics.push(Topic {
            topic: term.join(" "),
            mentions: Some(n),
            evidence: vec![words.segment(words.tokens[at].segment)],
        });
        if topics.len() == most {
            break;
        }
    }
    topics
}

/// The segments that hold most of what is said often, in order: at most `most` of them.
pub fn sentences(words: &Words, most: usize) -> Vec<usize> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for token in words.tokens.iter().filter(|token| says_something(token)) {
        *counts.entry(&token.word).or_default() += 1;
    }
    let total = words.call.segments.len();
    let (mut weight, mut length) = (vec![0.0f64; total], vec![0usize; total]);
    let mut seen: HashSet<(usize, &str)> = HashSet::new();
    for token in &words.tokens {
        length[token.segment] += 1;
        if let Some(count) = counts.get(token.word.as_str())
            && seen.insert((token.segment, &token.word))
        {
            weight[token.segment] += (1.0 + *count as f64).ln();
        }
    }
    // Long ones hold more by their length alone; very short ones hold no statement.
    let score = |at: usize| weight[at] / (length[at].max(6) as f64).sqrt();
    let mut ranked: Vec<usize> = (0..total).filter(|at| weight[*at] > 0.0).collect();
    ranked.sort_by(|a, b| {
        score(*b)
            .partial_cmp(&score(*a))
            .unwrap_or(std::cmp::Ordering::Equal)
            .then(a.cmp(b))
    });
    if ranked.is_empty() {
        ranked = (0..total).collect();
    }
    ranked.truncate(most);
    ranked.sort_unstable();
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::transcript::Call;

    const TEXT: &str = "Hello there. The solar panels are on the roof. How is the weather? Solar panels save money \
                        when the roof faces south. Bye. The price of solar panels is falling.";

    #[test]
    fn frequent_terms_are_topics_and_small_words_are_not() {
        let call = Call::read(None, Some(TEXT.into()), None, "text").expect("a call");
        let topics = topics(&Words::of(&call), 5);
        assert_eq!(
            (topics[0].topic.as_str(), topics[0].mentions),
            ("solar panels", Some(3))
        );
        assert!(topics.iter().all(|topic| topic.topic != "the"));
    }

    #[test]
    fn the_sentences_that_say_most_are_kept_in_order() {
        let call = Call::read(None, Some(TEXT.into()), None, "text").expect("a call");
        assert_eq!(sentences(&Words::of(&call), 3), [1, 3, 5]);
    }
}
