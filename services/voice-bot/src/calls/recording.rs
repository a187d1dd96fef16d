//! `GET /api/calls/{id}/recording`: the sound of a call, whole or in parts, from the disk in blocks.

use super::range::{Part, part};
use super::{audit_reading, named};
use crate::address::Client;
use crate::failure;
use crate::openapi::{Failures, SessionFailures};
use crate::session::Member;
use crate::state::AppState;
use api::ids::CallId;
use api::{ErrorCode, ErrorEnvelope};
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use pipeline::recording::Reading;
use sealing::Sealer;
use service::{ApiError, ApiResult, Path};
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path as FilePath;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Bytes that are read from the disk at once.
const BLOCK: usize = 64 * 1024;
/// Media types by the end of the name.
const TYPES: &[(&str, &str)] = &[
    ("wav", "audio/wav"),
    ("opus", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("mp3", "audio/mpeg"),
    ("flac", "audio/flac"),
    ("webm", "audio/webm"),
];

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(recording))
}

/// The recording of a call. `Range`, `If-Range` and `If-None-Match` work; `HEAD` too.
#[utoipa::path(get, path = "/api/calls/{id}/recording", tag = "Calls", security(("session" = [])),
    params(("id" = CallId, Path), ("Range" = Option<String>, Header, description = "Such as `bytes=0-65535`")),
    responses((status = 200, description = "All of it", content_type = "audio/*"),
        (status = 206, description = "The part that was asked for", content_type = "audio/*"),
        (status = 304, description = "As `If-None-Match` has it"),
        (status = 404, body = ErrorEnvelope, description = "`not_found`: no such call, or no recording of it"),
        (status = 416, body = ErrorEnvelope, description = "`range_not_satisfiable`"),
        Failures, SessionFailures))]
async fn recording(
    State(state): State<AppState>,
    member: Member,
    client: Client,
    Path(id): Path<CallId>,
    method: Method,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let path = member.tenant(&state).recording_path(id).await;
    let path = path.map_err(failure::of("call"))?.ok_or_else(none)?;
    if method != Method::HEAD {
        audit_reading(&state, &member, client, "call.recording_read", named(id)).await?;
    }
    let media = media(&path);
    let folder = state.config.recordings_dir();
    let organization = member.organization.to_string();
    let sealer = state.sealer.clone();
    let opened = tokio::task::spawn_blocking(move || open(&folder, &organization, &path, &sealer));
    let opened = opened.await.map_err(ApiError::internal)?;
    let (file, etag) = opened.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => none(),
        _ => failure::of_disk(error),
    })?;
    let mut response = answer(file, &etag, &method, &headers)?;
    let private = match state.config.common.hipaa_mode {
        true => "private, no-store",
        false => "private, no-cache",
    };
    let name = format!("inline; filename=\"{id}.{}\"", media.0);
    let mut set = |header: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(header, value);
        }
    };
    set(header::CONTENT_TYPE, media.1);
    set(header::CONTENT_DISPOSITION, &name);
    set(header::CACHE_CONTROL, private);
    set(header::ETAG, &etag);
    set(header::ACCEPT_RANGES, "bytes");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    Ok(response)
}

fn none() -> ApiError {
    ApiError::not_found("There is no recording of this call.")
}

/// The end of the name and the media type.
fn media(path: &str) -> (&'static str, &'static str) {
    let end = path.rsplit('.').next().unwrap_or_default();
    let known = TYPES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(end));
    known
        .copied()
        .unwrap_or(("bin", "application/octet-stream"))
}

/// Opens a file of an organization, which must lie in its folder also when links are followed; with
/// its entity tag.
fn open(
    folder: &FilePath,
    organization: &str,
    path: &str,
    sealer: &Sealer,
) -> io::Result<(Reading, String)> {
    let own = folder.join(organization).canonicalize()?;
    let path = folder.join(path).canonicalize()?;
    if !path.starts_with(&own) {
        tracing::error!("a recording lies outside the folder of its organization");
        return Err(io::ErrorKind::NotFound.into());
    }
    let file = File::open(&path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let changed = i128::from(about.mtime()) * 1_000_000_000 + i128::from(about.mtime_nsec());
    let etag = format!("\"{:x}-{:x}-{changed:x}\"", about.ino(), about.len());
    Ok((Reading::new(file, &path, sealer)?, etag))
}

/// All of a file, a part of it, or that it is known already.
fn answer(file: Reading, etag: &str, method: &Method, headers: &HeaderMap) -> ApiResult<Response> {
    let length = file.length();
    let header = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let known = header(header::IF_NONE_MATCH).is_some_and(|list| {
        let mut tags = list
            .split(',')
            .map(|tag| tag.trim().trim_start_matches("W/"));
        tags.any(|tag| tag == etag || tag == "*")
    });
    if known {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    // A part of another version of the file would not fit the parts that the client has.
    let same = header(header::IF_RANGE).is_none_or(|tag| tag.trim() == etag);
    let range = header(header::RANGE).filter(|_| same && *method == Method::GET);
    let (status, start, end) = match part(range, length) {
        Part::Whole => (StatusCode::OK, 0, length),
        Part::Bytes { start, end } => (StatusCode::PARTIAL_CONTENT, start, end),
        Part::Outside => {
            let message = format!("The recording has {length} bytes; `Range` lies outside them.");
            let error = ApiError::new(ErrorCode::RangeNotSatisfiable, message);
            let held = HeaderValue::from_str(&format!("bytes */{length}"));
            let held = held.map_err(ApiError::internal)?;
            return Err(error.with_header(header::CONTENT_RANGE, held));
        }
    };
    let body = match *method == Method::HEAD {
        true => Body::empty(),
        false => blocks(file, start, end),
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(end - start));
    if status == StatusCode::PARTIAL_CONTENT {
        let part = HeaderValue::from_str(&format!("bytes {start}-{}/{length}", end - 1));
        headers.insert(header::CONTENT_RANGE, part.map_err(ApiError::internal)?);
    }
    Ok(response)
}

/// A part of a file, read and opened on the threads for blocking work as the client takes it.
fn blocks(file: Reading, start: u64, end: u64) -> Body {
    let next = |(mut file, start, end): (Reading, u64, u64)| async move {
        if start >= end {
            return Ok(None);
        }
        let read = tokio::task::spawn_blocking(move || {
            let wanted = (end - start).min(BLOCK as u64) as usize;
            let mut block = vec![0; wanted];
            match file.read_at(start, &mut block)? {
                read if read == wanted => Ok((block, file)),
                _ => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
            }
        });
        let (block, file) = read.await.map_err(io::Error::other).flatten()?;
        let after = start + block.len() as u64;
        Ok::<_, io::Error>(Some((block, (file, after, end))))
    };
    Body::from_stream(futures::stream::try_unfold((file, start, end), next))
}
