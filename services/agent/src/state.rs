//! Everything handlers share.

use crate::config::Config;
use llm::{Llm, LlmError};
use service::Drain;
use std::sync::Arc;
use std::time::Instant;

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting of the language models makes no sense.
    #[error(transparent)]
    Llm(#[from] LlmError),
}

/// Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

/// What [`AppState`] derefs to.
pub struct Inner {
    /// Settings.
    pub config: Config,
    /// Who answers.
    pub llm: Llm,
    /// When the service started.
    pub started: Instant,
    /// Tells when it ends.
    pub drain: Drain,
}

impl std::ops::Deref for AppState {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl AppState {
    /// Reads the settings; asks nobody yet.
    pub fn start(config: Config, drain: Drain) -> Result<Self, StartError> {
        let llm = Llm::new(&config.llm)?;
        match llm.first() {
            Some(provider) => tracing::info!(%provider, "a language model is set up"),
            None => tracing::warn!(
                "no language model is set up: set ANTHROPIC_API_KEY, GEMINI_API_KEY, or LLM_BASE_URL and LLM_MODEL"
            ),
        }
        Ok(AppState(Arc::new(Inner {
            config,
            llm,
            started: Instant::now(),
            drain,
        })))
    }
}
