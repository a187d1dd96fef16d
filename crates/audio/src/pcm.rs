//! Uncompressed samples: their encodings, and reading them in blocks.

use std::io::Read;

use crate::engine::{Engine, Planes, Step};
use crate::source::View;
use crate::{AudioError, g711};

/// Encodings a headerless stream may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PcmEncoding {
    /// 16-bit signed, little endian.
    S16le,
    /// G.711 mu-law, one byte a sample.
    Mulaw,
    /// G.711 A-law, one byte a sample.
    Alaw,
    /// 32-bit float, little endian, full scale at 1.0.
    F32le,
}

/// What a headerless stream holds. Channels are interleaved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PcmFormat {
    /// How a sample is written.
    pub encoding: PcmEncoding,
    /// Frames a second.
    pub sample_rate_hz: u32,
    /// Channels of a frame, 1 to 8.
    pub channels: u16,
}

/// Every encoding of uncompressed samples found in containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    U8,
    S8,
    Mulaw,
    Alaw,
    /// Signed integers of 2, 3 or 4 bytes.
    Int {
        bytes: u8,
        big_endian: bool,
    },
    /// Floats of 4 or 8 bytes.
    Float {
        bytes: u8,
        big_endian: bool,
    },
}

impl From<PcmEncoding> for Encoding {
    fn from(encoding: PcmEncoding) -> Encoding {
        match encoding {
            PcmEncoding::S16le => Encoding::Int {
                bytes: 2,
                big_endian: false,
            },
            PcmEncoding::Mulaw => Encoding::Mulaw,
            PcmEncoding::Alaw => Encoding::Alaw,
            PcmEncoding::F32le => Encoding::Float {
                bytes: 4,
                big_endian: false,
            },
        }
    }
}

impl Encoding {
    pub(crate) fn bytes(self) -> usize {
        match self {
            Encoding::U8 | Encoding::S8 | Encoding::Mulaw | Encoding::Alaw => 1,
            Encoding::Int { bytes, .. } | Encoding::Float { bytes, .. } => usize::from(bytes),
        }
    }

    /// Name for people, as in "pcm_s16le".
    pub(crate) fn name(self) -> String {
        let end = |big| if big { "be" } else { "le" };
        match self {
            Encoding::U8 => "pcm_u8".into(),
            Encoding::S8 => "pcm_s8".into(),
            Encoding::Mulaw => "pcm_mulaw".into(),
            Encoding::Alaw => "pcm_alaw".into(),
            Encoding::Int { bytes, big_endian } => format!("pcm_s{}{}", bytes * 8, end(big_endian)),
            Encoding::Float { bytes, big_endian } => {
                format!("pcm_f{}{}", bytes * 8, end(big_endian))
            }
        }
    }

    /// Appends interleaved `bytes` (whole frames) to one vector a channel.
    pub(crate) fn decode(self, bytes: &[u8], planes: &mut [Vec<f32>]) {
        const S16: f32 = 1.0 / 32768.0;
        const S32: f32 = 1.0 / 2_147_483_648.0;
        match self {
            Encoding::U8 => spread(bytes, planes, |b: [u8; 1]| {
                (f32::from(b[0]) - 128.0) / 128.0
            }),
            Encoding::S8 => spread(bytes, planes, |b: [u8; 1]| f32::from(b[0] as i8) / 128.0),
            Encoding::Mulaw => {
                spread(bytes, planes, |b: [u8; 1]| {
                    f32::from(g711::decode_mulaw(b[0])) * S16
                });
            }
            Encoding::Alaw => {
                spread(bytes, planes, |b: [u8; 1]| {
                    f32::from(g711::decode_alaw(b[0])) * S16
                });
            }
            Encoding::Int {
                bytes: 2,
                big_endian: false,
            } => {
                spread(bytes, planes, |b| f32::from(i16::from_le_bytes(b)) * S16);
            }
            Encoding::Int {
                bytes: 2,
                big_endian: true,
            } => {
                spread(bytes, planes, |b| f32::from(i16::from_be_bytes(b)) * S16);
            }
            Encoding::Int {
                bytes: 3,
                big_endian: false,
            } => spread(bytes, planes, |b: [u8; 3]| {
                i32::from_le_bytes([0, b[0], b[1], b[2]]) as f32 * S32
            }),
            Encoding::Int {
                bytes: 3,
                big_endian: true,
            } => spread(bytes, planes, |b: [u8; 3]| {
                i32::from_be_bytes([b[0], b[1], b[2], 0]) as f32 * S32
            }),
            Encoding::Int {
                big_endian: false, ..
            } => {
                spread(bytes, planes, |b| i32::from_le_bytes(b) as f32 * S32);
            }
            Encoding::Int {
                big_endian: true, ..
            } => {
                spread(bytes, planes, |b| i32::from_be_bytes(b) as f32 * S32);
            }
            Encoding::Float {
                bytes: 8,
                big_endian: false,
            } => {
                spread(bytes, planes, |b| f64::from_le_bytes(b) as f32);
            }
            Encoding::Float {
                bytes: 8,
                big_endian: true,
            } => {
                spread(bytes, planes, |b| f64::from_be_bytes(b) as f32);
            }
            Encoding::Float {
                big_endian: false, ..
            } => spread(bytes, planes, f32::from_le_bytes),
            Encoding::Float {
                big_endian: true, ..
            } => spread(bytes, planes, f32::from_be_bytes),
        }
    }
}

