//! Decodes the files named on the command line and prints what each is, one line a file.
//!
//! `cargo run -p audio --release --example decode -- FILE...`

use std::time::Instant;

use audio::{AudioError, DecodeOptions, Decoder};

fn main() {
    for path in std::env::args().skip(1) {
        let start = Instant::now();
        let outcome = describe(&path);
        let ms = start.elapsed().as_millis();
        match outcome {
            Ok(line) => println!("ok   {path}: {line} [{ms} ms]"),
            Err(error) => println!("fail {path}: {error} [{ms} ms]"),
        }
    }
}

fn describe(path: &str) -> Result<String, AudioError> {
    let file = std::fs::File::open(path)?;
    let mut decoder = Decoder::open(Box::new(file), &DecodeOptions::default())?;
    let (mut samples, mut peak) = (0, 0f32);
    while let Some(block) = decoder.next_block()? {
        samples += block.channels[0].len();
        peak = block.channels[0]
            .iter()
            .fold(peak, |peak, sample| peak.max(sample.abs()));
    }
    let info = decoder.info();
    Ok(format!(
        "{} {} {} Hz {} ch {:.4} s, {samples} samples at 16 kHz, peak {peak:.3} {:?}",
        info.container,
        info.codec,
        info.sample_rate_hz,
        info.channels,
        decoder.seconds(),
        decoder.warnings(),
    ))
}
