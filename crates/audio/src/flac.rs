//! FLAC without its metadata: only the stream's parameters are kept, so that pictures of any
//! claimed size are never loaded, and they are made to agree with the first frame.

use crate::AudioError;
use crate::source::{Source, read_at};

const STREAMINFO: usize = 34;

/// `("fLaC" and STREAMINFO, position of the first frame)`; `base` is where "fLaC" stands.
pub(crate) fn strip(
    source: &mut dyn Source,
    base: u64,
    len: u64,
) -> Result<(Vec<u8>, u64), AudioError> {
    let mut at = base + 4;
    let mut info = None;
    // A block's type has 7 bits, but seek tables and pictures may repeat.
    for _ in 0..4096 {
        let header = read_at(source, at, 4)?;
        let [kind, a, b, c] = header[..] else { break };
        // A frame where a block should be: the "last block" bit was wrong.
        if kind == 0xff {
            break;
        }
        let size = u64::from(u32::from_be_bytes([0, a, b, c]));
        if kind & 0x7f == 0 && info.is_none() {
            info = Some(read_at(source, at + 4, STREAMINFO)?);
        }
        at += 4 + size;
        if kind & 0x80 != 0 || at >= len {
            break;
        }
    }
    let info = info.and_then(|info| <[u8; STREAMINFO]>::try_from(info).ok());
    let frame = Frame::parse(&read_at(source, at, 4)?);
    let info = agree(info, frame)
        .ok_or_else(|| AudioError::corrupt("the FLAC has no STREAMINFO block"))?;
    let mut head = b"fLaC\x80\x00\x00\x22".to_vec();
    head.extend(info);
    Ok((head, at))
}

/// What a frame says of itself; zero for "as in STREAMINFO".
struct Frame {
    rate_hz: u32,
    channels: u8,
    bits: u8,
    /// Frames of the block where written as a code; the last may write it out.
    block: u16,
    /// Whether all blocks of the stream have one size.
    fixed: bool,
}

impl Frame {
    fn parse(head: &[u8]) -> Option<Frame> {
        const RATES: [u32; 12] = [
            0, 88200, 176_400, 192_000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000,
        ];
        const BITS: [u8; 8] = [0, 8, 12, 0, 16, 20, 24, 32];
        let [0xff, strategy @ (0xf8 | 0xf9), rates, layout] = head[..] else {
            return None;
        };
        let channels = match layout >> 4 {
            independent @ 0..=7 => independent + 1,
            8..=10 => 2,
            _ => return None,
        };
        let block = match rates >> 4 {
            1 => 192,
            code @ 2..=5 => 576 << (code - 2),
            code @ 8..=15 => 256 << (code - 8),
            // Written out further on.
            _ => 0,
        };
        let rate_hz = RATES.get(usize::from(rates & 15)).copied().unwrap_or(0);
        Some(Frame {
            rate_hz,
            channels,
            bits: BITS[usize::from(layout >> 1 & 7)],
            block,
            fixed: strategy == 0xf8,
        })
    }
}

/// STREAMINFO as the frames have it. Writers that get it wrong exist; frames are what is decoded.
fn agree(info: Option<[u8; STREAMINFO]>, frame: Option<Frame>) -> Option<[u8; STREAMINFO]> {
    let mut info = match (info, &frame) {
        (Some(info), _) => info,
        (None, Some(frame)) if frame.rate_hz > 0 && frame.bits > 0 => [0; STREAMINFO],
        (None, _) => return None,
    };
    let Some(frame) = frame else {
        return Some(info);
    };
    // The demuxer takes equal bounds for fixed blocks and rejects frames that say otherwise.
    let stated = u16::from_be_bytes([info[2], info[3]]);
    let (smallest, largest) = match frame.block {
        _ if !frame.fixed => (16, u16::MAX),
        0 if stated >= 16 => (stated, stated),
        0 => (u16::MAX, u16::MAX),
        block => (block, block),
    };
    info[..2].copy_from_slice(&smallest.to_be_bytes());
    info[2..4].copy_from_slice(&largest.to_be_bytes());
    // 20 bits of rate, 3 of channels, 5 of sample width, 36 of length.
    let mut packed = u64::from_be_bytes(info[10..18].try_into().ok()?);
    let mut set = |shift: u32, width: u32, value: u64| {
        packed = packed & !(((1 << width) - 1) << shift) | value << shift;
    };
    if frame.rate_hz > 0 {
        set(44, 20, u64::from(frame.rate_hz));
    }
    set(41, 3, u64::from(frame.channels - 1));
    if frame.bits > 0 {
        set(36, 5, u64::from(frame.bits - 1));
    }
    info[10..18].copy_from_slice(&packed.to_be_bytes());
    Some(info)
}
