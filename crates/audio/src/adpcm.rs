//! ADPCM in WAV: the Microsoft and IMA/DVI variants (Multimedia Data Standards Update, 1994).

use crate::AudioError;
use crate::engine::{Engine, Planes, Step};
use crate::pcm::{early_end, fill};
use crate::source::View;

/// The two variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Adpcm {
    Microsoft,
    Ima,
}

#[rustfmt::skip]
const IMA_STEPS: [i32; 89] = [
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66,
    73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449,
    494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272,
    2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10442,
    11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
];
const IMA_INDEX: [i32; 8] = [-1, -1, -1, -1, 2, 4, 6, 8];

#[rustfmt::skip]
const MS_ADAPT: [i32; 16] = [230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230];
const MS_COEFFICIENTS: [(i32, i32); 7] = [
    (256, 0),
    (512, -256),
    (0, 0),
    (192, 64),
    (240, 0),
    (460, -208),
    (392, -232),
];

const SCALE: f32 = 1.0 / 32768.0;

/// Blocks of ADPCM in a row.
pub(crate) struct AdpcmEngine {
    view: View,
    kind: Adpcm,
    rate_hz: u32,
    channels: usize,
    block: Vec<u8>,
    promised: Option<u64>,
    seen: u64,
    warning: Option<String>,
}

impl AdpcmEngine {
    /// `block_align` is the number of bytes of a block, as the header says.
    pub(crate) fn new(
        view: View,
        kind: Adpcm,
        rate_hz: u32,
        channels: u16,
        block_align: u16,
        promised: Option<u64>,
    ) -> Result<AdpcmEngine, AudioError> {
        let channels = usize::from(channels);
        if usize::from(block_align) <= kind.header(channels) {
            return Err(AudioError::corrupt(format!(
                "its ADPCM blocks are {block_align} bytes, too short for {channels} channels"
            )));
        }
        let block = vec![0; usize::from(block_align)];
        Ok(AdpcmEngine {
            view,
            kind,
            rate_hz,
            channels,
            block,
            promised,
            seen: 0,
            warning: None,
        })
    }
}

impl Engine for AdpcmEngine {
    fn next(&mut self, planes: &mut Planes) -> Result<Step, AudioError> {
        planes.start(self.rate_hz, self.channels);
        // A block is some 500 to 2000 samples; several at a time save calls.
        while planes.frames() < 4096 {
            let filled = fill(&mut self.view, &mut self.block)?;
            self.seen += filled as u64;
            if filled > self.kind.header(self.channels) {
                self.kind
                    .decode(&self.block[..filled], &mut planes.channels);
            }
            if filled < self.block.len() {
                if let Some(promised) = self.promised.take()
                    && self.seen < promised
                {
                    self.warning = Some(early_end(self.seen, promised));
                }
                break;
            }
        }
        Ok(if planes.frames() == 0 {
            Step::End
        } else {
            Step::Frames
        })
    }

    fn take_warning(&mut self) -> Option<String> {
        self.warning.take()
    }
}

impl Adpcm {
    /// Name for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Adpcm::Microsoft => "adpcm_ms",
            Adpcm::Ima => "adpcm_ima_wav",
        }
    }

    /// Bytes in front of the codes of a block.
    fn header(self, channels: usize) -> usize {
        channels * if self == Adpcm::Ima { 4 } else { 7 }
    }

    fn decode(self, block: &[u8], planes: &mut [Vec<f32>]) {
        match self {
            Adpcm::Ima => decode_ima(block, planes),
            Adpcm::Microsoft => decode_microsoft(block, planes),
        }
    }
}

fn decode_ima(block: &[u8], planes: &mut [Vec<f32>]) {
    let channels = planes.len();
    let (headers, codes) = block.split_at(channels * 4);
    // After the headers, each channel in turn has four bytes of eight codes.
    let groups = codes.len() / (4 * channels);
    for (channel, plane) in planes.iter_mut().enumerate() {
        let header = &headers[channel * 4..];
        let mut predictor = i32::from(i16::from_le_bytes([header[0], header[1]]));
        let mut index = i32::from(header[2]).min(88);
        plane.push(predictor as f32 * SCALE);
        for group in 0..groups {
            for byte in &codes[(group * channels + channel) * 4..][..4] {
                for code in [byte & 15, byte >> 4] {
                    let step = IMA_STEPS[index as usize];
                    let magnitude = i32::from(code & 7);
                    let delta = ((2 * magnitude + 1) * step) >> 3;
                    predictor += if code & 8 == 0 { delta } else { -delta };
                    predictor = predictor.clamp(-32768, 32767);
                    index = (index + IMA_INDEX[magnitude as usize]).clamp(0, 88);
                    plane.push(predictor as f32 * SCALE);
                }
            }
        }
    }
}

#[derive(Clone, Copy, Default)]
struct MicrosoftState {
    coefficients: (i32, i32),
    delta: i32,
    newer: i32,
    older: i32,
}

fn decode_microsoft(block: &[u8], planes: &mut [Vec<f32>]) {
    let channels = planes.len();
    let (header, codes) = block.split_at(channels * 7);
    let word = |field: usize, channel: usize| {
        let at = channels * (1 + 2 * field) + channel * 2;
        i32::from(i16::from_le_bytes([header[at], header[at + 1]]))
    };
    let mut states = [MicrosoftState::default(); 8];
    for (channel, plane) in planes.iter_mut().enumerate() {
        let predictor = usize::from(header[channel]).min(MS_COEFFICIENTS.len() - 1);
        states[channel] = MicrosoftState {
            coefficients: MS_COEFFICIENTS[predictor],
            delta: word(0, channel),
            newer: word(1, channel),
            older: word(2, channel),
        };
        plane.push(states[channel].older as f32 * SCALE);
        plane.push(states[channel].newer as f32 * SCALE);
    }
    let whole = codes.len() * 2 / channels * channels;
    for nibble in 0..whole {
        let byte = codes[nibble / 2];
        let code = if nibble % 2 == 0 {
            byte >> 4
        } else {
            byte & 15
        };
        let state = &mut states[nibble % channels];
        planes[nibble % channels].push(state.step(code) as f32 * SCALE);
    }
}

impl MicrosoftState {
    fn step(&mut self, code: u8) -> i32 {
        let signed = i32::from(code) - if code & 8 == 0 { 0 } else { 16 };
        let (a, b) = self.coefficients;
        let predicted = (self.newer * a + self.older * b) / 256;
        // `delta` is at most about 2^26 after the clamp below, times 8 it fits.
        let sample = (predicted + signed * self.delta).clamp(-32768, 32767);
        (self.older, self.newer) = (self.newer, sample);
        self.delta = ((MS_ADAPT[usize::from(code)] * self.delta) >> 8).clamp(16, 1 << 20);
        sample
    }
}
