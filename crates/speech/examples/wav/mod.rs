//! Reads the recordings that the examples are given: 16 kHz mono WAV, 16 bits a sample.

use anyhow::Context;
use std::path::Path;

/// Samples of a WAV file.
///
/// # Errors
/// What is wrong with it.
pub fn read(path: &Path) -> anyhow::Result<Vec<f32>> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    let rate = bytes
        .get(24..28)
        .and_then(|b| Some(u32::from_le_bytes(b.try_into().ok()?)));
    anyhow::ensure!(
        rate == Some(16_000) && bytes.get(22) == Some(&1),
        "{}: not 16 kHz mono",
        path.display()
    );
    let data = bytes
        .windows(4)
        .position(|window| window == b"data")
        .context("no data chunk")?
        + 8;
    Ok(bytes[data..]
        .chunks_exact(2)
        .map(|b| f32::from(i16::from_le_bytes([b[0], b[1]])) / 32_768.0)
        .collect())
}
