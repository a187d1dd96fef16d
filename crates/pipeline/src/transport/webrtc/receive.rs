//! The caller's sound: Opus packets to samples that stand where they belong on the clock.
//!
//! Packets are put in order, losses are concealed (with what the next packet repeats, where it
//! does), and what was not sent because nobody spoke stays a gap. The clock is the sender's, by
//! RTP timestamps, laid onto ours when the first packet comes and again when they part.

use super::reorder::Reorder;
use super::{RATE, RTP_RATE, WebRtcError};
use crate::frame::Sound;
use bytes::Bytes;
use std::time::Duration;

/// The longest packet of Opus: 120 ms.
const LONGEST: usize = (RATE as usize) / 1000 * 120;
/// What is lost is made up for this long; a longer hole stays silent.
const CONCEALED: u64 = (RATE as u64) / 10;
/// Clocks that are apart by more, for a second on end, are brought together again.
const APART: i64 = RATE as i64 / 2;
/// Sound that is ahead of its time by more is not real: two seconds.
const AHEAD: i64 = RATE as i64 * 2;
const SECOND: i64 = RATE as i64;

/// A packet of the caller.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub sequence: u16,
    /// 48000 a second.
    pub timestamp: u32,
    /// One packet of Opus; empty: there is nothing in it.
    pub payload: Bytes,
    /// Of the stream; another one begins anew.
    pub ssrc: u32,
}

/// See the module.
pub(super) struct Receiver {
    decoder: opus::Decoder,
    order: Reorder<Received>,
    ssrc: Option<u32>,
    clock: Option<Clock>,
    /// Where the sound that was given out ends.
    end: u64,
    /// Samples of the last packet.
    frame: u64,
    pcm: Vec<i16>,
    /// Packets that never came, or too late.
    pub lost: u64,
}

/// How the sender's clock lies on ours.
struct Clock {
    /// The timestamp of the last packet, counted on past 32 bits.
    timestamp: i64,
    /// In samples of ours, where a timestamp of 0 would stand.
    origin: i64,
    /// When the look at how far the clocks are apart began, and the least that was seen.
    since: i64,
    least: i64,
}

impl Receiver {
    pub fn new() -> Result<Self, WebRtcError> {
        Ok(Receiver {
            decoder: opus::Decoder::new(RATE, opus::Channels::Mono)?,
            order: Reorder::new(),
            ssrc: None,
            clock: None,
            end: 0,
            frame: u64::from(RATE) / 50,
            pcm: vec![0; LONGEST],
            lost: 0,
        })
    }

    /// Takes a packet; `now` is the time of our clock.
    pub fn push(&mut self, packet: Received, now: Duration) {
        if self.ssrc != Some(packet.ssrc) {
            self.ssrc = Some(packet.ssrc);
            self.clock = None;
            self.order = Reorder::new();
        }
        self.order.push(packet.sequence, packet, now);
    }

    /// When [`Receiver::take`] is worth asking although no packet comes.
    pub fn due(&self) -> Option<Duration> {
        self.order.due()
    }

    /// The sound that is complete, in order.
    pub fn take(&mut self, now: Duration) -> Vec<Sound> {
        let mut sounds = Vec::new();
        let samples = (now.as_secs_f64() * f64::from(RATE)) as i64;
        while let Some(next) = self.order.pop(now) {
            self.lost += next.missing;
            self.place(next.item, next.missing, samples, &mut sounds);
        }
        sounds
    }

    fn place(&mut self, packet: Received, missing: u64, now: i64, out: &mut Vec<Sound>) {
        if packet.payload.is_empty() {
            return;
        }
        let length = self.decoder.get_nb_samples(&packet.payload);
        let Ok(length @ 1..=LONGEST) = length else {
            self.lost += 1;
            return;
        };
        let length = length as u64;
        let at = self.position(packet.timestamp, now, length);
        if at > now + AHEAD {
            // Far more sound than time: nobody speaks that fast.
            return;
        }
        let at = at.max(self.end.cast_signed()).cast_unsigned();
        if missing > 0 {
            self.conceal(at - self.end, &packet.payload, out);
        }
        self.frame = length;
        let decoded = self.decoder.decode(&packet.payload, &mut self.pcm, false);
        self.give(at, decoded, out);
    }

    /// Where a packet begins on our clock, in samples.
    fn position(&mut self, timestamp: u32, now: i64, length: u64) -> i64 {
        let scale = i64::from(RTP_RATE / RATE);
        // What a packet holds was said before it was sent.
        let begins = (now - length.cast_signed()).max(self.end.cast_signed());
        let clock = self.clock.get_or_insert_with(|| Clock {
            timestamp: timestamp.into(),
            origin: begins - i64::from(timestamp) / scale,
            since: now,
            least: i64::MAX,
        });
        let step = timestamp.wrapping_sub(clock.timestamp as u32).cast_signed();
        clock.timestamp += i64::from(step);
        let mut at = clock.origin + clock.timestamp / scale;
        let behind = begins - at;
        // Packets that were held up come in a heap and bring the least down again.
        if behind.abs() < clock.least.abs() {
            clock.least = behind;
        }
        if now - clock.since >= SECOND {
            if clock.least.abs() > APART {
                clock.origin += clock.least;
                at += clock.least;
            }
            clock.since = now;
            clock.least = i64::MAX;
        }
        at
    }

    /// Fills a hole of `hole` samples after what was given out last.
    fn conceal(&mut self, hole: u64, next: &[u8], out: &mut Vec<Sound>) {
        let frame = self.frame;
        if hole < frame {
            return;
        }
        let (from, end) = (self.end, self.end + hole);
        if hole - frame <= CONCEALED {
            for at in (from..end - frame).step_by(frame as usize) {
                let length = frame.min(end - frame - at) as usize;
                let decoded = self.decoder.decode(&[], &mut self.pcm[..length], false);
                self.give(at, decoded, out);
            }
        }
        // A packet may hold the one before it once more, with less detail.
        let decoded = self
            .decoder
            .decode(next, &mut self.pcm[..frame as usize], true);
        self.give(end - frame, decoded, out);
    }

    fn give(&mut self, at: u64, decoded: Result<usize, opus::Error>, out: &mut Vec<Sound>) {
        // A damaged packet is a hole like a lost one.
        let Ok(count) = decoded else {
            self.lost += 1;
            return;
        };
        self.end = at + count as u64;
        out.push(Sound {
            samples: self.pcm[..count].into(),
            at,
        });
    }
}

#[cfg(test)]
mod tests;
