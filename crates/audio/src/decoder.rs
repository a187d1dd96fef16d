//! From a file of any kind to blocks of samples at the wanted rate.

use crate::AudioError;
use crate::engine::{Engine, Planes, Step};
use crate::mix::{ChannelMode, into_lanes};
use crate::open::{Opened, by_content, check_channels, headerless};
use crate::pcm::PcmFormat;
use crate::resample::{Resampler, check_rate};
use crate::source::Source;

/// What to make of a source.
#[derive(Debug, Clone, PartialEq)]
pub struct DecodeOptions {
    /// Rate of the blocks, in Hz.
    pub target_hz: u32,
    /// Mixed down or channel by channel.
    pub channels: ChannelMode,
    /// Longest source taken, in seconds; longer is [`AudioError::TooLong`].
    pub max_seconds: f64,
}

impl Default for DecodeOptions {
    /// 16 kHz mono, at most 4 hours.
    fn default() -> DecodeOptions {
        DecodeOptions {
            target_hz: 16_000,
            channels: ChannelMode::Mix,
            max_seconds: 14_400.0,
        }
    }
}

/// What the source was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceInfo {
    /// For people: "WAV", "MPEG audio", "Matroska/WebM".
    pub container: &'static str,
    /// Short name, as "mp3", "opus", "pcm_s16le".
    pub codec: String,
    /// Rate of the source, in Hz.
    pub sample_rate_hz: u32,
    /// Channels of the source.
    pub channels: u16,
}

/// Samples in 32-bit float, full scale at 1.0 (a source may exceed it a little).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Block {
    /// One vector a channel, equal lengths; a single one with [`ChannelMode::Mix`].
    pub channels: Vec<Vec<f32>>,
}

/// A whole source.
#[derive(Debug, Clone, PartialEq)]
pub struct Audio {
    /// Rate of the samples.
    pub sample_rate_hz: u32,
    /// One vector a channel, equal lengths.
    pub channels: Vec<Vec<f32>>,
}

/// Decodes a source block by block in bounded memory, whatever its headers claim.
pub struct Decoder {
    engine: Box<dyn Engine>,
    options: DecodeOptions,
    info: SourceInfo,
    planes: Planes,
    /// One for each output channel; `None` before the first samples.
    lanes: Vec<Resampler>,
    lanes_rate_hz: u32,
    seconds: f64,
    warnings: Vec<String>,
    ended: bool,
}

/// Seconds of a block, at least; the last one is shorter.
const BLOCK_SECONDS: f64 = 0.5;

impl Decoder {
    /// Recognises the source by its content and prepares to decode it.
    ///
    /// # Errors
    /// [`AudioError::Empty`], [`AudioError::Unsupported`], [`AudioError::NoAudio`],
    /// [`AudioError::Corrupt`] by what the file is; [`AudioError::Io`] when reading fails.
    pub fn open(source: Box<dyn Source>, options: &DecodeOptions) -> Result<Decoder, AudioError> {
        check_rate(options.target_hz)?;
        Ok(Decoder::new(by_content(source)?, options))
    }

    /// Decodes headerless samples.
    ///
    /// # Errors
    /// [`AudioError::Empty`] for no bytes, [`AudioError::Unsupported`] for a rate or number of
    /// channels out of range.
    pub fn open_pcm(
        source: Box<dyn Source>,
        format: PcmFormat,
        options: &DecodeOptions,
    ) -> Result<Decoder, AudioError> {
        check_rate(options.target_hz)?;
        Ok(Decoder::new(headerless(source, format)?, options))
    }

    fn new(opened: Opened, options: &DecodeOptions) -> Decoder {
        Decoder {
            engine: opened.engine,
            info: opened.info,
            options: options.clone(),
            planes: Planes::default(),
            lanes: Vec::new(),
            lanes_rate_hz: 0,
            seconds: 0.0,
            warnings: Vec::new(),
            ended: false,
        }
    }

    /// What the source was found to be. Rate and channels are final after the first block.
    pub fn info(&self) -> &SourceInfo {
        &self.info
    }

