//! Measures the prosody of clips for the training scripts: the same numbers that run in the gateway.
//!
//! `cargo run --release -p speech --example prosody < clips > values`: clips are a count (u32) and
//! as many f32 samples (16 kHz mono) each; for each, f32 numbers come back in the order that
//! `--names` prints; all NaN where nothing is voiced. Little-endian.

use anyhow::Context;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};

/// Ten minutes: no clip for training is longer.
const LONGEST_SAMPLES: usize = 600 * 16_000;

fn main() -> anyhow::Result<()> {
    if std::env::args().any(|argument| argument == "--names") {
        println!("{}", speech::PROSODY_NAMES.join("\n"));
        return Ok(());
    }
    let analyzer = speech::ProsodyAnalyzer::new();
    let mut clips = BufReader::new(std::io::stdin().lock());
    let mut values = BufWriter::new(std::io::stdout().lock());
    while let Some(samples) = next_clip(&mut clips)? {
        let nothing = vec![f32::NAN; speech::PROSODY_NAMES.len()];
        let measured = analyzer.measure(&samples);
        for value in measured
            .as_ref()
            .map_or(&nothing[..], |found| found.values())
        {
            values.write_all(&value.to_le_bytes())?;
        }
    }
    values.flush().context("writing the numbers")
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
    Ok(Some(
        words.iter().map(|word| f32::from_le_bytes(*word)).collect(),
    ))
}
