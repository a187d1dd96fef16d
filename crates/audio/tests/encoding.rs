//! What is written can be read again: by our own decoder, and by ffmpeg.

mod common;

use audio::{Encoder, Format};
use common::{amplitude, decode_with_warnings, middle, tone};
use proptest::prelude::*;
use std::process::Command;

/// In pieces of these sizes, in turn.
fn encode(format: Format, rate_hz: u32, samples: &[f32], sizes: &[usize]) -> Vec<u8> {
    let mut encoder = Encoder::new(format, 24_000, rate_hz).expect("a rate the format takes");
    let mut bytes = Vec::new();
    let (mut rest, mut turn) = (samples, 0);
    while !rest.is_empty() {
        let (piece, more) = rest.split_at(sizes[turn % sizes.len()].min(rest.len()));
        bytes.extend(encoder.push(piece).expect("it is sound"));
        (rest, turn) = (more, turn + 1);
    }
    bytes.extend(encoder.finish().expect("it ends"));
    bytes
}

/// Samples at 16 kHz that a format may add: frames are whole, and an MP3 that is sent while it is
/// made cannot say where its sound begins and ends.
fn slack(format: Format, rate_hz: u32) -> usize {
    match format {
        Format::Mp3 => 4 * 1152 * 16_000 / rate_hz as usize,
        _ => 2,
    }
}

#[test]
fn every_file_keeps_pitch_level_and_length_at_every_rate() {
    let sound = tone(440.0, 24_000, 3.0);
    for format in [Format::Wav, Format::Flac, Format::Mp3, Format::Opus] {
        for rate in [8_000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000] {
            if !format.takes(rate) {
                continue;
            }
            let bytes = encode(format, rate, &sound, &[4_800, 7_211, 100]);
            let (samples, warnings, _) = decode_with_warnings(bytes);
            let name = format!("{} at {rate}", format.as_str());
            assert!(warnings.is_empty(), "{name}: {warnings:?}");
            assert!(
                samples.len().abs_diff(48_000) <= slack(format, rate),
                "{name}: {} samples",
                samples.len()
            );
            let level = amplitude(middle(&samples), 440.0, 16_000);
            assert!((level - 0.5).abs() < 0.03, "{name}: {level}");
        }
    }
}

#[test]
fn ffmpeg_reads_what_we_write() {
    let sound = tone(440.0, 24_000, 2.0);
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (format, ending) in [
        (Format::Wav, "wav"),
        (Format::Flac, "flac"),
        (Format::Mp3, "mp3"),
        (Format::Opus, "opus"),
    ] {
        let path = folder.path().join(format!("a.{ending}"));
        std::fs::write(&path, encode(format, 24_000, &sound, &[2_400])).expect("it is written");
        let output = Command::new("ffmpeg")
            .args(["-v", "error", "-i"])
            .arg(&path)
            .args(["-f", "s16le", "-ar", "16000", "-"])
            .output()
            .expect("ffmpeg is installed (scripts/setup.sh test)");
        let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(complaints, "", "{ending}");
        let got = output.stdout.len() / 2;
        let slack = slack(format, 24_000).max(50);
        assert!(got.abs_diff(32_000) <= slack, "{ending}: {got} samples");
    }
}

#[test]
fn a_file_without_sound_is_still_a_file() {
    for format in Format::ALL {
        let mut encoder = Encoder::new(format, 24_000, 24_000).expect("a rate it takes");
        let bytes = encoder.finish().expect("it ends");
        assert_eq!(
            bytes.is_empty(),
            matches!(format, Format::Pcm | Format::Mulaw | Format::Alaw)
        );
    }
}

#[test]
fn a_rate_that_a_format_cannot_have_is_refused() {
    assert!(Encoder::new(Format::Opus, 24_000, 44_100).is_err());
    assert!(Encoder::new(Format::Mp3, 24_000, 23_000).is_err());
    assert!(Encoder::new(Format::Wav, 24_000, 96_000).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn flac_gives_back_every_sample(
        noise in prop::collection::vec(-1.0f32..1.0, 1..9000), loud in prop::sample::select(vec![0.0f32, 0.001, 0.1, 1.0]),
        square in any::<bool>(), sizes in prop::collection::vec(1usize..5000, 1..5),
    ) {
        let sound: Vec<f32> = noise.iter().map(|x| if square { x.signum() } else { x * loud }).collect();
        let bytes = encode(Format::Flac, 24_000, &sound, &sizes);
        let options = audio::DecodeOptions { target_hz: 24_000, ..Default::default() };
        let back = audio::decode_all(Box::new(std::io::Cursor::new(bytes)), &options).expect("it decodes");
        let whole = |x: f32| f32::from(audio::wav::to_s16(x)) / 32_768.0;
        let sent: Vec<f32> = sound.iter().map(|x| whole(*x)).collect();
        prop_assert_eq!(&back.channels[0], &sent);
    }

    #[test]
    fn no_samples_are_too_strange(
        samples in prop::collection::vec(any::<f32>(), 0..3000), format in prop::sample::select(Format::ALL.to_vec()),
    ) {
        encode(format, 24_000, &samples, &[700]);
    }
}
