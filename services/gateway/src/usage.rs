//! `/auth/usage` and `/auth/usage/summary`.

use crate::clock::{DAY_MS, now_ms, rfc3339};
use crate::cursor::Cursor;
use crate::sealed::People;
use crate::state::Shared;
use api::ErrorEnvelope;
use api::tokens::{UsagePage, UsageQuery, UsageRow, UsageSum, UsageSummary, UsageTotal};
use axum::extract::State;
use rusqlite::{Connection, Row, named_params};
use serde_json::json;
use service::{ApiError, ApiResult, Json, Query};

/// Rows of a page when nothing is asked for, and at most.
const PAGE: (u32, u32) = (100, 1000);
/// Days back when nothing is asked for, and at most.
const DAYS: (u32, u32) = (7, 366);

/// Usage, newest first, in pages.
#[utoipa::path(get, path = "/auth/usage", tag = "tokens", params(UsageQuery), security(("token" = [])),
    responses((status = 200, body = UsagePage), (status = "4XX", body = ErrorEnvelope)))]
pub async fn list(
    State(gateway): State<Shared>,
    Query(query): Query<UsageQuery>,
) -> ApiResult<Json<UsagePage>> {
    let limit = within("limit", query.limit, PAGE)?;
    let days = within("days", query.days, DAYS)?;
    let cursor = query.cursor.as_deref().map(Cursor::decode).transpose()?;
    // What has ended before this question is part of the answer.
    gateway.usage.flush().await;
    let since_ms = cursor.map_or_else(|| since(days), |cursor| cursor.since_ms);
    let sealer = gateway.db.sealer().clone();
    let mut rows = gateway
        .db
        .read(move |db| {
            let people = People::load(db, &sealer)?;
            page(
                db,
                &people,
                query.user_id.as_deref(),
                since_ms,
                cursor,
                limit,
            )
        })
        .await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows
        .last()
        .filter(|_| more)
        .map(|(cursor, _)| cursor.encode());
    Ok(Json(UsagePage {
        usage: rows.into_iter().map(|(_, row)| row).collect(),
        next_cursor,
    }))
}

/// Usage by day and service.
#[utoipa::path(get, path = "/auth/usage/summary", tag = "tokens", params(UsageQuery), security(("token" = [])),
    responses((status = 200, body = UsageSummary), (status = "4XX", body = ErrorEnvelope)))]
pub async fn summary(
    State(gateway): State<Shared>,
    Query(query): Query<UsageQuery>,
) -> ApiResult<Json<UsageSummary>> {
    let since_ms = since(within("days", query.days, DAYS)?);
    gateway.usage.flush().await;
    let sealer = gateway.db.sealer().clone();
    let summary = gateway
        .db
        .read(move |db| {
            let people = People::load(db, &sealer)?;
            sums(db, &people, query.user_id.as_deref(), since_ms)
        })
        .await?;
    let total = summary
        .iter()
        .fold(UsageTotal::default(), |total, day| UsageTotal {
            requests: total.requests + day.requests,
            audio_seconds: total.audio_seconds + day.audio_seconds,
            characters: total.characters + day.characters,
        });
    Ok(Json(UsageSummary { summary, total }))
}

fn within(name: &str, value: Option<u32>, (default, most): (u32, u32)) -> Result<u32, ApiError> {
    match value.unwrap_or(default) {
        value if (1..=most).contains(&value) => Ok(value),
        value => Err(ApiError::invalid_parameter(
            name,
            format!("`{name}` must be from 1 to {most}, not {value}."),
        )),
    }
}

fn since(days: u32) -> i64 {
    now_ms() - i64::from(days) * DAY_MS
}

fn page(
    db: &Connection,
    people: &People,
    user: Option<&str>,
    since_ms: i64,
    cursor: Option<Cursor>,
    limit: u32,
) -> rusqlite::Result<Vec<(Cursor, UsageRow)>> {
    let (of_user, user) = of_user(people, user);
    let mut query = db.prepare_cached(&format!(
        "SELECT * FROM usage WHERE {of_user} time_ms >= :since AND (time_ms, id) < (:time, :id)
         ORDER BY time_ms DESC, id DESC LIMIT :limit"
    ))?;
    let (time, id) = cursor.map_or((i64::MAX, i64::MAX), |cursor| (cursor.time_ms, cursor.id));
    let values = named_params! {":user": user, ":since": since_ms, ":time": time, ":id": id, ":limit": limit + 1};
    query
        .query_map(values, |row| read(row, people, since_ms))?
        .collect()
}

/// Whose rows, and what that condition is given: texts of their own, so that each finds its index.
fn of_user(people: &People, user: Option<&str>) -> (&'static str, Option<String>) {
    match user.map(|user| people.of(user)) {
        None => (":user IS NULL AND", None),
        Some(one) if one.len() == 1 => ("user_id = :user AND", one.into_iter().next()),
        Some(all) => (
            "user_id IN (SELECT value FROM json_each(:user)) AND",
            Some(json!(all).to_string()),
        ),
    }
}

fn read(row: &Row<'_>, people: &People, since_ms: i64) -> rusqlite::Result<(Cursor, UsageRow)> {
    let time_ms = row.get("time_ms")?;
    let whole = |name| row.get::<_, i64>(name).map(i64::unsigned_abs);
    let usage = UsageRow {
        time: rfc3339(time_ms),
        token_id: row.get("token_id")?,
        user_id: people.name(row.get("user_id")?),
        service: row.get("service")?,
        method: row.get("method")?,
        route: row.get("route")?,
        status: row.get("status")?,
        bytes_in: whole("bytes_in")?,
        bytes_out: whole("bytes_out")?,
        audio_seconds: row.get("audio_seconds")?,
        characters: whole("characters")?,
        milliseconds: whole("milliseconds")?,
    };
    Ok((
        Cursor {
            time_ms,
            id: row.get("id")?,
            since_ms,
        },
        usage,
    ))
}

fn sums(
    db: &Connection,
    people: &People,
    user: Option<&str>,
    since_ms: i64,
) -> rusqlite::Result<Vec<UsageSum>> {
    let (of_user, user) = of_user(people, user);
    // Close codes of 1002 and above are errors, except 1005: closed without a code.
    let mut query = db.prepare_cached(&format!(
        "SELECT date(time_ms / 1000, 'unixepoch') AS day, service, count(*) AS requests,
             sum(status BETWEEN 400 AND 599 OR (status > 1001 AND status <> 1005)) AS errors,
             sum(bytes_in) AS bytes_in, sum(bytes_out) AS bytes_out,
             sum(audio_seconds) AS audio_seconds, sum(characters) AS characters
         FROM usage WHERE {of_user} time_ms >= :since GROUP BY day, service ORDER BY day DESC, service"
    ))?;
    let rows = query.query_map(named_params! {":user": user, ":since": since_ms}, |row| {
        let whole = |name| row.get::<_, i64>(name).map(i64::unsigned_abs);
        Ok(UsageSum {
            day: row.get("day")?,
            service: row.get("service")?,
            requests: whole("requests")?,
            errors: whole("errors")?,
            bytes_in: whole("bytes_in")?,
            bytes_out: whole("bytes_out")?,
            audio_seconds: row.get("audio_seconds")?,
            characters: whole("characters")?,
        })
    })?;
    rows.collect()
}
