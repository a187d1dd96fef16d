//! Plain sound over a WebSocket: 16-bit little-endian mono both ways, events as JSON texts.
//!
//! From the caller: sound in pieces of any size, `{"type":"hangup"}`, `{"type":"dtmf","digit":"5"}`,
//! `{"type":"keepalive"}`. To the caller: `{"type":"started",...}`, then 20 ms of sound every 20 ms,
//! every [`CallEvent`] as a text, and `{"type":"clear"}`: forget sound that is not played yet.

use super::socket::{Fault, Outgoing, Protocol};
use super::{Input, Output};
use crate::event::CallEvent;
use crate::frame::{EndReason, Sound, Time};
use api::{ErrorCode, ErrorEnvelope};
use serde::Deserialize;
use serde_json::json;
use std::collections::VecDeque;

/// Rates that a caller may choose, in Hz.
pub const RATES_HZ: [u32; 4] = [8_000, 16_000, 24_000, 48_000];
/// Most bytes of a message: five seconds at 48 kHz.
pub const MAX_MESSAGE: usize = 480_000;
/// Most bytes of a text.
const MAX_TEXT: usize = 16 * 1024;
/// Who sends nothing for this long was silent, and goes on where time is.
const GAP: Time = Time::from_secs(1);

/// See the module.
#[derive(Debug)]
pub struct Pcm {
    call: String,
    rate: u32,
    /// Where the next sample of the caller stands.
    at: u64,
    /// Half a sample, where a message ended in one.
    half: Option<u8>,
    request_id: String,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Told {
    Hangup,
    Dtmf { digit: String },
    Keepalive,
}

impl Pcm {
    /// A call at one of [`RATES_HZ`]. `call`: its id; `request_id`: for errors.
    pub fn new(call: impl Into<String>, rate: u32, request_id: impl Into<String>) -> Self {
        Pcm {
            call: call.into(),
            rate,
            at: 0,
            half: None,
            request_id: request_id.into(),
        }
    }

    fn event(event: &CallEvent, send: &mut Vec<Outgoing>) {
        match serde_json::to_string(event) {
            Ok(text) => send.push(Outgoing::Text(text)),
            Err(error) => tracing::error!(%error, "an event has no JSON"),
        }
    }
}

impl Protocol for Pcm {
    fn begin(&mut self, send: &mut Vec<Outgoing>) {
        let started = json!({"type": "started", "call_id": self.call, "sample_rate": self.rate});
        send.push(Outgoing::Text(started.to_string()));
    }

    fn text(&mut self, text: &str, _now: Time, heard: &mut VecDeque<Input>) -> Result<(), Fault> {
        if text.len() > MAX_TEXT {
            return Err(Fault::too_big(MAX_TEXT));
        }
        let told = serde_json::from_str(text).map_err(|error| {
            Fault::unexpected(format!(
                "A text must be JSON with the `type` hangup, dtmf or keepalive ({error})."
            ))
        })?;
        match told {
            Told::Keepalive => {}
            Told::Hangup => heard.push_back(Input::Gone(EndReason::CallerHungUp)),
            Told::Dtmf { digit } => heard.push_back(Input::Dtmf(super::key(&digit)?)),
        }
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8], now: Time, heard: &mut VecDeque<Input>) -> Result<(), Fault> {
        if bytes.len() > MAX_MESSAGE {
            return Err(Fault::too_big(MAX_MESSAGE));
        }
        let all = self.half.take().into_iter().chain(bytes.iter().copied());
        let all: Vec<u8> = all.collect();
        let (pairs, half) = all.as_chunks::<2>();
        self.half = half.first().copied();
        let due = (now.as_secs_f64() * f64::from(self.rate)) as u64;
        let gap = GAP.as_secs() * u64::from(self.rate);
        let came = pairs.len() as u64;
        if due > self.at + came + gap {
            self.at = due - came;
        }
        for piece in pairs.chunks(self.rate as usize / 50) {
            let samples = piece.iter().copied().map(i16::from_le_bytes).collect();
            let at = self.at;
            self.at += piece.len() as u64;
            heard.push_back(Input::Sound(Sound { samples, at }));
        }
        Ok(())
    }

    fn sound(&mut self, frame: &[i16], send: &mut Vec<Outgoing>) {
        let bytes = frame.iter().flat_map(|sample| sample.to_le_bytes());
        send.push(Outgoing::Binary(bytes.collect()));
    }

