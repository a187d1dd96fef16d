//! Engines from the model cache, test recordings, and sounds that are not speech.
#![allow(dead_code)] // each test program uses some of it

use inference::{DevicePreference, Runtime, RuntimeConfig};
use model_store::Store;
use speech::{
    DecodeOptions, Diarizer, Engine, EngineOptions, Hypothesis, ModelKind, SpeechError,
    SpeechSegment, TextTagger, TurnDetector, VoiceActivity, Voices,
};
use std::collections::HashMap;
use std::f32::consts::TAU;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

const ABSENT: &str =
    "the model cache lacks it: run `cargo run -p model-store --bin models -- fetch`";

static STORE: LazyLock<Store> = LazyLock::new(|| Store::from_env().expect("a home folder"));

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let library = STORE
        .file("onnxruntime", "libonnxruntime.so")
        .expect(ABSENT);
    Runtime::start(RuntimeConfig {
        library,
        cuda_libraries: None,
        device: DevicePreference::Cpu,
        threads: 2,
    })
    .expect("it starts")
});

static VAD: LazyLock<VoiceActivity> = LazyLock::new(|| {
    VoiceActivity::load(
        &RUNTIME,
        &STORE.file("silero-vad", "vad.onnx").expect(ABSENT),
        2,
    )
    .expect("it loads")
});

static TURNS: LazyLock<TurnDetector> = LazyLock::new(|| {
    let graph = STORE.file("smart-turn", "turn.onnx").expect(ABSENT);
    TurnDetector::load(&RUNTIME, &graph, 2).expect("it loads")
});

static VOICES: LazyLock<Voices> = LazyLock::new(|| {
    let graph = STORE.file("ecapa-voxceleb", "ecapa.onnx").expect(ABSENT);
    Voices::load(&RUNTIME, &graph, 1).expect("it loads")
});

static DIARIZER: LazyLock<Diarizer> = LazyLock::new(|| {
    let graph = STORE
        .file("pyannote-segmentation", "segmentation.onnx")
        .expect(ABSENT);
    Diarizer::load(&RUNTIME, &graph, VOICES.clone(), 1).expect("it loads")
});

static TAGGER: LazyLock<TextTagger> = LazyLock::new(|| {
    let dir = STORE.dir("minilm").expect(ABSENT);
    TextTagger::load(&RUNTIME, &dir, 2).expect("it loads")
});

static ENGINES: Mutex<Option<HashMap<String, Arc<Engine>>>> = Mutex::new(None);

static EXECUTOR: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .expect("threads")
});

/// The engine of a model, loaded once.
pub fn engine(id: &str) -> Arc<Engine> {
    let mut engines = ENGINES.lock().unwrap_or_else(PoisonError::into_inner);
    let engines = engines.get_or_insert_default();
    let load = || Arc::new(load(id, EngineOptions::default()));
    engines.entry(id.to_owned()).or_insert_with(load).clone()
}

/// An engine of one's own.
pub fn load(id: &str, options: EngineOptions) -> Engine {
    let kind = if id.starts_with("whisper") {
        ModelKind::Whisper
    } else {
        ModelKind::Moonshine
    };
    let dir = STORE.dir(id).expect(ABSENT);
    Engine::load(&RUNTIME, id, kind, &dir, options).expect("it loads")
}

/// The end-of-turn model.
pub fn turns() -> &'static TurnDetector {
    &TURNS
}

/// The voice model.
pub fn voices() -> &'static Voices {
    &VOICES
}

/// The diarizer.
pub fn diarizer() -> &'static Diarizer {
    &DIARIZER
}

/// ONNX Runtime.
pub fn runtime() -> &'static Runtime {
    &RUNTIME
}

/// The tagger of text.
pub fn tagger() -> &'static TextTagger {
    &TAGGER
}

/// A file of the test recordings.
pub fn recording_bytes(name: &str) -> Vec<u8> {
    let path = STORE.file("test-recordings", name).expect(ABSENT);
    std::fs::read(path).expect("readable")
}

/// Samples of a test recording (16 kHz, mono, 16 bits).
pub fn recording(name: &str) -> Vec<f32> {
    let bytes = recording_bytes(name);
    let data = bytes
        .windows(4)
        .position(|window| window == b"data")
        .expect("a WAV file")
        + 8;
    bytes[data..]
        .chunks_exact(2)
        .map(|b| f32::from(i16::from_le_bytes([b[0], b[1]])) / 32_768.0)
        .collect()
}

