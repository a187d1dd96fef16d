//! Language models: one streaming interface over Claude, Gemini, any OpenAI-compatible server, and,
//! with the feature `local`, a small model on this machine.
//!
//! [`Llm`] is what features use. It picks the provider ([`Settings`]), retries while nothing was
//! streamed, falls back to the next provider, stops asking one that is down, and keeps deadlines.
//! Dropping the [`Events`] of an answer ends the request at the provider. Prompts belong to the
//! features, not here.

mod breaker;
mod chain;
mod check;
mod error;
mod failure;
mod json;
#[cfg(feature = "local")]
mod local;
mod local_settings;
mod provider;
mod remote;
mod request;
mod settings;

pub use chain::{Answer, Llm, Streaming};
pub use error::{LlmError, Result};
pub use local_settings::LocalSettings;
pub use provider::{Event, Events, Finish, Provider, Usage};
pub use request::{Message, Output, Request, Tool, ToolCall};
pub use settings::{ProviderKind, Settings};