    fn output(&mut self, output: &Output, now: Time, send: &mut Vec<Outgoing>) {
        match output {
            Output::Clear => send.push(Outgoing::Text(json!({"type": "clear"}).to_string())),
            Output::Event(event) => Self::event(event, send),
            Output::Close(reason) => {
                let duration = now.as_secs_f64();
                let reason = *reason;
                let ended = CallEvent::Ended {
                    reason,
                    duration,
                    underruns: None,
                };
                Self::event(&ended, send);
            }
        }
    }

    fn fault(&mut self, fault: &Fault, send: &mut Vec<Outgoing>) {
        let envelope = ErrorEnvelope::new(fault.code, &fault.message, &self.request_id);
        let frame = json!({"type": "error", "error": envelope.error});
        send.push(Outgoing::Text(frame.to_string()));
    }
}

/// The rate that a caller wants, or 24 kHz.
pub fn rate(wanted: Option<u32>) -> Result<u32, Fault> {
    let rate = wanted.unwrap_or(24_000);
    match RATES_HZ.contains(&rate) {
        true => Ok(rate),
        false => Err(Fault {
            close: super::socket::code::POLICY,
            code: ErrorCode::InvalidParameter,
            message: format!("`sample_rate` must be one of {RATES_HZ:?}."),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pcm() -> Pcm {
        Pcm::new("c", 24_000, "r")
    }

    fn heard(pcm: &mut Pcm, bytes: &[u8], now: Time) -> Vec<Sound> {
        let mut all = VecDeque::new();
        pcm.bytes(bytes, now, &mut all).expect("sound is sound");
        let sound = |input| match input {
            Input::Sound(sound) => sound,
            other => panic!("{other:?}"),
        };
        all.into_iter().map(sound).collect()
    }

    proptest! {
        #[test]
        fn sound_in_pieces_is_the_sound(bytes in proptest::collection::vec(any::<u8>(), 0..5000), cuts in proptest::collection::vec(0..5000usize, 0..8)) {
            let mut pcm = pcm();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let mut samples: Vec<i16> = Vec::new();
            for pair in cuts.windows(2) {
                for sound in heard(&mut pcm, &bytes[pair[0]..pair[1]], Time::ZERO) {
                    prop_assert!(sound.samples.len() <= 480);
                    prop_assert_eq!(sound.at, samples.len() as u64);
                    samples.extend(sound.samples.iter());
                }
            }
            let whole: Vec<i16> = bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
            prop_assert_eq!(samples, whole);
        }

        #[test]
        fn no_text_is_too_strange(text in ".*") {
            let mut heard = VecDeque::new();
            let _ = pcm().text(&text, Time::ZERO, &mut heard);
        }
    }

    #[test]
    fn who_was_silent_goes_on_where_time_is() {
        let mut pcm = pcm();
        heard(&mut pcm, &[0; 960], Time::from_millis(20));
        let after = heard(&mut pcm, &[0; 960], Time::from_secs(5));
        assert_eq!(after[0].at, 5 * 24_000 - 480);
        let next = heard(&mut pcm, &[0; 960], Time::from_millis(5100));
        assert_eq!(next[0].at, 5 * 24_000, "a short wait is the network's");
    }

    #[test]
    fn keys_and_goodbyes_are_understood_and_the_rest_refused() {
        let mut heard = VecDeque::new();
        let mut told = |text: &str| pcm().text(text, Time::ZERO, &mut heard).is_ok();
        assert!(told(r##"{"type":"dtmf","digit":"#"}"##));
        assert!(told(r#"{"type":"hangup"}"#));
        assert!(told(r#"{"type":"keepalive"}"#));
        for bad in [
            "",
            "{}",
            r#"{"type":"dtmf","digit":"12"}"#,
            r#"{"type":"x"}"#,
            "[1]",
        ] {
            assert!(!told(bad), "{bad}");
        }
        assert!(!told(&format!(r#"{{"type":"{}"}}"#, "x".repeat(MAX_TEXT))));
        let most = pcm().bytes(&vec![0; MAX_MESSAGE + 1], Time::ZERO, &mut VecDeque::new());
        assert!(most.is_err());
        let both = [Input::Dtmf('#'), Input::Gone(EndReason::CallerHungUp)];
        assert_eq!(Vec::from(heard), both);
    }
}
