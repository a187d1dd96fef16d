//! Short texts as sound, made once and kept: sounds of attention, and apologies for when nothing
//! can be made any more.

use crate::settings::CallSettings;
use crate::wording::Wording;
use api::synthesis::SynthesizeRequest;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

#[cfg(test)]
mod tests;

/// Seconds of one clip at most.
const LONGEST: usize = 20;
/// Samples of all clips; the oldest go first. 64 MB.
const MOST_SAMPLES: usize = 32 << 20;
/// To make one.
const MAKING: Duration = Duration::from_secs(30);
/// After a failure, nothing is asked for so long.
const REST: Duration = Duration::from_secs(30);

/// The clips of a call's voice, language and rate. Cheap to clone; shared by all calls of the process.
#[derive(Clone, Default)]
pub struct Clips {
    kept: Arc<Kept>,
    of: Option<Arc<Of>>,
}

/// Which clip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Clip {
    /// The n-th sound of attention.
    Backchannel(usize),
    /// A part fails and may come back.
    Apology,
    /// A part failed and did not come back.
    Failure,
}

/// What clips are of.
struct Of {
    settings: Arc<CallSettings>,
    http: reqwest::Client,
    wording: &'static Wording,
}

/// Everything that makes a clip sound as it does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    url: String,
    voice: String,
    gender: Option<String>,
    language: String,
    rate: u32,
    speed: u32,
    text: &'static str,
}

struct Kept {
    state: Mutex<State>,
    /// Clips are made one at a time, so that they leave room for answers.
    turn: Semaphore,
}

impl Default for Kept {
    fn default() -> Self {
        Kept {
            state: Mutex::default(),
            turn: Semaphore::new(1),
        }
    }
}

#[derive(Default)]
struct State {
    made: HashMap<Key, Arc<[i16]>>,
    order: VecDeque<Key>,
    samples: usize,
    making: HashSet<Key>,
    failed_at: Option<Instant>,
}

impl State {
    fn keep(&mut self, key: Key, samples: Arc<[i16]>) {
        self.samples += samples.len();
        if let Some(before) = self.made.insert(key.clone(), samples) {
            self.samples -= before.len();
        } else {
            self.order.push_back(key);
        }
        while self.samples > MOST_SAMPLES
            && let Some(oldest) = self.order.pop_front()
        {
            let gone = self.made.remove(&oldest);
            self.samples -= gone.map_or(0, |gone| gone.len());
        }
    }
}

impl Kept {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clips {
    /// The clips of a call. Nothing is made yet: see [`Clips::make`].
    pub fn prepare(&self, settings: &Arc<CallSettings>, http: &reqwest::Client) -> Self {
        Clips {
            kept: self.kept.clone(),
            of: Some(Arc::new(Of {
                settings: settings.clone(),
                http: http.clone(),
                wording: Wording::of(&settings.language),
            })),
        }
    }

    /// The samples, once they are made.
    pub fn get(&self, clip: Clip) -> Option<Arc<[i16]>> {
        let key = self.of.as_ref()?.key(clip)?;
        self.kept.lock().made.get(&key).cloned()
    }

    /// How many sounds of attention there may be.
    pub fn backchannels(&self) -> usize {
        self.of
            .as_ref()
            .map_or(0, |of| of.wording.backchannel.len())
    }

    /// Begins to make what is not there yet; cheap when there is nothing to do. Called when
    /// tts-server has nothing better to do.
    pub fn make(&self) {
        let Some(of) = &self.of else { return };
        let missing = self.claim(of);
        if !missing.is_empty() {
            tokio::spawn(make_all(self.kept.clone(), of.clone(), missing));
        }
    }

    /// Puts one there, for tests.
    #[cfg(test)]
    pub(crate) fn put(&self, clip: Clip, samples: &[i16]) {
        let key = self.of.as_ref().and_then(|of| of.key(clip));
        self.kept
            .lock()
            .keep(key.expect("prepared"), samples.into());
    }