/// Deinterleaves samples of `N` bytes.
fn spread<const N: usize>(bytes: &[u8], planes: &mut [Vec<f32>], value: impl Fn([u8; N]) -> f32) {
    let (samples, _) = bytes.as_chunks::<N>();
    let channels = planes.len();
    for (channel, plane) in planes.iter_mut().enumerate() {
        plane.extend(
            samples
                .iter()
                .skip(channel)
                .step_by(channels)
                .map(|sample| value(*sample)),
        );
    }
}

/// Uncompressed samples in a row.
pub(crate) struct PcmEngine {
    view: View,
    encoding: Encoding,
    rate_hz: u32,
    channels: usize,
    /// Bytes the header promises; `None` when it cannot know.
    promised: Option<u64>,
    seen: u64,
    buffer: Vec<u8>,
    warning: Option<String>,
}

/// Frames read at a time.
const FRAMES: usize = 8192;

impl PcmEngine {
    /// The caller has checked rate and number of channels. The view's budget must cover it.
    pub(crate) fn new(
        view: View,
        encoding: Encoding,
        rate_hz: u32,
        channels: u16,
        promised: Option<u64>,
    ) -> PcmEngine {
        let channels = usize::from(channels);
        let buffer = vec![0; FRAMES * channels * encoding.bytes()];
        PcmEngine {
            view,
            encoding,
            rate_hz,
            channels,
            promised,
            seen: 0,
            buffer,
            warning: None,
        }
    }
}

/// Reads until the buffer is full or the source ends.
pub(crate) fn fill(view: &mut View, buffer: &mut [u8]) -> Result<usize, AudioError> {
    let mut filled = 0;
    while filled < buffer.len() {
        match view.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(filled)
}

/// What to tell when a file ends before its header said it would.
pub(crate) fn early_end(seen: u64, promised: u64) -> String {
    format!("the file ends early: its header promises {promised} bytes of audio, {seen} are there")
}

impl Engine for PcmEngine {
    fn next(&mut self, planes: &mut Planes) -> Result<Step, AudioError> {
        let filled = fill(&mut self.view, &mut self.buffer)?;
        self.seen += filled as u64;
        let frame = self.channels * self.encoding.bytes();
        let whole = filled - filled % frame;
        if filled < self.buffer.len()
            && let Some(promised) = self.promised.take()
            && self.seen < promised
        {
            self.warning = Some(early_end(self.seen, promised));
        }
        if whole == 0 {
            return Ok(Step::End);
        }
        planes.start(self.rate_hz, self.channels);
        self.encoding
            .decode(&self.buffer[..whole], &mut planes.channels);
        Ok(Step::Frames)
    }

    fn take_warning(&mut self) -> Option<String> {
        self.warning.take()
    }
}
