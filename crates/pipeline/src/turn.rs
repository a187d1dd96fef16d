//! Whose turn it is: the states of a call, what moves between them, and how long each may last.
//! `docs/calls.md` has the drawing.

use crate::frame::{EndReason, Frame, Part, Time};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnState {
    /// The caller's.
    Listening,
    /// Ours, and nothing is to be heard of it yet.
    Thinking,
    /// Ours, and we speak.
    Speaking,
    /// We spoke and the caller took the turn.
    Interrupted,
    /// Somebody said goodbye: what waits is said, then we hang up.
    Closing,
}

/// An answer must begin to sound within this time.
const THINKING: Duration = Duration::from_secs(20);
/// While we speak, something must happen within this time.
const SPEAKING: Duration = Duration::from_secs(30);
/// Whoever interrupts says something within this time, or it is their turn as ever.
const INTERRUPTED: Duration = Duration::from_secs(5);
/// A farewell takes no longer.
const CLOSING: Duration = Duration::from_secs(15);

/// The state of a call and since when.
#[derive(Debug)]
pub(crate) struct Turns {
    state: TurnState,
    deadline: Option<Time>,
    /// Why we close, and whether something of ours is still to be heard.
    closing: Option<EndReason>,
    is_answering: bool,
    apologised: bool,
}

/// What must happen because of a frame or of time.
#[derive(Debug, PartialEq)]
pub(crate) enum Due {
    /// Hang up.
    HangUp(EndReason),
    /// Nothing was heard of an answer for too long.
    Stuck(Part),
}

impl Turns {
    pub fn new() -> Self {
        Turns {
            state: TurnState::Listening,
            deadline: None,
            closing: None,
            is_answering: false,
            apologised: false,
        }
    }

    pub fn state(&self) -> TurnState {
        self.state
    }

    pub fn deadline(&self) -> Option<Time> {
        self.deadline
    }

    fn to(&mut self, state: TurnState, now: Time) {
        self.state = state;
        self.deadline = match state {
            TurnState::Listening => None,
            TurnState::Thinking => Some(now + THINKING),
            TurnState::Speaking => Some(now + SPEAKING),
            TurnState::Interrupted => Some(now + INTERRUPTED),
            TurnState::Closing => Some(now + CLOSING),
        };
    }

    /// Looks at a frame as it is sent.
    pub fn see(&mut self, frame: &Frame, now: Time) -> Option<Due> {
        use TurnState::*;
        match (self.state, frame) {
            (_, Frame::End(reason)) if self.closing.is_none() => {
                self.closing = Some(*reason);
                let speaking = self.is_answering || self.state == Thinking;
                self.to(Closing, now);
                // Nothing of ours is under way: nothing to wait for.
                return (!speaking).then_some(Due::HangUp(*reason));
            }
            (Closing, Frame::BotStopped { .. }) => {
                self.is_answering = false;
                return self.closing.map(Due::HangUp);
            }
            (Closing, _) => {}
            (Listening | Interrupted, Frame::UserTurn(_)) => self.to(Thinking, now),
            (Listening | Thinking | Interrupted, Frame::BotStarted { .. }) => {
                self.is_answering = true;
                self.apologised = false;
                self.to(Speaking, now);
            }
            // What is to be said before a call ends comes before its end.
            (Listening, Frame::AnswerStarted { .. } | Frame::Say(_)) => self.is_answering = true,
            (Speaking, Frame::Speech { .. } | Frame::Phrase(_)) => self.to(Speaking, now),
            (Speaking | Listening, Frame::BotStopped { .. }) => {
                self.is_answering = false;
                self.to(Listening, now);
            }
            (Thinking | Speaking, Frame::Interrupt) => {
                self.is_answering = false;
                self.to(Interrupted, now);
            }
            _ => {}
        }
        None
    }

    /// The deadline has passed.
    pub fn overdue(&mut self, now: Time) -> Option<Due> {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return None;
        }
        match self.state {
            TurnState::Listening => None,
            TurnState::Interrupted => {
                self.to(TurnState::Listening, now);
                None
            }
            TurnState::Closing => {
                self.deadline = None;
                Some(Due::HangUp(self.closing.unwrap_or(EndReason::Failed)))
            }
            TurnState::Thinking if self.apologised => Some(Due::HangUp(EndReason::Failed)),
            TurnState::Thinking => {
                self.apologised = true;
                self.to(TurnState::Thinking, now);
                Some(Due::Stuck(Part::Llm))
            }
            TurnState::Speaking => {
                self.is_answering = false;
                self.to(TurnState::Listening, now);
                Some(Due::Stuck(Part::Tts))
            }
        }
    }
}
