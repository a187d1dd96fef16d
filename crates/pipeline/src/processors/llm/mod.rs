//! Thinks: the caller's turn becomes an answer in phrases.
//!
//! One request answers a turn; what it streams is cut into phrases as it comes. A guess at a turn
//! that may be ending is asked already, and what comes is held until the turn is sure. When the
//! model fails, we apologise, wait a little and ask once more; when it fails again, the call ends.

mod ahead;
mod failures;
mod request;
#[cfg(test)]
mod tests;

use crate::dialogue::Dialogue;
use crate::event::CallEvent;
use crate::frame::{Frame, ModelPart, Part, Phrase, Time, TurnId};
use crate::phrases::Phrases;
use crate::processor::{Context, Mailbox, Processor, Way};
use crate::settings::CallSettings;
use crate::turn::TurnState;
use crate::wording::plain;
use ahead::Guess;
use failures::{Due, Failures};
use request::{Asked, request};
use std::collections::VecDeque;
use std::sync::Arc;

/// Texts that wait to be said.
const WAITING: usize = 8;
/// Characters of an answer; what a model writes beyond is not spoken.
const LONGEST: usize = 20_000;

/// See the module.
pub struct LlmProcessor {
    llm: llm::Llm,
    language: String,
    mailbox: Mailbox,
    requests: u64,
    answer: Option<Answer>,
    guess: Option<Guess>,
    guesses: u32,
    waiting: VecDeque<String>,
    failures: Failures,
    warming: Option<Asked>,
}

/// The answer that the model writes.
struct Answer {
    asked: Asked,
    /// Once its first words are there.
    turn: Option<TurnId>,
    phrases: Phrases,
    is_spoken: bool,
    length: usize,
}

impl LlmProcessor {
    /// At the start of a call, inside a Tokio runtime.
    pub fn new(llm: llm::Llm, settings: &Arc<CallSettings>, mailbox: Mailbox) -> Self {
        LlmProcessor {
            llm,
            language: settings.language.clone(),
            mailbox,
            requests: 0,
            answer: None,
            guess: None,
            guesses: 0,
            waiting: VecDeque::new(),
            failures: Failures::default(),
            warming: None,
        }
    }

    fn ask(&mut self, dialogue: &Dialogue, is_rest: bool, context: &Context) -> Asked {
        self.warming = None;
        self.requests += 1;
        let request = request(&context.settings, dialogue, is_rest);
        Asked::new(self.requests, &self.llm, request, &self.mailbox)
    }

    /// The caller's turn, or the last one once more.
    fn answer(&mut self, words: Option<&str>, context: &mut Context) {
        self.close(context);
        self.failures.forget();
        self.guesses = 0;
        let fits = |guess: &Guess| words.is_some_and(|words| guess.words == plain(words));
        let guess = self.guess.take().filter(fits);
        let (asked, text, is_complete) = match guess {
            Some(guess) => (guess.asked, guess.text, guess.is_complete),
            None => {
                let asked = self.ask(&context.dialogue, words.is_none(), context);
                (asked, String::new(), false)
            }
        };
        self.answer = Some(Answer {
            asked,
            turn: None,
            phrases: Phrases::new(&self.language),
            is_spoken: false,
            length: 0,
        });
        self.more(&text, context);
        if is_complete {
            self.ended(context);
        }
    }

    /// The model wrote more of the answer.
    fn more(&mut self, text: &str, context: &mut Context) {
        let Some(answer) = &mut self.answer else {
            return;
        };
        answer.length += text.chars().count();
        let pieces = answer.phrases.push(text);
        if answer.phrases.has_begun() && answer.turn.is_none() {
            let turn = context.new_turn();
            answer.turn = Some(turn);
            self.failures.answered(context);
            context.down(Frame::AnswerStarted { turn });
        }
        if let Some(turn) = answer.turn {
            answer.is_spoken |= !pieces.is_empty();
            say(turn, pieces, context);
        }
        if answer.length > LONGEST {
            self.ended(context);
        }
    }