    /// Seconds of the source decoded so far, on its own timeline.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// What was wrong but bearable, in sentences; complete once [`Decoder::next_block`] gave `None`.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The next half second or so; `None` at the end.
    ///
    /// # Errors
    /// [`AudioError::TooLong`] as soon as the limit is passed; [`AudioError::Corrupt`] or
    /// [`AudioError::Empty`] when the source ends without a single sample;
    /// [`AudioError::Io`] when reading fails. Damage after the first sample ends the audio and
    /// leaves a warning instead.
    pub fn next_block(&mut self) -> Result<Option<Block>, AudioError> {
        let wanted = (f64::from(self.options.target_hz) * BLOCK_SECONDS) as usize;
        let mut out = Block::default();
        while !self.ended && out.channels.first().map_or(0, Vec::len) < wanted {
            match self.engine.next(&mut self.planes)? {
                Step::Frames => self.take(&mut out)?,
                Step::End => self.end(&mut out)?,
            }
        }
        Ok(out
            .channels
            .first()
            .is_some_and(|lane| !lane.is_empty())
            .then_some(out))
    }

    /// Mixes and resamples what the engine just gave.
    fn take(&mut self, out: &mut Block) -> Result<(), AudioError> {
        let rate_hz = self.planes.rate_hz;
        let frames = self.planes.frames();
        if self.lanes_rate_hz != rate_hz {
            check_rate(rate_hz)?;
            let channels = self.planes.channels.len();
            check_channels(channels)?;
            self.flush(out);
            let lanes = match (self.lanes.len(), self.options.channels) {
                (0, ChannelMode::Separate) => channels,
                (0, ChannelMode::Mix) => 1,
                // A chained stream cannot change how many channels come out.
                (lanes, _) => lanes,
            };
            if self.lanes.is_empty() {
                self.info.sample_rate_hz = rate_hz;
                self.info.channels = channels as u16;
            }
            self.lanes.clear();
            for _ in 0..lanes {
                self.lanes
                    .push(Resampler::new(rate_hz, self.options.target_hz)?);
            }
            self.lanes_rate_hz = rate_hz;
        }
        self.seconds += frames as f64 / f64::from(rate_hz);
        if self.seconds > self.options.max_seconds {
            return Err(AudioError::TooLong {
                limit_s: self.options.max_seconds,
            });
        }
        into_lanes(
            &mut self.planes.channels,
            self.lanes.len(),
            self.options.channels,
        );
        out.channels.resize_with(self.lanes.len(), Vec::new);
        for ((lane, plane), out) in self
            .lanes
            .iter_mut()
            .zip(&self.planes.channels)
            .zip(&mut out.channels)
        {
            lane.push_into(plane, out);
        }
        Ok(())
    }

    fn flush(&mut self, out: &mut Block) {
        out.channels.resize_with(self.lanes.len(), Vec::new);
        for (lane, out) in self.lanes.iter_mut().zip(&mut out.channels) {
            out.extend(lane.finish());
        }
    }

    fn end(&mut self, out: &mut Block) -> Result<(), AudioError> {
        self.ended = true;
        while let Some(warning) = self.engine.take_warning() {
            self.warnings.push(warning);
        }
        if self.seconds == 0.0 {
            return Err(match self.warnings.is_empty() {
                true => AudioError::Empty,
                false => AudioError::corrupt(format!(
                    "no sample could be decoded ({})",
                    self.warnings.join("; ")
                )),
            });
        }
        self.flush(out);
        Ok(())
    }
}

/// Decodes a whole source into memory: `target_hz * 4` bytes a second and channel.
///
/// # Errors
/// As [`Decoder::open`] and [`Decoder::next_block`].
pub fn decode_all(source: Box<dyn Source>, options: &DecodeOptions) -> Result<Audio, AudioError> {
    let mut decoder = Decoder::open(source, options)?;
    let mut channels: Vec<Vec<f32>> = Vec::new();
    while let Some(block) = decoder.next_block()? {
        if channels.is_empty() {
            channels = block.channels;
        } else {
            for (channel, more) in channels.iter_mut().zip(&block.channels) {
                channel.extend_from_slice(more);
            }
        }
    }
    Ok(Audio {
        sample_rate_hz: options.target_hz,
        channels,
    })
}
