//! Mono samples to files and streams, as they come and in bounded memory.

mod bits;
mod flac;
mod mp3;
mod ogg_opus;

use crate::wav::{self, WavEncoding, to_s16};
use crate::{AudioError, Resampler, g711};
use flac::FlacWriter;
use mp3::Mp3Writer;
pub use ogg_opus::OggOpusWriter;
use std::str::FromStr;

/// What samples are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Signed 16-bit, little-endian, no header.
    Pcm,
    /// G.711 mu-law, no header.
    Mulaw,
    /// G.711 A-law, no header.
    Alaw,
    /// 16-bit WAV whose header gives no length, as it is not known when it is sent.
    Wav,
    /// 16-bit FLAC, length not stated either.
    Flac,
    /// MPEG Layer III.
    Mp3,
    /// Opus in Ogg.
    Opus,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 7] = [
        Format::Wav,
        Format::Pcm,
        Format::Mp3,
        Format::Opus,
        Format::Flac,
        Format::Mulaw,
        Format::Alaw,
    ];

    /// As requests name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Pcm => "pcm",
            Format::Mulaw => "mulaw",
            Format::Alaw => "alaw",
            Format::Wav => "wav",
            Format::Flac => "flac",
            Format::Mp3 => "mp3",
            Format::Opus => "opus",
        }
    }

    /// The media type, with the rate where nothing else tells it.
    pub fn media_type(self, rate_hz: u32) -> String {
        match self {
            // RFC 3551 and 2586 name big-endian types only; this is what others send.
            Format::Pcm => format!("audio/pcm;rate={rate_hz};encoding=signed-int;bits=16"),
            Format::Mulaw => format!("audio/PCMU;rate={rate_hz}"),
            Format::Alaw => format!("audio/PCMA;rate={rate_hz}"),
            Format::Wav => "audio/wav".to_owned(),
            Format::Flac => "audio/flac".to_owned(),
            Format::Mp3 => "audio/mpeg".to_owned(),
            Format::Opus => "audio/ogg;codecs=opus".to_owned(),
        }
    }

    /// Whether a file may have this rate.
    pub fn takes(self, rate_hz: u32) -> bool {
        match self {
            Format::Mp3 => mp3::RATES_HZ.contains(&rate_hz),
            Format::Opus => ogg_opus::RATES_HZ.contains(&rate_hz),
            _ => (8_000..=48_000).contains(&rate_hz),
        }
    }
}

impl FromStr for Format {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        let found = Self::ALL.into_iter().find(|format| format.as_str() == name);
        found.ok_or(())
    }
}

/// Turns mono samples into bytes of a [`Format`].
pub struct Encoder {
    resampler: Resampler,
    writer: Writer,
    samples: Vec<f32>,
}

enum Writer {
    Pcm,
    Mulaw,
    Alaw,
    /// With the header until it is written.
    Wav(Option<[u8; 44]>),
    Flac(Box<FlacWriter>),
    Mp3(Box<Mp3Writer>),
    Opus(Box<OggOpusWriter>),
}

impl Encoder {
    /// From samples at `in_hz` to a file at `out_hz`.
    ///
    /// # Errors
    /// [`AudioError::Unsupported`] for a rate that the format cannot have.
    pub fn new(format: Format, in_hz: u32, out_hz: u32) -> Result<Self, AudioError> {
        if !format.takes(out_hz) {
            let name = format.as_str();
            return Err(AudioError::unsupported(format!(
                "{name} cannot have {out_hz} samples a second"
            )));
        }
        let writer = match format {
            Format::Pcm => Writer::Pcm,
            Format::Mulaw => Writer::Mulaw,
            Format::Alaw => Writer::Alaw,
            Format::Wav => Writer::Wav(Some(wav::header(WavEncoding::S16, out_hz, 1, None))),
            Format::Flac => Writer::Flac(Box::new(FlacWriter::new(out_hz))),
            Format::Mp3 => Writer::Mp3(Box::new(Mp3Writer::new(out_hz))),
            Format::Opus => Writer::Opus(Box::new(OggOpusWriter::new(out_hz, false)?)),
        };
        Ok(Encoder {
            // Blocks of 20 ms, for the sake of who listens meanwhile.
            resampler: Resampler::with_block(in_hz, out_hz, (in_hz.min(out_hz) / 50) as usize)?,
            writer,
            samples: Vec::new(),
        })
    }

    /// Takes samples of any number; gives the bytes that are ready.
    ///
    /// # Errors
    /// [`AudioError::Unsupported`] when the codec refuses them.
    pub fn push(&mut self, samples: &[f32]) -> Result<Vec<u8>, AudioError> {
        self.samples.clear();
        self.resampler.push_into(samples, &mut self.samples);
        let mut out = Vec::new();
        self.writer.write(&self.samples, &mut out)?;
        Ok(out)
    }

    /// What is still held, and the end of the file. Nothing may be pushed after it.
    ///
    /// # Errors
    /// As [`Encoder::push`].
    pub fn finish(&mut self) -> Result<Vec<u8>, AudioError> {
        let rest = self.resampler.finish();
        let mut out = Vec::new();
        self.writer.write(&rest, &mut out)?;
        match &mut self.writer {
            Writer::Flac(writer) => writer.finish(&mut out),
            Writer::Mp3(writer) => writer.finish(&mut out)?,
            Writer::Opus(writer) => writer.finish(&mut out)?,
            _ => {}
        }
        Ok(out)
    }
}

impl Writer {
    fn write(&mut self, samples: &[f32], out: &mut Vec<u8>) -> Result<(), AudioError> {
        let whole = samples.iter().map(|&sample| to_s16(sample));
        match self {
            Writer::Pcm => out.extend(whole.flat_map(i16::to_le_bytes)),
            Writer::Mulaw => out.extend(whole.map(g711::encode_mulaw)),
            Writer::Alaw => out.extend(whole.map(g711::encode_alaw)),
            Writer::Wav(header) => {
                out.extend(header.take().into_iter().flatten());
                out.extend(whole.flat_map(i16::to_le_bytes));
            }
            Writer::Flac(writer) => writer.write(whole, out),
            Writer::Mp3(writer) => writer.write(samples, out)?,
            Writer::Opus(writer) => writer.write(samples, out)?,
        }
        Ok(())
    }
}
