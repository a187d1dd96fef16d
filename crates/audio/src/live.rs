//! Live audio: messages of raw samples or Opus packets to mono samples at a wanted rate, with a
//! delay of a few hundredths of a second and no assumption about where messages are cut.

use crate::{AudioError, Resampler, g711};

/// Samples at 48 kHz in the longest Opus packet, 120 ms.
const OPUS_LONGEST: usize = 5_760;

/// How samples travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveEncoding {
    /// Signed 16-bit, little-endian.
    S16le,
    /// G.711 mu-law.
    Mulaw,
    /// G.711 A-law.
    Alaw,
    /// One Opus packet a message (RFC 6716), any channels and rate.
    Opus,
}

impl LiveEncoding {
    /// As configurations name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::S16le => "s16le",
            Self::Mulaw => "mulaw",
            Self::Alaw => "alaw",
            Self::Opus => "opus",
        }
    }

    /// Seconds of mono audio in a message of samples at this rate.
    pub fn seconds(self, message: &[u8], rate_hz: u32) -> f64 {
        let rate = f64::from(rate_hz.max(1));
        match self {
            Self::S16le => message.len() as f64 / (2.0 * rate),
            Self::Mulaw | Self::Alaw => message.len() as f64 / rate,
            Self::Opus => opus::packet::get_nb_samples(message, 48_000)
                .map_or(0.0, |samples| samples as f64 / 48_000.0),
        }
    }
}

/// Turns messages into mono samples at one rate.
pub struct LiveDecoder {
    encoding: LiveEncoding,
    /// First byte of a sample whose second has not come yet.
    odd: Option<u8>,
    opus: Option<(opus::Decoder, Vec<f32>)>,
    resampler: Resampler,
    samples: Vec<f32>,
}

impl LiveDecoder {
    /// From `rate_hz` (of no matter for Opus, which names its own) to `target_hz`: 8, 12, 16, 24
    /// or 48 kHz.
    ///
    /// # Errors
    /// [`AudioError::Unsupported`] for rates out of range.
    pub fn new(encoding: LiveEncoding, rate_hz: u32, target_hz: u32) -> Result<Self, AudioError> {
        let (opus, rate_hz) = match encoding {
            LiveEncoding::Opus => {
                let decoder = opus::Decoder::new(target_hz, opus::Channels::Mono)
                    .map_err(|error| AudioError::unsupported(error.to_string()))?;
                (Some((decoder, vec![0.0; OPUS_LONGEST])), target_hz)
            }
            _ => (None, rate_hz),
        };
        Ok(Self {
            encoding,
            odd: None,
            opus,
            // Blocks of 20 ms.
            resampler: Resampler::with_block(
                rate_hz,
                target_hz,
                (rate_hz.min(target_hz) / 50) as usize,
            )?,
            samples: Vec::new(),
        })
    }

    /// Takes a message, appends what is ready to `out`.
    ///
    /// # Errors
    /// [`AudioError::Corrupt`] for an Opus packet that cannot be decoded; the next one may be.
    pub fn push(&mut self, message: &[u8], out: &mut Vec<f32>) -> Result<(), AudioError> {
        self.samples.clear();
        match self.encoding {
            LiveEncoding::S16le => self.words(message),
            LiveEncoding::Mulaw => self
                .samples
                .extend(message.iter().map(|&code| scale(g711::decode_mulaw(code)))),
            LiveEncoding::Alaw => self
                .samples
                .extend(message.iter().map(|&code| scale(g711::decode_alaw(code)))),
            LiveEncoding::Opus => self.packet(message)?,
        }
        self.resampler.push_into(&self.samples, out);
        Ok(())
    }

    /// What the resampler still holds; half a sample is dropped.
    pub fn finish(&mut self) -> Vec<f32> {
        self.odd = None;
        self.resampler.finish()
    }

