//! Twilio's REST API: making a call, ending one.

use super::TwilioConfig;
use api::ErrorCode;
use api::calls::CallStatus;
use api::ids::OrganizationId;
use http::StatusCode;
use reqwest::{Client, Response, Url};
use serde::Deserialize;
use serde_json::Value;
use service::rate::Rates;
use service::{ApiError, ApiResult, Secret};
use std::time::Duration;

/// Most bytes of an answer.
const MAX_ANSWER: usize = 256 * 1024;
/// Pauses before a call is tried again that never reached Twilio.
const RETRIES: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(800)];
/// Organizations whose calls are counted at once.
const ORGANIZATIONS: usize = 100_000;
/// "Call is not in-progress": there is nothing to end.
const NOT_IN_PROGRESS: u64 = 21220;

/// Why Twilio did not do it.
#[derive(Debug, thiserror::Error)]
pub enum TwilioError {
    /// No connection: it was asked nothing.
    #[error("Twilio cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// It may or may not have done it.
    #[error("Twilio's answer did not come, so that it is not known whether it was done")]
    Unknown(String),
    /// It refused.
    #[error("Twilio refused: {message}")]
    Refused {
        /// Twilio's words and its code.
        message: String,
    },
    /// The call is over already, or never was.
    #[error("the call is over")]
    Over,
}

/// A call that Twilio has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialled {
    /// Twilio's id of it.
    pub sid: String,
}

/// An account.
pub struct Twilio {
    http: Client,
    calls: Url,
    sid: String,
    token: Secret,
    number: String,
    starts: Rates<OrganizationId>,
}

/// What Twilio says of a call, as far as it matters here.
#[derive(Deserialize)]
struct Answer {
    sid: Option<String>,
    status: Option<String>,
}

impl Twilio {
    /// The account of the settings; none where there is not one.
    ///
    /// # Errors
    /// What is wrong with a setting.
    pub fn new(config: &TwilioConfig, http: Client) -> Result<Option<Self>, String> {
        let (Some(sid), Some(token), Some(number), []) = (
            &config.twilio_account_sid,
            config.auth_token(),
            &config.twilio_phone_number,
            config.missing().as_slice(),
        ) else {
            return Ok(None);
        };
        if !is_sid(sid) {
            return Err("TWILIO_ACCOUNT_SID must be AC and 32 hexadecimal digits".into());
        }
        let number = crate::input::phone_number("TWILIO_PHONE_NUMBER", number)
            .map_err(|error| error.message)?;
        let api = config.twilio_api_url.trim_end_matches('/');
        let calls = format!("{api}/2010-04-01/Accounts/{sid}/Calls");
        let calls = Url::parse(&calls).ok();
        let calls = calls.filter(|url| matches!(url.scheme(), "http" | "https"));
        let calls = calls.ok_or("TWILIO_API_URL must be an http or https address")?;
        Ok(Some(Twilio {
            http,
            calls,
            sid: sid.clone(),
            token: token.clone(),
            number,
            starts: Rates::per(config.calls_rpm, Duration::from_secs(60), ORGANIZATIONS),
        }))
    }

    /// The number that calls come from.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// Counts a call of an organization; 429 when it starts too many. The account's owner pays.
    pub fn permit(&self, organization: OrganizationId) -> ApiResult<()> {
        let taken = self.starts.take(&organization);
        taken.map(|_| ()).map_err(|(_, wait)| {
            let message =
                "The organization starts too many calls; wait as long as Retry-After says.";
            ApiError::new(ErrorCode::RateLimited, message).with_retry_after(wait)
        })
    }

