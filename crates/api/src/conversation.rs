//! Words in, words out: what the agent is asked and what it answers.

use crate::error::ErrorBody;
use crate::ids::OrganizationId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

/// What an utterance turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A question or a remark; `processed_text` is the reply.
    Answer,
    /// Something for the device to do; `command` says what.
    Command,
    /// Something to keep; `note` is what was kept.
    Note,
    /// Text to be typed; `processed_text` is it, without fillers and with spoken punctuation written.
    Dictation,
}

/// What found that out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Patterns; no language model was asked.
    Rules,
    /// A language model.
    Llm,
}

/// Body of `POST /process`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProcessRequest {
    /// What was said, 1 to 20000 characters.
    #[schema(min_length = 1, max_length = 20000)]
    pub transcript: String,
    /// Whose notes and history; 1 to 128 characters. Default: the device of `X-Device-Id`.
    #[schema(min_length = 1, max_length = 128)]
    pub user_id: Option<String>,
    /// What it is in, such as `en` or `hi-IN`, or `auto`. Default: `auto`.
    #[schema(max_length = 35)]
    pub language: Option<String>,
    /// What it is to be taken for. Default: found out.
    pub mode: Option<Mode>,
    /// IANA time zone of the user, such as `Asia/Kolkata`. Default: UTC.
    #[schema(max_length = 64)]
    pub time_zone: Option<String>,
    /// A model of its own. Default: the provider's.
    #[schema(max_length = 128)]
    pub model: Option<String>,
    /// Whether earlier turns are context, and this one becomes one. Default: true.
    pub history: Option<bool>,
    /// Whose calls may be searched, where the API token is for an account that belongs to several
    /// organizations.
    pub organization_id: Option<OrganizationId>,
}

/// Answer of `POST /process`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProcessResponse {
    /// Names this request in the logs.
    pub request_id: String,
    /// What the utterance is.
    pub mode: Mode,
    /// The reply, the cleaned dictation, the text of the note, or the command's words.
    pub processed_text: String,
    /// Whether `command` is there.
    pub is_command: bool,
    /// What to do.
    pub command: Option<Command>,
    /// What was kept.
    pub note: Option<Note>,
    /// What it is in; `und` when that cannot be told.
    pub language: String,
    /// What found the mode out.
    pub method: Method,
    /// Who answered, where a language model did.
    pub provider: Option<String>,
    /// With which model.
    pub model: Option<String>,
    /// What that cost.
    pub usage: Option<TokenUsage>,
    /// What did not go as asked.
    pub warnings: Vec<String>,
    /// How long all of it took.
    pub processing_ms: u64,
}

/// Something for the device to do. `GET /commands` lists those there are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Command {
    /// Such as `set_timer`.
    pub name: String,
    /// Such as `{"seconds": 300}`.
    #[schema(value_type = Object)]
    pub arguments: Map<String, Value>,
}

/// A kind of command, one of `GET /commands`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CommandKind {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its arguments and what each holds.
    #[schema(value_type = Object)]
    pub arguments: Map<String, Value>,
    /// Languages it is known in without a language model.
    pub languages: Vec<String>,
}

/// Tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenUsage {
    /// Read by the model.
    pub input_tokens: u64,
    /// Of these, from the provider's cache.
    pub cached_tokens: u64,
    /// Written by it.
    pub output_tokens: u64,
}

/// Something a user wanted kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Note {
    /// A time-ordered UUID.
    pub id: String,
    /// Its words.
    pub text: String,
    /// What it is in.
    pub language: String,
    /// RFC 3339, UTC.
    pub created_at: String,
}

/// Whose notes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UserQuery {
    /// As in `POST /process`. Default: the device of `X-Device-Id`.
    #[param(max_length = 128)]
    pub user_id: Option<String>,
}

/// Which notes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NotesQuery {
    /// As in `POST /process`. Default: the device of `X-Device-Id`.
    #[param(max_length = 128)]
    pub user_id: Option<String>,
    /// Only those with these words, best first.
    #[param(max_length = 256)]
    pub q: Option<String>,
    /// At most so many, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(max_length = 64)]
    pub cursor: Option<String>,
}

