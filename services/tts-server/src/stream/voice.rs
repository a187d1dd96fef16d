//! A text on its way from the engine to messages: sound in pieces of a few hundredths of a second,
//! each word before the piece it begins in.

use super::outbox::Outbox;
use crate::settings::Settings;
use crate::state::Speaking;
use crate::texts::Places;
use api::synthesis::{SpeechEvent, TimedWord};
use audio::{Encoder, Format};
use bytes::Bytes;
use serde_json::Value;
use service::{ApiError, ApiResult};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;
use synthesis::{Event, Sound};

/// Length of a binary message.
const MESSAGE_MS: u64 = 40;
/// What is shorter waits for more, or goes with the one before.
const SHORTEST_MS: u64 = 20;

/// A text that waits to be spoken.
pub struct Text {
    /// Counted from 1.
    pub number: u64,
    /// As the client calls it.
    pub id: Value,
    /// The words.
    pub text: String,
    /// How to say them.
    pub instruct: Option<String>,
    /// How to speak.
    pub settings: Arc<Settings>,
    /// When it came.
    pub received: Instant,
    /// What was wrong with it but does not matter.
    pub warnings: Vec<String>,
}

/// A text that is being spoken.
pub struct Voice {
    /// Its number.
    pub number: u64,
    /// As the client calls it.
    pub id: Value,
    speaking: Speaking,
    settings: Arc<Settings>,
    received: Instant,
    characters: u64,
    warnings: Vec<String>,
    encoder: Encoder,
    places: Places,
    /// Sound shorter than a message.
    rest: Vec<u8>,
    words: VecDeque<TimedWord>,
    sent: usize,
    samples: u64,
    started: bool,
}

impl Voice {
    /// Of a text whose speech has begun.
    pub fn new(text: Text, source: Arc<str>, speaking: Speaking) -> ApiResult<Self> {
        let settings = text.settings;
        let encoder = Encoder::new(settings.format, synthesis::SAMPLE_RATE, settings.rate_hz)
            .map_err(ApiError::internal)?;
        Ok(Voice {
            number: text.number,
            id: text.id,
            speaking,
            received: text.received,
            characters: crate::texts::characters(&source),
            warnings: text.warnings,
            encoder,
            places: Places::new(source),
            rest: Vec::new(),
            words: VecDeque::new(),
            sent: 0,
            samples: 0,
            started: false,
            settings,
        })
    }

    /// Waits for what the engine gives next. Nothing is lost when this is dropped while it waits.
    pub async fn next(&mut self) -> Option<ApiResult<Event>> {
        self.speaking.next().await
    }

    /// Puts what came into the outbox; true when that was the end.
    pub fn take(
        &mut self,
        event: Option<ApiResult<Event>>,
        outbox: &mut Outbox,
    ) -> ApiResult<bool> {
        match event {
            Some(Ok(Event::Waiting { ahead })) => {
                let id = self.id.clone();
                outbox.event_of(self.number, SpeechEvent::Waiting { id, ahead });
                Ok(false)
            }
            Some(Ok(Event::Sound(sound))) => self.sound(sound, outbox).map(|()| false),
            Some(Err(error)) => Err(error),
            None => self.end(outbox).map(|()| true),
        }
    }

    fn sound(&mut self, sound: Sound, outbox: &mut Outbox) -> ApiResult<()> {
        if !std::mem::replace(&mut self.started, true) {
            let started = SpeechEvent::Started {
                id: self.id.clone(),
                characters: self.characters,
                sample_rate: self.settings.rate_hz,
                format: self.settings.encoding().to_owned(),
            };
            outbox.event_of(self.number, started);
        }
        if self.settings.timestamps {
            let words = sound.words.into_iter();
            self.words.extend(words.map(|word| self.places.word(word)));
        }
        self.samples += sound.samples.len() as u64;
        let bytes = self
            .encoder
            .push(&sound.samples)
            .map_err(ApiError::internal)?;
        self.rest.extend(bytes);
        while self.rest.len() >= self.bytes(MESSAGE_MS + SHORTEST_MS) {
            self.send(self.bytes(MESSAGE_MS), outbox);
        }
        if self.rest.len() >= self.bytes(SHORTEST_MS) {
            self.send(self.rest.len(), outbox);
        }
        Ok(())
    }

    fn end(&mut self, outbox: &mut Outbox) -> ApiResult<()> {
        let bytes = self.encoder.finish().map_err(ApiError::internal)?;
        self.rest.extend(bytes);
        while self.rest.len() >= self.bytes(MESSAGE_MS + SHORTEST_MS) {
            self.send(self.bytes(MESSAGE_MS), outbox);
        }
        if !self.rest.is_empty() {
            self.send(self.rest.len(), outbox);
        }
        self.tell(u64::MAX, outbox);
        let audio_ms = self.samples * 1000 / u64::from(synthesis::SAMPLE_RATE);
        outbox.done(
            self.number,
            self.id.clone(),
            audio_ms,
            self.characters,
            std::mem::take(&mut self.warnings),
        );
        Ok(())
    }

    fn send(&mut self, bytes: usize, outbox: &mut Outbox) {
        let after = self.rest.split_off(bytes);
        let message = std::mem::replace(&mut self.rest, after);
        self.sent += message.len();
        let until_ms = self.sent as u64 * 1000 / (self.width() * u64::from(self.settings.rate_hz));
        self.tell(until_ms, outbox);
        outbox.sound(self.number, Bytes::from(message), self.received);
    }

    /// Words that begin before this.
    fn tell(&mut self, until_ms: u64, outbox: &mut Outbox) {
        while self
            .words
            .front()
            .is_some_and(|word| word.start_ms < until_ms)
        {
            if let Some(word) = self.words.pop_front() {
                let id = self.id.clone();
                outbox.event_of(self.number, SpeechEvent::Word { id, word });
            }
        }
    }

    fn width(&self) -> u64 {
        if self.settings.format == Format::Pcm {
            2
        } else {
            1
        }
    }

    /// Bytes of so much sound, whole samples.
    fn bytes(&self, ms: u64) -> usize {
        (u64::from(self.settings.rate_hz) * ms / 1000 * self.width()) as usize
    }
}
