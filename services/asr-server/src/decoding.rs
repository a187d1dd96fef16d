//! Opening and reading a recording, and what its sender is told when that fails.

use crate::hearing::{Heard, Plan, gone};
use crate::pipeline::Input;
use crate::spool::ReadCount;
use api::ErrorCode;
use audio::{
    AudioError, Block, ChannelMode, DecodeOptions, Decoder, GainCurve, LoudnessMeter, PcmEncoding,
    PcmFormat,
};
use service::{ApiError, ApiResult};
use speech::SAMPLE_RATE_HZ;
use tokio::sync::mpsc::Sender;

/// A decoder at the start of the recording; `count` tells how many bytes it has read.
///
/// # Errors
/// What is wrong with the file, as its sender is told.
pub fn open(input: &Input, plan: &Plan, count: &ReadCount) -> ApiResult<Decoder> {
    let options = DecodeOptions {
        target_hz: SAMPLE_RATE_HZ,
        channels: if plan.multichannel {
            ChannelMode::Separate
        } else {
            ChannelMode::Mix
        },
        max_seconds: plan.max_seconds,
    };
    let source = input.recording.open(count);
    let decoder = match input.pcm {
        Some(format) => Decoder::open_pcm(source, format, &options),
        None => Decoder::open(source, &options),
    };
    decoder.map_err(refuse)
}

/// Decodes to the end without listening: an overlong recording is refused at once, and not after
/// hours of it were recognised.
pub fn decode_only(
    input: &Input,
    plan: &Plan,
    out: &Sender<Heard>,
    mut look: impl FnMut(&Block),
) -> ApiResult<()> {
    let mut decoder = open(input, plan, &ReadCount::default())?;
    while let Some(block) = decoder.next_block().map_err(refuse)? {
        look(&block);
        if out.is_closed() {
            return Err(gone());
        }
    }
    Ok(())
}

/// The first pass of two: the gains of each channel.
pub fn measure(input: &Input, plan: &Plan, out: &Sender<Heard>) -> ApiResult<Vec<GainCurve>> {
    let mut meters: Vec<LoudnessMeter> = Vec::new();
    decode_only(input, plan, out, |Block { channels }| {
        meters.resize_with(channels.len().max(meters.len()), || {
            LoudnessMeter::new(SAMPLE_RATE_HZ)
        });
        for (meter, lane) in meters.iter_mut().zip(channels) {
            meter.push(lane);
        }
    })?;
    Ok(meters.iter().map(LoudnessMeter::curve).collect())
}

/// Samples without a header say how long they are before they are decoded.
pub fn check_length(input: &Input, plan: &Plan) -> ApiResult<()> {
    let Some(PcmFormat {
        encoding,
        sample_rate_hz,
        channels,
    }) = input.pcm
    else {
        return Ok(());
    };
    let bytes = match encoding {
        PcmEncoding::Mulaw | PcmEncoding::Alaw => 1,
        PcmEncoding::S16le => 2,
        PcmEncoding::F32le => 4,
    };
    let second = bytes * u64::from(sample_rate_hz) * u64::from(channels);
    if input.recording.len() as f64 / second as f64 > plan.max_seconds {
        return Err(refuse(AudioError::TooLong {
            limit_s: plan.max_seconds,
        }));
    }
    Ok(())
}

/// What is wrong with the audio, for the one who sent it.
pub fn refuse(error: AudioError) -> ApiError {
    let code = match &error {
        AudioError::Unsupported(_) | AudioError::NoAudio { .. } => ErrorCode::UnsupportedAudio,
        AudioError::Empty => ErrorCode::EmptyAudio,
        AudioError::Corrupt(_) => ErrorCode::CorruptAudio,
        AudioError::TooLong { .. } => ErrorCode::AudioTooLong,
        AudioError::Io(_) => return ApiError::internal(error),
    };
    let text = error.to_string();
    let mut letters = text.chars();
    let capital = letters
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    ApiError::new(code, format!("{capital}{}.", letters.as_str())).with_param("file")
}
