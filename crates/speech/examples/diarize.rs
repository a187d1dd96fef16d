//! Says who speaks when in WAV files (16 kHz, mono, 16 bits), and what it cost.
//!
//! `cargo run --release -p speech --example diarize -- a.wav b.wav`
//! prints `path <tab> threshold <tab> start <tab> end <tab> speaker <tab> confidence` for each turn,
//! times in seconds, and a line of figures for each file to standard error.

mod wav;

use clap::Parser;
use inference::{DevicePreference, Runtime, RuntimeConfig};
use model_store::Store;
use speech::voice::excerpt;
use speech::{
    DiarizationOptions, Diarizer, SegmenterOptions, SpeakerLimits, SpeakerTracker, VoiceActivity,
    Voices,
};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
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
    /// As a stream: the speaker of each utterance that voice activity finds, at its end, or of each
    /// turn where several alternate in it.
    #[arg(long)]
    live: bool,
    /// With `--live`: one speaker for each utterance.
    #[arg(long)]
    whole: bool,
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
    let diarizer = Diarizer::load(&runtime, &graph, voices.clone(), 1)?;
    if arguments.live {
        let activity = VoiceActivity::load(&runtime, &store.file("silero-vad", "vad.onnx")?, 1)?;
        let apart = (!arguments.whole).then_some(&diarizer);
        return arguments
            .wavs
            .iter()
            .try_for_each(|path| follow(path, &activity, &voices, apart));
    }
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

/// Prints the utterances of one file, or the turns in them: no threshold, times, the speaker given
/// at once and the one after late corrections. `apart` looks into utterances.
fn follow(
    path: &Path,
    activity: &VoiceActivity,
    voices: &Voices,
    apart: Option<&Diarizer>,
) -> anyhow::Result<()> {
    let mut segmenter = activity.segmenter(SegmenterOptions::default());
    let mut segments = segmenter.push(&wav::read(path)?)?;
    segments.extend(segmenter.finish()?);
    let mut tracker = SpeakerTracker::new(10);
    let mut place = |excerpt: &[f32]| -> anyhow::Result<(usize, f32)> {
        let seconds = excerpt.len() as f64 / 16_000.0;
        Ok(tracker.place(&voices.print(excerpt)?.embedding, seconds))
    };
    let mut placed = Vec::new();
    for segment in &segments {
        let several = match apart {
            Some(diarizer) => diarizer.alternation(segment)?,
            None => None,
        };
        if let Some(several) = several {
            let excerpts = several.excerpts.iter();
            let who: Vec<_> = excerpts.map(|it| place(it)).collect::<Result<_, _>>()?;
            placed.extend(several.turns.iter().map(|turn| {
                let (speaker, confidence) = who[turn.speaker];
                ((turn.start_s, turn.end_s), speaker, confidence)
            }));
        } else if let Some(excerpt) = excerpt(segment) {
            let (speaker, confidence) = place(&excerpt)?;
            placed.push((segment.speech_span(), speaker, confidence));
        }
    }
    let corrected: HashMap<usize, usize> = tracker.finish().into_iter().collect();
    for ((start, end), speaker, confidence) in placed {
        let late = corrected.get(&speaker).unwrap_or(&speaker);
        println!(
            "{}\tlive\t{start:.3}\t{end:.3}\t{speaker}\t{confidence:.4}\t{late}",
            path.display()
        );
    }
    Ok(())
}
