//! What tools may do, from the environment or the same flags.

use clap::{ArgAction, Args};
use service::parse_bool;
use std::time::Duration;

/// Settings of tools.
#[derive(Debug, Clone, Args)]
pub struct ToolSettings {
    /// Let tools of a request call addresses that are not public, for local development
    #[arg(long, env = "ALLOW_PRIVATE_TOOLS", default_value = "false", value_parser = parse_bool, action = ArgAction::Set)]
    pub allow_private_tools: bool,

    /// Seconds a tool may take, unless its declaration says otherwise
    #[arg(long, env = "TOOL_TIMEOUT_SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub tool_timeout_seconds: u64,
}

impl ToolSettings {
    /// How long a tool may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.tool_timeout_seconds)
    }
}
