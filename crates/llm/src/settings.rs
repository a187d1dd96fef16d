//! Which models there are, from the environment or the same flags.

use crate::local_settings::LocalSettings;
use clap::{Args, ValueEnum};
use service::Secret;
use std::fmt;
use std::time::Duration;

/// Settings of every service that reasons; `#[command(flatten)]` it into the service's own.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    /// Who answers: claude, gemini, openai (LLM_BASE_URL), local [default: the first that has a key, else local]
    #[arg(long, env = "LLM_PROVIDER", value_enum)]
    pub llm_provider: Option<ProviderKind>,

    /// Who answers when that one fails, in this order, comma-separated
    #[arg(long, env = "LLM_FALLBACK", value_enum, value_delimiter = ',')]
    pub llm_fallback: Vec<ProviderKind>,

    /// Key of Anthropic's API
    #[arg(long, env = "ANTHROPIC_API_KEY", hide_env_values = true)]
    pub anthropic_api_key: Option<Secret>,

    /// Claude model
    #[arg(long, env = "ANTHROPIC_MODEL", default_value = "claude-sonnet-4-6")]
    pub anthropic_model: String,

    /// Where Anthropic's API answers
    #[arg(
        long,
        env = "ANTHROPIC_BASE_URL",
        default_value = "https://api.anthropic.com/v1/"
    )]
    pub anthropic_base_url: String,

    /// Key of Google's Gemini API
    #[arg(long, env = "GEMINI_API_KEY", hide_env_values = true)]
    pub gemini_api_key: Option<Secret>,

    /// Gemini model
    #[arg(long, env = "GEMINI_MODEL", default_value = "gemini-2.5-flash")]
    pub gemini_model: String,

    /// Where Google's Gemini API answers
    #[arg(
        long,
        env = "GEMINI_BASE_URL",
        default_value = "https://generativelanguage.googleapis.com/v1beta/"
    )]
    pub gemini_base_url: String,

    /// Any server that speaks OpenAI's chat completions, such as http://127.0.0.1:11434/v1/ (Ollama, vLLM, llama.cpp)
    #[arg(long, env = "LLM_BASE_URL")]
    pub llm_base_url: Option<String>,

    /// Its key, where it wants one
    #[arg(long, env = "LLM_API_KEY", hide_env_values = true)]
    pub llm_api_key: Option<Secret>,

    /// Its model
    #[arg(long, env = "LLM_MODEL")]
    pub llm_model: Option<String>,

    /// Seconds a provider may take to begin its answer, and between two parts of it
    #[arg(long, env = "LLM_FIRST_TOKEN_SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub llm_first_token_seconds: u64,

    /// Seconds an answer may take as a whole, retries included
    #[arg(long, env = "LLM_TOTAL_SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub llm_total_seconds: u64,

    /// Tries after a first one that failed before anything was streamed
    #[arg(long, env = "LLM_RETRIES", default_value_t = 2, value_parser = clap::value_parser!(u32).range(0..=10))]
    pub llm_retries: u32,

    /// The model on this machine.
    #[command(flatten)]
    pub local: LocalSettings,
}

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub enum ProviderKind {
    /// Anthropic's API.
    Claude,
    /// Google's Gemini API.
    Gemini,
    /// Any server that speaks OpenAI's chat completions.
    Openai,
    /// A small model on this machine, where the program was built with it (feature `local`).
    Local,
}

impl ProviderKind {
    /// As `LLM_PROVIDER` has it.
    pub fn as_str(self) -> &'static str {
        match self {
            ProviderKind::Claude => "claude",
            ProviderKind::Gemini => "gemini",
            ProviderKind::Openai => "openai",
            ProviderKind::Local => "local",
        }
    }

    /// The variable with its key; for `local`, which has none, the one that names its model.
    pub fn key_variable(self) -> &'static str {
        match self {
            ProviderKind::Claude => "ANTHROPIC_API_KEY",
            ProviderKind::Gemini => "GEMINI_API_KEY",
            ProviderKind::Openai => "LLM_API_KEY",
            ProviderKind::Local => "LOCAL_LLM_MODEL",
        }
    }

    /// Who has a model of this name, where the name tells.
    pub fn of_model(name: &str) -> Option<Self> {
        let name = name.strip_prefix("models/").unwrap_or(name);
        match name {
            _ if name.starts_with("claude") => Some(ProviderKind::Claude),
            _ if name.starts_with("gemini") => Some(ProviderKind::Gemini),
            _ => None,
        }
    }
}

impl fmt::Display for ProviderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Settings {
    /// How long a provider may be silent.
    pub fn silence(&self) -> Duration {
        Duration::from_secs(self.llm_first_token_seconds)
    }

    /// How long an answer may take.
    pub fn total(&self) -> Duration {
        Duration::from_secs(self.llm_total_seconds)
    }

    /// Whether a provider has what it needs. Whether the model of `local` is installed is seen when it is asked,
    /// so that it may be fetched later.
    pub fn has(&self, kind: ProviderKind) -> bool {
        let given = |secret: &Option<Secret>| {
            secret
                .as_ref()
                .is_some_and(|key| !key.expose().trim().is_empty())
        };
        match kind {
            ProviderKind::Claude => given(&self.anthropic_api_key),
            ProviderKind::Gemini => given(&self.gemini_api_key),
            ProviderKind::Openai => self.base_url().is_some(),
            ProviderKind::Local => cfg!(feature = "local"),
        }
    }

    /// `LLM_BASE_URL`, unless it is empty.
    pub(crate) fn base_url(&self) -> Option<&str> {
        self.llm_base_url
            .as_deref()
            .map(str::trim)
            .filter(|url| !url.is_empty())
    }

    /// Who is asked, in which order: `LLM_PROVIDER`, or the first that is set up (`local` last), then `LLM_FALLBACK`.
    pub fn order(&self) -> Vec<ProviderKind> {
        let all = [
            ProviderKind::Claude,
            ProviderKind::Gemini,
            ProviderKind::Openai,
            ProviderKind::Local,
        ];
        let first = self
            .llm_provider
            .or_else(|| all.into_iter().find(|kind| self.has(*kind)));
        let mut order: Vec<ProviderKind> = Vec::new();
        for kind in first.into_iter().chain(self.llm_fallback.iter().copied()) {
            if self.has(kind) && !order.contains(&kind) {
                order.push(kind);
            }
        }
        order
    }
}