/// Utterances of the samples, pushed in blocks of an odd size.
pub fn segments(samples: &[f32]) -> Vec<Arc<SpeechSegment>> {
    let mut segmenter = VAD.segmenter(engine("moonshine-tiny-en").segmenter_options());
    let mut parts = Vec::new();
    for block in samples.chunks(1237) {
        parts.extend(segmenter.push(block).expect("the model runs"));
    }
    parts.extend(segmenter.finish().expect("the model runs"));
    parts.into_iter().map(Arc::new).collect()
}

/// One segment through a model.
pub fn one(
    model: &str,
    segment: Arc<SpeechSegment>,
    options: &DecodeOptions,
) -> Result<Hypothesis, SpeechError> {
    through(&engine(model), segment, options)
}

/// One segment through an engine.
pub fn through(
    engine: &Engine,
    segment: Arc<SpeechSegment>,
    options: &DecodeOptions,
) -> Result<Hypothesis, SpeechError> {
    EXECUTOR.block_on(engine.transcribe(segment, options))
}

/// All utterances of the samples through a model, at once.
pub fn transcribe(model: &str, samples: &[f32], options: &DecodeOptions) -> Vec<Hypothesis> {
    let engine = engine(model);
    let spawn = |segment| {
        let (engine, options) = (engine.clone(), options.clone());
        EXECUTOR.spawn(async move { engine.transcribe(segment, &options).await })
    };
    let running: Vec<_> = segments(samples).into_iter().map(spawn).collect();
    running
        .into_iter()
        .map(|task| {
            EXECUTOR
                .block_on(task)
                .expect("no panic")
                .expect("recognised")
        })
        .collect()
}

/// Lower-case words without punctuation.
pub fn plain(text: &str) -> Vec<String> {
    let bare = |word: &str| {
        word.chars()
            .filter(|c| c.is_alphanumeric())
            .collect::<String>()
            .to_lowercase()
    };
    text.split_whitespace()
        .map(bare)
        .filter(|word| !word.is_empty())
        .collect()
}

/// Four seconds each of what is not speech: `(name, samples)`.
pub fn sounds() -> Vec<(&'static str, Vec<f32>)> {
    let make = |sound: &dyn Fn(usize, f32) -> f32| {
        (0..64_000)
            .map(|i| sound(i, i as f32 / 16_000.0))
            .collect::<Vec<f32>>()
    };
    let white: Vec<f32> = make(&|i, _| noise(i));
    // Leaky sums at three speeds make noise that falls by about 3 dB an octave.
    let mut memory = [0f32; 3];
    let mut pink = Vec::with_capacity(white.len());
    for &x in &white {
        for (slot, keep) in memory.iter_mut().zip([0.99, 0.9, 0.5]) {
            *slot = *slot * keep + x * (1.0 - keep);
        }
        pink.push((memory.iter().sum::<f32>() + 0.1 * x) * 0.3);
    }
    let tones = [
        (697.0, 1209.0),
        (770.0, 1336.0),
        (852.0, 1477.0),
        (941.0, 1336.0),
    ];
    let chords = [
        [261.6, 329.6, 392.0],
        [220.0, 261.6, 329.6],
        [174.6, 220.0, 261.6],
        [196.0, 246.9, 293.7],
    ];
    vec![
        ("silence", vec![0.0; 64_000]),
        (
            "quiet white noise",
            white.iter().map(|x| x * 0.003).collect(),
        ),
        ("loud white noise", white.iter().map(|x| x * 0.3).collect()),
        ("pink noise", pink),
        (
            "mains hum",
            make(&|_, t| 0.2 * (TAU * 50.0 * t).sin() + 0.1 * (TAU * 150.0 * t).sin()),
        ),
        ("a constant", vec![0.3; 64_000]),
        (
            "dialling tones",
            make(&|_, t| {
                let (a, b) = tones[(t * 2.0) as usize % 4];
                if t % 0.5 < 0.2 {
                    0.3 * ((TAU * a * t).sin() + (TAU * b * t).sin())
                } else {
                    0.0
                }
            }),
        ),
        (
            "chords",
            make(&|_, t| {
                let voice = |f: f32| {
                    (1..5)
                        .map(|h| 0.1 / h as f32 * (TAU * f * h as f32 * t).sin())
                        .sum::<f32>()
                };
                chords[t as usize % 4]
                    .iter()
                    .map(|&f| voice(f))
                    .sum::<f32>()
                    * (-2.0 * (t % 1.0)).exp()
            }),
        ),
        (
            "clicks",
            make(&|i, _| if i % 9000 < 40 { noise(i) } else { 0.0 }),
        ),
    ]
}

/// White noise in -1..1, the same each time.
fn noise(i: usize) -> f32 {
    let mut z = (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z >> 40) as f32 / (1u64 << 23) as f32) - 1.0
}
