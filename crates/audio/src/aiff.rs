//! AIFF and AIFF-C: big-endian chunks with the sample rate as an 80-bit float (Apple, 1991).

use crate::AudioError;
use crate::pcm::Encoding;
use crate::riff::{Coding, Layout};
use crate::source::{Source, read_at};

const MAX_CHUNKS: usize = 1000;

/// Reads the chunks up to the samples. `base` is where "FORM" stands, `len` the source's length.
pub(crate) fn parse(source: &mut dyn Source, base: u64, len: u64) -> Result<Layout, AudioError> {
    let compressed = read_at(source, base + 8, 4)? == b"AIFC";
    let mut at = base + 12;
    let mut common = None;
    let mut sound = None;
    for _ in 0..MAX_CHUNKS {
        let header = read_at(source, at, 8)?;
        let Some((name, size)) = header.split_first_chunk::<4>() else {
            break;
        };
        let Ok(size) = size.try_into().map(u32::from_be_bytes) else {
            break;
        };
        let body = at + 8;
        match name {
            b"COMM" => common = Some(parse_common(&read_at(source, body, 22)?, compressed)?),
            b"SSND" => {
                let skip = read_at(source, body, 4)?
                    .try_into()
                    .map_or(0, u32::from_be_bytes);
                sound = Some((body + 8 + u64::from(skip), body + u64::from(size), size));
            }
            _ => {}
        }
        if common.is_some() && sound.is_some() {
            break;
        }
        at = body + u64::from(size) + u64::from(size & 1);
        if at >= len {
            break;
        }
    }
    let Some((encoding, rate_hz, channels)) = common else {
        return Err(AudioError::corrupt("the AIFF has no \"COMM\" chunk"));
    };
    let Some((start, mut end, size)) = sound else {
        return Err(AudioError::Empty);
    };
    let mut promised = Some(end.saturating_sub(start));
    if size == 0 || size == u32::MAX {
        (end, promised) = (len, None);
    }
    let start = start.min(len);
    let coding = Coding::Pcm(encoding);
    Ok(Layout {
        coding,
        rate_hz,
        channels,
        start,
        end: end.clamp(start, len),
        promised,
    })
}

fn parse_common(bytes: &[u8], compressed: bool) -> Result<(Encoding, u32, u16), AudioError> {
    if bytes.len() < 18 || (compressed && bytes.len() < 22) {
        return Err(AudioError::corrupt(
            "the \"COMM\" chunk of the AIFF is too short",
        ));
    }
    let channels = u16::from_be_bytes([bytes[0], bytes[1]]);
    let bits = u16::from_be_bytes([bytes[6], bytes[7]]);
    let rate_hz = extended(&bytes[8..18])
        .ok_or_else(|| AudioError::corrupt("the sample rate of the AIFF is not a number"))?;
    let kind: &[u8] = if compressed { &bytes[18..22] } else { b"NONE" };
    let int = |big_endian| match bits.div_ceil(8) {
        1 => Ok(Encoding::S8),
        bytes @ 2..=4 => Ok(Encoding::Int {
            bytes: bytes as u8,
            big_endian,
        }),
        _ => Err(AudioError::unsupported(format!(
            "AIFF with {bits} bits a sample is not read"
        ))),
    };
    let encoding = match kind {
        b"NONE" | b"twos" | b"in16" | b"in24" | b"in32" => int(true)?,
        b"sowt" => int(false)?,
        b"raw " => Encoding::U8,
        b"fl32" | b"FL32" => Encoding::Float {
            bytes: 4,
            big_endian: true,
        },
        b"fl64" | b"FL64" => Encoding::Float {
            bytes: 8,
            big_endian: true,
        },
        b"ulaw" | b"ULAW" => Encoding::Mulaw,
        b"alaw" | b"ALAW" => Encoding::Alaw,
        other => {
            let name = String::from_utf8_lossy(other).into_owned();
            return Err(AudioError::unsupported(format!(
                "AIFF-C with codec \"{name}\" is not read"
            )));
        }
    };
    Ok((encoding, rate_hz, channels))
}

/// An 80-bit IEEE float as a whole number of Hz; `None` when absurd.
fn extended(bytes: &[u8]) -> Option<u32> {
    let exponent = i32::from(u16::from_be_bytes([bytes[0], bytes[1]])) - 16383;
    let mantissa = u64::from_be_bytes(bytes[2..10].try_into().ok()?);
    let value = mantissa as f64 * 2f64.powi(exponent - 63);
    (value.is_finite() && (0.0..4e9).contains(&value)).then(|| value.round() as u32)
}

#[cfg(test)]
mod tests {
    use super::extended;

    #[test]
    fn extended_floats_give_the_usual_rates() {
        assert_eq!(
            extended(&[0x40, 0x0e, 0xac, 0x44, 0, 0, 0, 0, 0, 0]),
            Some(44100)
        );
        assert_eq!(
            extended(&[0x40, 0x0b, 0xfa, 0, 0, 0, 0, 0, 0, 0]),
            Some(8000)
        );
        assert_eq!(extended(&[0x7f, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0]), None);
    }
}
