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
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FRAME: u64 = 480;

    /// Packets of a tone, 20 ms each, numbered on from near the ends of their counters.
    fn packets(count: u32) -> Vec<Received> {
        let mut encoder =
            opus::Encoder::new(RATE, opus::Channels::Mono, opus::Application::Voip).unwrap();
        encoder.set_inband_fec(true).unwrap();
        encoder.set_packet_loss_perc(20).unwrap();
        let tone = |at: u32| (f64::from(at) * 0.1).sin() * 8000.0;
        let packet = |index: u32| Received {
            sequence: 65530_u16.wrapping_add(index as u16),
            timestamp: 0xFFFF_F000_u32.wrapping_add(index * 960),
            payload: encoder
                .encode_vec(
                    &(0..480)
                        .map(|at| tone(index * 480 + at) as i16)
                        .collect::<Vec<_>>(),
                    1000,
                )
                .unwrap()
                .into(),
            ssrc: 1,
        };
        (0..count).map(packet).collect()
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Everything that is given out, and whether it is without holes and overlaps.
    fn received(receiver: &mut Receiver, packets: &[(u64, &Received)]) -> (Vec<Sound>, bool) {
        let mut sounds = Vec::new();
        for (at, packet) in packets {
            receiver.push((*packet).clone(), ms(*at));
            sounds.extend(receiver.take(ms(*at)));
        }
        let whole = sounds
            .windows(2)
            .all(|pair| pair[0].at + pair[0].samples.len() as u64 == pair[1].at);
        (sounds, whole)
    }

    #[test]
    fn a_steady_stream_is_a_steady_sound() {
        let mut receiver = Receiver::new().unwrap();
        let all = packets(50);
        let timed: Vec<_> = (0..).map(|at| 1020 + at * 20).zip(&all).collect();
        let (sounds, whole) = received(&mut receiver, &timed);
        assert!(whole);
        assert_eq!(sounds.len(), 50);
        assert_eq!(sounds[0].at, 24_000);
        assert_eq!(receiver.lost, 0);
    }

    #[test]
    fn losses_are_made_up_and_the_clock_holds() {
        let mut receiver = Receiver::new().unwrap();
        let all = packets(50);
        let timed: Vec<_> = (0..).map(|at| 20 + at * 20).zip(&all).collect();
        let kept: Vec<_> = timed
            .into_iter()
            .enumerate()
            .filter(|(index, _)| ![10, 20, 21, 22].contains(index))
            .map(|(_, packet)| packet)
            .collect();
        let (sounds, whole) = received(&mut receiver, &kept);
        assert!(whole, "no hole is left");
        assert_eq!(receiver.lost, 4);
        let last = sounds.last().unwrap();
        assert_eq!(last.at + last.samples.len() as u64, 50 * FRAME);
        let concealed = sounds.iter().find(|sound| sound.at == 10 * FRAME).unwrap();
        let loudest = concealed.samples.iter().map(|sample| sample.abs()).max();
        assert!(loudest > Some(3000), "{loudest:?}: it goes on to sound");
    }

    #[test]
    fn silence_that_is_not_sent_is_a_gap() {
        let mut receiver = Receiver::new().unwrap();
        let mut all = packets(20);
        for packet in &mut all[10..] {
            packet.timestamp = packet.timestamp.wrapping_add(48_000 * 2);
        }
        let times = (0..20).map(|at| 20 + at * 20 + if at < 10 { 0 } else { 2000 });
        let timed: Vec<_> = times.zip(&all).collect();
        let (sounds, whole) = received(&mut receiver, &timed);
        assert!(!whole);
        assert_eq!(sounds.len(), 20);
        assert_eq!(sounds[10].at, 10 * FRAME + 48_000);
    }

    #[test]
    fn a_heap_that_was_held_up_stands_where_it_was_said() {
        let mut receiver = Receiver::new().unwrap();
        let all = packets(100);
        // Half a second and more in which nothing comes, then all of it at once.
        let held = |at: u64| match at {
            30..80 => 1620,
            at => 20 + at * 20,
        };
        let timed: Vec<_> = (0..).map(held).zip(&all).collect();
        let (sounds, whole) = received(&mut receiver, &timed);
        assert!(whole);
        assert_eq!(sounds.len(), 100);
        assert_eq!(sounds[99].at, 99 * FRAME);
    }

    #[test]
    fn a_sender_that_stopped_its_clock_is_laid_anew() {
        let mut receiver = Receiver::new().unwrap();
        let all = packets(200);
        // Ten seconds of nothing that the timestamps know nothing of.
        let times = (0..200).map(|at| 20 + at * 20 + if at < 50 { 0 } else { 10_000 });
        let timed: Vec<_> = times.zip(&all).collect();
        let (sounds, _) = received(&mut receiver, &timed);
        let last = sounds.last().unwrap();
        assert_eq!(last.at + last.samples.len() as u64, 14_000 * 24);
    }

    #[test]
    fn faster_than_time_is_not_believed() {
        let mut receiver = Receiver::new().unwrap();
        let all = packets(1000);
        let timed: Vec<_> = all.iter().map(|packet| (20, packet)).collect();
        let (sounds, _) = received(&mut receiver, &timed);
        assert!(sounds.len() < 150, "{}", sounds.len());
    }

    proptest! {
        /// No packet whatever makes trouble, and sound never runs backwards.
        #[test]
        fn anything_may_come(
            stream in prop::collection::vec(
                (any::<u16>(), any::<u32>(), prop::collection::vec(any::<u8>(), 0..60), 0_u32..2, 0_u64..3000),
                0..60,
            )
        ) {
            let mut receiver = Receiver::new().unwrap();
            let (mut now, mut end) = (0, 0);
            for (sequence, timestamp, payload, ssrc, wait) in stream {
                now += wait;
                receiver.push(Received { sequence, timestamp, payload: payload.into(), ssrc }, ms(now));
                for sound in receiver.take(ms(now)) {
                    prop_assert!(sound.at >= end);
                    end = sound.at + sound.samples.len() as u64;
                }
                prop_assert!(end <= (now + 3000) * 24, "{end} at {now}");
            }
        }
    }
}
