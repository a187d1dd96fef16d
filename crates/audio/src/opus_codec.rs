//! Opus packets to samples through libopus, 1 to 8 channels (RFC 6716, RFC 7845).

use opus::MSDecoder;

use crate::AudioError;
use crate::engine::Planes;

/// Opus always decodes at its full rate here.
pub(crate) const RATE_HZ: u32 = 48_000;

/// The longest packet is 120 ms.
const MAX_FRAMES: usize = 5760;

pub(crate) struct OpusCodec {
    decoder: MSDecoder,
    channels: usize,
    /// Frames at the start that belong to the encoder's delay.
    pub(crate) pre_skip: u64,
    interleaved: Vec<f32>,
}

impl OpusCodec {
    /// `head` is the identification header ("OpusHead..."), where the container has one.
    pub(crate) fn new(head: Option<&[u8]>, channels: usize) -> Result<OpusCodec, AudioError> {
        let head = head
            .and_then(|bytes| bytes.strip_prefix(b"OpusHead"))
            .filter(|rest| rest.len() >= 11);
        let channels = head.map_or(channels, |head| usize::from(head[1]));
        if !(1..=8).contains(&channels) {
            return Err(AudioError::unsupported(format!(
                "Opus with {channels} channels is not read"
            )));
        }
        let family = head.map_or(0, |head| head[10]);
        let (streams, coupled, mapping) = match head.and_then(|head| head.get(11..13 + channels)) {
            Some(table) if family != 0 => (table[0], table[1], table[2..].to_vec()),
            None if family != 0 => return Err(AudioError::corrupt("its Opus header is cut short")),
            _ if channels > 2 => {
                return Err(AudioError::corrupt(
                    "its Opus header has no channel mapping",
                ));
            }
            _ => (1, channels as u8 - 1, vec![0, 1][..channels].to_vec()),
        };
        let refused = |error: opus::Error| {
            AudioError::corrupt(format!("its Opus header is refused: {error}"))
        };
        let mut decoder = MSDecoder::new(RATE_HZ, streams, coupled, &mapping).map_err(refused)?;
        let gain = head.map_or(0, |head| i16::from_le_bytes([head[8], head[9]]));
        if gain != 0 {
            decoder.set_gain(i32::from(gain)).map_err(refused)?;
        }
        let pre_skip = head.map_or(0, |head| u64::from(u16::from_le_bytes([head[2], head[3]])));
        Ok(OpusCodec {
            decoder,
            channels,
            pre_skip,
            interleaved: vec![0.0; MAX_FRAMES * channels],
        })
    }

    pub(crate) fn channels(&self) -> usize {
        self.channels
    }

    /// Decodes one packet into `planes`; the message of libopus when it is damaged.
    pub(crate) fn decode(&mut self, packet: &[u8], planes: &mut Planes) -> Result<(), String> {
        planes.start(RATE_HZ, self.channels);
        // An empty packet would ask libopus to conceal a loss.
        if packet.is_empty() {
            return Err("empty packet".to_owned());
        }
        let frames = self
            .decoder
            .decode_float(packet, &mut self.interleaved, false)
            .map_err(|error| error.to_string())?;
        let samples = &self.interleaved[..frames * self.channels];
        for (channel, plane) in planes.channels.iter_mut().enumerate() {
            plane.extend(samples.iter().skip(channel).step_by(self.channels));
        }
        Ok(())
    }
}
