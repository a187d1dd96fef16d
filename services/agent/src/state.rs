//! Everything handlers share.

use crate::commands::Commands;
use crate::config::Config;
use crate::storage::{self, Storage, StorageError};
use crate::tools::{VoiceBot, Web};
use llm::{Llm, LlmError};
use service::Drain;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Semaphore;

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting of the language models makes no sense.
    #[error(transparent)]
    Llm(#[from] LlmError),
    /// Notes and history cannot be opened.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// No HTTP client can be made.
    #[error("no HTTP client can be made")]
    Web(#[from] reqwest::Error),
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
    /// Notes and history.
    pub storage: Arc<dyn Storage>,
    /// The client of tools.
    pub web: Web,
    /// The service that has the calls.
    pub voice_bot: VoiceBot,
    /// What is known without a language model.
    pub commands: Commands,
    /// Conversations that may be answered at once.
    pub talks: Arc<Semaphore>,
    /// Analyses that may be under way at once.
    pub analyses: Arc<Semaphore>,
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
        let checked = llm.clone();
        // In the background: a provider that is slow or gone never delays the start.
        tokio::spawn(async move { checked.check_keys().await });
        let storage = storage::open(&config.storage, &config.common)?;
        let web = Web::new(config.tools.allow_private_tools)?;
        let secret = config.common.internal_secret().ok();
        let voice_bot = VoiceBot::new(&config.bot_url, secret)?;
        let talks = Arc::new(Semaphore::new(config.agent_concurrency as usize));
        let analyses = Arc::new(Semaphore::new(
            config.analysis.analysis_concurrency as usize,
        ));
        Ok(AppState(Arc::new(Inner {
            config,
            llm,
            storage,
            web,
            voice_bot,
            commands: Commands::new(),
            talks,
            analyses,
            started: Instant::now(),
            drain,
        })))
    }
}
