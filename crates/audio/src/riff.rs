//! WAV: the chunks of RIFF, RF64 and RIFX files, forgiving about sizes that streamers cannot know.

use crate::AudioError;
use crate::adpcm::Adpcm;
use crate::pcm::Encoding;
use crate::source::{Source, read_at};

/// How the bytes of a `data` chunk are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Pcm(Encoding),
    Adpcm(Adpcm, u16),
    /// MPEG audio wrapped in WAV.
    Mpeg,
}

/// Where the samples of an uncompressed (or nearly) file lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) coding: Coding,
    pub(crate) rate_hz: u32,
    pub(crate) channels: u16,
    /// First byte of the samples.
    pub(crate) start: u64,
    /// One past the last.
    pub(crate) end: u64,
    /// Bytes the header promises, when it could know.
    pub(crate) promised: Option<u64>,
}

/// More chunks than any writer puts in front of the samples; each costs one seek.
const MAX_CHUNKS: usize = 1000;

/// Reads the chunks up to the samples. `base` is where "RIFF" stands, `len` the source's length.
pub(crate) fn parse(source: &mut dyn Source, base: u64, len: u64) -> Result<Layout, AudioError> {
    let magic = read_at(source, base, 4)?;
    let big_endian = magic == b"RIFX";
    let u32_at = |bytes: &[u8], at: usize| {
        let word = bytes
            .get(at..at + 4)
            .and_then(|b| b.try_into().ok())
            .unwrap_or([0; 4]);
        if big_endian {
            u32::from_be_bytes(word)
        } else {
            u32::from_le_bytes(word)
        }
    };
    let mut at = base + 12;
    let mut wide_size = None;
    let mut format = None;
    for _ in 0..MAX_CHUNKS {
        let header = read_at(source, at, 8)?;
        if header.len() < 8 {
            break;
        }
        let size = u32_at(&header, 4);
        let body = at + 8;
        match &header[..4] {
            b"ds64" => {
                let ds64 = read_at(source, body, 16)?;
                wide_size = ds64
                    .get(8..16)
                    .and_then(|b| b.try_into().ok())
                    .map(u64::from_le_bytes);
            }
            b"fmt " => {
                let bytes = read_at(source, body, (size as usize).min(64))?;
                format = Some(parse_format(&bytes, big_endian)?);
            }
            b"data" => {
                let (coding, rate_hz, channels) = format.ok_or_else(|| {
                    AudioError::corrupt("the WAV has no \"fmt \" chunk before its data")
                })?;
                let (end, promised) = data_end(source, size, wide_size, body, len)?;
                return Ok(Layout {
                    coding,
                    rate_hz,
                    channels,
                    start: body,
                    end,
                    promised,
                });
            }
            _ => {}
        }
        // Chunks are padded to even sizes.
        at = body + u64::from(size) + u64::from(size & 1);
        if at >= len {
            break;
        }
    }
    Err(match format {
        None => AudioError::corrupt("the WAV ends before its \"fmt \" chunk"),
        Some(_) => AudioError::corrupt("the WAV ends before its \"data\" chunk"),
    })
}

/// End of the samples, and how many bytes were promised.
fn data_end(
    source: &mut dyn Source,
    size: u32,
    wide: Option<u64>,
    body: u64,
    len: u64,
) -> Result<(u64, Option<u64>), AudioError> {
    let there = len.saturating_sub(body);
    // Programs that write to a pipe leave 0 or a number near the maximum.
    let size = match (size, wide) {
        (u32::MAX, Some(wide)) if wide != 0 && wide < u64::MAX / 2 => wide,
        (0, _) => {
            let tail = read_at(source, body, 8)?;
            return Ok(if looks_like_last_chunk(&tail, there) {
                (body, None)
            } else {
                (len, None)
            });
        }
        (0x7fff_f000.., _) if u64::from(size) > there => return Ok((len, None)),
        (size, _) => u64::from(size),
    };
    Ok((body.saturating_add(size).min(len), Some(size)))
}

/// Whether what follows an empty data chunk is another chunk that ends with the file.
fn looks_like_last_chunk(tail: &[u8], there: u64) -> bool {
    let Some((name, size)) = tail.split_at_checked(4) else {
        return there == 0;
    };
    let size = size
        .try_into()
        .map(u32::from_le_bytes)
        .map_or(u64::MAX, u64::from);
    name.iter()
        .all(|byte| byte.is_ascii_graphic() || *byte == b' ')
        && size + 8 <= there
        && there <= size + 9
}

fn parse_format(bytes: &[u8], big_endian: bool) -> Result<(Coding, u32, u16), AudioError> {
    if bytes.len() < 14 {
        return Err(AudioError::corrupt(
            "the \"fmt \" chunk of the WAV is too short",
        ));
    }
    let u16_at = |at: usize| {
        let word = bytes
            .get(at..at + 2)
            .and_then(|b| b.try_into().ok())
            .unwrap_or([0; 2]);
        if big_endian {
            u16::from_be_bytes(word)
        } else {
            u16::from_le_bytes(word)
        }
    };
    let rate_word: [u8; 4] = [bytes[4], bytes[5], bytes[6], bytes[7]];
    let rate_hz = if big_endian {
        u32::from_be_bytes(rate_word)
    } else {
        u32::from_le_bytes(rate_word)
    };
    let (channels, block_align) = (u16_at(2), u16_at(12));
    let declared_bits = u16_at(14);
    let mut tag = u16_at(0);
    // WAVE_FORMAT_EXTENSIBLE: the real tag is the start of the sub-format's GUID.
    if tag == 0xfffe && bytes.len() >= 26 {
        tag = u16_at(24);
    }
    // The container of a sample is what counts: 20-bit samples lie in 3 bytes, high bits first.
    let bytes_each = match (block_align.checked_div(channels), declared_bits) {
        (Some(each @ 1..=8), _) => each,
        (_, bits) => bits.div_ceil(8),
    };
    let coding = match (tag, bytes_each) {
        (1, 1) => Coding::Pcm(Encoding::U8),
        (1, bytes @ 2..=4) => Coding::Pcm(Encoding::Int {
            bytes: bytes as u8,
            big_endian,
        }),
        (3, bytes @ (4 | 8)) => Coding::Pcm(Encoding::Float {
            bytes: bytes as u8,
            big_endian,
        }),
        (6, _) => Coding::Pcm(Encoding::Alaw),
        (7, _) => Coding::Pcm(Encoding::Mulaw),
        (2, _) => Coding::Adpcm(Adpcm::Microsoft, block_align),
        (0x11, _) => Coding::Adpcm(Adpcm::Ima, block_align),
        (0x50 | 0x55, _) => Coding::Mpeg,
        (1 | 3, _) => {
            return Err(AudioError::unsupported(format!(
                "WAV with {declared_bits} bits a sample is not read"
            )));
        }
        _ => {
            let name = KNOWN_TAGS
                .iter()
                .find(|(known, _)| *known == tag)
                .map_or("unknown", |(_, name)| name);
            return Err(AudioError::unsupported(format!(
                "WAV with codec {tag:#06x} ({name}) is not read"
            )));
        }
    };
    Ok((coding, rate_hz, channels))
}

/// Codecs in WAV that are met in the wild and not read here.
const KNOWN_TAGS: &[(u16, &str)] = &[
    (0x31, "GSM 6.10"),
    (0x40, "G.721"),
    (0x45, "G.726"),
    (0x64, "G.726"),
    (0x65, "G.722"),
    (0x83, "G.729"),
    (0x161, "Windows Media Audio"),
    (0xff, "AAC"),
    (0x674f, "Vorbis"),
];
