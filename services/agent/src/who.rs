//! Whose data a request is about.

use crate::storage::Owner;
use axum::extract::FromRequestParts;
use http::request::Parts;
use service::{ApiError, ApiResult, Caller};
use std::convert::Infallible;

/// Longest name of a user or a device, in characters.
const LONGEST: usize = 128;
/// Who it is when nobody says.
const NOBODY: &str = "default";

/// The caller and the device of a request.
pub struct Who {
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
