//! Sockets that carry calls: media streams of Twilio and plain sound, a message a line, while we speak
//! and clear.
#![no_main]

use fuzz::Input;
use libfuzzer_sys::fuzz_target;
use pipeline::EndReason;
use pipeline::transport::pcm::{Pcm, RATES_HZ, rate};
use pipeline::transport::socket::Protocol;
use pipeline::transport::twilio::{Message, Twilio};
use pipeline::transport::{Input as Heard, Output};
use std::collections::VecDeque;
use std::time::Duration;

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input(bytes);
    let kind = input.byte();
    match kind & 1 {
        0 => twilio(input, kind),
        _ => pcm(input, kind),
    }
});

fn twilio(input: Input, kind: u8) {
    let mut lines = input.lines();
    let start =
        lines
            .by_ref()
            .take(8)
            .find_map(|line| match Message::read(str::from_utf8(line).ok()?) {
                Ok(Message::Start { start, .. }) => Some(start),
                _ => None,
            });
    if let Some(start) = start
        && start.check().is_ok()
    {
        carry(Twilio::new(&start), lines, kind, 8_000);
    }
}

fn pcm(mut input: Input, kind: u8) {
    let _ = rate(Some(u32::from(input.byte()) * 375));
    let hz = RATES_HZ[usize::from(kind >> 1) % RATES_HZ.len()];
    carry(
        Pcm::new("call", hz, "request"),
        input.lines(),
        kind,
        hz as usize,
    );
}

fn carry<'a>(
    mut protocol: impl Protocol,
    lines: impl Iterator<Item = &'a [u8]>,
    kind: u8,
    second: usize,
) {
    let (mut send, mut heard) = (Vec::new(), VecDeque::new());
    protocol.begin(&mut send);
    let mut end = 0;
    for (number, line) in lines.enumerate() {
        let now = Duration::from_millis(20) * number as u32 * u32::from(kind >> 4);
        protocol.sound(&vec![1000_i16; second / 50], &mut send);
        if number % 7 == 6 {
            protocol.output(&Output::Clear, now, &mut send);
        }
        let understood = match str::from_utf8(line) {
            Ok(text) if text.starts_with('{') => protocol.text(text, now, &mut heard),
            _ => protocol.bytes(line, now, &mut heard),
        };
        for input in heard.drain(..) {
            if let Heard::Sound(sound) = input {
                assert!(sound.at >= end, "sound runs backwards");
                end = sound.at + sound.samples.len() as u64;
                assert!(sound.samples.len() <= second + 2);
                let latest = now.as_secs() + 7 + number as u64;
                assert!(end <= latest * second as u64, "sound of the future");
            }
        }
        if let Err(fault) = understood {
            protocol.fault(&fault, &mut send);
            let _ = fault.closing();
            return;
        }
        let _ = protocol.latency();
    }
    protocol.output(
        &Output::Close(EndReason::CallerHungUp),
        Duration::ZERO,
        &mut send,
    );
    let _ = protocol.is_through();
}
