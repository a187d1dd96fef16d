//! Plain HTTP through the gateway: both ways as a stream, nothing buffered.

use crate::auth::{Credentials, Places, without_token};
use crate::identity::Identity;
use crate::limits::refused;
use crate::state::Gateway;
use crate::upstreams::Service;
use crate::usage_log::{Entry, Row};
use crate::{envelope, headers, meter};
use api::ErrorCode;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, Version, header};
use metrics::histogram;
use service::ApiError;
use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument;

/// The status in usage of a request whose client left before there was an answer, as nginx has it.
const CLIENT_GONE: u16 = 499;

/// A request that needs an API token: checked, limited, counted, forwarded.
pub async fn with_token(gateway: &Gateway, service: Service, request: Request) -> Response {
    let identity = match gateway
        .auth
        .caller(Credentials::of(&request, Places::Header))
        .await
    {
        Ok(identity) => identity,
        Err(error) => return error.into_response(),
    };
    let row = row(
        &identity,
        service.name(),
        request.method(),
        Cow::Borrowed(service.route()),
    );
    let entry = match gateway.usage.begin(row).await {
        Ok(entry) => entry,
        Err(error) => return error.into_response(),
    };
    let answer = limited(&identity, &entry, request, |request| async {
        if !identity.may_call(service.name()) {
            return Err(forbidden(service));
        }
        if service == Service::Tts && request.method() == Method::POST {
            may_speak(&identity, 0)?;
        }
        forward(gateway, service, request, Some(&identity)).await
    })
    .await;
    if service == Service::Tts {
        // How many they are stands in the body, which is not ours to hold up.
        identity.characters.charge(meter::characters(&answer));
    }
    meter::attach(entry, answer)
}

/// A request whose service checks the caller itself (cookies, signatures).
pub async fn without_check(gateway: &Gateway, service: Service, request: Request) -> Response {
    forward(gateway, service, request, None)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

/// Runs a request if the token has any left this minute, counting its body; the answer says what is left.
pub async fn limited<F, R>(identity: &Identity, entry: &Entry, request: Request, run: F) -> Response
where
    F: FnOnce(Request) -> R,
    R: Future<Output = Result<Response, ApiError>>,
{
    let (left, result) = match identity.rate.take() {
        Ok(left) => (
            left,
            run(request.map(|body| meter::count_in(body, &entry.bytes_in))).await,
        ),
        Err((left, wait)) => {
            let message = format!("This token may make {} requests a minute.", left.limit);
            (left, Err(refused(message, wait)))
        }
    };
    let mut response = result.unwrap_or_else(IntoResponse::into_response);
    left.apply(&mut response);
    response
}

/// Takes so many characters of the token's, at most a minute's worth; 429 when none are left.
pub fn may_speak(identity: &Identity, characters: u64) -> Result<(), ApiError> {
    let limit = identity.characters.limit();
    let spent = identity.characters.spend(characters.min(u64::from(limit)));
    spent.map_err(|wait| {
        let seconds = wait.as_secs_f64().ceil();
        let message = format!(
            "This token may have {limit} characters a minute spoken; there are more in {seconds} s."
        );
        refused(message, wait)
    })
}

/// What a token's scopes do not allow.
pub fn forbidden(service: Service) -> ApiError {
    ApiError::new(
        ErrorCode::Forbidden,
        format!("This token's scopes do not include `{}`.", service.name()),
    )
}

/// The row of a request that has just begun.
pub fn row(
    identity: &Arc<Identity>,
    service: &'static str,
    method: &Method,
    route: Cow<'static, str>,
) -> Row {
    Row {
        identity: identity.clone(),
        service,
        method: method_name(method),
        route,
        status: CLIENT_GONE,
        bytes_out: 0,
        audio_seconds: 0.0,
        characters: 0,
    }
}

fn method_name(method: &Method) -> &'static str {
    const KNOWN: [Method; 7] = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
    ];
    const NAMES: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    KNOWN
        .iter()
        .position(|known| known == method)
        .map_or("OTHER", |index| NAMES[index])
}

