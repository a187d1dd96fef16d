//! Requests that Twilio signs: a form, or the query of an address.

use super::signature::is_signed;
use crate::input;
use crate::state::AppState;
use api::ErrorCode;
use api::calls::CallStatus;
use api::ids::CallId;
use axum::body::Body;
use http::{HeaderMap, Uri, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use service::{ApiError, ApiResult};

/// Most bytes of a form.
const MAX_FORM: usize = 64 * 1024;
/// Most fields of a form.
const MAX_FIELDS: usize = 200;

/// A form that Twilio signed.
pub struct Form {
    /// Our id of the call, from the address.
    pub call: Option<CallId>,
    fields: Vec<(String, String)>,
}

impl Form {
    /// Reads a POST.
    pub async fn read(
        state: &AppState,
        uri: &Uri,
        headers: &HeaderMap,
        body: Body,
    ) -> ApiResult<Self> {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let kind = header(header::CONTENT_TYPE).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            let message = "The body must be `application/x-www-form-urlencoded`.";
            return Err(ApiError::new(ErrorCode::UnsupportedMediaType, message));
        }
        let bytes = match Limited::new(body, MAX_FORM).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                return Err(ApiError::body_too_large(MAX_FORM as u64));
            }
            Err(error) => return Err(ApiError::from_body(error)),
        };
        let pairs = form_urlencoded::parse(&bytes).into_owned();
        let fields: Vec<(String, String)> = pairs.take(MAX_FIELDS).collect();
        check(state, &addresses(state, uri), &fields, headers)?;
        let call = query(uri).find(|(name, _)| name == "call");
        let call = call.and_then(|(_, id)| id.parse().ok());
        Ok(Form { call, fields })
    }

    /// Reads a GET, whose fields are in its address.
    pub fn of_query(state: &AppState, uri: &Uri, headers: &HeaderMap) -> ApiResult<Self> {
        check(state, &addresses(state, uri), &[], headers)?;
        let fields: Vec<(String, String)> = query(uri).take(MAX_FIELDS).collect();
        let call = fields.iter().find(|(name, _)| name == "call");
        let call = call.and_then(|(_, id)| id.parse().ok());
        Ok(Form { call, fields })
    }

    /// A field.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str())
    }

    /// `human`, `machine_start`, `fax` and the like.
    pub fn answered_by(&self) -> Option<String> {
        let word = self.get("AnsweredBy")?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        ((1..=64).contains(&word.len()) && word.bytes().all(plain)).then(|| word.to_owned())
    }

    /// Why the call failed, as far as Twilio tells.
    pub fn failure(&self) -> Option<String> {
        let status: CallStatus = self.get("CallStatus")?.parse().ok()?;
        if status != CallStatus::Failed {
            return None;
        }
        let code = self
            .get("ErrorCode")
            .or_else(|| self.get("SipResponseCode"));
        let code = code.filter(|code| code.len() <= 8 && code.bytes().all(|b| b.is_ascii_digit()));
        Some(match code {
            Some(code) => format!("the call failed (Twilio's code {code})"),
            None => "the call failed".to_owned(),
        })
    }

    /// A telephone number; none where it is withheld, or no number but a name.
    pub fn number(&self, name: &str) -> Option<String> {
        input::phone_number(name, self.get(name)?).ok()
    }
}

/// The fields of an address.
fn query(uri: &Uri) -> impl Iterator<Item = (String, String)> + '_ {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned()
}

/// The address of a request as Twilio was given it.
fn addresses(state: &AppState, uri: &Uri) -> [String; 1] {
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    let public = state.config.public_url.trim().trim_end_matches('/');
    [format!("{public}/bot{path}")]
}

/// 403 unless Twilio signed this request for one of the addresses at which it knows us.
pub fn check(
    state: &AppState,
    addresses: &[String],
    fields: &[(String, String)],
    headers: &HeaderMap,
) -> ApiResult<()> {
    let config = &state.config.twilio;
    if config.twilio_skip_signature {
        return Ok(());
    }
    let claimed = headers.get("x-twilio-signature");
    let claimed = claimed.and_then(|value| value.to_str().ok());
    let signed = config
        .auth_token()
        .zip(claimed)
        .is_some_and(|(token, claimed)| {
            let mut addresses = addresses.iter();
            addresses.any(|url| is_signed(token, url, fields, claimed))
        });
    if signed {
        return Ok(());
    }
    let message = "X-Twilio-Signature is missing or wrong: it must be made with TWILIO_AUTH_TOKEN for the address at PUBLIC_URL.";
    Err(ApiError::new(ErrorCode::InvalidSignature, message))
}
