//! Phrases become sound, from tts-server over a WebSocket.
//!
//! The processor only sorts frames; the way of a phrase is [`speaker`], a task: it keeps a
//! [`connection`], has one phrase after the other said, and knows by its [`passage`] how far it came.

mod alignment;
mod connection;
mod passage;
mod speaker;
#[cfg(test)]
mod tests;

use crate::frame::{Frame, Phrase, TurnId};
use crate::playback::Playback;
use crate::processor::{Context, Mailbox, Processor, Way};
use crate::settings::CallSettings;
use speaker::Speaker;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// Orders between the chain and the task.
const ORDERS: usize = 64;
/// Orders that wait before these; an answer is far shorter.
const MOST_WAITING: usize = 4096;

/// See the module.
pub struct Tts {
    orders: mpsc::Sender<Order>,
    /// What the channel has no room for.
    waiting: VecDeque<Order>,
    void: watch::Sender<TurnId>,
    task: JoinHandle<()>,
}

/// What the task is to do, in this order.
#[derive(Debug)]
enum Order {
    /// Say this.
    Say(Phrase),
    /// This answer has no more phrases.
    End(TurnId),
}

impl Order {
    fn turn(&self) -> TurnId {
        match self {
            Order::Say(phrase) => phrase.turn,
            Order::End(turn) => *turn,
        }
    }
}

impl Tts {
    /// Connects. No more is made ahead than `playback` should hold.
    pub fn new(settings: &Arc<CallSettings>, playback: Arc<Playback>, mailbox: Mailbox) -> Self {
        let (orders, receiver) = mpsc::channel(ORDERS);
        let (void, voids) = watch::channel(TurnId(0));
        let speaker = Speaker::new(settings.clone(), playback, mailbox, receiver, voids);
        Tts {
            orders,
            waiting: VecDeque::new(),
            void,
            task: tokio::spawn(speaker.run()),
        }
    }

    fn order(&mut self, order: Order) {
        if self.waiting.len() < MOST_WAITING {
            self.waiting.push_back(order);
        } else {
            tracing::error!("an answer was too long to be said");
        }
    }

    fn hand_on(&mut self) {
        while !self.waiting.is_empty() {
            let Ok(place) = self.orders.try_reserve() else {
                return;
            };
            if let Some(order) = self.waiting.pop_front() {
                place.send(order);
            }
        }
    }
}

impl Processor for Tts {
    fn name(&self) -> &'static str {
        "TTS"
    }

    fn process(&mut self, frame: Frame, way: Way, context: &mut Context) {
        match &frame {
            Frame::Phrase(phrase) => self.order(Order::Say(phrase.clone())),
            Frame::AnswerEnded { turn } => self.order(Order::End(*turn)),
            Frame::Interrupt => {
                let last = context.last_turn;
                self.waiting.retain(|order| order.turn() > last);
                self.void.send_replace(last);
            }
            _ => {}
        }
        self.hand_on();
        context.pass(frame, way);
    }

    fn arrived(&mut self, frame: Frame, context: &mut Context) {
        self.hand_on();
        match frame {
            Frame::Failed { .. } | Frame::Recovered(_) => context.both(frame),
            frame => context.down(frame),
        }
    }
}

impl Drop for Tts {
    fn drop(&mut self) {
        self.task.abort();
    }
}