/// Body of `POST /voice-agent/chat/stream`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct ChatRequest {
    /// The conversation so far, 1 to 200 messages, 400000 characters in all. The last one is not
    /// the assistant's.
    #[schema(min_items = 1, max_items = 200)]
    pub messages: Vec<ChatMessage>,
    /// Whose notes may be searched. Default: the device of `X-Device-Id`.
    #[schema(min_length = 1, max_length = 128)]
    pub user_id: Option<String>,
    /// Who the model is; before any system message. Default: a helpful voice assistant.
    pub system: Option<String>,
    /// A model of its own. Default: the provider's.
    #[schema(max_length = 128)]
    pub model: Option<String>,
    /// 0 is the most predictable, 2 the least.
    #[schema(minimum = 0, maximum = 2)]
    pub temperature: Option<f64>,
    /// Longest answer, 1 to 32768 tokens.
    #[schema(minimum = 1, maximum = 32768)]
    pub max_tokens: Option<u32>,
    /// What the model may call, up to 32. Default: every built-in tool there is for the caller.
    #[schema(max_items = 32)]
    pub tools: Option<Vec<ToolSpec>>,
    /// IANA time zone of the user. Default: UTC.
    #[schema(max_length = 64)]
    pub time_zone: Option<String>,
    /// As in `POST /process`.
    pub organization_id: Option<OrganizationId>,
}

/// Who says a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChatRole {
    /// The person.
    User,
    /// The model.
    Assistant,
    /// Instructions; moved to the beginning.
    System,
    /// Context from the application, in its place.
    Developer,
    /// What a call of the message before came to.
    Tool,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChatMessage {
    /// Who says it.
    pub role: ChatRole,
    /// Its words; may be empty only where an assistant calls tools.
    #[serde(default)]
    pub content: String,
    /// Of an assistant: what it called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ChatCall>,
    /// Of a tool: which call this is the result of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
}

/// A call of a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChatCall {
    /// Pairs it with its result.
    pub id: String,
    /// Which tool.
    pub name: String,
    /// Its arguments.
    #[schema(value_type = Object)]
    pub arguments: Value,
}

/// What kind of tool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolType {
    /// One of ours: `clock`, `calculator`, `search_notes`, and with an API token for an account
    /// `search_calls` and `get_call`. Needs only `name`.
    Builtin,
    /// An HTTP endpoint. Needs `name`, `description`, `url`.
    #[default]
    Http,
    /// An MCP server over streamable HTTP, with all its tools. Needs only `url`.
    Mcp,
}

/// Something the model may call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ToolSpec {
    /// What kind of tool. Default: `http`.
    #[serde(default)]
    pub r#type: ToolType,
    /// `[a-zA-Z0-9_-]{1,64}`, unique in the request.
    #[schema(max_length = 64)]
    pub name: Option<String>,
    /// What it does and when to use it, up to 4000 characters.
    #[schema(max_length = 4000)]
    pub description: Option<String>,
    /// JSON schema of its arguments, an object, up to 16 KiB. Default: no arguments.
    #[schema(value_type = Option<Object>)]
    pub parameters: Option<Value>,
    /// `http` or `https`, at a public address; redirects are not followed.
    #[schema(max_length = 2048)]
    pub url: Option<String>,
    /// `GET` and `DELETE` send the arguments as query, `POST`, `PUT` and `PATCH` as JSON. Default: `POST`.
    pub method: Option<String>,
    /// Headers to send, up to 20. They are neither logged nor shown to the model.
    #[schema(value_type = Option<Object>)]
    pub headers: Option<std::collections::BTreeMap<String, String>>,
    /// How long a call may take, 1 to 60. Default: `TOOL_TIMEOUT_SECONDS`.
    #[schema(minimum = 1, maximum = 60)]
    pub timeout_seconds: Option<u64>,
}

/// One event of `POST /voice-agent/chat/stream`: `data: {"type": ...}`. `done` is always the last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ChatEvent {
    /// More words.
    TextChunk {
        /// To be put behind those before.
        content: String,
    },
    /// The model calls a tool.
    ToolCall {
        /// Pairs it with its result.
        id: String,
        /// Which tool.
        name: String,
        /// Its arguments.
        #[schema(value_type = Object)]
        arguments: Value,
    },
    /// What a call came to.
    ToolResult {
        /// Of which call.
        id: String,
        /// Which tool.
        name: String,
        /// What the model is told, cut to 16000 characters.
        content: String,
        /// Whether it went wrong.
        is_error: bool,
        /// How long it took.
        duration_ms: u64,
    },
    /// What the whole answer cost.
    Usage {
        /// Read by the model in all rounds.
        input_tokens: u64,
        /// Of these, from the provider's cache.
        cached_tokens: u64,
        /// Written by it in all rounds.
        output_tokens: u64,
        /// Who answered.
        provider: String,
        /// With which model.
        model: String,
        /// How often the model was asked.
        rounds: u32,
    },
    /// The answer broke off.
    Error {
        /// As in every error.
        error: ErrorBody,
    },
    /// The end.
    Done,
}
