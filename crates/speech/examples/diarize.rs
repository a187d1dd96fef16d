//! Says who speaks when in WAV files (16 kHz, mono, 16 bits), and what it cost.
//!
//! `cargo run --release -p speech --example diarize -- a.wav b.wav`
//! prints `path <tab> threshold <tab> start <tab> end <tab> speaker <tab> confidence` for each turn,
//! times in seconds, and a line of figures for each file to standard error.

mod wav;

use clap::Parser;
use inference::{DevicePreference, Runtime, RuntimeConfig};
use model_store::Store;
use speech::{DiarizationOptions, Diarizer, SpeakerLimits, Voices};
use std::path::PathBuf;
use std::time::Instant;

#[derive(Parser)]
struct Arguments {
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Tell it how many speakers there are.
    #[arg(long)]
    speakers: Option<usize>,
    /// Thresholds to try instead of the default.
    #[arg(long, value_delimiter = ',')]
    thresholds: Vec<f32>,
    wavs: Vec<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let store = Store::from_env()?;
    let runtime = Runtime::start(RuntimeConfig {
        library: store.file("onnxruntime", "libonnxruntime.so")?,
        cuda_libraries: None,
        device: DevicePreference::Cpu,
        threads: arguments.threads,
    })?;
    let voices = Voices::load(&runtime, &store.file("ecapa-voxceleb", "ecapa.onnx")?, 1)?;
    let graph = store.file("pyannote-segmentation", "segmentation.onnx")?;
    let diarizer = Diarizer::load(&runtime, &graph, voices, 1)?;
    let limits = SpeakerLimits {
        exact: arguments.speakers,
        ..SpeakerLimits::default()
    };
    let mut options = vec![DiarizationOptions::default()];
    if !arguments.thresholds.is_empty() {
        let with = |&threshold: &f32| DiarizationOptions {
            threshold,
            ..options[0]
        };
        options = arguments.thresholds.iter().map(with).collect();
    }
    for path in &arguments.wavs {
        let samples = wav::read(path)?;
        let begun = Instant::now();
        let mut recording = diarizer.recording(|_, samples| samples.len());
        recording.push(&samples)?;
        let heard = recording.heard()?;
        let models = begun.elapsed().as_secs_f64();
        for options in &options {
            for turn in heard.turns(&limits, options) {
                println!(
                    "{}\t{}\t{:.3}\t{:.3}\t{}\t{:.4}",
                    path.display(),
                    options.threshold,
                    turn.start_s,
                    turn.end_s,
                    turn.speaker,
                    turn.confidence
                );
            }
        }
        let all = begun.elapsed().as_secs_f64();
        let embedded: usize = heard.features().copied().sum();
        eprintln!(
            "{}\t{:.1} s, models {models:.2} s, the rest {:.3} s, {:.0} % of it embedded",
            path.display(),
            samples.len() as f64 / 16_000.0,
            all - models,
            100.0 * embedded as f64 / samples.len() as f64
        );
    }
    Ok(())
}
