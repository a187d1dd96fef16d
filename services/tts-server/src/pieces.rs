//! A speech as pieces of a file, made as they are asked for.

use crate::failure;
use crate::settings::Settings;
use crate::state::Speaking;
use crate::texts::Places;
use api::synthesis::TimedWord;
use audio::Encoder;
use service::{ApiError, ApiResult};
use std::sync::Arc;
use synthesis::{Event, Sound};

/// Bytes of the file, and words that begin in them or before.
#[derive(Debug)]
pub struct Piece {
    /// Bytes, in order.
    pub bytes: Vec<u8>,
    /// Words not told before.
    pub words: Vec<TimedWord>,
}

/// See the module.
pub struct Pieces {
    speech: Speaking,
    /// Taken while a thread has it, and gone at the end.
    encoder: Option<Encoder>,
    places: Places,
    /// Waited for before the answer begins, so that what fails at once has a status.
    first: Option<Sound>,
    samples: u64,
}

impl Pieces {
    /// Waits until there is sound.
    ///
    /// # Errors
    /// What the engine refuses, a text without a word among it.
    pub async fn start(
        mut speech: Speaking,
        settings: &Settings,
        text: Arc<str>,
    ) -> ApiResult<Self> {
        let encoder = Encoder::new(settings.format, synthesis::SAMPLE_RATE, settings.rate_hz)
            .map_err(ApiError::internal)?;
        let first = loop {
            match speech.next().await {
                Some(Ok(Event::Sound(sound))) => break sound,
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
                None => return Err(failure::nothing_to_say()),
            }
        };
        Ok(Pieces {
            speech,
            encoder: Some(encoder),
            places: Places::new(text),
            first: Some(first),
            samples: 0,
        })
    }

    /// The next piece; `None` after the last.
    pub async fn next(&mut self) -> Option<ApiResult<Piece>> {
        loop {
            self.encoder.as_ref()?;
            let sound = match self.first.take() {
                Some(sound) => Some(sound),
                None => match self.speech.next().await {
                    None => None,
                    Some(Ok(Event::Sound(sound))) => Some(sound),
                    Some(Ok(_)) => continue,
                    Some(Err(error)) => {
                        self.encoder = None;
                        return Some(Err(error));
                    }
                },
            };
            let (samples, words) = sound.map_or((None, Vec::new()), |sound| {
                (Some(sound.samples), sound.words)
            });
            self.samples += samples.as_ref().map_or(0, Vec::len) as u64;
            let words: Vec<_> = words
                .into_iter()
                .map(|word| self.places.word(word))
                .collect();
            match self.encode(samples).await {
                Ok(bytes) if bytes.is_empty() && words.is_empty() && self.encoder.is_some() => {}
                result => return Some(result.map(|bytes| Piece { bytes, words })),
            }
        }
    }

    /// Length of the speech so far.
    pub fn seconds(&self) -> f64 {
        self.samples as f64 / f64::from(synthesis::SAMPLE_RATE)
    }

    /// Encodes on a thread that may compute; without samples, ends the file.
    async fn encode(&mut self, samples: Option<Vec<f32>>) -> ApiResult<Vec<u8>> {
        let Some(mut encoder) = self.encoder.take() else {
            return Ok(Vec::new());
        };
        let work = move || match samples {
            Some(samples) => (encoder.push(&samples), Some(encoder)),
            None => (encoder.finish(), None),
        };
        let (bytes, encoder) = tokio::task::spawn_blocking(work)
            .await
            .map_err(ApiError::internal)?;
        self.encoder = encoder;
        bytes.map_err(ApiError::internal)
    }
}
