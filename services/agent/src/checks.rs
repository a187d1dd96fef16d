//! Checks of what requests hold, shared by the endpoints that talk.

use crate::state::AppState;
use crate::storage::Owner;
use crate::tools::{Asker, Context};
use crate::who::Account;
use api::ids::OrganizationId;
use jiff::tz::TimeZone;
use service::{ApiError, ApiResult};

/// A text of so many characters at most, and not blank.
pub fn text(value: &str, param: &str, most: usize) -> ApiResult<()> {
    if value.trim().is_empty() {
        let message = format!("`{param}` is empty.");
        return Err(ApiError::invalid_parameter(param, message));
    }
    // Bytes first: counting characters of a huge text is not needed to refuse it.
    if value.len() > most && value.chars().count() > most {
        let message = format!("`{param}` is longer than {most} characters.");
        return Err(ApiError::invalid_parameter(param, message));
    }
    Ok(())
}

/// A time zone of its IANA name; UTC without one.
pub fn time_zone(name: Option<&str>) -> ApiResult<TimeZone> {
    let Some(name) = name else {
        return Ok(TimeZone::UTC);
    };
    let known = Some(name)
        .filter(|name| name.len() <= 64)
        .and_then(|name| TimeZone::get(name).ok());
    known.ok_or_else(|| {
        ApiError::invalid_parameter(
            "time_zone",
            "`time_zone` must be a name of the IANA database, such as Asia/Kolkata.",
        )
    })
}

/// The name of a model.
pub fn model(name: Option<&str>) -> ApiResult<()> {
    name.map_or(Ok(()), |name| text(name, "model", 128))
}

/// What the tools of a request need.
pub fn tool_context(
    state: &AppState,
    owner: Owner,
    account: Option<Account>,
    organization: Option<OrganizationId>,
    zone: TimeZone,
) -> Context {
    Context {
        voice_bot: state.voice_bot.clone(),
        asker: account.map(|account| Asker {
            account,
            organization,
        }),
        web: state.web.clone(),
        storage: state.storage.clone(),
        owner,
        zone,
        timeout: state.config.tools.timeout(),
    }
}
