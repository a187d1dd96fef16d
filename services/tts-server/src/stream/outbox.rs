//! What waits to be sent: events and sound, in order, as much as a slow reader may make us keep.

use api::synthesis::SpeechEvent;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use bytes::Bytes;
use futures::SinkExt;
use futures::future::poll_fn;
use futures::stream::SplitSink;
use metrics::histogram;
use serde_json::Value;
use service::socket::{Failure, Gone, code};
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// With more bytes of sound than this waiting, no more is made: five seconds at 24 kHz.
const SOUND: usize = 240_000;
/// With more events than this waiting, no more messages are read.
const EVENTS: usize = 1_000;
/// How long saying goodbye may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The sending half of a stream.
pub struct Outbox {
    socket: SplitSink<WebSocket, Message>,
    items: VecDeque<(Option<u64>, Item)>,
    bytes: usize,
    flushing: bool,
    /// The text whose sound is being sent, and how long its first was waited for.
    first: Option<(u64, Duration)>,
    /// When the text before was through.
    before: Option<Instant>,
    sent_ms: u64,
}

/// One message, or the end of a text.
enum Item {
    Event(SpeechEvent),
    Sound {
        text: u64,
        bytes: Bytes,
        received: Instant,
    },
    Done {
        text: u64,
        id: Value,
        audio_ms: u64,
        characters: u64,
        warnings: Vec<String>,
    },
}

impl Outbox {
    /// Nothing waits.
    pub fn new(socket: SplitSink<WebSocket, Message>) -> Self {
        Outbox {
            socket,
            items: VecDeque::new(),
            bytes: 0,
            flushing: false,
            first: None,
            before: None,
            sent_ms: 0,
        }
    }

    /// An event that belongs to no text.
    pub fn event(&mut self, event: SpeechEvent) {
        self.items.push_back((None, Item::Event(event)));
    }

    /// An event of a text; forgotten with it.
    pub fn event_of(&mut self, text: u64, event: SpeechEvent) {
        self.items.push_back((Some(text), Item::Event(event)));
    }

    /// Sound of a text that arrived then.
    pub fn sound(&mut self, text: u64, bytes: Bytes, received: Instant) {
        self.bytes += bytes.len();
        let sound = Item::Sound {
            text,
            bytes,
            received,
        };
        self.items.push_back((Some(text), sound));
    }

    /// The end of a text.
    pub fn done(
        &mut self,
        text: u64,
        id: Value,
        audio_ms: u64,
        characters: u64,
        warnings: Vec<String>,
    ) {
        let done = Item::Done {
            text,
            id,
            audio_ms,
            characters,
            warnings,
        };
        self.items.push_back((Some(text), done));
    }

    /// Forgets what waits of the texts chosen by number and id (known of those that are made to
    /// their end); gives the ids of the latter.
    pub fn forget(&mut self, chosen: impl Fn(u64, Option<&Value>) -> bool) -> Vec<Value> {
        let ended = |(text, item): &(Option<u64>, Item)| match (text, item) {
            (Some(text), Item::Done { id, .. }) if chosen(*text, Some(id)) => {
                Some((*text, id.clone()))
            }
            _ => None,
        };
        let ended: Vec<(u64, Value)> = self.items.iter().filter_map(ended).collect();
        self.items.retain(|(text, _)| match text {
            None => true,
            Some(text) => !chosen(*text, None) && ended.iter().all(|(gone, _)| gone != text),
        });
        let sound = self.items.iter().map(|(_, item)| match item {
            Item::Sound { bytes, .. } => bytes.len(),
            _ => 0,
        });
        self.bytes = sound.sum();
        ended.into_iter().map(|(_, id)| id).collect()
    }

    /// Whether more sound may be made.
    pub fn takes_sound(&self) -> bool {
        self.bytes < SOUND && self.items.len() < EVENTS
    }

    /// Whether more messages may be answered.
    pub fn takes_events(&self) -> bool {
        self.items.len() < 2 * EVENTS
    }

    /// Whether everything is sent.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && !self.flushing
    }

    /// Milliseconds of all texts that were sent to their end.
    pub fn sent_ms(&self) -> u64 {
        self.sent_ms
    }

    /// Sends the next; returns when it is with the system, never when there is nothing. Nothing
    /// is lost when this is dropped while it waits.
    pub async fn send_next(&mut self) -> Result<(), Gone> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        loop {
            if self.flushing {
                ready!(self.socket.poll_flush_unpin(cx)).map_err(|_| Gone)?;
                self.flushing = false;
                return Poll::Ready(Ok(()));
            }
            ready!(futures::Sink::poll_ready(Pin::new(&mut self.socket), cx)).map_err(|_| Gone)?;
            let Some((_, item)) = self.items.pop_front() else {
                return Poll::Pending;
            };
            let message = self.message(item);
            self.socket.start_send_unpin(message).map_err(|_| Gone)?;
            self.flushing = true;
        }
    }

    fn message(&mut self, item: Item) -> Message {
        let event = match item {
            Item::Event(event) => event,
            Item::Sound {
                text,
                bytes,
                received,
            } => {
                self.bytes -= bytes.len();
                if self.first.is_none_or(|(first, _)| first != text) {
                    let since = self.before.map_or(received, |before| before.max(received));
                    let waited = since.elapsed();
                    histogram!("tts_first_byte_seconds").record(waited.as_secs_f64());
                    self.first = Some((text, waited));
                }
                return Message::Binary(bytes);
            }
            Item::Done {
                text,
                id,
                audio_ms,
                characters,
                warnings,
            } => {
                self.before = Some(Instant::now());
                let ttfb = self.first.filter(|(first, _)| *first == text);
                self.sent_ms += audio_ms;
                SpeechEvent::Done {
                    id,
                    audio_ms,
                    ttfb_ms: ttfb.map_or(0, |(_, waited)| waited.as_millis() as u64),
                    characters,
                    warnings,
                }
            }
        };
        Message::Text(text_of(&event).into())
    }

    /// Says why the stream ends, and ends it.
    pub async fn fail(&mut self, failure: Failure) -> Result<(), Gone> {
        let Failure { code, error } = failure;
        error.log();
        let event = SpeechEvent::Error {
            id: None,
            error: error.envelope().error,
        };
        self.put(Message::Text(text_of(&event).into())).await?;
        self.close(code, &error.message).await
    }

    /// Says that all is said, and closes.
    pub async fn end(&mut self) -> Result<(), Gone> {
        let event = SpeechEvent::End {
            audio_ms: self.sent_ms,
        };
        self.put(Message::Text(text_of(&event).into())).await?;
        self.close(code::DONE, "").await
    }

    /// Closes with a code and a reason, which is cut to what a control frame holds.
    pub async fn close(&mut self, code: u16, reason: &str) -> Result<(), Gone> {
        let reason: String = reason.chars().filter(char::is_ascii).take(100).collect();
        self.put(Message::Close(Some(CloseFrame {
            code,
            reason: reason.into(),
        })))
        .await
    }

    async fn put(&mut self, message: Message) -> Result<(), Gone> {
        match timeout(PATIENCE, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Gone),
        }
    }
}

/// Texts and numbers only: nothing of it can fail.
fn text_of(event: &SpeechEvent) -> String {
    serde_json::to_string(event).unwrap_or_default()
}
