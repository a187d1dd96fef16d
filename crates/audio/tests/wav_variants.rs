//! WAV as programs really write it: sizes nobody knew, strange chunks, numbers that are none.

mod common;

use audio::wav::{WavEncoding, WavWriter, to_bytes};
use audio::{AudioError, DecodeOptions, Decoder, PcmEncoding, PcmFormat};
use common::{amplitude, decode, decode_with_warnings, middle, tone};
use std::io::Cursor;

fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut out = [&name[..], &(body.len() as u32).to_le_bytes(), body].concat();
    out.resize(out.len().next_multiple_of(2), 0);
    out
}

fn format(tag: u16, channels: u16, rate_hz: u32, bits: u16) -> Vec<u8> {
    let align = channels * bits.div_ceil(8);
    let mut body = Vec::new();
    body.extend(tag.to_le_bytes());
    body.extend(channels.to_le_bytes());
    body.extend(rate_hz.to_le_bytes());
    body.extend((rate_hz * u32::from(align)).to_le_bytes());
    body.extend(align.to_le_bytes());
    body.extend(bits.to_le_bytes());
    body
}

fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = chunks.concat();
    [
        b"RIFF".to_vec(),
        (body.len() as u32 + 4).to_le_bytes().to_vec(),
        b"WAVE".to_vec(),
        body,
    ]
    .concat()
}

fn s16(samples: &[f32]) -> Vec<u8> {
    samples
        .iter()
        .flat_map(|s| audio::wav::to_s16(*s).to_le_bytes())
        .collect()
}

/// A second of a tone at 16 kHz with the size of its data chunk overwritten.
fn with_data_size(size: u32) -> Vec<u8> {
    let mut bytes = to_bytes(&tone(440.0, 16_000, 1.0), WavEncoding::S16, 16_000, 1);
    bytes[40..44].copy_from_slice(&size.to_le_bytes());
    bytes
}

#[test]
fn a_written_file_reads_back_sample_for_sample() {
    let samples = tone(440.0, 16_000, 1.0);
    for (encoding, error) in [(WavEncoding::F32, 0.0), (WavEncoding::S16, 1.0 / 32768.0)] {
        let mut writer =
            WavWriter::new(Cursor::new(Vec::new()), encoding, 16_000, 1).expect("memory");
        for part in samples.chunks(777) {
            writer.write(part).expect("memory");
        }
        let bytes = writer.finish().expect("memory").into_inner();
        assert_eq!(bytes, to_bytes(&samples, encoding, 16_000, 1));
        let found = decode(bytes).expect("decodes").channels.remove(0);
        assert_eq!(found.len(), samples.len());
        assert!(
            found
                .iter()
                .zip(&samples)
                .all(|(a, b)| (a - b).abs() <= error)
        );
    }
}

#[test]
fn unknown_sizes_mean_until_the_end() {
    for size in [0, u32::MAX, u32::MAX - 1, 0x7fff_ffff, 0x8000_0000] {
        let (found, warnings, _) = decode_with_warnings(with_data_size(size));
        assert_eq!(found.len(), 16_000, "{size:#x}");
        assert!(warnings.is_empty(), "{size:#x} {warnings:?}");
    }
}

#[test]
fn a_size_beyond_the_end_gives_what_is_there_and_says_so() {
    let (found, warnings, _) = decode_with_warnings(with_data_size(1_000_000));
    assert_eq!(found.len(), 16_000);
    assert!(warnings[0].contains("ends early"), "{warnings:?}");
}

#[test]
fn what_follows_the_data_is_not_audio() {
    let tail = chunk(b"LIST", &[1; 5000]);
    let samples = tone(440.0, 16_000, 0.5);
    let bytes = riff(&[
        chunk(b"fmt ", &format(1, 1, 16_000, 16)),
        chunk(b"data", &s16(&samples)),
        tail.clone(),
    ]);
    assert_eq!(decode(bytes).expect("decodes").channels[0].len(), 8000);
    let empty = riff(&[
        chunk(b"fmt ", &format(1, 1, 16_000, 16)),
        chunk(b"data", &[]),
        tail,
    ]);
    assert!(matches!(decode(empty), Err(AudioError::Empty)));
}

#[test]
fn strange_chunks_before_the_data_are_passed_over() {
    let samples = s16(&tone(440.0, 16_000, 0.5));
    let bytes = riff(&[
        chunk(b"JUNK", &[7; 333]),
        chunk(b"bext", &[0; 602]),
        chunk(b"fmt ", &format(1, 1, 16_000, 16)),
        chunk(b"fact", &[0; 4]),
        chunk(b"data", &samples),
    ]);
    assert_eq!(decode(bytes).expect("decodes").channels[0].len(), 8000);
}

