//! Streams as networks deliver them: lossy, out of order, held up, and made up.

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
