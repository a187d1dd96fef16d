//! Work that is begun before it is asked for: a guess at the caller's turn, a model that reads its
//! instructions during the greeting.

use super::request::{Asked, request};
use super::{LONGEST, LlmProcessor};
use crate::frame::{ModelPart, UserTurn};
use crate::processor::Context;
use crate::turn::TurnState;
use crate::wording::plain;

/// Guesses at one turn.
const GUESSES: u32 = 2;

/// The answer to a turn that is not sure yet.
pub(super) struct Guess {
    pub asked: Asked,
    /// The caller's words, plain.
    pub words: String,
    pub text: String,
    pub is_complete: bool,
}

impl Guess {
    /// Keeps what the model wrote; false when it failed, so that the turn itself is asked anew.
    pub fn takes(&mut self, part: ModelPart) -> bool {
        match part {
            ModelPart::Text(text) if self.text.len() < LONGEST => self.text.push_str(&text),
            ModelPart::Text(_) => {}
            ModelPart::End => self.is_complete = true,
            ModelPart::Failed(_) => return false,
        }
        true
    }
}

impl LlmProcessor {
    pub(super) fn guess(&mut self, turn: &UserTurn, context: &mut Context) {
        let words = plain(&turn.text);
        let is_new = self.guess.as_ref().is_none_or(|guess| guess.words != words);
        let may = context.settings.options.think_ahead && self.guesses < GUESSES;
        if !is_new || !may || words.is_empty() || context.state() == TurnState::Closing {
            return;
        }
        self.guesses += 1;
        let mut dialogue = context.dialogue.clone();
        dialogue.user(&turn.text, turn.goes_on);
        // The former guess goes first: two at once would slow both down.
        self.guess = None;
        let asked = self.ask(&dialogue, false, context);
        self.guess = Some(Guess {
            asked,
            words,
            text: String::new(),
            is_complete: false,
        });
    }

    /// A model on this machine is loaded, and reads what it is told to be, while the greeting is
    /// said; it begins the first turn where that ends. What it answers is not used.
    pub(super) fn warm(&mut self, context: &Context) {
        if self.llm.first() != Some(llm::ProviderKind::Local) {
            return;
        }
        let mut dialogue = context.dialogue.clone();
        let greeting = &context.settings.greeting;
        if !greeting.is_empty() {
            dialogue.assistant(greeting);
        }
        dialogue.user("Hello.", false);
        self.requests += 1;
        let request = llm::Request {
            max_tokens: Some(1),
            ..request(&context.settings, &dialogue, false)
        };
        let asked = Asked::new(self.requests, &self.llm, request, &self.mailbox);
        self.warming = Some(asked);
    }
}
