//! Opus in Ogg (RFC 7845), packets of 20 ms, a page whenever there is something to send.

use super::bits::crc32;
use crate::AudioError;

/// Rates libopus takes.
pub const RATES_HZ: [u32; 5] = [8_000, 12_000, 16_000, 24_000, 48_000];
/// Bits a second, variable: speech of full bandwidth without audible loss.
const BITS_A_SECOND: i32 = 32_000;
/// Packets a second.
const PACKETS: u32 = 50;
/// Longest packet, as libopus advises.
const LONGEST: usize = 4_000;
/// Packets of a page at most, so that its table of 255 entries holds them.
const OF_A_PAGE: usize = 50;
/// Granules count at this rate whatever the encoder's is.
const GRANULES: u64 = 48_000;

const FIRST: u8 = 2;
const LAST: u8 = 4;

/// Writes a stream of one or two channels.
pub struct OggOpusWriter {
    encoder: opus::Encoder,
    rate_hz: u32,
    channels: u8,
    pre_skip: u64,
    pending: Vec<f32>,
    page: Vec<Vec<u8>>,
    /// Samples taken, and samples in packets.
    taken: u64,
    packed: u64,
    sequence: u32,
}

impl OggOpusWriter {
    /// A stream at 8, 12, 16, 24 or 48 kHz; stereo, interleaved, or mono.
    ///
    /// # Errors
    /// Another rate.
    pub fn new(rate_hz: u32, is_stereo: bool) -> Result<Self, AudioError> {
        let (channels, layout) = match is_stereo {
            true => (2, opus::Channels::Stereo),
            false => (1, opus::Channels::Mono),
        };
        let refused =
            |error: opus::Error| AudioError::unsupported(format!("libopus says: {error}"));
        let mut encoder =
            opus::Encoder::new(rate_hz, layout, opus::Application::Audio).map_err(refused)?;
        encoder
            .set_bitrate(opus::Bitrate::Bits(BITS_A_SECOND * i32::from(channels)))
            .map_err(refused)?;
        let delay = encoder.get_lookahead().map_err(refused)?;
        Ok(OggOpusWriter {
            pre_skip: u64::try_from(delay).unwrap_or(0) * GRANULES / u64::from(rate_hz),
            encoder,
            rate_hz,
            channels,
            pending: Vec::new(),
            page: Vec::new(),
            taken: 0,
            packed: 0,
            sequence: 0,
        })
    }

    /// Takes samples; appends a page of what is full to `out`.
    ///
    /// # Errors
    /// Those of libopus.
    pub fn write(&mut self, samples: &[f32], out: &mut Vec<u8>) -> Result<(), AudioError> {
        self.headers(out);
        self.taken += samples.len() as u64 / u64::from(self.channels);
        self.pending.extend_from_slice(samples);
        self.pack(out)?;
        self.flush(0, out);
        Ok(())
    }

    /// The rest; the last page's granule says where the sound ends.
    ///
    /// # Errors
    /// Those of libopus.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), AudioError> {
        self.headers(out);
        let length = self.taken * GRANULES / u64::from(self.rate_hz) + self.pre_skip;
        while self.granule() < length || self.page.is_empty() {
            let frame = self.frame();
            self.pending
                .resize(self.pending.len().next_multiple_of(frame).max(frame), 0.0);
            self.pack(out)?;
        }
        let pages = std::mem::take(&mut self.page);
        self.write_page(&pages, LAST, length, out);
        Ok(())
    }

    /// Samples of a packet, of all channels.
    fn frame(&self) -> usize {
        (self.rate_hz / PACKETS) as usize * usize::from(self.channels)
    }

    fn granule(&self) -> u64 {
        self.packed * GRANULES / u64::from(self.rate_hz)
    }

    fn pack(&mut self, out: &mut Vec<u8>) -> Result<(), AudioError> {
        let frame = self.frame();
        let pending = std::mem::take(&mut self.pending);
        let frames = pending.chunks_exact(frame);
        self.pending.extend_from_slice(frames.remainder());
        for samples in frames {
            let packet = self
                .encoder
                .encode_vec_float(samples, LONGEST)
                .map_err(|error| AudioError::unsupported(format!("libopus says: {error}")))?;
            if self.page.len() == OF_A_PAGE {
                self.flush(0, out);
            }
            self.page.push(packet);
            self.packed += u64::from(self.rate_hz / PACKETS);
        }
        Ok(())
    }

    fn flush(&mut self, flags: u8, out: &mut Vec<u8>) {
        let packets = std::mem::take(&mut self.page);
        if !packets.is_empty() {
            self.write_page(&packets, flags, self.granule(), out);
        }
    }

    /// OpusHead and OpusTags, each on a page of its own.
    fn headers(&mut self, out: &mut Vec<u8>) {
        if self.sequence > 0 {
            return;
        }
        let mut head = b"OpusHead\x01".to_vec();
        head.push(self.channels);
        head.extend((self.pre_skip as u16).to_le_bytes());
        head.extend(self.rate_hz.to_le_bytes());
        head.extend([0, 0, 0]);
        self.write_page(&[head], FIRST, 0, out);
        let vendor = opus::version().as_bytes();
        let mut tags = b"OpusTags".to_vec();
        tags.extend((vendor.len() as u32).to_le_bytes());
        tags.extend(vendor);
        tags.extend([0; 4]);
        self.write_page(&[tags], 0, 0, out);
    }

    fn write_page(&mut self, packets: &[Vec<u8>], flags: u8, granule: u64, out: &mut Vec<u8>) {
        let mut table = Vec::new();
        for packet in packets {
            table.extend(std::iter::repeat_n(255, packet.len() / 255));
            table.push((packet.len() % 255) as u8);
        }
        let start = out.len();
        out.extend(b"OggS\0");
        out.push(flags);
        out.extend(granule.to_le_bytes());
        // One stream a file: its number only has to be the same on every page.
        out.extend(1u32.to_le_bytes());
        out.extend(self.sequence.to_le_bytes());
        out.extend([0; 4]);
        out.push(table.len() as u8);
        out.extend(table);
        packets.iter().for_each(|packet| out.extend(packet));
        let check = crc32(&out[start..]);
        out[start + 22..start + 26].copy_from_slice(&check.to_le_bytes());
        self.sequence += 1;
    }
}
