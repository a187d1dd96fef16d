//! What the tests share: signals, measurements, files made by ffmpeg, the entry for hostile bytes.
#![allow(dead_code)]

pub mod entry;

use std::f64::consts::TAU;
use std::io::Cursor;
use std::path::Path;
use std::process::{Command, Stdio};

use audio::{Audio, AudioError, ChannelMode, DecodeOptions, Decoder, decode_all};

/// A tone of `hz` with amplitude 0.5.
pub fn tone(hz: f64, rate_hz: u32, seconds: f64) -> Vec<f32> {
    let frames = (f64::from(rate_hz) * seconds).round() as usize;
    (0..frames)
        .map(|n| (0.5 * (TAU * hz * n as f64 / f64::from(rate_hz)).sin()) as f32)
        .collect()
}

/// Amplitude of the component at `hz` (projection on sine and cosine).
pub fn amplitude(samples: &[f32], hz: f64, rate_hz: u32) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        let phase = TAU * hz * n as f64 / f64::from(rate_hz);
        re += f64::from(*sample) * phase.cos();
        im += f64::from(*sample) * phase.sin();
    }
    2.0 * re.hypot(im) / samples.len() as f64
}

/// Root of the mean square.
pub fn rms(samples: &[f32]) -> f64 {
    (samples.iter().map(|s| f64::from(s * s)).sum::<f64>() / samples.len().max(1) as f64).sqrt()
}

/// The middle, away from what codecs do at the edges.
pub fn middle(samples: &[f32]) -> &[f32] {
    &samples[samples.len() / 4..samples.len() * 3 / 4]
}

pub fn decode(bytes: Vec<u8>) -> Result<Audio, AudioError> {
    decode_all(Box::new(Cursor::new(bytes)), &DecodeOptions::default())
}

pub fn decode_separate(bytes: Vec<u8>) -> Result<Audio, AudioError> {
    let options = DecodeOptions {
        channels: ChannelMode::Separate,
        ..DecodeOptions::default()
    };
    decode_all(Box::new(Cursor::new(bytes)), &options)
}

/// Samples (mixed, 16 kHz), warnings and "container codec" of a source.
pub fn decode_with_warnings(bytes: Vec<u8>) -> (Vec<f32>, Vec<String>, String) {
    let mut decoder =
        Decoder::open(Box::new(Cursor::new(bytes)), &DecodeOptions::default()).expect("opens");
    let mut samples = Vec::new();
    while let Some(block) = decoder.next_block().expect("decodes") {
        samples.extend_from_slice(&block.channels[0]);
    }
    let name = format!("{} {}", decoder.info().container, decoder.info().codec);
    (samples, decoder.warnings().to_vec(), name)
}

/// Runs ffmpeg on a WAV file; fails loudly where there is none.
pub fn ffmpeg(args: &[&str]) {
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-y"])
        .args(args)
        .stdin(Stdio::null())
        .status()
        .expect("ffmpeg must be installed for these tests: apt-get install ffmpeg");
    assert!(status.success(), "ffmpeg {args:?}");
}

/// `samples` (interleaved) encoded by ffmpeg into a file of this name.
pub fn encoded(samples: &[f32], rate_hz: u32, channels: u16, name: &str, args: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("temporary folder");
    let wav = folder.path().join("in.wav");
    let bytes = audio::wav::to_bytes(samples, audio::wav::WavEncoding::F32, rate_hz, channels);
    std::fs::write(&wav, bytes).expect("temporary file");
    let out = folder.path().join(name);
    let text = |path: &Path| path.to_str().expect("plain path").to_owned();
    let (wav, out_text) = (text(&wav), text(&out));
    let mut all = vec!["-i", &wav];
    all.extend(args);
    all.push(&out_text);
    ffmpeg(&all);
    std::fs::read(out).expect("written by ffmpeg")
}
