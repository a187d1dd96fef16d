//! What the demuxer does not tell of an Ogg file: codecs that are not read here, and whether
//! it stops at the end of a page. Live recorders leave the last page unmarked, so only a torn
//! page tells that a file was cut.

use crate::AudioError;
use crate::source::{Source, read_at};

/// The longest page: 27 bytes, 255 segment sizes, 255 segments of 255 bytes.
const MAX_PAGE: u64 = 27 + 255 + 255 * 255;

/// First bytes of streams that are read here, or may stand in front of one that is.
const WELCOME: &[&[u8]] = &[
    b"\x01vorbis",
    b"\x7fFLAC",
    b"OpusHead",
    b"fishead\0",
    b"\x80theora",
    b"\x01video",
];
/// First bytes of streams that are not.
const STRANGERS: &[(&[u8], &str)] = &[
    (b"Speex   ", "Speex"),
    (b"CELT    ", "CELT"),
    (b"PCM     ", "PCM"),
];

/// Refuses an Ogg file whose first stream we do not read.
pub(crate) fn check_codec(source: &mut dyn Source, base: u64) -> Result<(), AudioError> {
    let head = read_at(source, base, 512)?;
    let segments = head.get(26).copied().map_or(0, usize::from);
    let packet = head.get(27 + segments..).unwrap_or_default();
    if let Some(family) = packet
        .strip_prefix(b"OpusHead")
        .and_then(|rest| rest.get(10))
        && *family > 1
    {
        return Err(AudioError::unsupported(format!(
            "Opus with channel mapping {family} is not read"
        )));
    }
    // A page cut short is for the demuxer to judge.
    if packet.len() < 8 || WELCOME.iter().any(|magic| packet.starts_with(magic)) {
        return Ok(());
    }
    let known = STRANGERS
        .iter()
        .find(|(magic, _)| packet.starts_with(magic));
    let name = known.map_or("an unknown codec", |(_, name)| name);
    Err(AudioError::unsupported(format!(
        "Ogg with {name} is not read"
    )))
}

/// Whether some page ends exactly with the source of length `len`.
pub(crate) fn ends_whole(source: &mut dyn Source, len: u64) -> Result<bool, AudioError> {
    let tail = read_at(source, len.saturating_sub(MAX_PAGE), MAX_PAGE as usize)?;
    Ok((0..tail.len().saturating_sub(26)).rev().any(|at| {
        let page = &tail[at..];
        let segments = usize::from(page[26]);
        page.starts_with(b"OggS\0")
            && page.get(27..27 + segments).is_some_and(|sizes| {
                27 + segments + sizes.iter().map(|size| usize::from(*size)).sum::<usize>()
                    == page.len()
            })
    }))
}
