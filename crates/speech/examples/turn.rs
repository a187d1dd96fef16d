//! Tells for each pause of WAV files (16 kHz, mono, 16 bits) how likely the speaker is done, and
//! what asking cost.
//!
//! `cargo run --release -p speech --example turn -- --models DIR --library LIB a.wav b.wav`
//! prints `path <tab> end of speech in seconds <tab> pause in seconds <tab> probability` for each
//! pause, and a line of figures to standard error.

mod wav;

use clap::Parser;
use inference::{DevicePreference, Runtime, RuntimeConfig};
use speech::{SegmenterOptions, TurnDetector, VoiceActivity};
use std::path::PathBuf;
use std::time::{Duration, Instant};

const RATE: f64 = 16_000.0;

#[derive(Parser)]
struct Arguments {
    /// Folder with one folder per model.
    #[arg(long)]
    models: PathBuf,
    /// Shared library of ONNX Runtime.
    #[arg(long)]
    library: PathBuf,
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Shortest pause to ask at.
    #[arg(long, default_value_t = 150)]
    pause_ms: u32,
    /// How much of the pause is heard when asking.
    #[arg(long, default_value_t = 200)]
    heard_ms: u32,
    /// Add silence until the pause is 200 ms long.
    #[arg(long)]
    complete: bool,
    wavs: Vec<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = Runtime::start(RuntimeConfig {
        library: arguments.library.clone(),
        cuda_libraries: None,
        device: DevicePreference::Cpu,
        threads: arguments.threads,
    })?;
    let activity = VoiceActivity::load(&runtime, &arguments.models.join("silero-vad/vad.onnx"), 1)?;
    let turn = TurnDetector::load(&runtime, &arguments.models.join("smart-turn/turn.onnx"), 1)?;
    let count = |ms: u32| (f64::from(ms) / 1000.0 * RATE) as usize;
    let mut times = Vec::new();
    for path in &arguments.wavs {
        let samples = wav::read(path)?;
        for (end_s, next_s) in pauses(&activity, &samples, f64::from(arguments.pause_ms) / 1000.0)?
        {
            let to = (end_s * RATE) as usize + count(arguments.heard_ms);
            let heard = &samples[..to.min((next_s * RATE) as usize)];
            let pause = heard.len() as f64 / RATE - end_s;
            let begun = Instant::now();
            let probability = if arguments.complete {
                turn.completion_after(heard, Duration::from_secs_f64(pause.max(0.0)))?
            } else {
                turn.completion(heard)?
            };
            times.push(begun.elapsed());
            println!(
                "{}\t{end_s:.2}\t{:.2}\t{probability:.4}",
                path.display(),
                next_s - end_s
            );
        }
    }
    times.sort();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let sum: Duration = times.iter().sum();
    eprintln!(
        "{} pauses, {} threads: median {:.1} ms, mean {:.1} ms a call",
        times.len(),
        arguments.threads,
        median.as_secs_f64() * 1000.0,
        sum.as_secs_f64() * 1000.0 / times.len().max(1) as f64,
    );
    Ok(())
}

/// Where speech stops and where it goes on (or the file ends), in seconds.
fn pauses(
    activity: &VoiceActivity,
    samples: &[f32],
    shortest_s: f64,
) -> anyhow::Result<Vec<(f64, f64)>> {
    let mut segmenter = activity.segmenter(SegmenterOptions {
        min_silence_s: 0.1,
        min_speech_s: 0.1,
        padding_s: 0.0,
        ..SegmenterOptions::default()
    });
    let mut segments = segmenter.push(samples)?;
    segments.extend(segmenter.finish()?);
    let regions: Vec<(f64, f64)> = segments
        .into_iter()
        .flat_map(|segment| segment.regions)
        .collect();
    let total = samples.len() as f64 / RATE;
    let next = regions
        .iter()
        .skip(1)
        .map(|region| region.0)
        .chain([f64::INFINITY]);
    Ok(regions
        .iter()
        .zip(next)
        .map(|(region, next)| (region.1, next))
        .filter(|(end, next)| next - end >= shortest_s)
        .map(|(end, next)| (end, next.min(total)))
        .collect())
}
