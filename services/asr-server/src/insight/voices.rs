//! Voices: what is known of each stretch of speech beside its words, and who speaks when.

use super::wishes::SpeakerCount;
use super::{Insight, Models};
use crate::admission::Place;
use service::{ApiError, ApiResult};
use speech::VoiceFeatures;
use speech::{Diarization, SpeakerLimits};
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

impl Insight {
    /// The voice of an utterance; `None` where there is too little of it. It waits its turn: as
    /// many are looked at together as there are sessions.
    ///
    /// # Errors
    /// 500 when the model fails.
    pub async fn voice(&self, segment: Arc<SpeechSegment>) -> ApiResult<Option<Voice>> {
        let permit = self.turns.clone().acquire_owned().await;
        let permit = permit.map_err(ApiError::internal)?;
        let models = self.models.clone();
        let work = spawn_blocking(move || {
            let _permit = permit;
            models.voice(&segment)
        });
        let voice = work.await.map_err(ApiError::internal)?;
        voice.map_err(ApiError::internal)
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
    fn voice(&self, segment: &SpeechSegment) -> Result<Option<Voice>, SpeechError> {
        let Some(samples) = speech::voice::excerpt(segment) else {
            return Ok(None);
        };
        match self.voices.print(&samples) {
            Ok(print) => Ok(Some(Voice {
                features: self.voice_tags.features(&print, &samples),
                embedding: print.embedding,
            })),
            Err(SpeechError::SilentClip | SpeechError::ClipTooShort { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
