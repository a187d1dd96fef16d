//! Every format a person may send keeps pitch, level and length. The files are made by ffmpeg.

mod common;

use common::{amplitude, decode_separate, decode_with_warnings, encoded, middle, tone};

/// Samples at 16 kHz by which a codec may change the length: what its container does not
/// account for (a frame of padding at most).
struct Case {
    name: &'static str,
    args: &'static [&'static str],
    is: &'static str,
    slack: usize,
}

const fn case(
    name: &'static str,
    args: &'static [&'static str],
    is: &'static str,
    slack: usize,
) -> Case {
    Case {
        name,
        args,
        is,
        slack,
    }
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    case("a.wav", &["-c:a", "pcm_u8"], "WAV pcm_u8", 0),
    case("a.wav", &["-c:a", "pcm_s16le"], "WAV pcm_s16le", 0),
    case("a.wav", &["-c:a", "pcm_s24le"], "WAV pcm_s24le", 0),
    case("a.wav", &["-c:a", "pcm_s32le"], "WAV pcm_s32le", 0),
    case("a.wav", &["-c:a", "pcm_f32le"], "WAV pcm_f32le", 0),
    case("a.wav", &["-c:a", "pcm_f64le"], "WAV pcm_f64le", 0),
    case("a.wav", &["-c:a", "pcm_mulaw"], "WAV pcm_mulaw", 0),
    case("a.wav", &["-c:a", "pcm_alaw"], "WAV pcm_alaw", 0),
    case("a.wav", &["-c:a", "adpcm_ms"], "WAV adpcm_ms", 700),
    case("a.wav", &["-c:a", "adpcm_ima_wav"], "WAV adpcm_ima_wav", 700),
    case("a.wav", &["-rf64", "always"], "WAV pcm_s16le", 0),
    case("a.wav", &["-c:a", "libmp3lame"], "WAV mp3", 1000),
    case("a.aiff", &["-c:a", "pcm_s16be"], "AIFF pcm_s16be", 0),
    case("a.aif", &["-c:a", "pcm_s24be"], "AIFF pcm_s24be", 0),
    case("a.aif", &["-c:a", "pcm_s16le"], "AIFF pcm_s16le", 0),
    case("a.aif", &["-c:a", "pcm_f32be"], "AIFF pcm_f32be", 0),
    case("a.aif", &["-c:a", "pcm_mulaw"], "AIFF pcm_mulaw", 0),
    case("a.flac", &[], "FLAC flac", 0),
    case("a.oga", &["-c:a", "flac"], "Ogg flac", 0),
    case("a.ogg", &["-c:a", "libvorbis"], "Ogg vorbis", 0),
    case("a.opus", &["-c:a", "libopus"], "Ogg opus", 0),
    case("a.mp3", &["-c:a", "libmp3lame"], "MPEG audio mp3", 0),
    case("a.mp3", &["-c:a", "libmp3lame", "-ar", "8000"], "MPEG audio mp3", 0),
    case("a.mp3", &["-c:a", "libmp3lame", "-q:a", "4"], "MPEG audio mp3", 0),
    case("a.mp3", &["-c:a", "libmp3lame", "-write_xing", "0", "-id3v2_version", "0"], "MPEG audio mp3", 1300),
    case("a.mp2", &["-c:a", "mp2", "-b:a", "128k"], "MPEG audio mp2", 900),
    case("a.m4a", &["-c:a", "aac"], "MP4 aac", 0),
    case("a.m4a", &["-c:a", "aac", "-movflags", "faststart"], "MP4 aac", 0),
    case("a.m4a", &["-c:a", "alac"], "MP4 alac", 0),
    case("a.mp4", &["-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"], "MP4 aac", 800),
    case("a.mp4", &["-c:a", "libopus"], "MP4 opus", 0),
    case("a.mov", &["-c:a", "pcm_s16le"], "MP4 pcm_s16le", 0),
    case("a.aac", &["-c:a", "aac", "-f", "adts"], "AAC (ADTS) aac", 800),
    case("a.webm", &["-c:a", "libopus"], "Matroska/WebM opus", 320),
    case("a.webm", &["-c:a", "libopus", "-live", "1"], "Matroska/WebM opus", 320),
    case("a.webm", &["-c:a", "libvorbis"], "Matroska/WebM vorbis", 320),
    case("a.mkv", &["-c:a", "aac"], "Matroska/WebM aac", 800),
    case("a.mkv", &["-c:a", "flac"], "Matroska/WebM flac", 0),
    case("a.mkv", &["-c:a", "pcm_s24le"], "Matroska/WebM pcm_s24le", 0),
];