    fn claim(&self, of: &Of) -> Vec<Key> {
        let mut state = self.kept.lock();
        if state.failed_at.is_some_and(|at| at.elapsed() < REST) {
            return Vec::new();
        }
        let keys = of.all().filter_map(|clip| of.key(clip));
        let missing: Vec<Key> = keys
            .filter(|key| !state.made.contains_key(key) && !state.making.contains(key))
            .collect();
        state.making.extend(missing.iter().cloned());
        missing
    }
}

impl Of {
    /// What matters most comes first.
    fn all(&self) -> impl Iterator<Item = Clip> + use<> {
        let wanted = self.settings.options.backchannel;
        let count = if wanted {
            self.wording.backchannel.len()
        } else {
            0
        };
        let attention = (0..count).map(Clip::Backchannel);
        [Clip::Apology, Clip::Failure].into_iter().chain(attention)
    }

    fn key(&self, clip: Clip) -> Option<Key> {
        let text = match clip {
            Clip::Apology => &self.wording.apology,
            Clip::Failure => &self.wording.failure,
            Clip::Backchannel(index) => self.wording.backchannel.get(index)?,
        };
        let settings = &self.settings;
        Some(Key {
            url: settings.tts_url.clone(),
            voice: settings.voice.clone(),
            gender: settings.voice_gender.clone(),
            language: settings.language.clone(),
            rate: settings.rate,
            speed: (settings.options.speed * 1000.0) as u32,
            text,
        })
    }

    async fn fetch(&self, key: &Key) -> Result<Arc<[i16]>, String> {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let body = SynthesizeRequest {
            text: key.text.to_owned(),
            voice: some(&key.voice),
            language: some(&key.language),
            voice_gender: key.gender.clone(),
            speed: Some(self.settings.options.speed),
            format: Some("pcm".into()),
            sample_rate: Some(key.rate),
            ..SynthesizeRequest::default()
        };
        let body = serde_json::to_value(&body).map_err(|error| error.to_string())?;
        let serde_json::Value::Object(mut body) = body else {
            return Err("not an object".into());
        };
        body.retain(|_, value| !value.is_null());
        let url = format!("{}/synthesize", key.url.trim_end_matches('/'));
        let headers = self.settings.headers.clone();
        let request = self.http.post(url).headers(headers).json(&body);
        let answer = request.send().await.map_err(|error| error.to_string())?;
        let mut answer = answer
            .error_for_status()
            .map_err(|error| error.to_string())?;
        let most = LONGEST * key.rate as usize * 2;
        let mut bytes = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|error| error.to_string())? {
            if bytes.len() + piece.len() > most {
                return Err(format!("more than {LONGEST} seconds"));
            }
            bytes.extend_from_slice(&piece);
        }
        let (samples, _) = bytes.as_chunks::<2>();
        match samples {
            [] => Err("no sound".into()),
            samples => Ok(samples.iter().map(|two| i16::from_le_bytes(*two)).collect()),
        }
    }
}

/// Makes the clips that were claimed, whatever becomes of the call that wanted them.
async fn make_all(kept: Arc<Kept>, of: Arc<Of>, missing: Vec<Key>) {
    for key in missing {
        let Ok(_turn) = kept.turn.acquire().await else {
            return;
        };
        let is_resting = kept.lock().failed_at.is_some_and(|at| at.elapsed() < REST);
        let made = match is_resting {
            true => Err("another one just failed".to_owned()),
            false => timeout(MAKING, of.fetch(&key))
                .await
                .unwrap_or_else(|_| Err("it took too long".into())),
        };
        let mut state = kept.lock();
        state.making.remove(&key);
        match made {
            Ok(samples) => {
                state.failed_at = None;
                state.keep(key, samples);
            }
            Err(_) if is_resting => {}
            Err(error) => {
                state.failed_at = Some(Instant::now());
                tracing::warn!(error, "a clip could not be made");
            }
        }
    }
}
