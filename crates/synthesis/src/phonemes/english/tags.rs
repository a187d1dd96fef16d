//! Parts of speech (Penn Treebank tags) in context, from the tagger that misaki uses: spaCy's small
//! English one, which the crate misaki-rs carries.

use std::sync::LazyLock;

use misaki_rs::norms::norm_of;
use misaki_rs::spacy_tagger::{Tagger, hash_string};
use misaki_rs::spacy_tokenizer::SpacyTokenizer;

static TOKENIZER: LazyLock<SpacyTokenizer> = LazyLock::new(SpacyTokenizer::new);
static TAGGER: LazyLock<Tagger> = LazyLock::new(Tagger::load);

/// In bytes. Longer words are nouns: the tokenizer's patterns are not made for them.
const LONGEST: usize = 64;

/// What the tagger reads: a word or mark and whether a space follows.
pub(super) struct Item<'a> {
    pub text: &'a str,
    pub spaced: bool,
}

/// Makes the tagger ready, which takes a tenth of a second, before somebody waits for it.
pub(super) fn prepare() {
    LazyLock::force(&TOKENIZER);
    LazyLock::force(&TAGGER);
}

/// The tag of each word and mark.
pub(super) fn tags(items: &[Item]) -> Vec<String> {
    let mut parts = Vec::with_capacity(items.len());
    let mut owners = Vec::with_capacity(items.len());
    for (owner, item) in items.iter().enumerate() {
        if item.text.len() > LONGEST || item.text.is_empty() {
            parts.push(("thing".to_owned(), "thing".to_owned(), item.spaced));
            owners.push(owner);
            continue;
        }
        let tokens = TOKENIZER.tokenize(item.text);
        let last = tokens.len().saturating_sub(1);
        for (at, token) in tokens.into_iter().enumerate() {
            let norm = token
                .norm
                .unwrap_or_else(|| norm_of(&token.text, hash_string));
            parts.push((token.text, norm, at == last && item.spaced));
            owners.push(owner);
        }
    }
    let found = TAGGER.tag(&parts);
    let mut tags = vec![(0, String::new()); items.len()];
    for ((owner, part), tag) in owners.into_iter().zip(&parts).zip(found) {
        // Of several parts (`it` `'s`), the last of the heaviest speaks for the word, as in misaki.
        let weight = weight(&part.0);
        if weight >= tags[owner].0 {
            tags[owner] = (weight, tag.to_owned());
        }
    }
    tags.into_iter().map(|(_, tag)| tag).collect()
}

/// Capitals count twice.
fn weight(text: &str) -> usize {
    text.chars()
        .map(|c| 1 + usize::from(c.is_uppercase()))
        .sum()
}