#[test]
fn every_format_keeps_pitch_level_and_length() {
    let mut wrong = Vec::new();
    for rate_hz in [44_100, 48_000] {
        let samples = tone(440.0, rate_hz, 2.0);
        for case in CASES {
            let bytes = encoded(&samples, rate_hz, 1, case.name, case.args);
            let (found, warnings, is) = decode_with_warnings(bytes);
            let level = amplitude(middle(&found), 440.0, 16_000);
            // LAME scales by 0.95.
            let sound = (level - 0.5).abs() < 0.03
                && found.len().abs_diff(32_000) <= case.slack
                && warnings.is_empty()
                && is == case.is;
            if !sound {
                let len = found.len();
                wrong.push(format!(
                    "{} {:?}: {is}, {len} samples, {level:.3}, {warnings:?}",
                    case.name, case.args
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn delay_of_encoders_is_taken_away() {
    // A click at 1 s must be found at 1 s: word times depend on it.
    let mut samples = vec![0.0f32; 96_000];
    samples[48_000..48_010].fill(0.9);
    for (name, args) in [
        ("a.mp3", &["-c:a", "libmp3lame"][..]),
        ("a.m4a", &["-c:a", "aac"]),
        ("a.opus", &["-c:a", "libopus"]),
        ("a.webm", &["-c:a", "libopus"]),
        ("a.mp4", &["-c:a", "libopus"]),
        ("a.ogg", &["-c:a", "libvorbis"]),
        ("a.flac", &[]),
    ] {
        let (found, _, _) = decode_with_warnings(encoded(&samples, 48_000, 1, name, args));
        let loudest = (0..found.len())
            .max_by(|a, b| found[*a].abs().total_cmp(&found[*b].abs()))
            .expect("samples");
        assert!(loudest.abs_diff(16_000) <= 20, "{name}: click at {loudest}");
    }
}

#[test]
fn channels_come_apart_in_order() {
    let frames = 48_000;
    // The fourth of six is the bass channel, which encoders cut above 120 Hz.
    let pitches = [300.0, 500.0, 700.0, 80.0, 1100.0, 1300.0];
    for (channels, name, args) in [
        (2usize, "a.mp3", &["-c:a", "libmp3lame", "-b:a", "256k"][..]),
        (2, "a.m4a", &["-c:a", "aac", "-b:a", "256k"]),
        (2, "a.opus", &["-c:a", "libopus", "-b:a", "256k"]),
        (6, "a.flac", &[]),
        (6, "a.wav", &["-c:a", "pcm_s24le"]),
        (6, "a.ogg", &["-c:a", "libvorbis", "-q:a", "8"]),
        (
            6,
            "a.opus",
            &["-c:a", "libopus", "-mapping_family", "1", "-b:a", "768k"],
        ),
    ] {
        let mut samples = Vec::with_capacity(frames * channels);
        for n in 0..frames {
            for pitch in &pitches[..channels] {
                samples.push(
                    (0.4 * (std::f64::consts::TAU * pitch * n as f64 / 48_000.0).sin()) as f32,
                );
            }
        }
        let audio = decode_separate(encoded(&samples, 48_000, channels as u16, name, args))
            .expect("decodes");
        assert_eq!(audio.channels.len(), channels, "{name}");
        // Codecs for people reorder surround channels; every pitch must be in exactly one.
        let mut seen = Vec::new();
        for channel in &audio.channels {
            let loud: Vec<usize> = (0..channels)
                .filter(|i| amplitude(middle(channel), pitches[*i], 16_000) > 0.2)
                .collect();
            seen.extend(loud);
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..channels).collect::<Vec<_>>(), "{name} {args:?}");
    }
}

#[test]
fn video_is_passed_over_and_missing_audio_is_named() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = |name: &str| {
        folder
            .path()
            .join(name)
            .to_str()
            .expect("plain path")
            .to_owned()
    };
    let picture = ["-f", "lavfi", "-i", "testsrc=d=2:s=64x64"];
    for (name, codec) in [("v.mp4", "mpeg4"), ("v.webm", "libvpx")] {
        let silent = path(name);
        common::ffmpeg(&[&picture[..], &["-c:v", codec, &silent]].concat());
        let error =
            common::decode(std::fs::read(&silent).expect("made above")).expect_err("no audio");
        assert!(
            matches!(error, audio::AudioError::NoAudio { .. }),
            "{name}: {error}"
        );

        let sound = [
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:duration=2",
            "-shortest",
            "-c:v",
            codec,
        ];
        let both = path(&format!("s{name}"));
        common::ffmpeg(&[&picture[..], &sound[..], &[&both]].concat());
        let (found, _, _) = decode_with_warnings(std::fs::read(&both).expect("made above"));
        assert!(
            found.len().abs_diff(32_000) < 800,
            "{name}: {}",
            found.len()
        );
        assert!(amplitude(middle(&found), 440.0, 16_000) > 0.1);
    }
}

#[test]
fn chained_and_joined_files_are_heard_whole() {
    let samples = tone(440.0, 44_100, 1.0);
    let ogg = encoded(&samples, 44_100, 1, "a.ogg", &["-c:a", "libvorbis"]);
    let opus = encoded(&samples, 44_100, 1, "a.opus", &["-c:a", "libopus"]);
    let mp3 = encoded(&samples, 44_100, 1, "a.mp3", &["-c:a", "libmp3lame"]);
    for (name, bytes, slack) in [
        ("vorbis + opus", [ogg.clone(), opus.clone()].concat(), 0),
        ("opus + opus", [opus.clone(), opus].concat(), 0),
        // At the join of MP3s some padding of the first and delay of the second remain or go.
        ("mp3 + mp3", [mp3.clone(), mp3].concat(), 1600),
    ] {
        let (found, warnings, _) = decode_with_warnings(bytes);
        assert!(
            found.len().abs_diff(32_000) <= slack,
            "{name}: {}",
            found.len()
        );
        assert!(warnings.is_empty(), "{name}: {warnings:?}");
    }
}

#[test]
fn tags_and_junk_in_front_do_not_matter() {
    let samples = tone(440.0, 44_100, 1.0);
    let tag = |size: usize| {
        let bytes = [
            (size >> 21) as u8,
            (size >> 14 & 127) as u8,
            (size >> 7 & 127) as u8,
            (size & 127) as u8,
        ];
        [b"ID3\x04\x00\x00".to_vec(), bytes.to_vec(), vec![0; size]].concat()
    };
    let bare = ["-c:a", "libmp3lame", "-id3v2_version", "0"];
    let mp3 = encoded(&samples, 44_100, 1, "a.mp3", &bare);
    let flac = encoded(&samples, 44_100, 1, "a.flac", &[]);
    for (name, bytes) in [
        ("two tags", [tag(3000), tag(100), mp3.clone()].concat()),
        ("zeros", [vec![0; 5000], mp3.clone()].concat()),
        ("text", [b"junk! ".repeat(1000), mp3].concat()),
        ("tag before FLAC", [tag(500), flac].concat()),
    ] {
        let (found, _, _) = decode_with_warnings(bytes);
        assert!(found.len().abs_diff(16_000) < 20, "{name}: {}", found.len());
    }
}

#[test]
fn browser_recordings_of_unknown_length_are_read() {
    // What MediaRecorder writes: neither the segment nor its clusters say how long they are.
    let samples = tone(440.0, 48_000, 4.0);
    let args = [
        "-c:a",
        "libopus",
        "-live",
        "1",
        "-cluster_time_limit",
        "1000",
    ];
    let mut bytes = encoded(&samples, 48_000, 1, "a.webm", &args);
    let mut clusters = 0;
    for id in [[0x18, 0x53, 0x80, 0x67], [0x1f, 0x43, 0xb6, 0x75]] {
        let starts: Vec<usize> = bytes
            .windows(4)
            .enumerate()
            .filter(|(_, window)| *window == id)
            .map(|(at, _)| at + 4)
            .collect();
        for at in starts {
            // The number of leading zeros is the number of further bytes; all ones is unknown.
            let more = bytes[at].leading_zeros() as usize;
            bytes[at] = 0xff >> more;
            bytes[at + 1..=at + more].fill(0xff);
            clusters += 1;
        }
    }
    assert!(clusters >= 3, "{clusters} elements");
    let (found, warnings, _) = decode_with_warnings(bytes.clone());
    assert!(found.len().abs_diff(64_000) <= 320, "{}", found.len());
    assert!(warnings.is_empty(), "{warnings:?}");
    // The tab was closed: the recording stops in the middle of a block.
    bytes.truncate(bytes.len() / 2);
    let (found, _, _) = decode_with_warnings(bytes);
    assert!(found.len().abs_diff(32_000) < 8000, "{}", found.len());
}

#[test]
fn flac_headers_that_contradict_the_frames_are_mended() {
    let file = encoded(
        &tone(440.0, 44_100, 2.0),
        44_100,
        1,
        "a.flac",
        &["-c:a", "flac", "-sample_fmt", "s16"],
    );
    for (name, at, value) in [
        ("largest block", 10, [0x00, 0x20]),
        ("rate", 18, [0x1f, 0x40]),
        ("channels and width", 20, [0x4e, 0x70]),
    ] {
        let mut bytes = file.clone();
        bytes[at..at + 2].copy_from_slice(&value);
        let (found, _, _) = decode_with_warnings(bytes);
        assert_eq!(found.len(), 32_000, "{name}");
        assert!(
            (amplitude(middle(&found), 440.0, 16_000) - 0.5).abs() < 0.01,
            "{name}"
        );
    }
}

#[test]
fn a_decoder_can_move_to_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<audio::Decoder>();
    is_send::<audio::Resampler>();
    is_send::<audio::Denoiser>();
}
