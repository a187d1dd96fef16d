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

    /// How calls are analysed.
    #[command(flatten)]
    pub analysis: crate::analysis::settings::AnalysisSettings,

    /// Port to listen on
    #[arg(long, env = "AGENT_PORT", default_value_t = 8765)]
    pub agent_port: u16,
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
