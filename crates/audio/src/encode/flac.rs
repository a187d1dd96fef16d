//! FLAC of 16-bit mono, with the fixed predictors and partitioned Rice codes (RFC 9639). Speech gets
//! within a few per cent of what an encoder with adaptive predictors makes of it.

use super::bits::{BitWriter, crc8, crc16};

/// Samples of a frame: a sixth of a second at 24 kHz.
const BLOCK: usize = 4096;
/// Most halvings of a block into partitions with parameters of their own.
const PARTITIONS: u32 = 5;
/// Largest parameter of a Rice code written in four bits; 15 is the escape.
const LARGEST: u32 = 14;
/// Highest order of the fixed predictors.
const ORDERS: usize = 4;

/// Writes a stream.
pub struct FlacWriter {
    rate_hz: u32,
    block: Vec<i32>,
    frames: u32,
    started: bool,
}

impl FlacWriter {
    /// A stream at this rate.
    pub fn new(rate_hz: u32) -> Self {
        FlacWriter {
            rate_hz,
            block: Vec::with_capacity(BLOCK),
            frames: 0,
            started: false,
        }
    }

    /// Takes samples; appends full frames to `out`.
    pub fn write(&mut self, samples: impl Iterator<Item = i16>, out: &mut Vec<u8>) {
        self.start(out);
        for sample in samples {
            self.block.push(i32::from(sample));
            if self.block.len() == BLOCK {
                self.frame(out);
            }
        }
    }

    /// The last frame.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        self.start(out);
        if !self.block.is_empty() {
            self.frame(out);
        }
    }

    /// The marker and STREAMINFO; number of samples, sizes of frames and checksum are unknown.
    fn start(&mut self, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        let mut bits = BitWriter::default();
        bits.put(0x80, 8);
        bits.put(34, 24);
        bits.put(BLOCK as u32, 16);
        bits.put(BLOCK as u32, 16);
        bits.put(0, 24);
        bits.put(0, 24);
        bits.put(self.rate_hz, 20);
        bits.put(0, 3);
        bits.put(15, 5);
        bits.put(0, 4);
        for _ in 0..5 {
            bits.put(0, 32);
        }
        out.extend(b"fLaC");
        out.extend(bits.into_bytes());
    }

    fn frame(&mut self, out: &mut Vec<u8>) {
        let mut bits = BitWriter::default();
        self.header(&mut bits);
        subframe(&self.block, &mut bits);
        bits.align();
        let check = crc16(bits.bytes());
        out.extend(bits.into_bytes());
        out.extend(check.to_be_bytes());
        self.block.clear();
        self.frames = (self.frames + 1) & 0x7fff_ffff;
    }

    fn header(&self, bits: &mut BitWriter) {
        bits.put(0xfff8, 16);
        // Size of the block in 16 bits at the end; rate as a code or likewise.
        bits.put(7, 4);
        let code = match self.rate_hz {
            8_000 => 4,
            16_000 => 5,
            22_050 => 6,
            24_000 => 7,
            32_000 => 8,
            44_100 => 9,
            48_000 => 10,
            _ => 13,
        };
        bits.put(code, 4);
        // Mono, 16 bits.
        bits.put(0, 4);
        bits.put(4 << 1, 4);
        number(self.frames, bits);
        bits.put(self.block.len() as u32 - 1, 16);
        if code == 13 {
            bits.put(self.rate_hz, 16);
        }
        let check = crc8(bits.bytes());
        bits.put(u32::from(check), 8);
    }
}

/// The frame's number in the manner of UTF-8, up to 31 bits.
fn number(value: u32, bits: &mut BitWriter) {
    if value < 0x80 {
        return bits.put(value, 8);
    }
    // Bytes after the first, each with six bits.
    let more = (1..=5)
        .find(|&more| value < 1 << (5 * more + 6))
        .unwrap_or(5);
    let first = 0xffu32 << (6 - more) & 0xff;
    bits.put(first | value >> (6 * more), 8);
    for index in (0..more).rev() {
        bits.put(0x80 | value >> (6 * index) & 0x3f, 8);
    }
}

fn subframe(samples: &[i32], bits: &mut BitWriter) {
    if samples.iter().all(|sample| *sample == samples[0]) {
        bits.put(0, 8);
        return bits.put(samples[0] as u32, 16);
    }
    let (order, residual) = predict(samples);
    bits.put((8 + order as u32) << 1, 8);
    for sample in &samples[..order] {
        bits.put(*sample as u32, 16);
    }
    let (partitions, parameters) = partition(&residual, order, samples.len());
    bits.put(0, 2);
    bits.put(partitions, 4);
    let mut rest = residual.as_slice();
    for (index, parameter) in parameters.into_iter().enumerate() {
        let skipped = if index == 0 { order } else { 0 };
        let (part, after) = rest.split_at((samples.len() >> partitions) - skipped);
        rest = after;
        bits.put(parameter, 4);
        for value in part {
            let folded = fold(*value);
            bits.unary(folded >> parameter);
            bits.put(folded, parameter);
        }
    }
}

/// The order whose residual is smallest, and the residual: differences of differences.
fn predict(samples: &[i32]) -> (usize, Vec<i32>) {
    let mut best = (0, samples.to_vec());
    let size = |values: &[i32]| -> u64 {
        let sum = values.iter().map(|value| u64::from(value.unsigned_abs()));
        sum.sum()
    };
    let mut least = size(samples);
    let mut values = samples.to_vec();
    for order in 1..=ORDERS.min(samples.len() - 1) {
        for at in (1..values.len()).rev() {
            values[at] -= values[at - 1];
        }
        values.remove(0);
        let sum = size(&values);
        if sum < least {
            least = sum;
            best = (order, values.clone());
        }
    }
    best
}

/// Zigzag: small numbers of either sign become small.
fn fold(value: i32) -> u32 {
    (value << 1 ^ value >> 31) as u32
}

/// The partition order and the parameters that take the fewest bits.
fn partition(residual: &[i32], order: usize, samples: usize) -> (u32, Vec<u32>) {
    let mut best = (0, Vec::new());
    let mut least = u64::MAX;
    for partitions in 0..=PARTITIONS {
        let length = samples >> partitions;
        if length << partitions != samples || length <= order {
            break;
        }
        let mut rest = residual;
        let (mut total, mut parameters) = (0, Vec::new());
        for index in 0..1 << partitions {
            let skipped = if index == 0 { order } else { 0 };
            let (part, after) = rest.split_at(length - skipped);
            rest = after;
            let (parameter, cost) = rice(part);
            parameters.push(parameter);
            total += cost + 4;
        }
        if total < least {
            least = total;
            best = (partitions, parameters);
        }
    }
    best
}

/// The best parameter of a partition and the bits it takes.
fn rice(part: &[i32]) -> (u32, u64) {
    let sum: u64 = part.iter().map(|value| u64::from(fold(*value))).sum();
    let mean = sum / part.len().max(1) as u64;
    let guess = (64 - mean.leading_zeros()).saturating_sub(1).min(LARGEST);
    let cost = |parameter: u32| -> u64 {
        let bits = part
            .iter()
            .map(|value| u64::from((fold(*value) >> parameter) + 1 + parameter));
        bits.sum()
    };
    let near = guess.saturating_sub(1)..=(guess + 1).min(LARGEST);
    let all = near.map(|parameter| (parameter, cost(parameter)));
    all.min_by_key(|(_, cost)| *cost)
        .expect("a range with both ends is not empty")
}
