//! Measures voices for the training scripts: the same numbers that the gateway computes.
//!
//! `cargo run -p speech --example voice_features < clips > numbers`, with the models
//! that `models fetch` has installed. Clips are a count (u32) and as many f32 samples (16 kHz mono) each. For each come back, f32: the
//! embedding (192), the statistics (14,336) and the prosody, whose names `--names` prints. What
//! could not be measured is NaN. Little-endian.

use anyhow::Context;
use inference::{DevicePreference, Runtime, RuntimeConfig};
use model_store::Store;
use speech::voice::{EMBEDDING, STATISTICS, excerpt_of_spans};
use speech::{PROSODY_NAMES, ProsodyAnalyzer, SegmenterOptions, VoiceActivity, Voices};
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::ops::Range;

/// Ten minutes: no clip for training is longer.
const LONGEST_SAMPLES: usize = 600 * 16_000;
const RATE: f64 = 16_000.0;

fn main() -> anyhow::Result<()> {
    if std::env::args().any(|argument| argument == "--names") {
        println!("{}", PROSODY_NAMES.join("\n"));
        return Ok(());
    }
    let store = Store::from_env()?;
    let runtime = Runtime::start(RuntimeConfig {
        library: store.file("onnxruntime", "libonnxruntime.so")?,
        cuda_libraries: None,
        device: DevicePreference::Cpu,
        threads: 1,
    })?;
    let activity = VoiceActivity::load(&runtime, &store.file("silero-vad", "vad.onnx")?, 1)?;
    let voices = Voices::load(&runtime, &store.file("ecapa-voxceleb", "ecapa.onnx")?, 1)?;
    let analyzer = ProsodyAnalyzer::new();

    let mut clips = BufReader::new(std::io::stdin().lock());
    let mut numbers = BufWriter::new(std::io::stdout().lock());
    while let Some(samples) = next_clip(&mut clips)? {
        let spans = speech(&activity, &samples)?;
        let print = excerpt_of_spans(&samples, &spans).map(|part| voices.print(&part));
        let print = print.and_then(Result::ok);
        let measured = analyzer.measure(&samples);
        let parts = [
            (print.as_ref().map(|print| &print.embedding[..]), EMBEDDING),
            (
                print.as_ref().map(|print| &print.statistics[..]),
                STATISTICS,
            ),
            (
                measured.as_ref().map(|found| found.values()),
                PROSODY_NAMES.len(),
            ),
        ];
        for (found, count) in parts {
            let nothing = vec![f32::NAN; count];
            for number in found.unwrap_or(&nothing) {
                numbers.write_all(&number.to_le_bytes())?;
            }
        }
    }
    numbers.flush().context("writing the numbers")
}

/// Where speech is, in samples.
fn speech(activity: &VoiceActivity, samples: &[f32]) -> anyhow::Result<Vec<Range<usize>>> {
    let mut segmenter = activity.segmenter(SegmenterOptions::default());
    let mut segments = segmenter.push(samples)?;
    segments.extend(segmenter.finish()?);
    let regions = segments.iter().flat_map(|segment| &segment.regions);
    let place = |second: f64| (second * RATE).round() as usize;
    Ok(regions
        .map(|(start, end)| place(*start)..place(*end))
        .collect())
}

fn next_clip(clips: &mut impl Read) -> anyhow::Result<Option<Vec<f32>>> {
    let mut count = [0; 4];
    match clips.read_exact(&mut count) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        done => done?,
    }
    let count = u32::from_le_bytes(count) as usize;
    anyhow::ensure!(count <= LONGEST_SAMPLES, "a clip of {count} samples");
    let mut bytes = vec![0; count * 4];
    clips.read_exact(&mut bytes).context("a clip is cut off")?;
    let (words, _) = bytes.as_chunks::<4>();
    Ok(words
        .iter()
        .map(|word| f32::from_le_bytes(*word))
        .collect::<Vec<f32>>()
        .into())
}
