//! Settings of calls.

use clap::{ArgAction, Args, Parser};
use service::{Secret, parse_bool};

/// Settings of what leads calls, and of who is told about them.
#[derive(Debug, Clone, Args)]
pub struct LiveSettings {
    /// Address of asr-server, which hears callers
    #[arg(long, env = "ASR_URL", default_value = "http://127.0.0.1:8001")]
    pub asr_url: String,

    /// Address of the agent, which summarises calls
    #[arg(long, env = "AGENT_URL", default_value = "http://127.0.0.1:8765")]
    pub agent_url: String,

    /// Calls that are led at once; more get 503
    #[arg(long, env = "MAX_CALLS", default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub max_calls: u32,

    /// Address that is told when calls begin and end
    #[arg(long, env = "WEBHOOK_URL")]
    pub webhook_url: Option<String>,

    /// What it is signed with; needed with WEBHOOK_URL
    #[arg(long, env = "WEBHOOK_SECRET", hide_env_values = true)]
    pub webhook_secret: Option<Secret>,

    /// Let WEBHOOK_URL lead into this machine or its network
    #[arg(long, env = "WEBHOOK_ALLOW_PRIVATE", default_value = "false", value_parser = parse_bool, action = ArgAction::Set)]
    pub webhook_allow_private: bool,

    /// Who thinks.
    #[command(flatten)]
    pub llm: llm::Settings,
}

impl LiveSettings {
    /// The defaults, with no language model set up. For tests.
    pub fn for_tests() -> Self {
        #[derive(Parser)]
        struct Alone {
            #[command(flatten)]
            settings: LiveSettings,
        }
        let mut settings = Alone::parse_from(["voice-bot"]).settings;
        settings.webhook_url = None;
        settings.webhook_secret = None;
        settings.llm.llm_provider = None;
        settings.llm.llm_fallback = Vec::new();
        settings.llm.anthropic_api_key = None;
        settings.llm.gemini_api_key = None;
        settings.llm.llm_base_url = None;
        settings
    }
}
