//! The blocking half of a recording's way: bytes to samples to stretches of speech.

use crate::decoding::{check_length, decode_only, measure, open, refuse};
use crate::pipeline::Input;
use crate::spool::ReadCount;
use api::ErrorCode;
use audio::Denoiser;
use service::{ApiError, ApiResult};
use speech::{Segmenter, SegmenterOptions, SpeechError, SpeechSegment, VoiceActivity};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;

/// After so many seconds of audio the bytes they took say how long all of it may be.
const SUSPECT_AFTER_S: f64 = 30.0;

/// What to do to the samples on their way.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Bring the recording to an even level: reads it twice.
    pub gain_normalize: bool,
    /// Take noise out.
    pub noise_reduce: bool,
    /// Each channel by itself.
    pub multichannel: bool,
    /// Longest audio taken.
    pub max_seconds: f64,
    /// How the model wants its segments.
    pub segmenter: SegmenterOptions,
}

/// A stretch of speech.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Its channel, when channels go by themselves.
    pub channel: Option<u16>,
    /// The samples.
    pub segment: Arc<SpeechSegment>,
}

/// Where what is heard goes.
pub struct Outlets {
    /// Stretches of speech.
    pub sender: Sender<Heard>,
    /// All samples of a mixed-down recording, to who tells speakers apart.
    pub feed: Option<Sender<Vec<f32>>>,
}

/// What the whole recording was.
#[derive(Debug)]
pub struct Report {
    /// Length in seconds.
    pub duration_s: f64,
    /// What was wrong with the file but bearable.
    pub warnings: Vec<String>,
    /// Time spent decoding, gain and noise reduction included.
    pub decode: Duration,
    /// Time spent in the voice activity model.
    pub vad: Duration,
}

/// Seconds of audio heard so far, to be read from elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<AtomicU64>);

impl Progress {
    /// Seconds of audio heard so far.
    pub fn seconds(&self) -> f64 {
        self.0.load(Ordering::Relaxed) as f64 / 1000.0
    }

    fn set(&self, seconds: f64) {
        self.0.store((seconds * 1000.0) as u64, Ordering::Relaxed);
    }
}

/// Sends all speech of a recording, in order. Blocks; ends early when the receiver is gone.
pub fn hear(
    input: &Input,
    plan: &Plan,
    vad: &VoiceActivity,
    outlets: &Outlets,
    progress: &Progress,
) -> ApiResult<Report> {
    let out = &outlets.sender;
    let began = Instant::now();
    check_length(input, plan)?;
    let mut curves = if plan.gain_normalize {
        measure(input, plan, out)?
    } else {
        Vec::new()
    };
    let count = ReadCount::default();
    let mut decoder = open(input, plan, &count)?;
    // The first pass of two has seen the end already.
    let mut suspicion = (!plan.gain_normalize).then_some(SUSPECT_AFTER_S);
    let mut spent = began.elapsed();
    let mut channels: Vec<Channel> = Vec::new();
    let mut vad_time = Duration::ZERO;
    loop {
        let began = Instant::now();
        let Some(mut block) = decoder.next_block().map_err(refuse)? else {
            break;
        };
        if suspicion.is_some_and(|after| decoder.seconds() >= after) {
            suspicion = None;
            let likely_s = input.recording.len() as f64 / count.get() as f64 * decoder.seconds();
            if likely_s > plan.max_seconds {
                decode_only(input, plan, out, |_| {})?;
            }
        }
        for (lane, curve) in block.channels.iter_mut().zip(&mut curves) {
            curve.apply(lane);
        }
        while channels.len() < block.channels.len() {
            channels.push(Channel::new(channels.len(), plan, vad));
        }
        spent += began.elapsed();
        progress.set(decoder.seconds());
        for (channel, lane) in channels.iter_mut().zip(&block.channels) {
            channel.push(lane, out, &mut spent)?;
        }
        if let Some(feed) = &outlets.feed
            && let Some(lane) = block.channels.into_iter().next()
        {
            // Whoever told speakers apart has failed, and says so when asked.
            let _ = feed.blocking_send(lane);
        }
        if out.is_closed() {
            return Err(gone());
        }
    }
    for channel in &mut channels {
        channel.finish(out, &mut spent)?;
        vad_time += channel.segmenter.busy();
    }
    Ok(Report {
        duration_s: decoder.seconds(),
        warnings: decoder
            .warnings()
            .iter()
            .map(|warning| format!("Audio: {warning}."))
            .collect(),
        decode: spent,
        vad: vad_time,
    })
}

/// What each channel goes through.
struct Channel {
    /// `None` when the source was mixed down.
    number: Option<u16>,
    denoiser: Option<Denoiser>,
    segmenter: Segmenter,
}

impl Channel {
    fn new(index: usize, plan: &Plan, vad: &VoiceActivity) -> Self {
        Channel {
            number: plan.multichannel.then_some(index as u16),
            denoiser: plan.noise_reduce.then(Denoiser::recording),
            segmenter: vad.segmenter(plan.segmenter.clone()),
        }
    }

    fn push(
        &mut self,
        samples: &[f32],
        out: &Sender<Heard>,
        spent: &mut Duration,
    ) -> ApiResult<()> {
        let segments = match &mut self.denoiser {
            Some(denoiser) => {
                let began = Instant::now();
                let clean = denoiser.push(samples);
                *spent += began.elapsed();
                self.segmenter.push(&clean)
            }
            None => self.segmenter.push(samples),
        };
        self.send(segments, out)
    }

    fn finish(&mut self, out: &Sender<Heard>, spent: &mut Duration) -> ApiResult<()> {
        if let Some(denoiser) = &mut self.denoiser {
            let began = Instant::now();
            let rest = denoiser.finish();
            *spent += began.elapsed();
            let segments = self.segmenter.push(&rest);
            self.send(segments, out)?;
        }
        let segments = self.segmenter.finish();
        self.send(segments, out)
    }

    fn send(
        &self,
        segments: Result<Vec<SpeechSegment>, SpeechError>,
        out: &Sender<Heard>,
    ) -> ApiResult<()> {
        for mut segment in segments.map_err(ApiError::internal)? {
            // What other voices fill is speech to the model.
            if self.denoiser.is_some() {
                let voice = audio::foreground(&segment.samples);
                segment = segment.cut(voice);
            }
            let heard = Heard {
                channel: self.number,
                segment: Arc::new(segment),
            };
            out.blocking_send(heard).map_err(|_| gone())?;
        }
        Ok(())
    }
}

/// Nobody waits for the result; nobody sees this.
pub fn gone() -> ApiError {
    ApiError::new(ErrorCode::RequestTimeout, "The client is gone.")
}
