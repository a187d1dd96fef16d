//! Twilio Media Streams: a telephone call over a WebSocket, mu-law at 8 kHz in base64
//! (Twilio, "Media Streams: WebSocket messages").
//!
//! Whoever accepts the socket reads [`Message`]s until there is a [`Start`], then gives the call
//! to a [`Twilio`]. Marks that come back tell how much of what was sent has been heard.

mod messages;
mod order;

pub use messages::{Dtmf, Mark, Media, MediaFormat, Message, Start};

use super::socket::{Fault, Outgoing, Protocol};
use super::{Input, Output};
use crate::frame::{EndReason, Sound, Time};
use audio::g711::{decode_mulaw, encode_mulaw};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use order::Order;
use serde_json::json;
use std::collections::VecDeque;

/// Of the telephone, in Hz.
pub const RATE_HZ: u32 = 8_000;
/// Most bytes of a message; Twilio's have about 400.
pub const MAX_MESSAGE: usize = 64 * 1024;
/// Most bytes of sound in a message: a second.
const MAX_SOUND: usize = 8_000;
/// Frames between two marks: 200 ms.
const MARKED: u64 = 10;
/// With more than 300 ms between sending and hearing, silence is left out until it is less.
const SLOW: u64 = 2_400;
/// Louder samples are not silence: -54 dB.
const QUIET: u16 = 64;
/// Timestamps within 40 ms of what was expected are what was expected.
const JITTER: u64 = 320;
/// Timestamps that are further ahead of time than this are wrong.
const AHEAD: Time = Time::from_secs(5);
/// Names the last mark.
const LAST: &str = "last";

/// See the module.
#[derive(Debug)]
pub struct Twilio {
    stream: String,
    order: Order,
    /// Where the next sample of the caller stands.
    at: u64,
    /// Samples sent.
    sent: u64,
    frames: u64,
    /// How often what was sent was cleared; marks from before it say nothing.
    cleared: u64,
    latency: Option<u64>,
    /// Whether the last mark was sent, and whether it came back.
    closing: Option<bool>,
}

impl Twilio {
    /// A call whose stream has started.
    pub fn new(start: &Start) -> Self {
        Twilio {
            stream: start.stream_sid.clone(),
            order: Order::default(),
            at: 0,
            sent: 0,
            frames: 0,
            cleared: 0,
            latency: None,
            closing: None,
        }
    }

    fn check(&self, stream: &str) -> Result<(), Fault> {
        match stream == self.stream {
            true => Ok(()),
            false => Err(Fault::unexpected(
                "The `streamSid` is that of another stream.",
            )),
        }
    }

    fn media(&mut self, media: Media, now: Time, heard: &mut VecDeque<Input>) -> Result<(), Fault> {
        if media
            .track
            .as_deref()
            .is_some_and(|track| track != "inbound")
        {
            return Ok(());
        }
        if media.payload.len() > MAX_SOUND * 4 / 3 + 4 {
            return Err(Fault::too_big(MAX_SOUND));
        }
        let codes = STANDARD.decode(&media.payload);
        let codes = codes.map_err(|_| Fault::unexpected("The `payload` must be base64."))?;
        for (timestamp, codes) in self.order.push(media.chunk, media.timestamp, codes) {
            self.place(timestamp, codes.len() as u64, now);
            let samples = codes.iter().map(|code| decode_mulaw(*code)).collect();
            let at = self.at;
            self.at += codes.len() as u64;
            heard.push_back(Input::Sound(Sound { samples, at }));
        }
        Ok(())
    }

    /// Moves on to where sound of this length and timestamp stands, unless that is where we are.
    fn place(&mut self, timestamp: Option<u64>, length: u64, now: Time) {
        let latest = (now + AHEAD).as_millis() as u64 * 8;
        let at = timestamp.map(|ms| ms.saturating_mul(8));
        if let Some(at) = at.filter(|at| at.saturating_add(length) <= latest)
            && at > self.at + JITTER
        {
            self.at = at;
        }
    }

    fn marked(&mut self, name: &str) {
        if name == LAST {
            self.closing = Some(true);
            return;
        }
        let parts = name.split_once('.');
        let parts = parts.and_then(|(epoch, sent)| Some((epoch.parse().ok()?, sent.parse().ok()?)));
        let Some((cleared, sent)): Option<(u64, u64)> = parts else {
            return;
        };
        if cleared == self.cleared && sent <= self.sent {
            self.latency = Some(self.sent - sent);
        }
    }

    fn mark(&self, name: &str) -> Outgoing {
        let mark = json!({"event": "mark", "streamSid": self.stream, "mark": {"name": name}});
        Outgoing::Text(mark.to_string())
    }
}

impl Protocol for Twilio {
    fn text(&mut self, text: &str, now: Time, heard: &mut VecDeque<Input>) -> Result<(), Fault> {
        match Message::read(text)? {
            Message::Connected | Message::Other => {}
            Message::Start { .. } => {
                return Err(Fault::unexpected("The stream has started already."));
            }
            Message::Media { stream_sid, media } => {
                self.check(&stream_sid)?;
                self.media(media, now, heard)?;
            }
            Message::Dtmf { stream_sid, dtmf } => {
                self.check(&stream_sid)?;
                heard.push_back(Input::Dtmf(super::key(&dtmf.digit)?));
            }
            Message::Mark { stream_sid, mark } => {
                self.check(&stream_sid)?;
                self.marked(&mark.name);
            }
            Message::Stop { stream_sid } => {
                self.check(&stream_sid)?;
                heard.push_back(Input::Gone(EndReason::CallerHungUp));
            }
        }
        Ok(())
    }

    fn bytes(&mut self, _: &[u8], _: Time, _: &mut VecDeque<Input>) -> Result<(), Fault> {
        Err(Fault::unexpected("Only text messages are taken here."))
    }

    fn sound(&mut self, frame: &[i16], send: &mut Vec<Outgoing>) {
        let is_quiet = || frame.iter().all(|sample| sample.unsigned_abs() < QUIET);
        if self.latency.is_some_and(|latency| latency > SLOW) && is_quiet() {
            // Their clock is slower than ours, or the network stood still: this makes up for it.
            self.latency = self.latency.map(|latency| latency - frame.len() as u64);
            return;
        }
        let codes: Vec<u8> = frame.iter().map(|sample| encode_mulaw(*sample)).collect();
        let payload = STANDARD.encode(codes);
        let media =
            json!({"event": "media", "streamSid": self.stream, "media": {"payload": payload}});
        send.push(Outgoing::Text(media.to_string()));
        self.sent += frame.len() as u64;
        self.frames += 1;
        if self.frames.is_multiple_of(MARKED) {
            send.push(self.mark(&format!("{}.{}", self.cleared, self.sent)));
        }
    }

    fn output(&mut self, output: &Output, _now: Time, send: &mut Vec<Outgoing>) {
        match output {
            Output::Event(_) => {}
            Output::Clear => {
                self.cleared += 1;
                let clear = json!({"event": "clear", "streamSid": self.stream});
                send.push(Outgoing::Text(clear.to_string()));
            }
            Output::Close(_) => {
                self.closing = Some(false);
                send.push(self.mark(LAST));
            }
        }
    }

    fn latency(&self) -> Option<u64> {
        self.latency
    }

    fn is_through(&self) -> bool {
        self.closing.unwrap_or(true)
    }
}

#[cfg(test)]
mod tests;