    /// The model has said all.
    fn ended(&mut self, context: &mut Context) {
        let Some(mut answer) = self.answer.take() else {
            return;
        };
        let pieces = answer.phrases.finish();
        match answer.turn {
            Some(turn) if answer.is_spoken || !pieces.is_empty() => {
                say(turn, pieces, context);
                context.down(Frame::AnswerEnded { turn });
                self.failures.over();
                self.say_waiting(context);
            }
            _ => {
                self.answer = Some(answer);
                self.fail("the answer has no words", context);
            }
        }
    }

    /// Ends the answer under way, of which nothing more comes.
    fn close(&mut self, context: &mut Context) {
        if let Some(turn) = self.answer.take().and_then(|answer| answer.turn) {
            context.down(Frame::AnswerEnded { turn });
        }
    }

    /// Says a text as an answer of its own, once none is under way.
    fn say(&mut self, text: String, context: &mut Context) {
        if self.waiting.len() < WAITING && !text.trim().is_empty() {
            self.waiting.push_back(text);
        }
        if self.answer.is_none() {
            self.say_waiting(context);
        }
    }

    fn say_waiting(&mut self, context: &mut Context) {
        for text in std::mem::take(&mut self.waiting) {
            let turn = context.new_turn();
            context.down(Frame::AnswerStarted { turn });
            say(turn, Phrases::of(&text, &self.language), context);
            context.down(Frame::AnswerEnded { turn });
        }
    }
}

/// Sends the phrases of an answer.
fn say(turn: TurnId, pieces: Vec<String>, context: &mut Context) {
    for text in pieces {
        context.tell(CallEvent::Saying { text: text.clone() });
        context.down(Frame::Phrase(Phrase {
            turn,
            text,
            spoken: None,
        }));
    }
}

impl Processor for LlmProcessor {
    fn name(&self) -> &'static str {
        "LLM"
    }

    fn process(&mut self, frame: Frame, way: Way, context: &mut Context) {
        match frame {
            Frame::Start => {
                context.pass(frame, way);
                let greeting = context.settings.greeting.clone();
                self.say(greeting, context);
                self.warm(context);
            }
            Frame::UserTurn(turn) => {
                let words = turn.text.clone();
                context.pass(Frame::UserTurn(turn), way);
                if context.state() != TurnState::Closing {
                    self.answer(Some(&words), context);
                }
            }
            Frame::Guess(turn) => self.guess(&turn, context),
            Frame::Say(text) => self.say(text, context),
            Frame::Interrupt => {
                self.answer = None;
                self.failures.forget();
                self.waiting.clear();
                context.pass(frame, way);
            }
            // Nothing came for too long, as the turns have it; told again with what follows.
            Frame::Failed {
                part: Part::Llm,
                why,
            } if self.answer.is_some() => self.fail(&why, context),
            Frame::BotStopped { turn } => {
                self.failures.played(turn, context.now);
                context.pass(frame, way);
            }
            Frame::HangUp(_) => {
                self.answer = None;
                self.guess = None;
                self.warming = None;
                self.failures.forget();
                context.pass(frame, way);
            }
            frame => context.pass(frame, way),
        }
    }

    fn arrived(&mut self, frame: Frame, context: &mut Context) {
        let Frame::Model { request, part } = frame else {
            return;
        };
        if self.answer.as_ref().is_some_and(|a| a.asked.id == request) {
            match part {
                ModelPart::Text(text) => self.more(&text, context),
                ModelPart::End => self.ended(context),
                ModelPart::Failed(why) => self.fail(&why, context),
            }
        } else if let Some(guess) = &mut self.guess
            && guess.asked.id == request
            && !guess.takes(part)
        {
            self.guess = None;
        }
    }

    fn wake_at(&self) -> Option<Time> {
        self.failures.wake_at()
    }

    fn wake(&mut self, context: &mut Context) {
        match self.failures.due(context.now) {
            Some(Due::Retry) if context.state() != TurnState::Closing => {
                self.answer(None, context);
                self.failures.asked(context.now);
            }
            Some(Due::GiveUp) => self.fail("nothing came of it in time", context),
            _ => {}
        }
    }
}
