//! Settings of analyses.

use clap::Args;

/// `#[command(flatten)]` it into the service's own.
#[derive(Debug, Clone, Args)]
pub struct AnalysisSettings {
    /// Tokens that the model takes, for cutting long calls [default: 100000 with Claude or Gemini, 8192 with LLM_BASE_URL]
    #[arg(long, env = "ANALYSIS_CONTEXT_TOKENS", value_parser = clap::value_parser!(u32).range(4_096..=2_000_000))]
    pub analysis_context_tokens: Option<u32>,

    /// Seconds that an analysis or a summary may take, all its requests together
    #[arg(long, env = "ANALYSIS_SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub analysis_seconds: u64,

    /// Analyses and summaries that are under way at once; more get `503 overloaded`
    #[arg(long, env = "ANALYSIS_CONCURRENCY", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub analysis_concurrency: u32,
}
