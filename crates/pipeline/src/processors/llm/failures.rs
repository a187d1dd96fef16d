//! What happens when the model fails: an apology, another try, and the end of the call.

use super::{LlmProcessor, say};
use crate::frame::{EndReason, Frame, Part, Time, TurnId};
use crate::phrases::Phrases;
use crate::processor::Context;
use crate::turn::TurnState;
use crate::wording::Wording;
use std::time::Duration;

/// Between the end of an apology and the next try.
const PAUSE: Duration = Duration::from_secs(1);
/// An apology that is not heard is waited for so long.
const APOLOGY: Duration = Duration::from_secs(10);
/// The next try has so long for its first words: less than a silence that we would ask after.
const PATIENCE: Duration = Duration::from_secs(8);
/// Failures in a row that end the call.
const MOST: u32 = 2;

/// How often the model failed, and what follows from it.
#[derive(Debug, Default)]
pub(super) struct Failures {
    in_a_row: u32,
    /// Told as failed, and not yet as recovered.
    is_down: bool,
    next: Option<(Due, Time)>,
    /// The apology that is to be heard before the next try.
    apology: Option<TurnId>,
}

/// What is to be done when its time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// Ask once more.
    Retry,
    /// Wait no longer for what was asked once more.
    GiveUp,
}

impl Failures {
    /// When [`Failures::due`] is to be asked.
    pub fn wake_at(&self) -> Option<Time> {
        self.next.map(|(_, at)| at)
    }

    /// What is due, once.
    pub fn due(&mut self, now: Time) -> Option<Due> {
        let (due, _) = self.next.take_if(|(_, at)| *at <= now)?;
        self.apology = None;
        Some(due)
    }

    /// There will be no other try.
    pub fn forget(&mut self) {
        self.next = None;
        self.apology = None;
    }

    /// The model was asked once more.
    pub fn asked(&mut self, now: Time) {
        self.next = Some((Due::GiveUp, now + PATIENCE));
    }

    /// The model's first words are there.
    pub fn answered(&mut self, context: &mut Context) {
        self.forget();
        if std::mem::take(&mut self.is_down) {
            context.both(Frame::Recovered(Part::Llm));
        }
    }

    /// A whole answer came.
    pub fn over(&mut self) {
        self.in_a_row = 0;
    }

    /// All of an answer was played.
    pub fn played(&mut self, turn: TurnId, now: Time) {
        if self.apology.take_if(|apology| *apology == turn).is_some() {
            self.next = Some((Due::Retry, now + PAUSE));
        }
    }
}

impl LlmProcessor {
    /// There is no answer, or no whole one: apologise, and try again or end the call.
    pub(super) fn fail(&mut self, why: &str, context: &mut Context) {
        let (turn, rest) = match self.answer.take() {
            Some(mut answer) => (answer.turn, answer.phrases.finish()),
            None => (None, Vec::new()),
        };
        let failures = &mut self.failures;
        failures.forget();
        failures.in_a_row += 1;
        failures.is_down = true;
        tracing::warn!(why, in_a_row = failures.in_a_row, "no whole answer");
        context.failed(Part::Llm, why);
        let turn = turn.unwrap_or_else(|| {
            let turn = context.new_turn();
            context.down(Frame::AnswerStarted { turn });
            turn
        });
        let ends = failures.in_a_row >= MOST || context.state() == TurnState::Closing;
        if !ends {
            failures.next = Some((Due::Retry, context.now + APOLOGY));
            failures.apology = Some(turn);
        }
        // Half a sentence is not said.
        let whole = rest.into_iter().filter(|piece| text::ends_sentence(piece));
        say(turn, whole.collect(), context);
        let wording = Wording::of(&self.language);
        let words = match ends {
            true => &wording.failure,
            false => &wording.apology,
        };
        say(turn, Phrases::of(words, &self.language), context);
        context.down(Frame::AnswerEnded { turn });
        if ends {
            self.waiting.clear();
            context.both(Frame::End(EndReason::Failed));
        }
    }
}
