//! Opening a compressed container: its demuxer, the first audio stream in it and the decoder.

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_AAC, CODEC_ID_OPUS, CODEC_ID_VORBIS};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::default::{formats, get_codecs};

use crate::opus_codec::{self, OpusCodec};
use crate::sniff::Container;
use crate::source::{Budget, View, is_budget_error};
use crate::{AudioError, aac, vorbis_guard};

pub(crate) enum Codec {
    Symphonia(Box<dyn AudioDecoder>),
    Opus(Box<OpusCodec>),
}

/// What there is to say about a stream before anything is decoded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Description {
    pub(crate) codec: String,
    pub(crate) rate_hz: Option<u32>,
    pub(crate) channels: Option<usize>,
    /// Length the headers promise, where they can know.
    pub(crate) promised_seconds: Option<f64>,
    /// The same in sample frames, delay and padding not counted.
    pub(crate) promised_frames: Option<u64>,
}

/// The demuxer of a container that [`crate::sniff`] recognised.
pub(crate) fn open_format(
    container: Container,
    view: View,
) -> Result<Box<dyn FormatReader>, Error> {
    let options = FormatOptions::default();
    let mut stream = MediaSourceStream::new(Box::new(view), MediaSourceStreamOptions::default());
    Ok(match container {
        Container::Flac => Box::new(formats::FlacReader::try_new(stream, options)?),
        Container::Ogg => Box::new(formats::OggReader::try_new(stream, options)?),
        Container::Matroska => Box::new(formats::MkvReader::try_new(stream, options)?),
        Container::Mpeg | Container::Wav => Box::new(formats::MpaReader::try_new(stream, options)?),
        Container::Adts => Box::new(formats::AdtsReader::try_new(stream, options)?),
        Container::Mp4 | Container::Aiff => {
            // The reader expects to be handed over after the size of the first box.
            use symphonia::core::io::ReadBytes;
            stream.ignore_bytes(4)?;
            Box::new(formats::IsoMp4Reader::try_new(stream, options)?)
        }
    })
}

/// What a demuxer's refusal means for the sender.
pub(crate) fn open_error(container: Container, error: Error, budget: &Budget) -> AudioError {
    let name = container.name();
    match error {
        Error::IoError(error) if is_budget_error(&error) => AudioError::corrupt(format!(
            "the headers and tags of the {name} file are larger than its audio needs"
        )),
        Error::IoError(error) if budget.failed() => AudioError::Io(error),
        Error::IoError(_) => {
            AudioError::corrupt(format!("the {name} file ends before its audio begins"))
        }
        Error::Unsupported(what) => {
            AudioError::corrupt(format!("the {name} file is not whole ({what})"))
        }
        error => AudioError::corrupt(format!("the header of the {name} file is broken ({error})")),
    }
}

/// The first audio stream of the file, with its decoder.
pub(crate) fn select(
    container: Container,
    format: &dyn FormatReader,
) -> Result<(u32, Codec, Description), AudioError> {
    let track = format
        .default_track(TrackType::Audio)
        .or_else(|| format.first_track(TrackType::Audio));
    let Some((track, params)) = track.and_then(|track| Some((track, audio_params(track)?))) else {
        let unknown = format.tracks().is_empty()
            || format
                .tracks()
                .iter()
                .any(|track| track.codec_params.is_none());
        return Err(if unknown {
            AudioError::unsupported(format!(
                "the {} file has no stream in a known audio codec",
                container.name()
            ))
        } else {
            AudioError::NoAudio {
                container: container.name(),
            }
        });
    };
    let channels = params.channels.as_ref().map(|channels| channels.count());
    if params.codec == CODEC_ID_OPUS {
        let opus = OpusCodec::new(params.extra_data.as_deref(), channels.unwrap_or(2))?;
        let description = Description {
            codec: "opus".to_owned(),
            rate_hz: Some(opus_codec::RATE_HZ),
            channels: Some(opus.channels()),
            promised_seconds: promised_seconds(container, format, track),
            promised_frames: None,
        };
        return Ok((track.id, Codec::Opus(Box::new(opus)), description));
    }
    let mut params = params.clone();
    if params.codec == CODEC_ID_VORBIS
        && !params
            .extra_data
            .as_deref()
            .is_some_and(vorbis_guard::is_sane)
    {
        return Err(AudioError::corrupt(
            "its Vorbis code books are not those of any encoder",
        ));
    }
    if params.codec == CODEC_ID_AAC
        && let Some(core) = params.extra_data.as_deref().and_then(aac::core_config)
    {
        params.extra_data = Some(core);
    }
    let made = crate::packets::fenced(|| {
        // MPEG's trims are done by the caller: see `PacketEngine::trims`.
        let options = AudioDecoderOptions::default().gapless(container != Container::Mpeg);
        get_codecs().make_audio_decoder(&params, &options)
    });
    let name = container.name();
    let decoder = match made {
        None => {
            return Err(AudioError::corrupt(format!(
                "the codec setup of the {name} file makes no sense"
            )));
        }
        Some(Err(Error::Unsupported(what))) => {
            let why = if params.codec == CODEC_ID_AAC {
                "only AAC-LC and HE-AAC with one or two channels are"
            } else {
                what
            };
            return Err(AudioError::unsupported(format!(
                "the audio codec in the {name} file is not read ({why})"
            )));
        }
        Some(Err(error)) => {
            return Err(AudioError::corrupt(format!(
                "the codec setup of the {name} file is broken ({error})"
            )));
        }
        Some(Ok(decoder)) => decoder,
    };
    let found = decoder.codec_params();
    let description = Description {
        codec: decoder.codec_info().short_name.to_owned(),
        rate_hz: found.sample_rate.or(params.sample_rate),
        channels: found
            .channels
            .as_ref()
            .map(|channels| channels.count())
            .or(channels),
        promised_seconds: promised_seconds(container, format, track),
        promised_frames: track.num_frames,
    };
    Ok((track.id, Codec::Symphonia(decoder), description))
}

fn audio_params(track: &Track) -> Option<&AudioCodecParameters> {
    match track.codec_params.as_ref()? {
        CodecParameters::Audio(params) => Some(params),
        _ => None,
    }
}

/// Seconds of audio by the headers. Only of containers where this is a statement of the writer,
/// not an estimate of the demuxer.
fn promised_seconds(container: Container, format: &dyn FormatReader, track: &Track) -> Option<f64> {
    let (time_base, ticks) = match container {
        Container::Flac | Container::Mpeg => (track.time_base?, track.num_frames?),
        Container::Matroska => {
            let info = format.media_info();
            (info.time_base?, info.duration?.get())
        }
        _ => return None,
    };
    let seconds =
        ticks as f64 * f64::from(time_base.numer.get()) / f64::from(time_base.denom.get());
    seconds.is_finite().then_some(seconds)
}
