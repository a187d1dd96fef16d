//! Settings of this service, from the environment or the same flags.

use clap::Parser;
use service::CommonConfig;

/// The agent of the Whissle Gateway.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "agent",
    version,
    about = "Answers, commands, summaries and analyses by language models. Every flag is also an environment variable."
)]
pub struct Config {
    /// What every service has.
    #[command(flatten)]
    pub common: CommonConfig,

    /// Which language models there are.
    #[command(flatten)]
    pub llm: llm::Settings,

    /// Where notes and history are kept.
    #[command(flatten)]
    pub storage: crate::storage::StorageSettings,

    /// What tools may do.
    #[command(flatten)]
    pub tools: crate::tools::ToolSettings,

    /// Earlier turns that are context of the next one
    #[arg(long, env = "HISTORY_TURNS", default_value_t = 20, value_parser = parse_turns)]
    pub history_turns: usize,

    /// Conversations that are answered at once; more get `503 overloaded`
    #[arg(long, env = "AGENT_CONCURRENCY", default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub agent_concurrency: u32,
    /// How calls are analysed.
    #[command(flatten)]
    pub analysis: crate::analysis::settings::AnalysisSettings,

    /// Address of voice-bot, which has the calls that tools look up
    #[arg(long, env = "BOT_URL", default_value = "http://127.0.0.1:8000")]
    pub bot_url: String,

    /// Port to listen on
    #[arg(long, env = "AGENT_PORT", default_value_t = 8765)]
    pub agent_port: u16,
}

fn parse_turns(text: &str) -> Result<usize, String> {
    let turns = text.parse().ok();
    turns
        .filter(|turns| *turns <= crate::storage::TURNS_KEPT)
        .ok_or_else(|| format!("must be 0 to {}", crate::storage::TURNS_KEPT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_is_documented() {
        let page = include_str!("../../../docs/configuration.md");
        for argument in <Config as clap::CommandFactory>::command().get_arguments() {
            let Some(name) = argument.get_env().and_then(|name| name.to_str()) else {
                continue;
            };
            assert!(
                page.contains(&format!("`{name}`")),
                "{name} is not in docs/configuration.md"
            );
        }
    }
}
