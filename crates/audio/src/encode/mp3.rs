//! MP3, frame by frame.

use crate::AudioError;
use rusty_mp3::{Error, Mp3Encoder, Mp3EncoderConfig};

/// Rates of MPEG-2.5, 2 and 1.
pub const RATES_HZ: [u32; 9] = [
    8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000,
];
/// What speech gets: enough that nobody hears the codec.
const KBPS: u32 = 64;
/// The same where rates of MPEG-1 spread the bits over more.
const KBPS_HIGH: f32 = 96.0;

/// Writes a stream.
pub struct Mp3Writer {
    encoder: Mp3Encoder,
    rate_hz: u32,
    tag_is_out: bool,
}

impl Mp3Writer {
    /// A stream at one of [`RATES_HZ`].
    pub fn new(rate_hz: u32) -> Self {
        let config = match rate_hz {
            // A constant rate would keep every frame of MPEG-1 until the end.
            32_000.. => Mp3EncoderConfig {
                bitrate_kbps: 0,
                vbr_quality: Some(KBPS_HIGH),
            },
            _ => Mp3EncoderConfig {
                bitrate_kbps: KBPS,
                vbr_quality: None,
            },
        };
        Mp3Writer {
            encoder: Mp3Encoder::new(config),
            rate_hz,
            tag_is_out: false,
        }
    }

    /// Takes samples; appends full frames to `out`.
    pub fn write(&mut self, samples: &[f32], out: &mut Vec<u8>) -> Result<(), AudioError> {
        self.encoder
            .push_pcm_f32(samples, 1, self.rate_hz)
            .map_err(refused)?;
        self.take(out)
    }

    /// The rest.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), AudioError> {
        self.encoder.finish();
        self.take(out)
    }

    fn take(&mut self, out: &mut Vec<u8>) -> Result<(), AudioError> {
        loop {
            match self.encoder.next_packet() {
                // The first is a tag with lengths, which nobody knows while it can still be sent.
                Ok(_) if !self.tag_is_out => self.tag_is_out = true,
                Ok(frame) => out.extend(frame),
                Err(Error::Again | Error::Eof) => return Ok(()),
                Err(error) => return Err(refused(error)),
            }
        }
    }
}

fn refused(error: Error) -> AudioError {
    AudioError::unsupported(format!("the MP3 encoder says: {error}"))
}
