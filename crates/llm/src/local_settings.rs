//! Settings of the provider `local`. They exist in every build, so that `--help` is the same.

use clap::Args;

/// The model on this machine.
#[derive(Debug, Clone, Args)]
pub struct LocalSettings {
    /// Language model on this machine: an id of `models list`, or the path of a .gguf file
    #[arg(long, env = "LOCAL_LLM_MODEL", default_value = "qwen2-5-coder-1-5b")]
    pub local_llm_model: String,

    /// Threads that it computes with
    #[arg(long, env = "LOCAL_LLM_THREADS", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub local_llm_threads: u8,

    /// Tokens of its prompt and answer together; what does not fit of a conversation is its oldest part
    #[arg(long, env = "LOCAL_LLM_CONTEXT", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(256..=131_072))]
    pub local_llm_context: u32,

    /// Seconds without a request after which its memory is given back
    #[arg(long, env = "LOCAL_LLM_IDLE_SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
    pub local_llm_idle_seconds: u64,
}
