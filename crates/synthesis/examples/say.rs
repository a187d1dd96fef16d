//! Says a text: `cargo run --release -p synthesis --example say -- af_heart out.wav "Hello there."`
//! Prints when the first sound was there, how fast the rest came, and the words with their times.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use inference::{DevicePreference, Runtime, RuntimeConfig};
use model_store::Store;
use synthesis::{Event, Request, SAMPLE_RATE, Synthesizer, SynthesizerFiles, SynthesizerOptions};

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [voice, out, text @ ..] = &arguments[..] else {
        bail!("VOICE OUT.wav TEXT");
    };
    let store = Store::from_env()?;
    let threads = std::thread::available_parallelism()?.get();
    let runtime = Runtime::start(RuntimeConfig {
        library: store.file("onnxruntime", "libonnxruntime.so")?,
        cuda_libraries: None,
        device: DevicePreference::Cpu,
        threads,
    })?;
    let files = SynthesizerFiles::find(&store, runtime.device())?;
    let synthesizer = Synthesizer::start(&runtime, &files, SynthesizerOptions::default())?;
    let (voice, warnings) = synthesizer.voices().parse(voice, None)?;
    warnings.iter().for_each(|warning| eprintln!("{warning}"));
    synthesizer.preload(voice.language())?;
    for text in text {
        let begun = Instant::now();
        let mut speech = synthesizer.speak(Request::new(text, voice.clone()))?;
        let (mut samples, mut first) = (Vec::new(), None);
        let (mut lead, mut worst) = (0.0, f64::INFINITY);
        while let Some(event) = speech.next().await {
            let Event::Sound(sound) = event? else {
                continue;
            };
            let at = begun.elapsed().as_secs_f64();
            let first = *first.get_or_insert(at);
            if !samples.is_empty() {
                lead = samples.len() as f64 / f64::from(SAMPLE_RATE) - (at - first);
                worst = worst.min(lead);
            }
            for word in &sound.words {
                eprintln!("{:6.2} {:6.2}  {}", word.start, word.end, word.text);
            }
            samples.extend(sound.samples);
        }
        let seconds = samples.len() as f64 / f64::from(SAMPLE_RATE);
        let first = first.context("no sound")?;
        let all = begun.elapsed().as_secs_f64();
        eprintln!(
            "first sound {:.0} ms, {seconds:.2} s of sound in {all:.2} s, factor {:.2}, least lead {:.2} s, at the end {lead:.2}",
            first * 1e3,
            all / seconds,
            worst
        );
        let spec = wav_header(samples.len());
        let mut bytes = spec;
        bytes.extend(
            samples
                .iter()
                .flat_map(|s| ((s * 32767.0) as i16).to_le_bytes()),
        );
        std::fs::write(out, bytes)?;
    }
    Ok(())
}

/// The header of a mono WAV of 16 bits.
fn wav_header(samples: usize) -> Vec<u8> {
    let data = (samples * 2) as u32;
    let mut header = Vec::new();
    header.extend(b"RIFF");
    header.extend((data + 36).to_le_bytes());
    header.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    header.extend(SAMPLE_RATE.to_le_bytes());
    header.extend((SAMPLE_RATE * 2).to_le_bytes());
    header.extend(b"\x02\0\x10\0data");
    header.extend(data.to_le_bytes());
    header
}
