//! What the examples that speak have in common.

use std::path::Path;

use anyhow::{Context, Result};
use inference::{DevicePreference, Runtime, RuntimeConfig};
use model_store::Store;
use synthesis::SAMPLE_RATE;

/// ONNX Runtime on the CPU.
pub fn runtime(store: &Store, threads: usize) -> Result<Runtime> {
    Ok(Runtime::start(RuntimeConfig {
        library: store.file("onnxruntime", "libonnxruntime.so")?,
        cuda_libraries: None,
        device: DevicePreference::Cpu,
        threads,
    })?)
}

/// Voice and text of each line of standard input, tab-separated; the name of the line is its
/// number.
pub fn lines() -> Result<Vec<(String, String)>> {
    let lines = std::io::stdin().lines().map(|line| {
        let line = line?;
        let (voice, text) = line.split_once('\t').context("VOICE<TAB>TEXT")?;
        Ok((voice.to_owned(), text.to_owned()))
    });
    lines.collect()
}

/// A mono WAV of 16 bits.
pub fn write_wav(path: &Path, samples: &[f32]) -> Result<()> {
    let data = u32::try_from(samples.len() * 2)?;
    let mut file = Vec::with_capacity(44 + samples.len() * 2);
    file.extend(b"RIFF");
    file.extend((data + 36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(SAMPLE_RATE.to_le_bytes());
    file.extend((SAMPLE_RATE * 2).to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend(data.to_le_bytes());
    let whole = |sample: &f32| (sample.clamp(-1.0, 1.0) * 32767.0).round() as i16;
    file.extend(samples.iter().flat_map(|s| whole(s).to_le_bytes()));
    std::fs::write(path, file).with_context(|| path.display().to_string())
}
