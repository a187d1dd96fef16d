//! What the services are told, as far as it is looked at: the same variables, read leniently, so
//! that a value which would stop a service becomes a line of the report.

use clap::Args;
use model_store::Store;
use service::{CommonConfig, Secret};
use std::path::PathBuf;

/// Settings of all services.
#[derive(Debug, Clone, Args)]
// Those of the language models have the same name.
#[group(id = "doctor")]
pub struct Settings {
    /// Also ask the providers of language models whether they take their keys
    #[arg(long)]
    pub online: bool,

    /// Print JSON
    #[arg(long)]
    pub json: bool,

    /// What every service has.
    #[command(flatten)]
    pub common: CommonConfig,

    /// Port of the gateway
    #[arg(long, env = "GATEWAY_PORT", default_value_t = 9000)]
    pub gateway_port: u16,

    /// Port of asr-server
    #[arg(long, env = "ASR_PORT", default_value_t = 8001)]
    pub asr_port: u16,

    /// Port of tts-server
    #[arg(long, env = "TTS_PORT", default_value_t = 8003)]
    pub tts_port: u16,

    /// Port of voice-bot
    #[arg(long, env = "BOT_PORT", default_value_t = 8000)]
    pub bot_port: u16,

    /// Port of the agent
    #[arg(long, env = "AGENT_PORT", default_value_t = 8765)]
    pub agent_port: u16,

    /// Which models are offered
    #[arg(long, env = "VARIANT", default_value = "en-full")]
    pub variant: String,

    /// Folder of installed models [default: the user's cache folder]
    #[arg(long, env = "WHISSLE_MODELS")]
    pub whissle_models: Option<PathBuf>,

    /// Device of recognition
    #[arg(long, env = "ASR_DEVICE", default_value = "auto")]
    pub asr_device: String,

    /// Device of synthesis
    #[arg(long, env = "TTS_DEVICE", default_value = "auto")]
    pub tts_device: String,

    /// PostgreSQL [default: the private cluster in DATA_DIR]
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<Secret>,

    /// Which language models there are.
    #[command(flatten)]
    pub llm: llm::Settings,

    /// STUN and TURN servers
    #[arg(long, env = "ICE_SERVERS", default_value = "", hide_env_values = true)]
    pub ice_servers: String,

    /// Origins of browser applications
    #[arg(
        long,
        env = "FRONTEND_URL",
        value_delimiter = ',',
        default_value = "http://localhost:3000"
    )]
    pub frontend_url: Vec<String>,

    /// Address of the gateway as others see it
    #[arg(long, env = "PUBLIC_URL", default_value = "http://localhost:9000")]
    pub public_url: String,

    /// Twilio's account
    #[arg(
        long,
        env = "TWILIO_ACCOUNT_SID",
        default_value = "",
        hide_default_value = true
    )]
    pub twilio_account_sid: String,

    /// Its secret
    #[arg(long, env = "TWILIO_AUTH_TOKEN", hide_env_values = true)]
    pub twilio_auth_token: Option<Secret>,

    /// Number that calls come from
    #[arg(
        long,
        env = "TWILIO_PHONE_NUMBER",
        default_value = "",
        hide_default_value = true
    )]
    pub twilio_phone_number: String,

    /// Whether webhooks are believed whoever sends them
    #[arg(long, env = "TWILIO_SKIP_SIGNATURE", default_value = "false")]
    pub twilio_skip_signature: String,

    /// Folder of recorded calls [default: DATA_DIR/recordings]
    #[arg(long, env = "RECORDINGS_DIR")]
    pub recordings_dir: Option<PathBuf>,
}

impl Settings {
    /// Where recordings are.
    pub fn recordings_dir(&self) -> PathBuf {
        let given = self.recordings_dir.clone();
        given.unwrap_or_else(|| self.common.data_dir.join("recordings"))
    }

    /// Whether others than this machine are meant to reach the gateway.
    pub fn is_public(&self) -> bool {
        let host = |url: &str| url.parse::<http::Uri>().ok()?.host().map(str::to_owned);
        host(&self.public_url).is_some_and(|host| !is_local(&host))
    }

    /// Where models may be on disk: `WHISSLE_MODELS`, and the folder of the volume that the
    /// container looks into besides.
    pub fn stores(&self) -> Vec<Store> {
        let own = match &self.whissle_models {
            Some(folder) => Some(Store::open(folder)),
            None => Store::from_env().ok(),
        };
        let added = Store::open(self.common.data_dir.join("models"));
        own.into_iter().chain([added]).collect()
    }

    /// Whether a model is installed.
    pub fn has_model(&self, id: &str) -> bool {
        self.stores().iter().any(|store| store.dir(id).is_ok())
    }
}

/// Whether a host is this machine.
pub(crate) fn is_local(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost"
        || host.ends_with(".localhost")
        || address.is_ok_and(|address| address.is_loopback())
}
