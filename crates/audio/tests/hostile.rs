//! What strangers send: no panic, no endless loop, and an error that says what is wrong.

mod common;

use std::sync::OnceLock;

use audio::AudioError;
use audio::wav::{WavEncoding, to_bytes};
use common::entry::decode_anything;
use common::{decode, decode_with_warnings, encoded, tone};
use proptest::prelude::*;

#[test]
fn an_empty_file_is_empty() {
    assert!(matches!(decode(Vec::new()), Err(AudioError::Empty)));
}

#[test]
fn a_recording_of_no_samples_is_empty() {
    assert!(matches!(
        decode(to_bytes(&[], WavEncoding::S16, 16_000, 1)),
        Err(AudioError::Empty)
    ));
}

#[test]
fn text_is_not_audio_whatever_its_name() {
    for text in [
        "This is not an MP3, whatever its name says.\n".repeat(2000),
        "{\"error\":\"not found\"}".to_owned(),
        "<!DOCTYPE html><html></html>".to_owned(),
        "x".to_owned(),
    ] {
        let error = decode(text.into_bytes()).expect_err("text");
        assert!(matches!(error, AudioError::Unsupported(_)), "{error}");
        assert!(error.to_string().contains("send MP3, WAV"), "{error}");
    }
}

#[test]
fn other_formats_are_named() {
    for (bytes, name) in [
        (&b"#!AMR\n....................."[..], "AMR"),
        (b"%PDF-1.7 ................", "PDF"),
        (b"PK\x03\x04..............", "ZIP"),
        (b"\x89PNG\r\n\x1a\n..........", "PNG"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9", "Windows Media"),
    ] {
        let error = decode(bytes.to_vec()).expect_err("not read");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn random_bytes_are_never_taken_for_mpeg() {
    let mut state = 7u64;
    for _ in 0..50 {
        let bytes: Vec<u8> = (0..200_000)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                (state >> 33) as u8
            })
            .collect();
        assert!(matches!(decode(bytes), Err(AudioError::Unsupported(_))));
    }
}

#[test]
fn a_cut_file_gives_what_is_there_with_a_warning() {
    let samples = tone(440.0, 44_100, 4.0);
    for (name, args) in [
        ("a.wav", &[][..]),
        ("a.mp3", &["-c:a", "libmp3lame"]),
        ("a.flac", &[]),
        ("a.ogg", &["-c:a", "libvorbis"]),
        ("a.opus", &["-c:a", "libopus"]),
        ("a.webm", &["-c:a", "libopus"]),
        ("a.m4a", &["-c:a", "aac", "-movflags", "faststart"]),
        (
            "a.mp4",
            &["-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"],
        ),
        ("a.aiff", &[]),
    ] {
        let mut bytes = encoded(&samples, 44_100, 1, name, args);
        // Not the exact half: that may be the end of a page.
        bytes.truncate(bytes.len() * 6 / 10 + 3);
        let (found, warnings, _) = decode_with_warnings(bytes);
        assert!(
            (16_000..56_000).contains(&found.len()),
            "{name}: {}",
            found.len()
        );
        assert!(
            warnings.iter().any(|w| w.contains("ends early")),
            "{name}: {warnings:?}"
        );
    }
}

#[test]
fn a_cut_mp4_without_its_index_is_corrupt() {
    let mut bytes = encoded(
        &tone(440.0, 44_100, 4.0),
        44_100,
        1,
        "a.m4a",
        &["-c:a", "aac"],
    );
    bytes.truncate(bytes.len() / 2);
    let error = decode(bytes).expect_err("no index");
    assert!(matches!(&error, AudioError::Corrupt(_)), "{error}");
    assert!(error.to_string().contains("moov"), "{error}");
}

#[test]
fn damage_in_the_middle_costs_little() {
    let samples = tone(440.0, 44_100, 4.0);
    for (name, args, slack) in [
        ("a.mp3", &["-c:a", "libmp3lame"][..], 3000),
        ("a.flac", &[], 8000),
        ("a.aac", &["-c:a", "aac"], 3000),
        ("a.opus", &["-c:a", "libopus"], 20_000),
    ] {
        let mut bytes = encoded(&samples, 44_100, 1, name, args);
        let middle = bytes.len() / 2;
        bytes[middle..middle + 100].fill(0x55);
        let (found, _, _) = decode_with_warnings(bytes);
        assert!(
            found.len().abs_diff(64_000) < slack,
            "{name}: {}",
            found.len()
        );
    }
}

/// One small valid file of each kind.
fn seeds() -> &'static [Vec<u8>] {
    static SEEDS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    SEEDS.get_or_init(|| {
        let samples = tone(440.0, 22_050, 0.25);
        #[rustfmt::skip]
        let kinds: &[(&str, &[&str])] = &[
            ("a.wav", &["-c:a", "pcm_s16le"]), ("a.wav", &["-c:a", "adpcm_ms"]), ("a.wav", &["-c:a", "adpcm_ima_wav"]),
            ("a.wav", &["-c:a", "libmp3lame"]), ("a.wav", &["-rf64", "always"]), ("a.aif", &["-c:a", "pcm_s24be"]),
            ("a.flac", &[]), ("a.oga", &["-c:a", "flac"]), ("a.ogg", &["-c:a", "libvorbis"]), ("a.opus", &["-c:a", "libopus"]),
            ("a.mp3", &["-c:a", "libmp3lame"]), ("a.m4a", &["-c:a", "aac"]), ("a.m4a", &["-c:a", "alac"]),
            ("a.mp4", &["-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"]), ("a.mp4", &["-c:a", "libopus"]),
            ("a.mov", &["-c:a", "pcm_s16le"]), ("a.aac", &["-c:a", "aac"]), ("a.webm", &["-c:a", "libopus"]),
            ("a.webm", &["-c:a", "libvorbis"]), ("a.mkv", &["-c:a", "flac"]), ("a.mkv", &["-c:a", "pcm_s24le"]),
        ];
        let mut seeds: Vec<_> =
            kinds.iter().map(|(name, args)| encoded(&samples, 22_050, 1, name, args)).collect();
        seeds.push(encoded(&samples, 22_050, 1, "a.opus", &["-c:a", "libopus", "-ac", "6", "-mapping_family", "255"]));
        seeds
    })
}

