//! Compressed audio: a demuxer and a decoder of Symphonia (or libopus), fenced in so that no
//! file can make them panic outwards, loop, or read without end.

use std::panic::{AssertUnwindSafe, catch_unwind};

use symphonia::core::errors::Error;
use symphonia::core::formats::FormatReader;
use symphonia::core::packet::Packet;

use crate::AudioError;
use crate::engine::{Engine, Planes, Step};
use crate::mp4::Index;
use crate::sniff::Container;
use crate::source::{Budget, View};
use crate::streams::{Codec, Description, open_error, open_format, select};

/// Bytes a demuxer may read before the first packet: room for the index of a day of audio.
const OPEN_BUDGET: u64 = 48 << 20;
/// Bytes it may read to find one packet: room for a frame of 8K video on the way.
const PACKET_BUDGET: u64 = 64 << 20;
/// Packets in a row without a sample before we give up.
const MAX_BARREN: u32 = 2_000;
/// Demuxed bytes may exceed the file a little (headers given back), not by much: sample tables
/// can point at the same bytes again and again.
const MAX_REUSE: u64 = 2;

pub(crate) struct PacketEngine {
    format: Box<dyn FormatReader>,
    container: Container,
    codec: Codec,
    track_id: u32,
    budget: Budget,
    bytes_left: u64,
    /// Frames still to drop at the start, and to give in all (from the edit list).
    skip: u64,
    left: Option<u64>,
    index: Index,
    /// Frames of the last sound packet, to stand in for a damaged one.
    last_frames: usize,
    damaged: u64,
    barren: u32,
    ended: Option<String>,
    note: Option<String>,
    seconds: f64,
    /// Whether a missing end mark means that the file was cut.
    torn: bool,
    description: Description,
}

/// Runs `body`; a panic inside becomes `None`. Whatever panicked is not used again.
pub(crate) fn fenced<T>(body: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(body)).ok()
}

impl PacketEngine {
    /// `len` is the length of the view; `budget` the one inside it. `torn` says that the file
    /// is known to stop in the middle of something.
    pub(crate) fn open(
        container: Container,
        view: View,
        len: u64,
        budget: Budget,
        index: Index,
        torn: bool,
    ) -> Result<PacketEngine, AudioError> {
        budget.set(OPEN_BUDGET);
        let opened = fenced(|| open_format(container, view));
        let format = match opened {
            None => {
                return Err(AudioError::corrupt(format!(
                    "its {} header makes no sense",
                    container.name()
                )));
            }
            Some(Err(error)) => return Err(open_error(container, error, &budget)),
            Some(Ok(format)) => format,
        };
        let (track_id, codec, description) = select(container, format.as_ref())?;
        let mut engine = PacketEngine {
            format,
            container,
            codec,
            track_id,
            budget,
            bytes_left: len.saturating_mul(MAX_REUSE) + (1 << 20),
            skip: 0,
            left: None,
            index,
            last_frames: 0,
            damaged: 0,
            barren: 0,
            ended: None,
            note: None,
            seconds: 0.0,
            torn,
            description,
        };
        engine.begin_stream();
        Ok(engine)
    }

    pub(crate) fn description(&self) -> &Description {
        &self.description
    }

    /// Sets how much of the start is the encoder's delay.
    fn begin_stream(&mut self) {
        let rate = u128::from(self.description.rate_hz.unwrap_or(0));
        let scale = |ticks: u64| {
            (u128::from(ticks) * rate / u128::from(self.index.timescale.max(1))) as u64
        };
        let edit_start = self.index.start_ticks.map(scale);
        self.left = self
            .index
            .length_ticks
            .map(scale)
            .filter(|length| *length > 0);
        self.skip = match &self.codec {
            Codec::Opus(opus) => edit_start.unwrap_or(opus.pre_skip),
            Codec::Symphonia(_) => edit_start.unwrap_or(0),
        };
    }

    fn next_packet(&mut self) -> Result<Option<Packet>, String> {
        loop {
            if self.barren > MAX_BARREN {
                return Err("nothing decodable follows".to_owned());
            }
            self.budget.set(PACKET_BUDGET);
            let format = &mut self.format;
            match fenced(|| format.next_packet()) {
                None => return Err("its structure breaks off".to_owned()),
                Some(Ok(None)) => return Ok(None),
                Some(Ok(Some(packet))) => {
                    let len = packet.data.len() as u64 + 8;
                    if len > self.bytes_left {
                        return Err("its index points at the same bytes over and over".to_owned());
                    }
                    self.bytes_left -= len;
                    if packet.track_id == self.track_id {
                        return Ok(Some(packet));
                    }
                }
                // Another stream is chained to this one: its own headers, maybe another rate.
                Some(Err(Error::ResetRequired)) => {
                    self.barren += 1;
                    let (id, codec, description) = select(self.container, self.format.as_ref())
                        .map_err(|error| error.to_string())?;
                    (self.track_id, self.codec, self.description) = (id, codec, description);
                    self.begin_stream();
                }
                Some(Err(Error::DecodeError(_))) => {
                    self.damaged += 1;
                    self.barren += 1;
                }
                Some(Err(Error::IoError(error)))
                    if error.kind() == std::io::ErrorKind::UnexpectedEof =>
                {
                    // Live recordings and bare streams have no other end.
                    let cut = self.container == Container::Mp4 || self.torn;
                    return if cut {
                        Err("the file ends early".to_owned())
                    } else {
                        Ok(None)
                    };
                }
                Some(Err(error)) => return Err(error.to_string()),
            }
        }
    }

