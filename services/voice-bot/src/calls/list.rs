//! `GET /api/calls`: by agent, customer, time, state and what was said.

use super::{audit_reading, item};
use crate::address::Client;
use crate::failure;
use crate::input;
use crate::listing::{listing, paging};
use crate::openapi::{Failures, SessionFailures};
use crate::session::Member;
use crate::state::AppState;
use api::calls::{CallItem, CallQuery};
use api::page::{Listing, PageQuery};
use axum::extract::State;
use data_model::CallFilter;
use serde_json::json;
use service::{ApiError, ApiResult, Json, Query};
use time::format_description::well_known::{Iso8601, Rfc3339};
use time::{Date, Duration, OffsetDateTime, Time};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The calls of the organization, newest first, without their transcripts.
#[utoipa::path(get, path = "/api/calls", tag = "Calls", params(CallQuery), security(("session" = [])),
    responses((status = 200, body = Listing<CallItem>), Failures, SessionFailures))]
async fn list(
    State(state): State<AppState>,
    member: Member,
    client: Client,
    Query(query): Query<CallQuery>,
) -> ApiResult<Json<Listing<CallItem>>> {
    let filter = filter(&query)?;
    let pages = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let page = member.tenant(&state).calls(&filter, paging(&pages)?).await;
    let page = page.map_err(failure::of("call"))?;
    let details = json!({ "calls": page.items.len() });
    audit_reading(&state, &member, client, "calls.listed", details).await?;
    Ok(Json(listing(&pages, page, item)))
}

fn filter(query: &CallQuery) -> ApiResult<CallFilter> {
    let words = query.q.as_deref().map(|q| input::line("q", q, 0..=256));
    Ok(CallFilter {
        agent: query.agent_id,
        customer: query.customer_id,
        status: query.status,
        from: moment("from", query.from.as_deref(), Duration::ZERO)?,
        to: moment("to", query.to.as_deref(), Duration::DAY)?,
        words: words.transpose()?.filter(|words| !words.is_empty()),
    })
}

/// A time, or midnight (UTC) of a day and `after_day`.
pub(super) fn moment(
    param: &str,
    text: Option<&str>,
    after_day: Duration,
) -> ApiResult<Option<OffsetDateTime>> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let wrong = || {
        let message =
            format!("`{param}` must be a time such as 2026-01-31T09:00:00Z, or a day, 2026-01-31.");
        ApiError::invalid_parameter(param, message)
    };
    if text.len() > 40 {
        return Err(wrong());
    }
    // An unescaped `+` of an offset arrives as a space.
    let spelled = text.replace(' ', "+");
    if let Ok(time) = OffsetDateTime::parse(&spelled, &Rfc3339) {
        return Ok(Some(time));
    }
    let day = match text.len() {
        10 => Date::parse(text, &Iso8601::DATE).ok(),
        _ => None,
    };
    let midnight = day.map(|day| day.with_time(Time::MIDNIGHT).assume_utc());
    let time = midnight.and_then(|midnight| midnight.checked_add(after_day));
    time.map(Some).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn times_and_days_are_read() {
        let from = |text| moment("from", Some(text), Duration::ZERO).unwrap();
        let to = |text| moment("to", Some(text), Duration::DAY).unwrap();
        assert_eq!(from("2026-01-31"), Some(datetime!(2026-01-31 0:00 UTC)));
        assert_eq!(to("2026-01-31"), Some(datetime!(2026-02-01 0:00 UTC)));
        assert_eq!(
            to("2026-01-31T10:00:00.5Z"),
            Some(datetime!(2026-01-31 10:00:00.5 UTC))
        );
        assert_eq!(
            from("2026-01-31T10:00:00 02:00"),
            Some(datetime!(2026-01-31 8:00 UTC))
        );
        assert_eq!(from(""), None);
        for bad in [
            "yesterday",
            "2026-13-01",
            "2026-01-31' OR 1=1 --",
            "31.01.2026",
            "2026-1-1",
            "2026-01-31T25:00:00Z",
            &"2".repeat(1000),
        ] {
            assert!(moment("from", Some(bad), Duration::ZERO).is_err(), "{bad}");
        }
        assert!(moment("to", Some("9999-12-31"), Duration::DAY).is_err());
    }
}
