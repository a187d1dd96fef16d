//! Settings of this service, from the environment or the same flags.

use crate::accounts::settings::AccountSettings;
use crate::live::LiveSettings;
use crate::offer::OfferSettings;
use crate::twilio::TwilioConfig;
use clap::Parser;
use service::{CommonConfig, Secret};
use std::path::PathBuf;

/// The voice calling platform of the Whissle Gateway.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "voice-bot",
    version,
    about = "Accounts, organizations, agents, customers and calls. Every flag is also an environment variable."
)]
pub struct Config {
    /// What every service has.
    #[command(flatten)]
    pub common: CommonConfig,

    /// Port to listen on
    #[arg(long, env = "BOT_PORT", default_value_t = 8000)]
    pub bot_port: u16,

    /// PostgreSQL 15 or newer [default: the private cluster in DATA_DIR that `make run` and the image start]
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<Secret>,

    /// Connections to PostgreSQL at most
    #[arg(long, env = "DATABASE_CONNECTIONS", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub database_connections: u32,

    /// Origins of browser applications that may call, comma-separated; the first is where links in e-mails lead
    #[arg(
        long,
        env = "FRONTEND_URL",
        value_delimiter = ',',
        default_value = "http://localhost:3000"
    )]
    pub frontend_url: Vec<String>,

    /// Address of the gateway as others see it, such as https://voice.example.com
    #[arg(long, env = "PUBLIC_URL", default_value = "http://localhost:9000")]
    pub public_url: String,

    /// Reverse proxies in front of the gateway whose X-Forwarded-For is believed
    #[arg(long, env = "TRUSTED_PROXIES", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=8))]
    pub trusted_proxies: u8,

    /// Days that calls are kept, with transcripts and recordings, and what lies in the outbox; 0: until somebody deletes them
    #[arg(long, env = "RETENTION_DAYS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=36_500))]
    pub retention_days: u32,

    /// Days that the audit log is kept; 0: for ever
    #[arg(long, env = "AUDIT_DAYS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=36_500))]
    pub audit_days: u32,

    /// Folder of recorded calls [default: DATA_DIR/recordings]
    #[arg(long, env = "RECORDINGS_DIR")]
    pub recordings_dir: Option<PathBuf>,

    /// Mail server: smtp://user:password@host:587, starttls://... or smtps://...; without it letters stay in DATA_DIR/outbox
    #[arg(long, env = "SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<Secret>,

    /// Who letters are from, `Name <name@example.com>` [default: no-reply at the host of PUBLIC_URL]
    #[arg(long, env = "MAIL_FROM")]
    pub mail_from: Option<String>,

    /// Signing in with Google: the client as registered there
    #[arg(long, env = "GOOGLE_CLIENT_ID")]
    pub google_client_id: Option<String>,

    /// Its secret
    #[arg(long, env = "GOOGLE_CLIENT_SECRET", hide_env_values = true)]
    pub google_client_secret: Option<Secret>,

    /// Who signs Google's ID tokens; another OpenID provider for tests
    #[arg(
        long,
        env = "GOOGLE_ISSUER_URL",
        default_value = "https://accounts.google.com"
    )]
    pub google_issuer_url: String,

    /// Who may sign up, and how often strangers may try.
    #[command(flatten)]
    pub accounts: AccountSettings,
    /// Address of tts-server, which knows the voices
    #[arg(long, env = "TTS_URL", default_value = "http://127.0.0.1:8003")]
    pub tts_url: String,

    /// Telephone calls.
    #[command(flatten)]
    pub twilio: TwilioConfig,

    /// Calls as they are led.
    #[command(flatten)]
    pub live: LiveSettings,

    /// Calls from browsers.
    #[command(flatten)]
    pub offer: OfferSettings,

    /// Replace the key of HIPAA_MODE while the services run, and exit when everything is encrypted with the new one
    #[arg(long)]
    pub rotate_data_key: bool,

    /// Write what an encrypted recording, letter, event or journal of DATA_DIR holds to stdout, and exit
    #[arg(long, value_name = "FILE")]
    pub unseal: Option<PathBuf>,
}

impl Config {
    /// The defaults without reading the environment, with all data in `data_dir`. For tests.
    pub fn with_data_dir(data_dir: impl Into<PathBuf>) -> Self {
        Config {
            common: CommonConfig::with_data_dir(data_dir),
            bot_port: 8000,
            database_url: None,
            database_connections: 16,
            frontend_url: vec!["http://localhost:3000".into()],
            public_url: "http://localhost:9000".into(),
            trusted_proxies: 0,
            retention_days: 0,
            audit_days: 0,
            recordings_dir: None,
            smtp_url: None,
            mail_from: None,
            google_client_id: None,
            google_client_secret: None,
            google_issuer_url: "https://accounts.google.com".into(),
            accounts: AccountSettings::default(),
            tts_url: "http://127.0.0.1:8003".into(),
            twilio: TwilioConfig::default(),
            live: LiveSettings::for_tests(),
            offer: OfferSettings::default(),
            rotate_data_key: false,
            unseal: None,
        }
    }

    /// `DATABASE_URL`, or the socket of the private cluster.
    pub fn database_url(&self) -> Secret {
        self.database_url.clone().unwrap_or_else(|| {
            let socket = self.common.data_dir.join("postgres");
            let socket = std::path::absolute(&socket).unwrap_or(socket);
            let host = socket.display().to_string().replace('/', "%2F");
            Secret::new(format!("postgresql://whissle@{host}/whissle"))
        })
    }

    /// Where recordings are, in a folder for each organization.
    pub fn recordings_dir(&self) -> PathBuf {
        let given = self.recordings_dir.clone();
        given.unwrap_or_else(|| self.common.data_dir.join("recordings"))
    }

    /// Where the keys that sign sessions are.
    pub fn keys_dir(&self) -> PathBuf {
        self.common.keys_dir()
    }

    /// Where people see us in a browser: the first of `FRONTEND_URL`, without a slash at the end.
    pub fn frontend(&self) -> &str {
        let urls = self.frontend_url.iter().map(|url| url.trim());
        let first = urls.map(|url| url.trim_end_matches('/'));
        let first = first.into_iter().find(|url| !url.is_empty());
        first.unwrap_or_else(|| self.public_url.trim_end_matches('/'))
    }

    /// A link for a letter. Never built from what a request says about its host.
    pub fn frontend_link(&self, path: &str, token: &str) -> String {
        format!("{}{path}?token={token}", self.frontend())
    }

    /// Whether browsers reach us over TLS.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
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
