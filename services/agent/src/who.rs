//! Whose data a request is about.

use crate::storage::Owner;
use api::ids::UserId;
use axum::extract::FromRequestParts;
use http::request::Parts;
use service::{ApiError, ApiResult, Caller};
use std::convert::Infallible;

/// Longest name of a user or a device, in characters.
const LONGEST: usize = 128;
/// Who it is when nobody says.
const NOBODY: &str = "default";

/// How the gateway names the tokens that it made itself.
const MADE_HERE: &str = "tok_";

/// Somebody with an account for whom an API token speaks. Only the admin makes tokens and says for
/// whom; names from a remote token service are its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Their id at voice-bot, if there is such an account.
    pub user: UserId,
    /// The id of the token.
    pub token: String,
}

impl Account {
    /// Whom the gateway vouches for, where the user of the token can be an account's.
    fn of(caller: &Caller) -> Option<Self> {
        let token = caller.token_id.as_deref();
        let token = token.filter(|id| caller.vouched && id.starts_with(MADE_HERE))?;
        Some(Account {
            user: caller.user.as_deref()?.parse().ok()?,
            token: token.to_owned(),
        })
    }
}

/// The caller and the device of a request.
pub struct Who {
    /// For whom the token speaks, where that may be somebody with an account. What a request says
    /// of itself, such as `user_id`, never matters here.
    pub account: Option<Account>,
    tenant: String,
    device: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Who {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let device = parts.headers.get("x-device-id");
        let device = device.and_then(|value| value.to_str().ok()).map(str::trim);
        Ok(Who {
            account: Account::of(&caller),
            tenant: caller
                .user
                .map_or("local".into(), |user| format!("token:{user}")),
            device: device
                .filter(|device| !device.is_empty())
                .map(str::to_owned),
        })
    }
}

impl Who {
    /// Whose data it is, for the `user_id` of the request.
    pub fn owner(&self, user_id: Option<&str>) -> ApiResult<Owner> {
        let user = user_id.map(str::trim);
        let fits = |name: &str| (1..=LONGEST).contains(&name.chars().count());
        let wrong = |param: &str| {
            let message = format!("`{param}` must be 1 to {LONGEST} characters.");
            ApiError::invalid_parameter(param, message)
        };
        if !user.is_none_or(fits) {
            return Err(wrong("user_id"));
        }
        let device = self.device.as_deref();
        if !device.is_none_or(fits) {
            return Err(wrong("X-Device-Id"));
        }
        Ok(Owner {
            tenant: self.tenant.clone(),
            user: user.or(device).unwrap_or(NOBODY).to_owned(),
            device: device.unwrap_or_default().to_owned(),
        })
    }
}