    fn words(&mut self, mut bytes: &[u8]) {
        if let (Some(low), Some((&high, rest))) = (self.odd, bytes.split_first()) {
            self.samples.push(scale(i16::from_le_bytes([low, high])));
            self.odd = None;
            bytes = rest;
        }
        let pairs = bytes.chunks_exact(2);
        if let [left] = pairs.remainder() {
            self.odd = Some(*left);
        }
        self.samples
            .extend(pairs.map(|pair| scale(i16::from_le_bytes([pair[0], pair[1]]))));
    }

    fn packet(&mut self, packet: &[u8]) -> Result<(), AudioError> {
        let Some((decoder, room)) = &mut self.opus else {
            return Ok(());
        };
        // libopus takes an empty packet for a lost one.
        if packet.is_empty() {
            return Err(AudioError::corrupt("an Opus packet is empty"));
        }
        let count = decoder
            .decode_float(packet, room, false)
            .map_err(|error| AudioError::corrupt(format!("an Opus packet is damaged: {error}")))?;
        self.samples.extend_from_slice(&room[..count]);
        Ok(())
    }
}

fn scale(sample: i16) -> f32 {
    f32::from(sample) / 32_768.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(decoder: &mut LiveDecoder, messages: &[&[u8]]) -> Vec<f32> {
        let mut out = Vec::new();
        for message in messages {
            decoder.push(message, &mut out).unwrap();
        }
        out.extend(decoder.finish());
        out
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_messages_are_cut(
            bytes in prop::collection::vec(any::<u8>(), 0..4000), cuts in prop::collection::vec(1usize..700, 1..20),
            rate in prop::sample::select(vec![8_000u32, 16_000, 44_100, 48_000]), mulaw in any::<bool>(),
        ) {
            let encoding = if mulaw { LiveEncoding::Mulaw } else { LiveEncoding::S16le };
            let mut decoder = LiveDecoder::new(encoding, rate, 16_000).unwrap();
            let whole = decode(&mut decoder, &[&bytes]);
            let (mut pieces, mut rest, mut i) = (Vec::new(), bytes.as_slice(), 0);
            while !rest.is_empty() {
                let (piece, more) = rest.split_at(cuts[i % cuts.len()].min(rest.len()));
                pieces.push(piece);
                (rest, i) = (more, i + 1);
            }
            prop_assert_eq!(decode(&mut decoder, &pieces), whole);
        }

        #[test]
        fn no_packet_is_too_strange(packet in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut decoder = LiveDecoder::new(LiveEncoding::Opus, 48_000, 16_000).unwrap();
            let mut out = Vec::new();
            let _ = decoder.push(&packet, &mut out);
            prop_assert!(LiveEncoding::Opus.seconds(&packet, 48_000) <= 0.121);
            prop_assert!(out.iter().all(|x| x.is_finite()));
        }
    }

    #[test]
    fn a_second_of_telephone_audio_is_a_second() {
        let mut decoder = LiveDecoder::new(LiveEncoding::Mulaw, 8_000, 16_000).unwrap();
        assert_eq!(decode(&mut decoder, &[&[0xff; 8_000]]).len(), 16_000);
        assert_eq!(LiveEncoding::Mulaw.seconds(&[0xff; 8_000], 8_000), 1.0);
    }

    #[test]
    fn opus_packets_of_any_rate_come_out_at_the_wanted_one() {
        let mut encoder =
            opus::Encoder::new(48_000, opus::Channels::Mono, opus::Application::Voip).unwrap();
        let tone: Vec<f32> = (0..960).map(|i| (i as f32 * 0.05).sin() * 0.3).collect();
        let mut decoder = LiveDecoder::new(LiveEncoding::Opus, 48_000, 16_000).unwrap();
        let mut out = Vec::new();
        for _ in 0..50 {
            let packet = encoder.encode_vec_float(&tone, 1000).unwrap();
            assert!((LiveEncoding::Opus.seconds(&packet, 0) - 0.02).abs() < 1e-9);
            decoder.push(&packet, &mut out).unwrap();
        }
        out.extend(decoder.finish());
        assert_eq!(out.len(), 16_000);
        assert!(out[8_000..].iter().any(|x| x.abs() > 0.2));
    }
}