/// Sends a request on and gives back the service's answer as it comes.
async fn forward(
    gateway: &Gateway,
    service: Service,
    mut request: Request,
    caller: Option<&Identity>,
) -> Result<Response, ApiError> {
    let target = inner_target(service, &request, caller.is_some())?;
    *request.uri_mut() = gateway.upstreams.uri(service, target);
    headers::for_upstream(
        &mut request,
        gateway.upstreams.host(service),
        &gateway.secret,
        caller,
    );
    if service == Service::Tts {
        // The length of speech comes as a trailer.
        let headers = request.headers_mut();
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
    }
    let is_head = request.method() == Method::HEAD;
    // Extensions are for this side: ids, routes, the upgrade handle.
    request.extensions_mut().clear();
    // Each side has its own version; an HTTP/1.0 client still gets a streaming service.
    *request.version_mut() = Version::HTTP_11;

    let method = request.method().clone();
    let trace = service::trace::client(service.name(), &method, request.headers_mut());
    let began = Instant::now();
    let sent = gateway.upstreams.client().request(request);
    let sent = sent.instrument(trace);
    let answer = tokio::time::timeout(gateway.upstream_timeout, sent).await;
    // Until its head is here; the body of a recording goes up meanwhile.
    let waited = began.elapsed();
    service::phases::note("upstream", waited);
    histogram!("gateway_upstream_seconds", "upstream" => service.name())
        .record(waited.as_secs_f64());
    let answer = match answer {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(failed(service, error)),
        Err(_) => return Err(unavailable(service, "did not answer in time")),
    };
    let mut response = answer.map(Body::new);
    *response.version_mut() = Version::HTTP_11;
    let trailer = response.headers_mut().remove(header::TRAILER);
    headers::strip(response.headers_mut());
    if let Some(names) = trailer {
        response.headers_mut().insert(header::TRAILER, names);
    }
    if response.status().as_u16() >= 400 && !is_head {
        return Ok(envelope::ensure(service, response).await);
    }
    Ok(response)
}

fn failed(service: Service, error: hyper_util::client::legacy::Error) -> ApiError {
    // The client's body broke off, or went over a limit; the service is not to blame.
    let mut causes = std::iter::successors(Some(&error as &dyn Error), |&error| error.source());
    if causes.any(|cause| cause.is::<axum::Error>()) {
        return ApiError::from_body(error);
    }
    let what = if error.is_connect() {
        "does not answer"
    } else {
        "broke the connection off"
    };
    unavailable(service, what).with_source(error)
}

/// 503 naming the service.
pub fn unavailable(service: Service, what: &str) -> ApiError {
    ApiError::new(
        ErrorCode::UpstreamUnavailable,
        format!("The {} service {what}.", service.name()),
    )
}

/// The path and query at the service: without its prefix, and without a token.
fn inner_target(
    service: Service,
    request: &Request,
    has_token: bool,
) -> Result<PathAndQuery, ApiError> {
    let outside = request.uri().path();
    let path = outside.strip_prefix(service.prefix()).unwrap_or(outside);
    check_path(path)?;
    let query = match request.uri().query() {
        Some(query) if has_token => without_token(query).map(Cow::Owned),
        query => query.map(Cow::Borrowed),
    };
    path_and_query(if path.is_empty() { "/" } else { path }, query.as_deref())
}

/// Joins a path and a query that came in as such.
pub fn path_and_query(path: &str, query: Option<&str>) -> Result<PathAndQuery, ApiError> {
    let joined = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let malformed = |error| {
        ApiError::new(
            ErrorCode::MalformedRequest,
            "The address could not be read.",
        )
        .with_source(error)
    };
    PathAndQuery::try_from(joined).map_err(malformed)
}

/// Refuses paths that could mean another place behind the gateway than before it: dot segments,
/// empty segments, encoded slashes, backslashes and control characters.
fn check_path(path: &str) -> Result<(), ApiError> {
    let lower = path.to_ascii_lowercase();
    let encoded = ["%2f", "%5c", "%00", "%25"]
        .iter()
        .any(|bad| lower.contains(bad));
    let segments = lower.split('/').skip(1);
    let last = segments.clone().count().saturating_sub(1);
    let dots = segments.enumerate().any(|(index, segment)| {
        let plain = segment.replace("%2e", ".");
        plain == "." || plain == ".." || (plain.is_empty() && index < last)
    });
    if encoded || dots || path.contains('\\') {
        let message =
            "The path must not contain dot segments, empty segments or encoded separators.";
        return Err(ApiError::new(ErrorCode::MalformedRequest, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Uri;

    fn inner(uri: &str) -> Result<String, ErrorCode> {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = uri.parse::<Uri>().unwrap();
        inner_target(Service::Asr, &request, true)
            .map(|target| target.to_string())
            .map_err(|error| error.code)
    }

    #[test]
    fn the_prefix_and_the_token_are_taken_off() {
        assert_eq!(
            inner("/asr/transcribe/clean?a=%20b&token=wh_x").unwrap(),
            "/transcribe/clean?a=%20b"
        );
        assert_eq!(inner("/asr/a%20b").unwrap(), "/a%20b");
        assert_eq!(inner("/asr").unwrap(), "/");
        assert_eq!(inner("/asr/").unwrap(), "/");
        assert_eq!(inner("/asr/jobs/").unwrap(), "/jobs/");
    }

    #[test]
    fn a_path_cannot_climb_or_be_read_two_ways() {
        for bad in [
            "/asr/../auth",
            "/asr/%2e%2E/x",
            "/asr/.",
            "/asr//x",
            "/asr/a%2Fb",
            "/asr/a%5cb",
            "/asr/%252e",
            "/asr/%00",
        ] {
            assert_eq!(inner(bad), Err(ErrorCode::MalformedRequest), "{bad}");
        }
    }
}
