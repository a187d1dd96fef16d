//! The one error of this crate.

use crate::settings::ProviderKind;
use std::time::Duration;

/// What models answer.
pub type Result<T> = std::result::Result<T, LlmError>;

/// Why there is no answer, or no whole one.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LlmError {
    /// No provider has what it needs.
    #[error("no language model is set up: {0}")]
    NotConfigured(String),
    /// The model on this machine cannot be used.
    #[error("the local model cannot be used: {0}")]
    BadModel(String),
    /// The provider does not know the key.
    #[error("{0} refuses its API key; check {key}", key = .0.key_variable())]
    BadKey(ProviderKind),
    /// Too many requests, or no credit left.
    #[error("{provider} has had too many requests")]
    RateLimited {
        /// Who.
        provider: ProviderKind,
        /// When to come back, where it says so.
        retry_after: Option<Duration>,
    },
    /// The provider is overloaded or failing (5xx, Anthropic's 529).
    #[error("{provider} is failing at the moment (status {status})")]
    Overloaded {
        /// Who.
        provider: ProviderKind,
        /// HTTP status.
        status: u16,
        /// When to come back, where it says so.
        retry_after: Option<Duration>,
    },
    /// No connection.
    #[error("{0} cannot be reached")]
    Unreachable(ProviderKind),
    /// Connected, and then nothing within the deadline.
    #[error("{provider} did not {what} in time")]
    Timeout {
        /// Who.
        provider: ProviderKind,
        /// `begin its answer`, `go on` or `finish`.
        what: &'static str,
    },
    /// The provider does not accept the request.
    #[error("{provider} refuses the request (status {status}): {message}")]
    Rejected {
        /// Who.
        provider: ProviderKind,
        /// HTTP status.
        status: u16,
        /// Its words, cut to 300 characters.
        message: String,
    },
    /// The answer broke off.
    #[error("{provider} broke off its answer: {reason}")]
    Broken {
        /// Who.
        provider: ProviderKind,
        /// How.
        reason: String,
    },
    /// The model would not answer, or its provider would not let it.
    #[error("{0} declined to answer")]
    Declined(ProviderKind),
    /// The answer is not what the schema asks for, even after it was told so.
    #[error("the answer is not the JSON that was asked for: {0}")]
    NotJson(String),
}

impl LlmError {
    /// Whether the same request may succeed a little later, or elsewhere.
    pub fn passes(&self) -> bool {
        matches!(
            self,
            LlmError::RateLimited { .. }
                | LlmError::Overloaded { .. }
                | LlmError::Unreachable(_)
                | LlmError::Timeout { .. }
                | LlmError::Broken { .. }
        )
    }

    /// When the provider wants to be asked again.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            LlmError::RateLimited { retry_after, .. }
            | LlmError::Overloaded { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}
