//! Makes turns out of utterances, and notices interruptions.
//!
//! What the caller says while we speak is weighed by [`BargeIn`]; what they say while we still
//! think belongs to the turn that we took for complete, which then goes on.

use crate::barge_in::{Act, BargeIn, LONG, Meaning};
use crate::event::CallEvent;
use crate::frame::{Frame, Time, UserTurn, Utterance};
use crate::keys::Keys;
use crate::processor::{Context, Processor, Way};
use crate::processors::smart_endpointer::is_unfinished;
use crate::turn::TurnState;
use crate::utterances;
use crate::wording::plain;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// A "yes" said over our last words is an answer when we stop within this time.
const ANSWER: Duration = Duration::from_millis(1500);
/// A short word without this confidence may be a noise.
const BELIEVED: f32 = 0.5;
/// Utterances of a turn; of a longer one the first are forgotten.
const MOST: usize = 200;

/// See the module.
#[derive(Debug, Default)]
pub struct UserAggregator {
    /// Utterances since the last turn.
    said: Vec<Utterance>,
    /// For the language model, before the next turn.
    notes: Vec<String>,
    barge_in: BargeIn,
    keys: Keys,
    pauses: bool,
    /// The last guess, as plain words.
    guessed: String,
    /// The last turn, until something of an answer is heard.
    unheard: Option<UserTurn>,
    /// We gave the turn away for words that are not final yet.
    is_cut: bool,
    /// The turn was over while we spoke: it counts when we stop; an acknowledgement only until then.
    over: Option<Option<Time>>,
}

impl UserAggregator {
    /// At the start of a call.
    pub fn new() -> Self {
        UserAggregator::default()
    }

    fn decide(&mut self, context: &mut Context) {
        let may_interrupt = context.settings.options.interruptions;
        let act = self
            .barge_in
            .decide(context.now, context.state(), may_interrupt);
        match act {
            Some(Act::Hold) => context.down(Frame::Hold),
            Some(Act::Release) => context.down(Frame::Release),
            Some(Act::Interrupt) => {
                self.is_cut = true;
                context.down(Frame::Interrupt);
            }
            None => {}
        }
    }

    fn interim(&mut self, utterance: Utterance, context: &mut Context) {
        let meaning = self.meaning(&utterance, context);
        if meaning.is_some() {
            self.tell_interim(Some(&utterance), context);
        }
        // Until it pauses, half a word may look like another.
        let words = match meaning {
            None => Meaning::Nothing,
            Some(Meaning::Words) if lasted(&utterance) < LONG => Meaning::Unknown,
            Some(meaning) => meaning,
        };
        self.barge_in.means(words);
        self.decide(context);
        if meaning.is_some() && self.pauses {
            self.guess(Some(utterance), context);
        }
    }

    fn finished(&mut self, utterance: Utterance, context: &mut Context) {
        let meaning = self.meaning(&utterance, context);
        let is_believed =
            lasted(&utterance) >= LONG || utterance.confidence.is_some_and(|sure| sure >= BELIEVED);
        self.barge_in.means(match meaning {
            Some(Meaning::Words) if is_believed => Meaning::Words,
            _ => Meaning::Nothing,
        });
        self.decide(context);
        self.barge_in.ended();
        self.pauses = false;
        if meaning.is_none_or(|meaning| meaning == Meaning::Unknown) {
            // Nothing was said after all: what we thought of before is still to be answered.
            self.tell_interim(None, context);
            if std::mem::take(&mut self.is_cut) && self.said.is_empty() {
                self.ask_again(context);
            } else if self.over.is_some() && context.state() == TurnState::Listening {
                self.send(context);
            }
            return;
        }
        self.said.push(utterance);
        if self.said.len() > MOST {
            self.said.remove(0);
        }
        self.tell_interim(None, context);
        self.guess(None, context);
    }

    /// What words mean while it is our turn; none: they are our own, come back.
    fn meaning(&self, utterance: &Utterance, context: &Context) -> Option<Meaning> {
        let Utterance {
            text, start, end, ..
        } = utterance;
        if plain(text).is_empty() {
            return Some(Meaning::Unknown);
        }
        if context.said.is_echo(text, *start, *end) {
            return None;
        }
        let wording = utterances::wording(&context.settings, utterance);
        Some(match wording.is_acknowledgement(text) {
            true => Meaning::Nothing,
            false => Meaning::Words,
        })
    }

    fn tell_interim(&self, utterance: Option<&Utterance>, context: &mut Context) {
        let mut all = self.said.clone();
        all.extend(utterance.cloned());
        let text = utterances::text(&all);
        context.tell(CallEvent::Interim { text });
    }

    /// What the turn may be, when the caller says no more.
    fn guess(&mut self, open: Option<Utterance>, context: &mut Context) {
        let is_theirs = matches!(
            context.state(),
            TurnState::Listening | TurnState::Interrupted
        );
        if !context.settings.options.think_ahead || !is_theirs {
            return;
        }
        let turn = self.turn(open);
        let Some(last) = turn.utterances.last() else {
            return;
        };
        let words = plain(&turn.text);
        let wording = utterances::wording(&context.settings, last);
        if words.is_empty() || words == self.guessed || is_unfinished(&turn.text, wording) {
            return;
        }
        self.guessed = words;
        context.down(Frame::Guess(turn));
    }

