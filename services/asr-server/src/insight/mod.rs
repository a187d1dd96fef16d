//! Who spoke, and how: voices and speakers, tags of voices and of words, entities, fluency.
//!
//! `batch` completes a recording once its words are known, `live` a stream's finals one by one.

mod batch;
pub mod fluency;
mod heads;
mod inline;
mod live;
mod naming;
mod turns;
mod voices;
mod wishes;
mod words;

pub use heads::Heads;
pub use live::{LiveInsight, Part, Told};
pub use voices::{UtteranceVoices, Voice};
pub use wishes::Wishes;
pub use words::Known;

use crate::options::Options;
use crate::pipeline::Outcome;
use crate::state::StartError;
use inference::Runtime;
use model_store::Store;
use service::{ApiError, ApiResult};
use speech::voice::Voices;
use speech::{Diarizer, Names, TextTagger, VoiceTagger};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// The models, shared by all recordings and streams. Cheap to clone.
#[derive(Clone)]
pub struct Insight {
    models: Arc<Models>,
    /// One for each session of the voice model.
    turns: Arc<Semaphore>,
}

/// What [`Insight`] asks.
struct Models {
    voices: Voices,
    diarizer: Diarizer,
    voice_tags: Arc<VoiceTagger>,
    text_tags: TextTagger,
    names: Names,
}

/// Somebody who speaks in a recording.
#[derive(Debug, Clone)]
pub struct Speaker {
    /// How long.
    pub seconds: f64,
    /// 192 numbers, of length one; `None` where there is too little of the voice.
    pub embedding: Option<Vec<f32>>,
}

impl Insight {
    /// Loads the models; `sessions` voices and texts are looked at together. Blocks for a second
    /// or so.
    ///
    /// # Errors
    /// When a model is not installed or does not load.
    pub fn load(runtime: &Runtime, store: &Store, sessions: usize) -> Result<Self, StartError> {
        let sessions = sessions.max(1);
        let ecapa = store.file("ecapa-voxceleb", "ecapa.onnx")?;
        let voices = Voices::load(runtime, &ecapa, sessions)?;
        let segmentation = store.file("pyannote-segmentation", "segmentation.onnx")?;
        let models = Models {
            diarizer: Diarizer::load(runtime, &segmentation, voices.clone(), sessions)?,
            voices,
            voice_tags: Arc::new(VoiceTagger::embedded()?),
            names: Names::load(&store.dir("en-core-web-sm")?)?,
            text_tags: TextTagger::load(runtime, &store.dir("minilm")?, sessions)?,
        };
        Ok(Insight {
            models: Arc::new(models),
            turns: Arc::new(Semaphore::new(sessions)),
        })
    }

    /// Adds to a recording what was asked for beside its words.
    ///
    /// # Errors
    /// 500 when a model fails.
    pub async fn complete(
        &self,
        outcome: &mut Outcome,
        options: &Options,
        speakers: Option<voices::Speakers>,
    ) -> ApiResult<()> {
        let wishes = &options.wishes;
        if !wishes.needs_voices() && !wishes.structured_intents {
            return Ok(());
        }
        let segments = std::mem::take(&mut outcome.segments);
        let (models, options) = (self.models.clone(), options.clone());
        let span = tracing::Span::current();
        let work = spawn_blocking(move || {
            let _entered = span.enter();
            batch::complete(&models, &options, segments, speakers)
        });
        let complete = work.await.map_err(ApiError::internal)?;
        let complete = complete.map_err(ApiError::internal)?;
        outcome.segments = complete.segments;
        outcome.speakers = complete.speakers;
        outcome.embedding = complete.embedding;
        Ok(())
    }
}
