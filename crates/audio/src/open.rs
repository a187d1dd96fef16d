//! From a source to the engine that decodes it: recognise, look at the header, cut a window.

use std::io::SeekFrom;

use crate::adpcm::AdpcmEngine;
use crate::decoder::SourceInfo;
use crate::engine::Engine;
use crate::packets::PacketEngine;
use crate::pcm::{PcmEngine, PcmFormat};
use crate::resample::check_rate;
use crate::riff::{Coding, Layout};
use crate::sniff::{Container, sniff};
use crate::source::{Budget, Source, View};
use crate::{AudioError, aiff, flac, mp4, ogg, riff};

/// Channels taken from a source.
const MAX_CHANNELS: usize = 8;

/// A source ready to be decoded.
pub(crate) struct Opened {
    pub(crate) engine: Box<dyn Engine>,
    pub(crate) info: SourceInfo,
}

/// What the demuxer of a compressed container is told besides the bytes.
struct Packets {
    container: Container,
    view: View,
    len: u64,
    budget: Budget,
    index: mp4::Index,
    torn: bool,
}

/// Opens a source by what its bytes say it is.
pub(crate) fn by_content(mut source: Box<dyn Source>) -> Result<Opened, AudioError> {
    let len = source.seek(SeekFrom::End(0))?;
    let (container, at) = sniff(source.as_mut(), len)?;
    let budget = Budget::default();
    let (mut index, mut torn) = (mp4::Index::default(), false);
    let view = match container {
        Container::Wav => {
            let layout = riff::parse(source.as_mut(), at, len)?;
            return samples(source, layout, container);
        }
        Container::Aiff => {
            let layout = aiff::parse(source.as_mut(), at, len)?;
            return samples(source, layout, container);
        }
        Container::Flac => {
            let (head, frames) = flac::strip(source.as_mut(), at, len)?;
            View::new(source, frames, len, budget.clone()).with_head(head)
        }
        Container::Mp4 => {
            index = mp4::inspect(source.as_mut(), len)?;
            let patches = std::mem::take(&mut index.patches);
            View::new(source, 0, len, budget.clone())
                .with_patches(patches)
                .seekable(index.claimed_end)
        }
        Container::Ogg => {
            ogg::check_codec(source.as_mut(), at)?;
            torn = !ogg::ends_whole(source.as_mut(), len)?;
            View::new(source, at, len, budget.clone())
        }
        Container::Matroska | Container::Mpeg | Container::Adts => {
            View::new(source, at, len, budget.clone())
        }
    };
    packets(Packets {
        container,
        view,
        len,
        budget,
        index,
        torn,
    })
}

/// Opens samples that have no header.
pub(crate) fn headerless(
    mut source: Box<dyn Source>,
    format: PcmFormat,
) -> Result<Opened, AudioError> {
    let len = source.seek(SeekFrom::End(0))?;
    if len == 0 {
        return Err(AudioError::Empty);
    }
    let layout = Layout {
        coding: Coding::Pcm(format.encoding.into()),
        rate_hz: format.sample_rate_hz,
        channels: format.channels,
        start: 0,
        end: len,
        promised: None,
    };
    let mut opened = samples(source, layout, Container::Wav)?;
    opened.info.container = "raw PCM";
    Ok(opened)
}

/// Uncompressed or nearly: the engine reads the window itself.
fn samples(
    source: Box<dyn Source>,
    layout: Layout,
    container: Container,
) -> Result<Opened, AudioError> {
    let Layout {
        coding,
        rate_hz,
        channels,
        start,
        end,
        promised,
    } = layout;
    let budget = Budget::default();
    let len = end - start;
    let view = View::new(source, start, end, budget.clone());
    let check = || check_rate(rate_hz).and_then(|()| check_channels(usize::from(channels)));
    let (engine, codec): (Box<dyn Engine>, String) = match coding {
        Coding::Mpeg => {
            let index = mp4::Index::default();
            return packets(Packets {
                container,
                view,
                len,
                budget,
                index,
                torn: false,
            });
        }
        Coding::Adpcm(kind, block) => {
            check()?;
            let engine = AdpcmEngine::new(view, kind, rate_hz, channels, block, promised)?;
            (Box::new(engine), kind.name().to_owned())
        }
        Coding::Pcm(encoding) => {
            check()?;
            (
                Box::new(PcmEngine::new(view, encoding, rate_hz, channels, promised)),
                encoding.name(),
            )
        }
    };
    budget.set(len);
    let info = SourceInfo {
        container: container.name(),
        codec,
        sample_rate_hz: rate_hz,
        channels,
    };
    Ok(Opened { engine, info })
}

fn packets(packets: Packets) -> Result<Opened, AudioError> {
    let Packets {
        container,
        view,
        len,
        budget,
        index,
        torn,
    } = packets;
    let engine = PacketEngine::open(container, view, len, budget, index, torn)?;
    let found = engine.description().clone();
    found.rate_hz.map_or(Ok(()), check_rate)?;
    found.channels.map_or(Ok(()), check_channels)?;
    let info = SourceInfo {
        container: container.name(),
        codec: found.codec,
        sample_rate_hz: found.rate_hz.unwrap_or(0),
        channels: found.channels.unwrap_or(0) as u16,
    };
    Ok(Opened {
        engine: Box::new(engine),
        info,
    })
}

/// Whether a number of channels is one we take.
pub(crate) fn check_channels(channels: usize) -> Result<(), AudioError> {
    if (1..=MAX_CHANNELS).contains(&channels) {
        return Ok(());
    }
    Err(AudioError::unsupported(format!(
        "{channels} channels are not read, only 1 to {MAX_CHANNELS}"
    )))
}
