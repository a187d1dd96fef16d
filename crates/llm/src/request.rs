//! What a model is asked.

use serde_json::Value;

/// A conversation so far, and what is wanted next.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Who the model is and what it must keep to.
    pub system: Option<String>,
    /// What was said, oldest first.
    pub messages: Vec<Message>,
    /// What the model may call.
    pub tools: Vec<Tool>,
    /// Words, or JSON of a shape.
    pub output: Output,
    /// A model of its own instead of the provider's default, such as `claude-haiku-4-5`; its name
    /// also picks the provider, where that one is set up.
    pub model: Option<String>,
    /// Longest answer in tokens.
    pub max_tokens: Option<u32>,
    /// 0 is the most predictable.
    pub temperature: Option<f64>,
    /// Texts at which the answer ends.
    pub stop: Vec<String>,
}

/// One message.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// The person's words.
    User(String),
    /// Context from us, not from the person: the caller's mood, the time of day. Models are told
    /// apart from the person's words as far as their provider can.
    Developer(String),
    /// What the model said and called.
    Assistant {
        /// Its words.
        text: String,
        /// Its calls.
        calls: Vec<ToolCall>,
    },
    /// What a call came to.
    ToolResult {
        /// Id of the call.
        id: String,
        /// Name of the tool.
        name: String,
        /// Its result, or what went wrong, for the model to read.
        content: String,
    },
}

/// Something the model may call.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// `[a-zA-Z0-9_-]{1,64}`.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// JSON schema of its arguments, an object.
    pub parameters: Value,
}

/// The model wants something called.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// Pairs it with its [`Message::ToolResult`].
    pub id: String,
    /// Which tool.
    pub name: String,
    /// Arguments; an object, unless the model wrote nonsense.
    pub arguments: Value,
    /// What the provider wants to see again with the call (Gemini's thought signatures).
    pub signatures: Vec<String>,
}

/// What kind of answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Output {
    /// Words.
    #[default]
    Text,
    /// JSON that fits a schema.
    Json {
        /// What it is called, `[a-z_]+`.
        name: &'static str,
        /// JSON schema.
        schema: Value,
    },
}

impl Request {
    /// A single question.
    pub fn user(text: impl Into<String>) -> Self {
        Request {
            messages: vec![Message::User(text.into())],
            ..Request::default()
        }
    }
}
