//! Tags of what is said: what a sentence does, what it is about, and who in the call says such things.
//!
//! The heads know English. They read the means of MiniLM's layers over the sentence and over the
//! other speaker's previous turn: the top layer says what it is about, the lower ones what is done
//! with it.

mod encoder;
mod heads;
mod labels;
mod roles;
mod sentence;
mod wordpiece;

pub use heads::TextHead;
pub use roles::{Role, RoleEvidence, Scene, roles};
pub use sentence::Sentence;

use super::{Distribution, Head};
use crate::SpeechError;
use encoder::Encoder;
use inference::Runtime;
use std::path::Path;
use std::sync::Arc;

/// The encoder and all heads over it, shared by everybody. Cheap to clone.
#[derive(Clone)]
pub struct TextTagger {
    encoder: Arc<Encoder>,
    heads: Arc<[Head]>,
}

impl TextTagger {
    /// Loads the encoder from `dir`, the folder of the model `minilm`; `sessions` callers may embed
    /// at the same time, others wait their turn. The heads are in the binary.
    ///
    /// # Errors
    /// [`SpeechError::ModelFile`] and [`SpeechError::Inference`] when a file is absent or unusable.
    pub fn load(runtime: &Runtime, dir: &Path, sessions: usize) -> Result<Self, SpeechError> {
        Ok(Self {
            encoder: Arc::new(Encoder::load(runtime, dir, sessions)?),
            heads: heads::all()?.into(),
        })
    }

    /// The head itself: its threshold, and in its metadata `macro_f1_held_out` and `trained_on`.
    pub fn head(&self, head: TextHead) -> &Head {
        &self.heads[head as usize]
    }

    /// Embeds `texts`, a sentence or a turn each, in one go; of each the first 126 word pieces
    /// (some 90 words) are read. Blocks.
    ///
    /// # Errors
    /// [`SpeechError::Inference`] when the graph fails.
    pub fn embed(&self, texts: &[&str]) -> Result<Vec<Sentence>, SpeechError> {
        self.encoder.embed(texts)
    }

    /// What `head` says of a sentence after the other speaker's `previous` turn, if there was one.
    /// Nothing when the sentence is not readable ([`Sentence::is_readable`]): the heads know English
    /// only, and a caller who knows that another language is spoken should not ask. The tag is
    /// [`Distribution::top`]. Fast: a few thousand multiplications a label.
    pub fn tag(
        &self,
        head: TextHead,
        sentence: &Sentence,
        previous: Option<&Sentence>,
    ) -> Option<Distribution> {
        let features = features(sentence, previous)?;
        let found = self.head(head).distribution(&features);
        Some(found.expect("`heads::all` checked how many features each head reads"))
    }
}

/// Features of a head: layers of the sentence, then of the previous turn. No previous turn, or one
/// that cannot be read, is no numbers, which a head takes for the mean.
fn features(sentence: &Sentence, previous: Option<&Sentence>) -> Option<Vec<f32>> {
    let layers = sentence.is_readable().then(|| sentence.layers())?;
    let mut features = layers.to_vec();
    match previous.filter(|previous| previous.is_readable()) {
        Some(previous) => features.extend(previous.layers()),
        None => features.resize(heads::FEATURES, f32::NAN),
    }
    Some(features)
}