#[test]
fn extensible_headers_name_the_real_coding() {
    let mut body = format(0xfffe, 2, 16_000, 32);
    body.extend([22, 0, 32, 0, 3, 0, 0, 0]);
    // The sub-format's GUID starts with the tag: 3 is float.
    body.extend([
        3, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71,
    ]);
    let samples: Vec<u8> = tone(440.0, 16_000, 1.0)
        .iter()
        .flat_map(|s| [s.to_le_bytes(); 2].concat())
        .collect();
    let (found, _, is) =
        decode_with_warnings(riff(&[chunk(b"fmt ", &body), chunk(b"data", &samples)]));
    assert_eq!(is, "WAV pcm_f32le");
    assert!((amplitude(middle(&found), 440.0, 16_000) - 0.5).abs() < 1e-3);
}

#[test]
fn floats_that_are_no_numbers_become_silence() {
    let mut samples = tone(440.0, 16_000, 1.0);
    samples[100] = f32::NAN;
    samples[200] = f32::INFINITY;
    samples[300] = f32::NEG_INFINITY;
    samples[400] = 1e38;
    let found = decode(to_bytes(&samples, WavEncoding::F32, 16_000, 1))
        .expect("decodes")
        .channels
        .remove(0);
    assert!([100, 200, 300].iter().all(|i| found[*i] == 0.0));
    assert!(found.iter().all(|sample| sample.abs() <= 4.0));
}

#[test]
fn rates_and_channels_out_of_range_are_refused_with_a_reason() {
    for (channels, rate_hz, said) in [
        (1, 0, "0 Hz"),
        (1, 3999, "3999 Hz"),
        (1, 192_001, "192001 Hz"),
        (0, 16_000, "0 channels"),
        (9, 16_000, "9 channels"),
    ] {
        let bytes = riff(&[
            chunk(b"fmt ", &format(1, channels, rate_hz, 16)),
            chunk(b"data", &[0; 4000]),
        ]);
        let error = decode(bytes).expect_err("out of range");
        assert!(error.to_string().contains(said), "{error}");
        assert!(matches!(error, AudioError::Unsupported(_)));
    }
    for rate_hz in [4000, 11_025, 22_050, 37_800, 96_000, 192_000] {
        for channels in [1, 3, 8] {
            let data = vec![0; rate_hz as usize * 2 * channels as usize];
            let bytes = riff(&[
                chunk(b"fmt ", &format(1, channels, rate_hz, 16)),
                chunk(b"data", &data),
            ]);
            assert_eq!(
                decode(bytes).expect("in range").channels[0].len(),
                16_000,
                "{rate_hz} Hz {channels} channels"
            );
        }
    }
}

#[test]
fn codecs_not_read_are_named() {
    let bytes = riff(&[
        chunk(b"fmt ", &format(0x31, 1, 8000, 8)),
        chunk(b"data", &[0; 4000]),
    ]);
    let error = decode(bytes).expect_err("GSM is not read");
    assert!(error.to_string().contains("GSM 6.10"), "{error}");
}

#[test]
fn headerless_samples_are_read_in_every_encoding() {
    let samples = tone(440.0, 8000, 1.0);
    let g711 = |encode: fn(i16) -> u8| {
        samples
            .iter()
            .map(|s| encode(audio::wav::to_s16(*s)))
            .collect::<Vec<u8>>()
    };
    for (encoding, bytes) in [
        (PcmEncoding::S16le, s16(&samples)),
        (
            PcmEncoding::F32le,
            samples.iter().flat_map(|s| s.to_le_bytes()).collect(),
        ),
        (PcmEncoding::Mulaw, g711(audio::g711::encode_mulaw)),
        (PcmEncoding::Alaw, g711(audio::g711::encode_alaw)),
    ] {
        let format = PcmFormat {
            encoding,
            sample_rate_hz: 8000,
            channels: 1,
        };
        let mut decoder = Decoder::open_pcm(
            Box::new(Cursor::new(bytes)),
            format,
            &DecodeOptions::default(),
        )
        .expect("opens");
        let mut found = Vec::new();
        while let Some(block) = decoder.next_block().expect("decodes") {
            found.extend_from_slice(&block.channels[0]);
        }
        assert_eq!(found.len(), 16_000);
        assert!(
            (amplitude(middle(&found), 440.0, 16_000) - 0.5).abs() < 0.01,
            "{encoding:?}"
        );
        assert_eq!(decoder.info().container, "raw PCM");
    }
}

#[test]
fn too_long_is_said_as_soon_as_it_is_passed() {
    let bytes = to_bytes(&vec![0.1; 160_000], WavEncoding::S16, 16_000, 1);
    let options = DecodeOptions {
        max_seconds: 3.0,
        ..DecodeOptions::default()
    };
    let mut decoder = Decoder::open(Box::new(Cursor::new(bytes)), &options).expect("opens");
    let error = loop {
        match decoder.next_block() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("10 s passed a limit of 3 s"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, AudioError::TooLong { limit_s } if limit_s == 3.0));
    assert!(decoder.seconds() < 4.5, "noticed at {}", decoder.seconds());
}
