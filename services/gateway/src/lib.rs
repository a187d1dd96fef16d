//! The gateway: API tokens, limits, usage, and a streaming proxy in front of the services.

pub mod auth;
mod bootstrap;
mod clock;
pub mod config;
mod copy;
mod cors;
mod cursor;
mod db;
mod directory;
mod docs;
mod envelope;
mod error;
mod exposition;
mod headers;
mod identity;
mod limits;
mod meter;
mod proxy;
mod remote;
mod scrape;
mod sealed;
mod state;
mod status;
mod token;
mod tokens;
mod upstreams;
mod usage;
mod usage_log;
mod ws_end;
mod ws_proxy;
mod ws_pump;
mod ws_told;

pub use config::{Command, Config};
pub use copy::{CopyError, copy as copy_database};
pub use error::GatewayError;
pub use state::{Gateway, Shared};
pub use token::ApiToken;
pub use upstreams::Service;
pub use usage_log::Writer;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, post};
use http::StatusCode;
use service::ApiError;
use std::time::Duration;
use utoipa_swagger_ui::SwaggerUi;
use ws_proxy::{Target, Upgrade};

/// A long recording takes longer, and is worth a line too.
const SLOW: Duration = Duration::from_secs(60);

/// The gateway's routes, without those every service has.
pub fn router(gateway: Shared) -> Router {
    let cors = cors::layer(&gateway.origins);
    let admin = Router::new()
        .route("/auth/tokens", post(tokens::create).get(tokens::list))
        .route("/auth/tokens/{id}", delete(tokens::revoke))
        .route("/auth/usage", get(usage::list))
        .route("/auth/usage/summary", get(usage::summary))
        .route("/status", get(status::status))
        .route_layer(from_fn_with_state(gateway.clone(), tokens::admin_only));
    Router::new()
        .merge(admin)
        .merge(proxied(Service::Asr))
        .merge(proxied(Service::Tts))
        .merge(proxied(Service::Agent))
        .route(
            "/asr/stream",
            stream(Service::Asr, "/stream", "/asr/stream"),
        )
        .route("/listen", stream(Service::Asr, "/stream", "/listen"))
        .route(
            "/tts/stream",
            stream(Service::Tts, "/stream", "/tts/stream"),
        )
        .route(
            "/bot/api/{*path}",
            any(
                |State(gateway): State<Shared>, request: Request| async move {
                    proxy::without_check(&gateway, Service::Bot, request).await
                },
            ),
        )
        .route("/ws/twilio", twilio("/ws/twilio"))
        .route("/bot/ws/twilio", twilio("/bot/ws/twilio"))
        .route("/bot/api/calls/socket", call("/bot/api/calls/socket"))
        .route("/openapi.json", get(docs::serve))
        .with_state(gateway)
        .merge(pages())
        .layer(cors)
}

/// The documentation to look at. Its own 404 would be empty.
fn pages() -> Router {
    let page = SwaggerUi::new("/docs").config(utoipa_swagger_ui::Config::from("/openapi.json"));
    let named = |page: Response| async move {
        match page.status() {
            StatusCode::NOT_FOUND => {
                ApiError::not_found("There is no such page below /docs.").into_response()
            }
            _ => page,
        }
    };
    Router::new().merge(page).layer(map_response(named))
}

/// The whole gateway: routes, health, metrics and the layers all services have.
pub fn app(gateway: &Shared, config: &Config) -> Router {
    let app = service::App::new(
        "gateway",
        env!("CARGO_PKG_VERSION"),
        &config.common,
        gateway.drain.clone(),
    );
    let app = Service::ALL.into_iter().fold(app, |app, service| {
        let gateway = gateway.clone();
        let check = move || {
            let gateway = gateway.clone();
            async move { gateway.upstreams.check(service, &gateway.secret).await }
        };
        match config.upstreams.contains(&service) {
            true => app.check(service.name(), check),
            false => app.optional_check(service.name(), check),
        }
    });
    let usage = gateway.usage.clone();
    let (scraped, sampled) = (gateway.clone(), gateway.clone());
    app.optional_check("storage", move || std::future::ready(usage.check()))
        .routes(router(gateway.clone()))
        .slow_after(SLOW)
        .sample_metrics(move || {
            let waiting = sampled.usage.waiting() as f64;
            metrics::gauge!("gateway_usage_rows_waiting").set(waiting);
        })
        .join_metrics(move |own| {
            let gateway = scraped.clone();
            async move { scrape::joined(&gateway, own).await }
        })
        .build()
}

/// Replaces the admin token in the database of a configuration.
pub fn rotate_admin(config: &Config) -> Result<ApiToken, GatewayError> {
    let path = config.common.auth_db_path();
    let db = db::Db::open(&path, config.common.sealer()?)?;
    bootstrap::rotate_admin(&db, &path)
}

/// `/{service}` and everything below it, for callers with a token.
fn proxied(service: Service) -> Router<Shared> {
    let forward = any(
        move |State(gateway): State<Shared>, request: Request| async move {
            proxy::with_token(&gateway, service, request).await
        },
    );
    let prefix = service.prefix();
    Router::new()
        .route(prefix, forward.clone())
        .route(&format!("{prefix}/"), forward.clone())
        .route(&format!("{prefix}/{{*path}}"), forward)
}

/// A WebSocket for callers with a token.
fn stream(
    service: Service,
    path: &'static str,
    route: &'static str,
) -> axum::routing::MethodRouter<Shared> {
    let target = Target {
        service,
        path,
        route,
    };
    get(
        move |State(gateway): State<Shared>, upgrade: Upgrade, request: Request| {
            ws_proxy::with_token(gateway, target, upgrade, request)
        },
    )
}

/// Twilio's media stream; the service checks its signature.
fn twilio(route: &'static str) -> axum::routing::MethodRouter<Shared> {
    bot_stream("/ws/twilio", route)
}

/// A call over a WebSocket; the service checks who is signed in.
fn call(route: &'static str) -> axum::routing::MethodRouter<Shared> {
    bot_stream("/api/calls/socket", route)
}

/// A WebSocket of voice-bot.
fn bot_stream(path: &'static str, route: &'static str) -> axum::routing::MethodRouter<Shared> {
    let target = Target {
        service: Service::Bot,
        path,
        route,
    };
    get(
        move |State(gateway): State<Shared>, upgrade: Upgrade, request: Request| {
            ws_proxy::without_check(gateway, target, upgrade, request)
        },
    )
}