    /// Makes a call. It is tried again only when no connection came about, so that nobody is ever
    /// called twice.
    ///
    /// `to`: whom, E.164; `urls`: where Twilio finds us; `leaves_message`: who leaves one waits for
    /// the end of the machine's greeting.
    pub async fn dial(
        &self,
        to: &str,
        urls: &CallUrls,
        leaves_message: bool,
    ) -> Result<Dialled, TwilioError> {
        let detection = match leaves_message {
            true => "DetectMessageEnd",
            false => "Enable",
        };
        let form = [
            ("To", to),
            ("From", self.number.as_str()),
            ("Url", urls.instructions.as_str()),
            ("Method", "POST"),
            ("StatusCallback", urls.status.as_str()),
            ("StatusCallbackMethod", "POST"),
            ("StatusCallbackEvent", "initiated"),
            ("StatusCallbackEvent", "ringing"),
            ("StatusCallbackEvent", "answered"),
            ("StatusCallbackEvent", "completed"),
            ("MachineDetection", detection),
            ("AsyncAmd", "true"),
            ("AsyncAmdStatusCallback", urls.machine.as_str()),
            ("AsyncAmdStatusCallbackMethod", "POST"),
        ];
        let url = format!("{}.json", self.calls);
        let mut pauses = RETRIES.iter();
        let response = loop {
            match (self.post(&url, &form).await, pauses.next()) {
                (Err(TwilioError::Unreachable(_)), Some(pause)) => tokio::time::sleep(*pause).await,
                (answered, _) => break answered?,
            }
        };
        let status = response.status();
        let answer = read(response).await?;
        let sid = serde_json::from_value::<Answer>(answer).ok();
        let sid = sid.and_then(|answer| answer.sid).filter(|sid| is_sid(sid));
        sid.map(|sid| Dialled { sid })
            .ok_or_else(|| TwilioError::Unknown(format!("{status} without a call id")))
    }

    /// Ends a call, whether it still rings or is talked; how far it is then, where Twilio says so.
    pub async fn hang_up(&self, call_sid: &str) -> Result<Option<CallStatus>, TwilioError> {
        if !is_sid(call_sid) {
            return Err(TwilioError::Over);
        }
        let url = format!("{}/{call_sid}.json", self.calls);
        let answer = read(self.post(&url, &[("Status", "completed")]).await?).await?;
        let answer = serde_json::from_value::<Answer>(answer).ok();
        Ok(answer.and_then(|answer| answer.status?.parse().ok()))
    }

    async fn post(&self, url: &str, form: &[(&str, &str)]) -> Result<Response, TwilioError> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = self
            .http
            .post(url)
            .basic_auth(&self.sid, Some(self.token.expose()))
            .header(
                http::header::CONTENT_TYPE,
                "application/x-www-form-urlencoded",
            )
            .body(body);
        let response = request.send().await;
        response.map_err(|error| match error.is_connect() {
            true => TwilioError::Unreachable(error.without_url()),
            false => TwilioError::Unknown(error.without_url().to_string()),
        })
    }
}

/// Where Twilio finds us when it makes a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallUrls {
    /// Tells what to do once somebody answers (TwiML).
    pub instructions: String,
    /// Hears how the call goes.
    pub status: String,
    /// Hears whether a machine answered.
    pub machine: String,
}

impl CallUrls {
    /// For a call of an agent, at a gateway that others see at `public_url`.
    pub fn new(public_url: &str, agent: api::ids::AgentId, call: api::ids::CallId) -> Self {
        let api = format!("{}/bot/api", public_url.trim_end_matches('/'));
        CallUrls {
            instructions: format!("{api}/twiml/{agent}?call={call}"),
            status: format!("{api}/calls/twilio-status?call={call}"),
            machine: format!("{api}/calls/twilio-amd?call={call}"),
        }
    }
}

/// Letters and digits only: it becomes part of a path.
pub fn is_sid(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The body of an answer that grants what was asked.
async fn read(response: Response) -> Result<Value, TwilioError> {
    let status = response.status();
    let body = crate::outbound::read(response, MAX_ANSWER)
        .await
        .map_err(|error| TwilioError::Unknown(error.to_string()))?;
    let value: Value = serde_json::from_slice(&body).unwrap_or_default();
    if status.is_success() {
        return Ok(value);
    }
    let code = value["code"].as_u64().unwrap_or_default();
    if status == StatusCode::NOT_FOUND || code == NOT_IN_PROGRESS {
        return Err(TwilioError::Over);
    }
    if status.is_server_error() {
        return Err(TwilioError::Unknown(status.to_string()));
    }
    let words = value["message"].as_str().unwrap_or("no reason given");
    let words: String = words
        .chars()
        .filter(|c| !c.is_control())
        .take(300)
        .collect();
    let message = format!("{words} (status {}, code {code})", status.as_u16());
    Err(TwilioError::Refused { message })
}
