//! What a provider is, and what its answers are made of.

use crate::error::Result;
use crate::request::{Request, ToolCall};
use crate::settings::ProviderKind;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use std::time::Duration;

/// A part of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// More words.
    Text(String),
    /// The model wants something called; whole.
    Call(ToolCall),
    /// The answer is complete. Always the last one.
    End {
        /// What it cost.
        usage: Usage,
        /// Why it ended.
        finish: Finish,
    },
}

/// An answer as it comes. Dropping it ends the request.
pub type Events = BoxStream<'static, Result<Event>>;

/// Tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Read by the model.
    pub input: u64,
    /// Of these, from the provider's cache.
    pub cached: u64,
    /// Written by it.
    pub output: u64,
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model had said all.
    Complete,
    /// The limit of tokens was reached.
    Length,
    /// The model waits for the results of its calls.
    Calls,
    /// The model or its provider declined.
    Declined,
}

/// Somebody who answers.
pub trait Provider: Send + Sync {
    /// Who.
    fn kind(&self) -> ProviderKind;

    /// Which model answers a request.
    fn model<'a>(&'a self, request: &'a Request) -> &'a str;

    /// How long it may be silent, where `usual` is for a server that computes for us alone.
    fn silence(&self, usual: Duration) -> Duration {
        usual
    }

    /// Whether it takes our key, asked without cost.
    fn check(&self) -> BoxFuture<'static, Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Asks. Errors come as the first item, or later when the answer breaks off.
    fn stream(&self, request: &Request) -> Events;
}
