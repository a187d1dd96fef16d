//! What kind of file this is, judged by its bytes alone.

use crate::AudioError;
use crate::source::{Source, read_at};

/// Containers that are read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    Wav,
    Aiff,
    Flac,
    Ogg,
    Mp4,
    Matroska,
    Mpeg,
    Adts,
}

impl Container {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Container::Wav => "WAV",
            Container::Aiff => "AIFF",
            Container::Flac => "FLAC",
            Container::Ogg => "Ogg",
            Container::Mp4 => "MP4",
            Container::Matroska => "Matroska/WebM",
            Container::Mpeg => "MPEG audio",
            Container::Adts => "AAC (ADTS)",
        }
    }
}

/// Signatures of files that people send and that are not read here: offset, bytes, name.
const STRANGERS: &[(usize, &[u8], &str)] = &[
    (
        0,
        b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
        "Windows Media (ASF)",
    ),
    (0, b"\x0b\x77", "AC-3"),
    (0, b"#!AMR", "AMR"),
    (0, b"caff", "Core Audio Format"),
    (0, b"NIST_1A", "NIST Sphere"),
    (0, b".snd", "Sun audio"),
    (0, b"MThd", "MIDI"),
    (0, b"riff\x2e\x91\xcf\x11", "Sony Wave64"),
    (0, b"wvpk", "WavPack"),
    (0, b"MAC ", "Monkey's Audio"),
    (0, b"MPCK", "Musepack"),
    (0, b"MP+", "Musepack"),
    (0, b"TTA1", "True Audio"),
    (0, b".RMF", "RealMedia"),
    (0, b"FLV", "Flash video"),
    (0, b"ADIF", "AAC (ADIF)"),
    (0, b"\x47\x40", "MPEG transport stream"),
    (0, b"\x00\x00\x01\xba", "MPEG program stream"),
    (0, b"%PDF", "PDF"),
    (0, b"PK\x03\x04", "ZIP"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"Rar!", "RAR"),
    (0, b"\x89PNG", "PNG image"),
    (0, b"\xff\xd8\xff\xe0", "JPEG image"),
    (0, b"GIF8", "GIF image"),
    (0, b"{", "JSON text"),
    (0, b"<", "HTML or XML text"),
];

/// Bytes after any tags that are searched for MPEG or ADTS frames.
const SCAN: usize = 256 * 1024;

/// Consecutive frames that prove MPEG or ADTS: three by chance in random bytes of this length
/// is less likely than one in a hundred million.
const PROOF_FRAMES: usize = 3;

/// Finds the container and where it starts, past ID3 tags and, for MPEG, past junk.
pub(crate) fn sniff(source: &mut dyn Source, len: u64) -> Result<(Container, u64), AudioError> {
    if len == 0 {
        return Err(AudioError::Empty);
    }
    let at = skip_id3(source, len)?;
    let head = read_at(source, at, 64)?;
    if let Some(container) = by_magic(&head) {
        return Ok((container, at));
    }
    let window = read_at(source, at, SCAN)?;
    let to_end = at + window.len() as u64 == len;
    for offset in 0..window.len().saturating_sub(4) {
        if window[offset] != 0xff {
            continue;
        }
        for (frame, container) in [
            (mpeg_frame as fn(&[u8]) -> Option<Frame>, Container::Mpeg),
            (adts_frame, Container::Adts),
        ] {
            if is_run(&window, offset, to_end, frame) {
                return Ok((container, at + offset as u64));
            }
        }
    }
    let known = STRANGERS
        .iter()
        .find(|(offset, magic, _)| head.get(*offset..).is_some_and(|h| h.starts_with(magic)));
    Err(match known {
        Some((_, _, name)) => {
            AudioError::unsupported(format!("the file is {name}, which is not read"))
        }
        None if head
            .iter()
            .all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace()) =>
        {
            AudioError::unsupported("the file is text, not audio")
        }
        None => AudioError::unsupported("the bytes are not in a known audio format"),
    })
}

fn by_magic(head: &[u8]) -> Option<Container> {
    let form = head.get(8..12).unwrap_or_default();
    Some(match head.get(..4)? {
        b"RIFF" | b"RF64" | b"RIFX" if form == b"WAVE" => Container::Wav,
        b"FORM" if form == b"AIFF" || form == b"AIFC" => Container::Aiff,
        b"fLaC" => Container::Flac,
        b"OggS" => Container::Ogg,
        b"\x1a\x45\xdf\xa3" => Container::Matroska,
        _ => match head.get(4..8)? {
            b"ftyp" | b"moov" | b"mdat" | b"wide" | b"styp" => Container::Mp4,
            b"free" | b"skip" if head[0] == 0 => Container::Mp4,
            _ => return None,
        },
    })
}

