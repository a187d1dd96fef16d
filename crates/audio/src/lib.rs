//! Audio in and out: any common file to samples at a wanted rate, streaming and in bounded
//! memory; resampling, G.711, encoding as it comes, loudness and noise reduction.
//!
//! ```no_run
//! # fn main() -> Result<(), audio::AudioError> {
//! let file = std::fs::File::open("speech.mp3")?;
//! let mut decoder = audio::Decoder::open(Box::new(file), &audio::DecodeOptions::default())?;
//! while let Some(block) = decoder.next_block()? {
//!     println!("{} samples at 16 kHz", block.channels[0].len());
//! }
//! # Ok(())
//! # }
//! ```

mod aac;
mod adpcm;
mod aiff;
mod decoder;
mod denoise;
mod denoise_foreground;
mod denoise_hum;
mod encode;
mod engine;
mod error;
mod flac;
pub mod g711;
mod live;
mod loudness;
mod loudness_curve;
mod mix;
mod mp4;
mod ogg;
mod open;
mod opus_codec;
mod packets;
mod pcm;
mod resample;
mod riff;
mod sniff;
mod source;
mod streams;
mod vorbis_guard;
pub mod wav;

pub use decoder::{Audio, Block, DecodeOptions, Decoder, SourceInfo, decode_all};
pub use denoise::Denoiser;
pub use denoise_foreground::foreground;
pub use encode::{Encoder, Format, OggOpusWriter};
pub use error::AudioError;
pub use live::{LiveDecoder, LiveEncoding};
pub use loudness::{LoudnessMeter, apply_gain};
pub use loudness_curve::GainCurve;
pub use mix::ChannelMode;
pub use pcm::{PcmEncoding, PcmFormat};
pub use resample::{RATE_RANGE_HZ, Resampler};
pub use source::Source;
