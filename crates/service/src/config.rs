//! The settings every service has, from the environment or the same flags.

use crate::secret::{Secret, SecretError};
use clap::{ArgAction, Args, ValueEnum};
use sealing::Sealer;
use sealing::rotation::Rotation;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Settings shared by all services; `#[command(flatten)]` it into a service's own.
#[derive(Debug, Clone, Args)]
pub struct CommonConfig {
    /// Address to listen on; `0.0.0.0` for every interface
    #[arg(long, env = "BIND_ADDR", default_value = "127.0.0.1")]
    pub bind_addr: IpAddr,

    /// Folder for everything that must survive a restart
    #[arg(long, env = "DATA_DIR", default_value = "/data")]
    pub data_dir: PathBuf,

    /// SQLite file of the API tokens; its folder also holds the internal secret [default: DATA_DIR/auth/tokens.db]
    #[arg(long, env = "AUTH_DB_PATH")]
    pub auth_db_path: Option<PathBuf>,

    /// Secret the services know each other by; `auto` keeps one in the folder of AUTH_DB_PATH
    #[arg(
        long,
        env = "GATEWAY_INTERNAL_SECRET",
        default_value = "auto",
        hide_env_values = true
    )]
    pub gateway_internal_secret: Secret,

    /// How log lines look: `auto` is pretty on a terminal and JSON elsewhere
    #[arg(long, env = "LOG_FORMAT", value_enum, default_value_t = LogFormat::Auto)]
    pub log_format: LogFormat,

    /// What is logged, such as `info` or `warn,gateway=debug`; in HIPAA_MODE nothing more detailed than `info`
    #[arg(long, env = "RUST_LOG", default_value = "info")]
    pub rust_log: String,

    /// Seconds that open requests and calls get to finish after SIGTERM
    #[arg(long, env = "DRAIN_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(0..=3600))]
    pub drain_seconds: u64,

    /// Whether `/metrics` answers addresses other than loopback
    #[arg(long, env = "METRICS_PUBLIC", default_value = "false", value_parser = parse_bool, action = ArgAction::Set)]
    pub metrics_public: bool,

    /// Encrypt what is kept of people, keep them out of the logs, end sign-ins after an hour, put every reading on record
    #[arg(long, env = "HIPAA_MODE", default_value = "false", value_parser = parse_bool, action = ArgAction::Set)]
    pub hipaa_mode: bool,

    /// File with the key of HIPAA_MODE, mode 0600: 32 bytes in hexadecimal or base64 [default: DATA_DIR/keys/data.key, made when missing]
    #[arg(long, env = "HIPAA_KEY_FILE")]
    pub hipaa_key_file: Option<PathBuf>,

    /// Connections open at once; the one idle longest gives way to a newcomer, and where none is idle, newcomers wait
    #[arg(long, env = "MAX_CONNECTIONS", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_connections: u32,

    /// Seconds a client may take to send the head of a request, and may stay idle between two
    #[arg(long, env = "HEADER_TIMEOUT_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub header_timeout_seconds: u64,

    /// Seconds a body may pause before the request is given up
    #[arg(long, env = "BODY_TIMEOUT_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub body_timeout_seconds: u64,

    /// Collector that traces are sent to by OTLP over HTTP, such as http://localhost:4318 [default: none]
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    pub otel_exporter_otlp_endpoint: Option<String>,

    /// Milliseconds after which a request is logged as slow; 0 for never [default: by service]
    #[arg(long, env = "SLOW_REQUEST_MS", value_parser = clap::value_parser!(u64).range(0..=86_400_000))]
    pub slow_request_ms: Option<u64>,

    /// Largest request body, MiB
    #[arg(long, env = "MAX_UPLOAD_MB", default_value_t = 512, value_parser = clap::value_parser!(u64).range(1..=65_536))]
    pub max_upload_mb: u64,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Pretty on a terminal, JSON elsewhere.
    Auto,
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
}

impl CommonConfig {
    /// The defaults without reading the environment, with all data in `data_dir`.
    /// For tests and embedding.
    pub fn with_data_dir(data_dir: impl Into<PathBuf>) -> Self {
        CommonConfig {
            bind_addr: IpAddr::from([127, 0, 0, 1]),
            data_dir: data_dir.into(),
            auth_db_path: None,
            gateway_internal_secret: Secret::new("auto"),
            log_format: LogFormat::Auto,
            rust_log: "info".into(),
            drain_seconds: 30,
            metrics_public: false,
            hipaa_mode: false,
            hipaa_key_file: None,
            max_connections: 4096,
            header_timeout_seconds: 30,
            body_timeout_seconds: 30,
            otel_exporter_otlp_endpoint: None,
            slow_request_ms: None,
            max_upload_mb: 512,
        }
    }

    /// Where a service listens.
    pub fn socket_addr(&self, port: u16) -> SocketAddr {
        SocketAddr::new(self.bind_addr, port)
    }

    /// The token database.
    pub fn auth_db_path(&self) -> PathBuf {
        self.auth_db_path
            .clone()
            .unwrap_or_else(|| self.data_dir.join("auth").join("tokens.db"))
    }

    /// The secret the services share; see [`crate::secret::resolve`].
    pub fn internal_secret(&self) -> Result<Secret, SecretError> {
        let path = self.auth_db_path();
        crate::secret::resolve(
            &self.gateway_internal_secret,
            path.parent().unwrap_or(&self.data_dir),
        )
    }

    /// What seals and opens what is kept: see [`Sealer::start`].
    pub fn sealer(&self) -> Result<Sealer, sealing::Error> {
        Sealer::start(
            self.hipaa_mode,
            self.hipaa_key_file.as_deref(),
            &self.keys_dir(),
        )
    }

    /// Where the key of HIPAA mode is replaced.
    pub fn rotation(&self) -> Rotation {
        Rotation::new(self.hipaa_key_file.as_deref(), &self.keys_dir())
    }

    /// Folder of keys.
    pub fn keys_dir(&self) -> PathBuf {
        self.data_dir.join("keys")
    }

    /// Largest request body in bytes.
    pub fn max_upload_bytes(&self) -> u64 {
        self.max_upload_mb * 1024 * 1024
    }

    /// How long a body may pause.
    pub fn body_timeout(&self) -> Duration {
        Duration::from_secs(self.body_timeout_seconds)
    }
}

/// Booleans as people write them: true/false, 1/0, yes/no, on/off, in any case.
pub fn parse_bool(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("must be one of true, false, 1, 0, yes, no, on, off".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        common: CommonConfig,
    }

    fn parse(args: &[&str]) -> Result<CommonConfig, String> {
        let args = std::iter::once("service").chain(args.iter().copied());
        Cli::try_parse_from(args)
            .map(|cli| cli.common)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn an_unknown_enum_value_lists_the_valid_ones() {
        let message = parse(&["--log-format", "xml"]).unwrap_err();
        for word in ["xml", "auto", "json", "pretty"] {
            assert!(message.contains(word), "{message}");
        }
    }

    #[test]
    fn an_unknown_boolean_lists_the_valid_ones() {
        assert!(
            parse(&["--hipaa-mode", "maybe"])
                .unwrap_err()
                .contains("yes, no")
        );
        assert!(parse(&["--hipaa-mode", "Yes"]).unwrap().hipaa_mode);
    }

    #[test]
    fn the_token_database_follows_the_data_folder() {
        let config = parse(&["--data-dir", "x"]).unwrap();
        assert_eq!(config.auth_db_path(), PathBuf::from("x/auth/tokens.db"));
    }
}