    /// Decodes into `planes`; `Ok(false)` when the packet is damaged.
    fn decode(&mut self, packet: &Packet, planes: &mut Planes) -> Result<bool, String> {
        match &mut self.codec {
            Codec::Opus(opus) => {
                if opus.decode(&packet.data, planes).is_err() {
                    return Ok(false);
                }
                let end = packet.trim_end.get().min(1 << 16) as usize;
                planes.trim(0, end);
                Ok(true)
            }
            Codec::Symphonia(decoder) => match fenced(|| {
                decoder.decode(packet).map(|buffer| {
                    planes.rate_hz = buffer.spec().rate();
                    buffer.copy_to_vecs_planar(&mut planes.channels);
                })
            }) {
                None => Err("its samples cannot be decoded further".to_owned()),
                Some(Ok(())) => Ok(true),
                Some(Err(Error::ResetRequired)) => {
                    decoder.reset();
                    Ok(false)
                }
                Some(Err(_)) => Ok(false),
            },
        }
    }

    /// Frames to drop at both ends of a packet that the decoder left whole. MPEG headers say how
    /// many frames are audio; what follows well after is another recording, joined to the first.
    fn trims(&self, packet: &Packet) -> (usize, usize) {
        const PADDING: u64 = 2 * 1152;
        if self.container != Container::Mpeg {
            return (0, 0);
        }
        let past_end = self.description.promised_frames.is_some_and(|frames| {
            u64::try_from(packet.pts.get()).is_ok_and(|pts| pts > frames + PADDING)
        });
        let end = if past_end { 0 } else { packet.trim_end.get() };
        (
            packet.trim_start.get().min(1 << 16) as usize,
            end.min(1 << 16) as usize,
        )
    }

    /// Applies the delay and length of the edit list.
    fn cut(&mut self, planes: &mut Planes) {
        let frames = planes.frames() as u64;
        let start = self.skip.min(frames);
        self.skip -= start;
        let mut end = 0;
        if let Some(left) = &mut self.left {
            end = (frames - start).saturating_sub(*left);
            *left -= frames - start - end;
        }
        planes.trim(start as usize, end as usize);
    }
}

impl Engine for PacketEngine {
    fn next(&mut self, planes: &mut Planes) -> Result<Step, AudioError> {
        while self.left != Some(0) {
            let packet = match self.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => break,
                Err(why) => {
                    self.ended = Some(why);
                    break;
                }
            };
            match self.decode(&packet, planes) {
                Ok(true) => {
                    self.last_frames = planes.frames();
                    self.barren = 0;
                    let (start, end) = self.trims(&packet);
                    planes.trim(start, end);
                }
                Ok(false) => {
                    self.damaged += 1;
                    self.barren += 1;
                    // Silence for what is lost, so that what follows keeps its time.
                    for channel in &mut planes.channels {
                        channel.clear();
                        channel.resize(self.last_frames, 0.0);
                    }
                }
                Err(why) => {
                    self.ended = Some(why);
                    break;
                }
            }
            self.cut(planes);
            if planes.frames() > 0 {
                self.seconds += planes.frames() as f64 / f64::from(planes.rate_hz.max(1));
                return Ok(Step::Frames);
            }
            self.barren += 1;
        }
        if self.budget.failed() {
            return Err(AudioError::Io(std::io::Error::other(
                "reading the source failed",
            )));
        }
        Ok(Step::End)
    }

    fn take_warning(&mut self) -> Option<String> {
        if let Some(note) = self.note.take() {
            return Some(note);
        }
        if let Some(why) = self.ended.take() {
            return Some(why);
        }
        if let Some(promised) = self.description.promised_seconds.take()
            && self.seconds > 0.0
            && self.seconds < promised * 0.97 - 0.2
        {
            return Some(format!(
                "the file ends early: its header promises {promised:.1} s, {:.1} s are there",
                self.seconds
            ));
        }
        let damaged = std::mem::take(&mut self.damaged);
        (damaged > 0).then(|| format!("{damaged} damaged packets were skipped"))
    }
}
