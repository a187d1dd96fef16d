//! Voices: what is known of each stretch of speech beside its words, and who speaks when.

use super::wishes::SpeakerCount;
use super::{Insight, Models};
use crate::admission::Place;
use service::{ApiError, ApiResult};
use speech::VoiceFeatures;
use speech::{Alternation, Diarization, SpeakerLimits};
use speech::{SpeechError, SpeechSegment};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

/// Blocks of samples, half a second each, between the decoder and who tells voices apart.
const BETWEEN: usize = 240;

/// Who spoke when, and what their voices are like.
pub type Speakers = Diarization<VoiceFeatures>;

/// A stretch of a voice: what tags are told from, and what tells it from others.
#[derive(Debug, Clone)]
pub struct Voice {
    /// What the tags are told from.
    pub features: VoiceFeatures,
    /// 192 numbers, of length one.
    pub embedding: Vec<f32>,
}

/// The voices of an utterance.
#[derive(Debug, Clone, Default)]
pub struct UtteranceVoices {
    /// The one voice, or each of those that take turns, with seconds of speech.
    pub voices: Vec<(Voice, f64)>,
    /// Which words each of several says.
    pub alternation: Option<Alternation>,
}

impl Insight {
    /// The voice of an utterance; `None` where there is too little of it. It waits its turn: as
    /// many are looked at together as there are sessions.
    ///
    /// # Errors
    /// 500 when the model fails.
    pub async fn voice(&self, segment: Arc<SpeechSegment>) -> ApiResult<Option<Voice>> {
        self.in_turn(move |models| models.voice(&segment)).await
    }

    /// The voices of an utterance; with `apart` those who alternate in it, each alone. It waits its
    /// turn as [`Self::voice`] does.
    ///
    /// # Errors
    /// 500 when a model fails.
    pub async fn voices(
        &self,
        segment: Arc<SpeechSegment>,
        apart: bool,
    ) -> ApiResult<UtteranceVoices> {
        self.in_turn(move |models| models.heard(&segment, apart))
            .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Models) -> Result<T, SpeechError> + Send + 'static,
    ) -> ApiResult<T> {
        let permit = self.turns.clone().acquire_owned().await;
        let permit = permit.map_err(ApiError::internal)?;
        let models = self.models.clone();
        let work = spawn_blocking(move || {
            let _permit = permit;
            look(&models)
        });
        let found = work.await.map_err(ApiError::internal)?;
        found.map_err(ApiError::internal)
    }

    /// Begins to tell apart the speakers of a recording, on a thread of its own.
    pub fn listen(&self, speakers: SpeakerCount, place: Arc<Place>) -> Listening {
        let (feed, mut blocks) = mpsc::channel::<Vec<f32>>(BETWEEN);
        let models = self.models.clone();
        let span = tracing::Span::current();
        let work = spawn_blocking(move || {
            // The thread may outlast a client that goes away.
            let _place = place;
            let _entered = span.enter();
            let tagger = models.voice_tags.clone();
            let mut recording = models
                .diarizer
                .recording(move |print, samples| tagger.features(print, samples));
            while let Some(block) = blocks.blocking_recv() {
                recording.push(&block)?;
            }
            recording.finish(&SpeakerLimits {
                exact: speakers.exact,
                min: speakers.min,
                max: speakers.max,
            })
        });
        Listening { feed, work }
    }
}

/// Speakers being told apart.
pub struct Listening {
    feed: mpsc::Sender<Vec<f32>>,
    work: JoinHandle<Result<Speakers, SpeechError>>,
}

impl Listening {
    /// Where the samples go, 16 kHz mono; the recording ends when all senders are dropped.
    pub fn feed(&self) -> mpsc::Sender<Vec<f32>> {
        self.feed.clone()
    }

    /// Who spoke when, once the recording has ended.
    ///
    /// # Errors
    /// 500 when a model fails.
    pub async fn finish(self) -> ApiResult<Speakers> {
        drop(self.feed);
        let voices = self.work.await.map_err(ApiError::internal)?;
        voices.map_err(ApiError::internal)
    }
}

impl Models {
    fn heard(&self, segment: &SpeechSegment, apart: bool) -> Result<UtteranceVoices, SpeechError> {
        let mut alternation = match apart {
            true => self.diarizer.alternation(segment)?,
            false => None,
        };
        let mut voices = Vec::new();
        for excerpt in alternation.iter().flat_map(|several| &several.excerpts) {
            let seconds = excerpt.len() as f64 / f64::from(speech::SAMPLE_RATE_HZ);
            voices.extend(self.voice_of(excerpt)?.map(|voice| (voice, seconds)));
        }
        if alternation
            .as_ref()
            .is_none_or(|it| voices.len() != it.excerpts.len())
        {
            let (start_s, end_s) = segment.speech_span();
            let whole = self.voice(segment)?.map(|voice| (voice, end_s - start_s));
            (alternation, voices) = (None, whole.into_iter().collect());
        }
        Ok(UtteranceVoices {
            voices,
            alternation,
        })
    }

    fn voice(&self, segment: &SpeechSegment) -> Result<Option<Voice>, SpeechError> {
        match speech::voice::excerpt(segment) {
            Some(samples) => self.voice_of(&samples),
            None => Ok(None),
        }
    }

    fn voice_of(&self, samples: &[f32]) -> Result<Option<Voice>, SpeechError> {
        match self.voices.print(samples) {
            Ok(print) => Ok(Some(Voice {
                features: self.voice_tags.features(&print, samples),
                embedding: print.embedding,
            })),
            Err(SpeechError::SilentClip | SpeechError::ClipTooShort { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