    /// All that is unanswered.
    fn turn(&self, open: Option<Utterance>) -> UserTurn {
        let before = self.unheard.as_ref().map(|turn| turn.utterances.as_slice());
        let all = before.unwrap_or_default().iter().chain(&self.said);
        let mut all: Vec<Utterance> = all.cloned().chain(open).collect();
        let extra = all.len().saturating_sub(MOST);
        all.drain(..extra);
        utterances::turn(all, before.is_some())
    }

    /// The caller is done.
    fn end(&mut self, context: &mut Context) {
        let Some(last) = self.said.last() else {
            return;
        };
        let wording = utterances::wording(&context.settings, last);
        let is_nothing = wording.is_acknowledgement(&utterances::text(&self.said));
        match context.state() {
            TurnState::Listening | TurnState::Interrupted => self.send(context),
            TurnState::Speaking => {
                self.over = Some(is_nothing.then_some(context.now + ANSWER));
            }
            TurnState::Thinking if !is_nothing => {
                context.down(Frame::Interrupt);
                self.send(context);
            }
            TurnState::Thinking | TurnState::Closing => self.record(context),
        }
    }

    /// For the record only.
    fn record(&mut self, context: &mut Context) {
        self.over = None;
        if let Some(segment) = utterances::segment(&self.said) {
            context.tell(CallEvent::Segment { segment });
        }
        self.said.clear();
    }

    fn send(&mut self, context: &mut Context) {
        let turn = self.turn(None);
        self.record(context);
        self.hand_over(turn, context);
    }

    fn ask_again(&mut self, context: &mut Context) {
        if let Some(turn) = self.unheard.take() {
            let goes_on = true;
            self.hand_over(UserTurn { goes_on, ..turn }, context);
        }
    }

    fn hand_over(&mut self, turn: UserTurn, context: &mut Context) {
        for note in self.notes.drain(..) {
            context.dialogue.developer(&note);
        }
        context.dialogue.user(&turn.text, turn.goes_on);
        self.unheard = Some(turn.clone());
        self.is_cut = false;
        self.guessed.clear();
        context.down(Frame::UserTurn(turn));
    }

    fn key(&mut self, key: char, context: &mut Context) {
        if let Some(keys) = self.keys.press(key, context.now) {
            self.pressed(keys, context);
        }
    }

    /// Keys are a turn of their own, whoever speaks.
    fn pressed(&mut self, text: String, context: &mut Context) {
        self.said.push(Utterance {
            text,
            start: context.now,
            end: context.now,
            is_complete: true,
            ..Utterance::default()
        });
        match context.state() {
            TurnState::Closing => return self.record(context),
            TurnState::Thinking | TurnState::Speaking => context.down(Frame::Interrupt),
            TurnState::Listening | TurnState::Interrupted => {}
        }
        self.send(context);
    }

    fn stopped(&mut self, context: &mut Context) {
        // Where somebody speaks, there is more to come.
        if self.over.is_some() && !self.barge_in.is_open() {
            self.send(context);
        }
    }
}

impl Processor for UserAggregator {
    fn name(&self) -> &'static str {
        "UserAggregator"
    }

    fn process(&mut self, frame: Frame, way: Way, context: &mut Context) {
        match frame {
            Frame::Interim(utterance) => self.interim(utterance, context),
            Frame::Final(utterance) => self.finished(utterance, context),
            Frame::UtteranceEnded { .. } => {}
            Frame::Developer(note) if self.notes.len() < MOST => self.notes.push(note),
            Frame::Developer(_) => {}
            Frame::EndOfTurn => {
                self.end(context);
                context.pass(Frame::EndOfTurn, way);
            }
            frame => {
                match &frame {
                    Frame::SpeechStarted { at } => {
                        self.barge_in.started(*at);
                        self.pauses = false;
                    }
                    Frame::SpeechPaused { at } => {
                        self.barge_in.paused(*at);
                        self.pauses = true;
                    }
                    Frame::SpeechResumed { .. } => {
                        self.barge_in.resumed();
                        self.pauses = false;
                    }
                    Frame::BotStarted { .. } => self.unheard = None,
                    Frame::Dtmf(key) => self.key(*key, context),
                    Frame::HangUp(_) => self.record(context),
                    _ => {}
                }
                let stopped = matches!(frame, Frame::BotStopped { .. });
                context.pass(frame, way);
                self.decide(context);
                if stopped {
                    self.stopped(context);
                }
            }
        }
    }

    fn wake_at(&self) -> Option<Time> {
        let times = [
            self.barge_in.wake_at(),
            self.over.flatten(),
            self.keys.wake_at(),
        ];
        times.into_iter().flatten().min()
    }

    fn wake(&mut self, context: &mut Context) {
        self.decide(context);
        if self.over.flatten().is_some_and(|at| at <= context.now) {
            self.over = None;
            // Where somebody speaks, it belongs to what they say.
            if !self.barge_in.is_open() {
                self.record(context);
            }
        }
        if let Some(keys) = self.keys.wake(context.now) {
            self.pressed(keys, context);
        }
    }
}

fn lasted(utterance: &Utterance) -> Duration {
    utterance.end.saturating_sub(utterance.start)
}
