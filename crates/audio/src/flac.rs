//! FLAC without its metadata: only the stream's parameters are kept, so that pictures of any
//! claimed size are never loaded.

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
    let info = info
        .filter(|info| info.len() == STREAMINFO)
        .ok_or_else(|| AudioError::corrupt("the FLAC has no STREAMINFO block"))?;
    let mut head = b"fLaC\x80\x00\x00\x22".to_vec();
    head.extend(info);
    Ok((head, at))
}
