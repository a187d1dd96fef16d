//! Names of people, organizations and places in English text: spaCy's small English pipeline
//! (`en_core_web_sm` 3.8, trained on OntoNotes 5), its entity recogniser alone, in plain Rust.
//!
//! Tokens are hashed by form and shape, mixed by a small convolution over their neighbours, and
//! read by a transition system from left to right. About a millisecond a sentence.

mod features;
mod hash;
mod msgpack;
mod network;
mod tokenizer;
mod transitions;

use crate::SpeechError;
use features::Vocabulary;
use msgpack::Value;
use network::Network;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use tokenizer::{Token, Tokenizer};
use transitions::Transitions;

/// Most tokens read at once; longer texts are cut after a sentence, or here.
const WINDOW: usize = 300;

/// What a name names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// A person.
    Person,
    /// A company, an institution, a team.
    Organization,
    /// A country, a town, a region, a building.
    Place,
}

/// A name in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// What it names.
    pub kind: NameKind,
    /// Bytes of the text, on character boundaries.
    pub span: Range<usize>,
}

/// A loaded model; clones share it. It keeps no state: any number of threads may ask at once.
#[derive(Clone)]
pub struct Names {
    model: Arc<Model>,
}

struct Model {
    tokenizer: Tokenizer,
    vocabulary: Vocabulary,
    network: Network,
    transitions: Transitions,
}

impl Names {
    /// Loads `ner.msgpack`, `moves.msgpack`, `tokenizer.msgpack` and `lookups.msgpack` of the model
    /// `en-core-web-sm` from a folder.
    ///
    /// # Errors
    /// [`SpeechError::ModelFile`] when one is absent or not what it should be.
    pub fn load(folder: &Path) -> Result<Self, SpeechError> {
        let read = |name: &str| -> Result<Value, SpeechError> {
            let path = folder.join(name);
            let wrong = |reason: String| SpeechError::ModelFile {
                path: path.clone(),
                reason,
            };
            let bytes = std::fs::read(&path).map_err(|error| wrong(error.to_string()))?;
            Value::read(&bytes).ok_or_else(|| wrong("is not MessagePack".to_owned()))
        };
        let wrong = |name: &str, reason: &str| SpeechError::ModelFile {
            path: folder.join(name),
            reason: reason.to_owned(),
        };
        let moves = read("moves.msgpack")?;
        let transitions = Transitions::new(&moves)
            .ok_or_else(|| wrong("moves.msgpack", "has no moves of an entity recogniser"))?;
        let network = Network::new(&read("ner.msgpack")?)
            .filter(|network| network.actions() == transitions.actions())
            .ok_or_else(|| wrong("ner.msgpack", "is not the network that is expected"))?;
        let vocabulary = Vocabulary::new(&read("lookups.msgpack")?)
            .ok_or_else(|| wrong("lookups.msgpack", "has no table of norms"))?;
        let tokenizer = Tokenizer::new(&read("tokenizer.msgpack")?)
            .ok_or_else(|| wrong("tokenizer.msgpack", "has no exceptions"))?;
        let model = Model {
            tokenizer,
            vocabulary,
            network,
            transitions,
        };
        Ok(Self {
            model: Arc::new(model),
        })
    }

    /// The names in an English text, in order, without overlaps. Blocking: a millisecond or two a
    /// sentence. Without capitals few are found.
    pub fn find(&self, text: &str) -> Vec<Name> {
        let model = &*self.model;
        let tokens = model.tokenizer.tokens(text);
        let mut out = Vec::new();
        for window in windows(&tokens, text) {
            let features: Vec<_> = window
                .iter()
                .map(|t| model.vocabulary.features(t, text))
                .collect();
            let read = model.network.read(&features);
            for (label, at) in model.transitions.entities(&model.network, &read) {
                out.extend(kind(label).and_then(|kind| {
                    let span = trimmed(&window[at], text)?;
                    Some(Name { kind, span })
                }));
            }
        }
        out
    }

    /// Labels and spans as the model has them, for parity with its own library.
    #[cfg(test)]
    fn labelled(&self, text: &str) -> Labelled {
        let model = &*self.model;
        let tokens = model.tokenizer.tokens(text);
        let features: Vec<_> = tokens
            .iter()
            .map(|t| model.vocabulary.features(t, text))
            .collect();
        let read = model.network.read(&features);
        let found = model.transitions.entities(&model.network, &read);
        let span = |at: Range<usize>| tokens[at.start].span.start..tokens[at.end - 1].span.end;
        let found = found
            .into_iter()
            .map(|(label, at)| (label.to_owned(), span(at)))
            .collect();
        (tokens.iter().map(|t| t.span.clone()).collect(), found)
    }
}

/// Stretches of at most [`WINDOW`] tokens, cut after the last sentence that ends in them.
fn windows<'a>(tokens: &'a [Token], text: &'a str) -> impl Iterator<Item = &'a [Token]> {
    let mut rest = tokens;
    std::iter::from_fn(move || {
        let most = rest.len().min(WINDOW);
        let ends = |token: &Token| matches!(&text[token.span.clone()], "." | "?" | "!");
        let cut = match most == rest.len() {
            true => most,
            false => rest[..most]
                .iter()
                .rposition(ends)
                .map_or(most, |last| last + 1),
        };
        let (window, left) = rest.split_at(cut);
        rest = left;
        (!window.is_empty()).then_some(window)
    })
}

fn kind(label: &str) -> Option<NameKind> {
    match label {
        "PERSON" => Some(NameKind::Person),
        "ORG" => Some(NameKind::Organization),
        "GPE" | "LOC" | "FAC" => Some(NameKind::Place),
        _ => None,
    }
}

/// The span of a name, without the article before it and the `'s` after it.
fn trimmed(tokens: &[Token], text: &str) -> Option<Range<usize>> {
    let of = |token: &Token| text[token.span.clone()].to_lowercase();
    let first = usize::from(matches!(of(tokens.first()?).as_str(), "the" | "a" | "an"));
    let last = tokens.len() - usize::from(matches!(of(tokens.last()?).as_str(), "'s" | "’s"));
    let kept = tokens.get(first..last)?;
    Some(kept.first()?.span.start..kept.last()?.span.end)
}

/// Tokens, and labelled entities.
#[cfg(test)]
type Labelled = (Vec<Range<usize>>, Vec<(String, Range<usize>)>);

#[cfg(test)]
mod tests;