/// Position after any ID3v2 tags. A tag that claims more than the file is junk to search in.
fn skip_id3(source: &mut dyn Source, len: u64) -> Result<u64, AudioError> {
    let mut at = 0;
    // A handful of tags in a row happens when programs add without looking.
    for _ in 0..16 {
        let head = read_at(source, at, 10)?;
        if head.len() < 10
            || &head[..3] != b"ID3"
            || head[6..10].iter().any(|byte| byte & 0x80 != 0)
        {
            break;
        }
        let size = head[6..10]
            .iter()
            .fold(0, |size, byte| size << 7 | u64::from(*byte));
        let footer = if head[5] & 0x10 != 0 { 10 } else { 0 };
        let next = at + 10 + size + footer;
        if next >= len {
            at += 10;
            break;
        }
        at = next;
    }
    Ok(at)
}

/// Length of a frame and what must be equal in its neighbours.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Frame {
    len: usize,
    kind: u32,
}

/// Whether frames of one kind follow each other from `offset`; fewer suffice when they end
/// exactly with the file.
fn is_run(window: &[u8], offset: usize, to_end: bool, frame: fn(&[u8]) -> Option<Frame>) -> bool {
    let Some(first) = frame(&window[offset..]) else {
        return false;
    };
    let (mut at, mut count) = (offset + first.len, 1);
    while count < PROOF_FRAMES {
        let rest = window.get(at..).unwrap_or_default();
        if rest.is_empty() {
            // A whole small file, or one cut inside its second or third frame.
            return to_end && (at == window.len() || count > 1) && (offset == 0 || count > 1);
        }
        match frame(rest) {
            Some(next) if next.kind == first.kind => at += next.len,
            // An ID3v1 or APE tag may follow the last frame.
            _ => {
                return to_end
                    && offset == 0
                    && (rest.starts_with(b"TAG") || rest.starts_with(b"APETAGEX"));
            }
        }
        count += 1;
    }
    true
}

/// The header of an MPEG-1, 2 or 2.5 audio frame (ISO 11172-3, 13818-3).
fn mpeg_frame(bytes: &[u8]) -> Option<Frame> {
    #[rustfmt::skip]
    const BITRATES: [[u32; 14]; 5] = [
        [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448], // MPEG-1 layer I
        [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],    // MPEG-1 layer II
        [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],     // MPEG-1 layer III
        [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],    // MPEG-2 layer I
        [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],         // MPEG-2 layer II, III
    ];
    let word = u32::from_be_bytes(*bytes.first_chunk()?);
    let (sync, version, layer) = (word >> 21, word >> 19 & 3, word >> 17 & 3);
    let (bitrate, rate, padding) = (word >> 12 & 15, word >> 10 & 3, word >> 9 & 1);
    if sync != 0x7ff || version == 1 || layer == 0 || rate == 3 || !(1..15).contains(&bitrate) {
        return None;
    }
    let layer = 4 - layer;
    let row = match (version, layer) {
        (3, layer) => layer as usize - 1,
        (_, 1) => 3,
        _ => 4,
    };
    let halvings = match version {
        3 => 0,
        2 => 1,
        _ => 2,
    };
    let rate_hz = [44100, 48000, 32000][rate as usize] >> halvings;
    let bits = BITRATES[row][bitrate as usize - 1] * 1000;
    let len = match layer {
        1 => (12 * bits / rate_hz + padding) * 4,
        3 if version != 3 => 72 * bits / rate_hz + padding,
        _ => 144 * bits / rate_hz + padding,
    };
    // Version, layer and rate stay the same through a stream.
    Some(Frame {
        len: len as usize,
        kind: word & 0xfffe_0c00,
    })
}

/// The header of an ADTS frame (ISO 13818-7).
fn adts_frame(bytes: &[u8]) -> Option<Frame> {
    let head = bytes.first_chunk::<7>()?;
    let rate = head[2] >> 2 & 15;
    if head[0] != 0xff || head[1] & 0xf6 != 0xf0 || rate > 12 {
        return None;
    }
    let len =
        usize::from(head[3] & 3) << 11 | usize::from(head[4]) << 3 | usize::from(head[5] >> 5);
    let kind = u32::from_be_bytes([head[0], head[1], head[2] & 0xfd, head[3] & 0xc0]);
    (len > 7).then_some(Frame { len, kind })
}