#[derive(Debug, Clone)]
enum Harm {
    /// Overwrites a byte.
    Byte(prop::sample::Index, u8),
    /// Flips a bit near the start, where the headers are.
    Header(u16, u8),
    /// Overwrites four bytes with an extreme number.
    Number(prop::sample::Index, u32),
    /// Removes a stretch.
    Remove(prop::sample::Index, u8),
    /// Repeats a stretch.
    Repeat(prop::sample::Index, u8),
    /// Ends here.
    Cut(prop::sample::Index),
    /// Goes on with another file.
    Splice(prop::sample::Index, prop::sample::Index),
}

fn harm() -> impl Strategy<Value = Harm> {
    let at = any::<prop::sample::Index>;
    let extremes = prop::sample::select(vec![
        0u32,
        1,
        0x7fff_ffff,
        0x8000_0000,
        u32::MAX,
        0x00ff_ffff,
        0x0100_0000,
    ]);
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(i, b)| Harm::Byte(i, b)),
        (0u16..600, 0u8..8).prop_map(|(i, b)| Harm::Header(i, b)),
        (at(), extremes).prop_map(|(i, n)| Harm::Number(i, n)),
        (at(), any::<u8>()).prop_map(|(i, n)| Harm::Remove(i, n)),
        (at(), any::<u8>()).prop_map(|(i, n)| Harm::Repeat(i, n)),
        at().prop_map(Harm::Cut),
        (at(), at()).prop_map(|(i, j)| Harm::Splice(i, j)),
    ]
}

fn apply(harm: &Harm, bytes: &mut Vec<u8>) {
    if bytes.len() < 8 {
        return;
    }
    let len = bytes.len();
    match harm {
        Harm::Byte(at, value) => bytes[at.index(len)] = *value,
        Harm::Header(at, bit) => bytes[usize::from(*at) % len] ^= 1 << bit,
        Harm::Number(at, value) => {
            let at = at.index(len - 4);
            bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
        }
        Harm::Remove(at, n) => {
            let at = at.index(len);
            bytes.drain(at..(at + usize::from(*n)).min(len));
        }
        Harm::Repeat(at, n) => {
            let at = at.index(len);
            let stretch = bytes[at..(at + usize::from(*n)).min(len)].to_vec();
            bytes.splice(at..at, stretch);
        }
        Harm::Cut(at) => bytes.truncate(at.index(len)),
        Harm::Splice(at, other) => {
            let other = &seeds()[other.index(seeds().len())];
            bytes.truncate(at.index(len));
            bytes.extend_from_slice(&other[other.len() / 3..]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_mutation_of_a_file_brings_the_decoder_down(
        seed in any::<prop::sample::Index>(),
        harms in prop::collection::vec(harm(), 1..6),
    ) {
        let mut bytes = seeds()[seed.index(seeds().len())].clone();
        for harm in &harms {
            apply(harm, &mut bytes);
        }
        let start = std::time::Instant::now();
        decode_anything(&bytes);
        // Generous for a busy machine; the usual case takes milliseconds.
        prop_assert!(start.elapsed().as_secs() < 10, "took {:?}", start.elapsed());
    }
}
