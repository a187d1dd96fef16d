//! Notices goodbyes and ends the call after the farewell.
//!
//! When we said goodbye, or the caller did, the answer is played to its end. The end is told when
//! the farewell begins to sound, by estimate: until then the caller can still interrupt, from then
//! on the turns hang up as soon as all is played.

mod farewell;
#[cfg(test)]
mod tests;

use crate::frame::{EndReason, Frame, Phrase, Time, TurnId};
use crate::processor::{Context, Processor, Way};
use crate::wording::{Wording, is_ideographic};
use farewell::is_farewell;
use std::time::Duration;

/// Words that may follow the goodbye of a caller.
const CALLER: usize = 5;
/// Words that may follow a goodbye of ours.
const AGENT: usize = 14;
/// A letter takes about so long to say; a syllable sign three times that.
const LETTER: Duration = Duration::from_millis(60);

/// See the module.
#[derive(Default)]
pub struct ClosingPhrase {
    /// The caller has spoken: goodbyes before are part of a greeting.
    is_met: bool,
    caller_said: bool,
    answer: String,
    /// How long the phrases before the last take.
    before_last: Duration,
    started: Option<(TurnId, Time)>,
    ending: Option<Ending>,
    is_ended: bool,
}

/// A farewell that is not played yet.
struct Ending {
    turn: TurnId,
    reason: EndReason,
    /// From the beginning of its answer.
    after: Duration,
    at: Option<Time>,
}

impl ClosingPhrase {
    /// At the start of a call.
    pub fn new() -> Self {
        ClosingPhrase::default()
    }

    fn answered(&mut self, turn: TurnId, context: &mut Context) {
        let caller_said = std::mem::take(&mut self.caller_said);
        let agent_said = is_farewell(&self.answer, AGENT);
        let may = context.settings.options.hang_up_on_goodbye && self.is_met && !self.is_ended;
        if !may || !(caller_said || agent_said) {
            return;
        }
        if !agent_said {
            let text = Wording::of(&context.settings.language).farewell.clone();
            self.before_last = length(&self.answer);
            context.tell(crate::CallEvent::Saying { text: text.clone() });
            context.down(Frame::Phrase(Phrase {
                turn,
                text,
                spoken: None,
            }));
        }
        let reason = match caller_said {
            true => EndReason::CallerSaidGoodbye,
            false => EndReason::AgentSaidGoodbye,
        };
        let started = self.started.filter(|(started, _)| *started == turn);
        self.ending = Some(Ending {
            turn,
            reason,
            after: self.before_last,
            at: started.map(|(_, at)| at + self.before_last),
        });
    }

    fn end(&mut self, context: &mut Context) {
        if let Some(ending) = self.ending.take() {
            self.is_ended = true;
            context.both(Frame::End(ending.reason));
        }
    }
}

/// About how long a text takes to say.
fn length(text: &str) -> Duration {
    let letters = text.chars().map(|c| if is_ideographic(c) { 3 } else { 1 });
    LETTER * letters.sum::<u32>()
}

impl Processor for ClosingPhrase {
    fn name(&self) -> &'static str {
        "ClosingPhrase"
    }

    fn process(&mut self, frame: Frame, way: Way, context: &mut Context) {
        match &frame {
            Frame::UserTurn(turn) => {
                self.is_met = true;
                self.caller_said = is_farewell(&turn.text, CALLER);
                self.ending = None;
            }
            Frame::AnswerStarted { .. } => self.answer.clear(),
            Frame::Phrase(phrase) => {
                self.before_last = length(&self.answer);
                crate::phrases::join(&mut self.answer, &phrase.text);
            }
            Frame::AnswerEnded { turn } => self.answered(*turn, context),
            Frame::BotStarted { turn } => {
                self.started = Some((*turn, context.now));
                if let Some(ending) = &mut self.ending
                    && ending.turn == *turn
                {
                    ending.at = Some(context.now + ending.after);
                }
            }
            Frame::BotStopped { turn } => {
                let is_played = |ending: &Ending| ending.turn == *turn;
                if self.ending.as_ref().is_some_and(is_played) {
                    self.end(context);
                }
            }
            Frame::Interrupt => self.ending = None,
            Frame::End(_) | Frame::HangUp(_) => {
                self.is_ended = true;
                self.ending = None;
            }
            _ => {}
        }
        context.pass(frame, way);
    }

    fn wake_at(&self) -> Option<Time> {
        self.ending.as_ref().and_then(|ending| ending.at)
    }

    fn wake(&mut self, context: &mut Context) {
        self.end(context);
    }
}
