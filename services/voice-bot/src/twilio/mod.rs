//! Twilio: calls are made and ended through its REST API, it tells how they go by webhooks, asks
//! what to do with them (TwiML), and brings their sound over a WebSocket.

mod client;
mod form;
mod media;
mod signature;
mod tickets;
mod twiml;
mod webhooks;

pub use client::{CallUrls, Dialled, Twilio, TwilioError, is_sid};
pub use media::routes as streams;
pub use signature::signature;
pub use tickets::{Ticket, Tickets};

use crate::state::AppState;
use clap::{ArgAction, Args};
use service::{Secret, parse_bool};
use utoipa_axum::router::OpenApiRouter;

/// The routes of this folder, except those of [`streams`].
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(webhooks::routes())
        .merge(twiml::routes())
}

/// Settings.
#[derive(Debug, Clone, Args)]
pub struct TwilioConfig {
    /// Account for telephone calls, AC and 32 hexadecimal digits
    #[arg(long, env = "TWILIO_ACCOUNT_SID")]
    pub twilio_account_sid: Option<String>,

    /// Its secret; webhooks are signed with it
    #[arg(long, env = "TWILIO_AUTH_TOKEN", hide_env_values = true)]
    pub twilio_auth_token: Option<Secret>,

    /// Number that calls come from, such as +14155551234
    #[arg(long, env = "TWILIO_PHONE_NUMBER")]
    pub twilio_phone_number: Option<String>,

    /// Where Twilio's REST API is
    #[arg(long, env = "TWILIO_API_URL", default_value = "https://api.twilio.com")]
    pub twilio_api_url: String,

    /// Telephone calls a minute that an organization may start
    #[arg(long, env = "CALLS_RPM", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub calls_rpm: u32,

    /// Believe webhooks without checking who signed them; for tests on one machine only
    #[arg(long, env = "TWILIO_SKIP_SIGNATURE", default_value = "false", value_parser = parse_bool, action = ArgAction::Set)]
    pub twilio_skip_signature: bool,
}

impl Default for TwilioConfig {
    fn default() -> Self {
        TwilioConfig {
            twilio_account_sid: None,
            twilio_auth_token: None,
            twilio_phone_number: None,
            twilio_api_url: "https://api.twilio.com".into(),
            calls_rpm: 30,
            twilio_skip_signature: false,
        }
    }
}

impl TwilioConfig {
    /// The secret, unless it is empty.
    pub fn auth_token(&self) -> Option<&Secret> {
        self.twilio_auth_token
            .as_ref()
            .filter(|token| !token.expose().is_empty())
    }

    /// The variables that are not set.
    pub fn missing(&self) -> Vec<&'static str> {
        let empty = |text: &Option<String>| text.as_deref().unwrap_or_default().is_empty();
        let settings = [
            ("TWILIO_ACCOUNT_SID", empty(&self.twilio_account_sid)),
            ("TWILIO_AUTH_TOKEN", self.auth_token().is_none()),
            ("TWILIO_PHONE_NUMBER", empty(&self.twilio_phone_number)),
        ];
        settings
            .into_iter()
            .filter_map(|(name, missing)| missing.then_some(name))
            .collect()
    }
}
