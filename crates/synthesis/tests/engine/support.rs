//! One engine for all tests, and speeches taken whole.

use std::sync::LazyLock;

use inference::{DevicePreference, Runtime, RuntimeConfig};
use model_store::Store;
use synthesis::{
    Event, Request, SAMPLE_RATE, Speech, SpokenWord, SynthesisError, Synthesizer, SynthesizerFiles,
    SynthesizerOptions,
};

pub const ABSENT: &str = "the model cache lacks it: run \
    `cargo run -p model-store --bin models -- fetch --group speech`";

pub static STORE: LazyLock<Store> = LazyLock::new(|| Store::from_env().expect("a home folder"));

pub static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Runtime::start(RuntimeConfig {
        library: STORE
            .file("onnxruntime", "libonnxruntime.so")
            .expect(ABSENT),
        cuda_libraries: None,
        device: DevicePreference::Cpu,
        threads: 2,
    })
    .expect("it starts")
});

pub static FILES: LazyLock<SynthesizerFiles> =
    LazyLock::new(|| SynthesizerFiles::find(&STORE, RUNTIME.device()).expect(ABSENT));

pub static ENGINE: LazyLock<Synthesizer> = LazyLock::new(|| {
    Synthesizer::start(&RUNTIME, &FILES, SynthesizerOptions::default()).expect("it starts")
});

/// A text in the default voice.
pub fn request(text: &str) -> Request {
    in_voice("af_heart", text)
}

pub fn in_voice(voice: &str, text: &str) -> Request {
    let (voice, _) = ENGINE.voices().parse(voice, None).expect("a voice");
    Request::new(text, voice)
}

/// Everything that was said.
#[derive(Default)]
pub struct Said {
    pub samples: Vec<f32>,
    pub words: Vec<SpokenWord>,
    pub waited: bool,
}

impl Said {
    pub fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(SAMPLE_RATE)
    }

    pub fn words(&self) -> Vec<&str> {
        self.words.iter().map(|word| word.text.as_str()).collect()
    }

    /// Root of the mean square.
    pub fn level(&self) -> f32 {
        let power: f32 = self.samples.iter().map(|sample| sample * sample).sum();
        (power / self.samples.len() as f32).sqrt()
    }
}

pub async fn whole(mut speech: Speech) -> Result<Said, SynthesisError> {
    let mut said = Said::default();
    while let Some(event) = speech.next().await {
        match event? {
            Event::Waiting { .. } => said.waited = true,
            Event::Sound(sound) => {
                said.samples.extend(sound.samples);
                said.words.extend(sound.words);
            }
        }
    }
    Ok(said)
}

pub async fn say(request: Request) -> Said {
    let speech = ENGINE.speak(request).expect("a place");
    whole(speech).await.expect("it is said")
}
