//! WebSockets through the gateway: everything that can be refused is refused before the upgrade.

use crate::auth::{Credentials, Places, TOKEN_PROTOCOL, without_token};
use crate::identity::Identity;
use crate::limits::{StreamSlot, refused};
use crate::proxy::{forbidden, path_and_query, row, unavailable};
use crate::state::{Gateway, Shared};
use crate::upstreams::{CONNECT_TIMEOUT, Service};
use crate::usage_log::Entry;
use crate::ws_pump::{self, MAX_ANSWER, MAX_MESSAGE, MAX_UNREAD, READ_BUFFER, UpstreamSocket};
use crate::{envelope, headers, meter};
use api::{ErrorCode, ErrorEnvelope};
use axum::extract::Request;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, Uri, header};
use service::{ApiError, request_id};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self};
use tracing::Instrument;

/// How long a service may take to accept a WebSocket once it has accepted the connection.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// What axum made of the client's handshake.
pub type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// Which WebSocket at which service.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The service.
    pub service: Service,
    /// Path at the service.
    pub path: &'static str,
    /// Route template in usage.
    pub route: &'static str,
}

/// A WebSocket that needs an API token.
pub async fn with_token(
    gateway: Shared,
    target: Target,
    upgrade: Upgrade,
    request: Request,
) -> Response {
    let identity = match gateway
        .auth
        .caller(Credentials::of(&request, Places::WebSocket))
        .await
    {
        Ok(identity) => identity,
        Err(error) => return error.into_response(),
    };
    let row = row(
        &identity,
        target.service.name(),
        &Method::GET,
        Cow::Borrowed(target.route),
    );
    let entry = match gateway.usage.begin(row).await {
        Ok(entry) => entry,
        Err(error) => return error.into_response(),
    };
    let (left, result) = match identity.rate.take() {
        Ok(left) => (
            left,
            open(&gateway, target, upgrade, request, Some(&identity)).await,
        ),
        Err((left, wait)) => {
            let message = format!("This token may make {} requests a minute.", left.limit);
            (left, Err(refused(message, wait)))
        }
    };
    let mut response = match result {
        Ok(open) => start(gateway, target, open, Some(identity), Some(entry)),
        Err(error) => meter::attach(entry, error.into_response()),
    };
    left.apply(&mut response);
    response
}

/// A WebSocket whose service checks the caller itself.
pub async fn without_check(
    gateway: Shared,
    target: Target,
    upgrade: Upgrade,
    request: Request,
) -> Response {
    match open(&gateway, target, upgrade, request, None).await {
        Ok(open) => start(gateway, target, open, None, None),
        Err(error) => error.into_response(),
    }
}

/// Both sides, ready to be joined.
struct Open {
    upgrade: WebSocketUpgrade,
    upstream: UpstreamSocket,
    slot: Option<StreamSlot>,
}

async fn open(
    gateway: &Gateway,
    target: Target,
    upgrade: Upgrade,
    request: Request,
    caller: Option<&Arc<Identity>>,
) -> Result<Open, ApiError> {
    let upgrade = upgrade.map_err(|rejection| {
        let message = format!(
            "{} is a WebSocket: {}.",
            target.route,
            rejection.body_text().trim_end_matches('.')
        );
        ApiError::new(ErrorCode::MalformedRequest, message)
    })?;
    if gateway.drain.is_draining() {
        return Err(ApiError::not_ready("The gateway is shutting down."));
    }
    if caller.is_some_and(|caller| !caller.may_call(target.service.name())) {
        return Err(forbidden(target.service));
    }
    let slot = caller.map(|caller| caller.streams.take()).transpose()?;
    let upstream = connect(gateway, target, request, caller.map(AsRef::as_ref)).await?;
    Ok(Open {
        upgrade,
        upstream,
        slot,
    })
}

/// Opens the WebSocket at the service.
async fn connect(
    gateway: &Gateway,
    target: Target,
    mut request: Request,
    caller: Option<&Identity>,
) -> Result<UpstreamSocket, ApiError> {
    let Target { service, path, .. } = target;
    let query = request.uri().query();
    let query = if caller.is_some() {
        query.and_then(without_token)
    } else {
        query.map(str::to_owned)
    };
    let mut handshake = tungstenite::http::Request::new(());
    *handshake.uri_mut() = Uri::builder()
        .scheme("ws")
        .authority(gateway.upstreams.authority(service).clone())
        .path_and_query(path_and_query(path, query.as_deref())?)
        .build()
        .map_err(ApiError::internal)?;
    headers::for_upstream(
        &mut request,
        gateway.upstreams.host(service),
        &gateway.secret,
        caller,
    );
    headers::strip_handshake(request.headers_mut());
    let trace = service::trace::client(service.name(), &Method::GET, request.headers_mut());
    let headers = handshake.headers_mut();
    *headers = std::mem::take(request.headers_mut());
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(
        header::SEC_WEBSOCKET_VERSION,
        HeaderValue::from_static("13"),
    );
    headers.insert(
        header::SEC_WEBSOCKET_KEY,
        HeaderValue::from_str(&generate_key()).map_err(ApiError::internal)?,
    );

    let authority = gateway.upstreams.authority(service);
    let addr = (
        authority.host().trim_matches(['[', ']']),
        authority.port_u16().unwrap_or(80),
    );
    let stream = match tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(addr)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(unavailable(service, "does not answer").with_source(error)),
        Err(_) => return Err(unavailable(service, "does not answer")),
    };
    let _ = stream.set_nodelay(true);
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_message_size(Some(MAX_ANSWER))
        .max_frame_size(Some(MAX_ANSWER));
    let shake = client_async_with_config(handshake, stream, Some(config));
    match tokio::time::timeout(HANDSHAKE, shake)
        .instrument(trace)
        .await
    {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(tungstenite::Error::Http(response))) => Err(refusal(service, &response)),
        Ok(Err(error)) => Err(unavailable(service, "does not open a WebSocket").with_source(error)),
        Err(_) => Err(unavailable(service, "does not open a WebSocket")),
    }
}

/// The service's own words, where it has any.
fn refusal(service: Service, response: &tungstenite::http::Response<Option<Vec<u8>>>) -> ApiError {
    let body = response.body().as_deref().unwrap_or_default();
    match serde_json::from_slice::<ErrorEnvelope>(body) {
        Ok(ErrorEnvelope { error }) if response.status() != 401 || service == Service::Bot => {
            let own = ApiError::new(error.code, error.message);
            error.param.into_iter().fold(own, ApiError::with_param)
        }
        _ => envelope::of_status(service, response.status()),
    }
}

/// Accepts the client and joins both sides in a task of its own.
fn start(
    gateway: Shared,
    target: Target,
    open: Open,
    caller: Option<Arc<Identity>>,
    entry: Option<Entry>,
) -> Response {
    let Open {
        upgrade,
        upstream,
        slot,
    } = open;
    let id = request_id::current();
    let span = tracing::Span::current();
    upgrade
        .protocols([TOKEN_PROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .max_write_buffer_size(MAX_UNREAD)
        .on_upgrade(move |client| {
            let session = async move {
                let _slot = slot;
                ws_pump::run(&gateway, target.service, client, upstream, caller, entry).await;
            };
            request_id::scope(id, session).instrument(span)
        })
}
