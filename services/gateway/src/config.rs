//! The gateway's settings; `gateway --help` lists them with their defaults.

use crate::upstreams::Service;
use clap::{Parser, Subcommand, ValueEnum};
use service::CommonConfig;
use std::path::PathBuf;

/// Whissle Gateway: one door for speech recognition, synthesis, calls and agents.
#[derive(Debug, Clone, Parser)]
#[command(name = "gateway", version)]
pub struct Config {
    /// Settings shared by all services.
    #[command(flatten)]
    pub common: CommonConfig,

    /// Port to listen on
    #[arg(long, env = "GATEWAY_PORT", default_value_t = 9000)]
    pub gateway_port: u16,

    /// Where speech recognition answers
    #[arg(long, env = "ASR_URL", default_value = "http://127.0.0.1:8001")]
    pub asr_url: String,

    /// Where speech synthesis answers
    #[arg(long, env = "TTS_URL", default_value = "http://127.0.0.1:8003")]
    pub tts_url: String,

    /// Where the voice calling platform answers
    #[arg(long, env = "BOT_URL", default_value = "http://127.0.0.1:8000")]
    pub bot_url: String,

    /// Where the agent answers
    #[arg(long, env = "AGENT_URL", default_value = "http://127.0.0.1:8765")]
    pub agent_url: String,

    /// Services without which `/ready` is 503, comma-separated; the others are only reported
    #[arg(
        long,
        env = "UPSTREAMS",
        value_enum,
        value_delimiter = ',',
        default_value = "asr,tts,bot,agent"
    )]
    pub upstreams: Vec<Service>,

    /// Seconds an upstream may take to begin its answer; long recordings take long
    #[arg(long, env = "UPSTREAM_TIMEOUT_SECONDS", default_value_t = 7200, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub upstream_timeout_seconds: u64,

    /// Who knows the tokens: `local` the SQLite file, `remote` AUTH_REMOTE_URL, `hybrid` first one, then the other
    #[arg(long, env = "AUTH_MODE", value_enum, default_value_t = AuthMode::Local)]
    pub auth_mode: AuthMode,

    /// Address that is asked about tokens in the modes `remote` and `hybrid`
    #[arg(long, env = "AUTH_REMOTE_URL")]
    pub auth_remote_url: Option<String>,

    /// Requests a minute and token
    #[arg(long, env = "RATE_LIMIT_RPM", default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub rate_limit_rpm: u32,

    /// Characters to be spoken a minute and token
    #[arg(long, env = "RATE_LIMIT_CHARACTERS", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    pub rate_limit_characters: u32,

    /// WebSockets open at once for a token
    #[arg(long, env = "RATE_LIMIT_STREAMS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub rate_limit_streams: u32,

    /// Wrong tokens a minute from one address before they are answered 429
    #[arg(long, env = "AUTH_FAILURES_RPM", default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub auth_failures_rpm: u32,

    /// Days that usage is kept
    #[arg(long, env = "USAGE_DAYS", default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub usage_days: u32,

    /// Origins of browser applications that may call, comma-separated
    #[arg(
        long,
        env = "FRONTEND_URL",
        value_delimiter = ',',
        default_value = "http://localhost:3000"
    )]
    pub frontend_url: Vec<String>,

    /// Replace the admin token, print the new one and exit; a running gateway notices within a second
    #[arg(long)]
    pub rotate_admin: bool,

    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the program does besides serving.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Look at the installation, whether it runs or not: what is wrong, and what to do
    Doctor(Box<doctor::Settings>),
    /// Copy a SQLite database whole while others write to it; for backups
    CopyDatabase {
        /// The database
        from: PathBuf,
        /// The copy, which must not exist
        to: PathBuf,
    },
}

/// Who knows the tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AuthMode {
    /// The SQLite file.
    Local,
    /// A service elsewhere.
    Remote,
    /// The SQLite file first, then the service elsewhere.
    Hybrid,
}

impl Config {
    /// The defaults without reading the environment, with data in `data_dir`. For tests.
    pub fn with_data_dir(data_dir: impl Into<std::path::PathBuf>) -> Self {
        let local = |port| format!("http://127.0.0.1:{port}");
        Config {
            common: CommonConfig::with_data_dir(data_dir),
            gateway_port: 9000,
            asr_url: local(8001),
            tts_url: local(8003),
            bot_url: local(8000),
            agent_url: local(8765),
            upstreams: vec![Service::Asr, Service::Tts],
            upstream_timeout_seconds: 7200,
            auth_mode: AuthMode::Local,
            auth_remote_url: None,
            rate_limit_rpm: 600,
            rate_limit_characters: 100_000,
            rate_limit_streams: 20,
            auth_failures_rpm: 120,
            usage_days: 400,
            frontend_url: vec!["http://localhost:3000".into()],
            rotate_admin: false,
            command: None,
        }
    }
}
