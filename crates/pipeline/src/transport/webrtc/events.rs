//! The page on the other end: what happens in the call, as JSON over a data channel that the page
//! opens; and what the page wants of us.

use crate::event::CallEvent;
use serde::Deserialize;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;
use webrtc::data_channel::{DataChannel, DataChannelEvent};

/// Events that wait for a page that is slow, or that has opened no channel yet.
const WAITING: usize = 128;
/// Bytes of a message of the page at most.
const LARGEST: usize = 4096;
/// A page that takes nothing for so long gets no more.
const STUCK: Duration = Duration::from_secs(5);

/// What a page may want.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Wanted {
    /// The call is to end.
    Hangup,
}

/// The channels of a page.
pub(super) struct Events {
    channels: Vec<mpsc::Sender<String>>,
    missed: VecDeque<String>,
    wanted: mpsc::Sender<Wanted>,
}

impl Events {
    /// No channel yet. What pages want goes to `wanted`.
    pub fn new(wanted: mpsc::Sender<Wanted>) -> Self {
        Events {
            channels: Vec::new(),
            missed: VecDeque::new(),
            wanted,
        }
    }

    /// A channel opened. The first hears what has happened so far.
    pub fn open(&mut self, channel: Arc<dyn DataChannel>) {
        let (sender, events) = mpsc::channel(WAITING);
        for text in self.missed.drain(..) {
            let _ = sender.try_send(text);
        }
        self.channels.push(sender);
        tokio::spawn(serve(channel, events, self.wanted.clone()));
    }

    /// Something happened.
    pub fn tell(&mut self, event: &CallEvent) {
        let Ok(text) = serde_json::to_string(event) else {
            return;
        };
        self.channels.retain(|channel| !channel.is_closed());
        if self.channels.is_empty() {
            if self.missed.len() == WAITING {
                self.missed.pop_front();
            }
            self.missed.push_back(text);
            return;
        }
        for channel in &self.channels {
            // A page that does not keep up misses something.
            let _ = channel.try_send(text.clone());
        }
    }
}

async fn serve(
    channel: Arc<dyn DataChannel>,
    mut events: mpsc::Receiver<String>,
    wanted: mpsc::Sender<Wanted>,
) {
    loop {
        tokio::select! {
            event = events.recv() => {
                let Some(text) = event else { return };
                if !matches!(timeout(STUCK, channel.send_text(&text)).await, Ok(Ok(()))) {
                    return;
                }
            }
            message = channel.poll() => match message {
                Some(DataChannelEvent::OnMessage(message)) => {
                    if let Some(want) = read(&message.data) {
                        let _ = wanted.try_send(want);
                    }
                }
                Some(DataChannelEvent::OnClose) | None => return,
                Some(_) => {}
            },
        }
    }
}

/// What is not known, or too long, is nothing.
fn read(message: &[u8]) -> Option<Wanted> {
    (message.len() <= LARGEST).then(|| serde_json::from_slice(message).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_can_hang_up_and_nothing_else() {
        assert_eq!(read(br#"{"type":"hangup"}"#), Some(Wanted::Hangup));
        assert_eq!(read(br#"{"type":"say","text":"x"}"#), None);
        assert_eq!(read(b"\xff\x00"), None);
        let long = format!(r#"{{"type":"hangup","x":"{}"}}"#, "x".repeat(LARGEST));
        assert_eq!(read(long.as_bytes()), None);
    }

    #[test]
    fn what_happens_before_a_channel_opens_is_kept_in_bounds() {
        let mut events = Events::new(mpsc::channel(1).0);
        for number in 0..500 {
            events.tell(&CallEvent::Interim {
                text: number.to_string(),
            });
        }
        assert_eq!(events.missed.len(), WAITING);
        assert!(events.missed[WAITING - 1].contains("499"));
    }
}
