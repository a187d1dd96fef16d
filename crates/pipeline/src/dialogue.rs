//! What was said so far, as the language model sees it.

use llm::Message;

/// Messages at most; the oldest go first.
const LONGEST: usize = 400;

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct Dialogue {
    messages: Vec<Message>,
}

impl Dialogue {
    /// Oldest first.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// The caller said something. `goes_on`: instead of what they said last, which is part of it.
    pub fn user(&mut self, text: &str, goes_on: bool) {
        let last = self
            .messages
            .iter()
            .rposition(|m| matches!(m, Message::User(_)));
        let since = last.map(|at| &self.messages[at + 1..]);
        let unanswered = since
            .is_some_and(|since| !since.iter().any(|m| matches!(m, Message::Assistant { .. })));
        if let (true, true, Some(at)) = (goes_on, unanswered, last) {
            self.messages.remove(at);
        }
        self.push(Message::User(text.to_owned()));
    }

    /// What the model should know besides.
    pub fn developer(&mut self, text: &str) {
        self.push(Message::Developer(text.to_owned()));
    }

    /// What the caller really heard of an answer.
    pub fn assistant(&mut self, text: &str) {
        self.push(Message::Assistant {
            text: text.to_owned(),
            calls: Vec::new(),
        });
    }

    /// Any other message, such as what a tool answered.
    pub fn push(&mut self, message: Message) {
        self.messages.push(message);
        if self.messages.len() > LONGEST {
            self.messages.remove(0);
        }
    }
}
