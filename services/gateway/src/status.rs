//! `GET /status`: how the gateway and every service behind it are, for the admin.

use crate::state::{Gateway, Shared};
use crate::upstreams::Service;
use api::ErrorEnvelope;
use api::status::{GatewayStatus, ServiceStatus};
use axum::extract::State;
use futures::future::join_all;
use http::StatusCode;
use service::Json;
use std::time::Duration;

/// A service that has not answered by then is down.
const DEADLINE: Duration = Duration::from_secs(1);
/// A status is some kilobytes.
const LIMIT: usize = 256 * 1024;

/// The state of everything
///
/// Versions, variant, models in memory, queues, memory, databases. A service that does not answer
/// is `down`, and the others are told all the same.
#[utoipa::path(get, path = "/status", tag = "tokens", security(("token" = [])),
    responses((status = 200, body = GatewayStatus), (status = "4XX", body = ErrorEnvelope)))]
pub async fn status(State(gateway): State<Shared>) -> Json<GatewayStatus> {
    let asked = Service::ALL.map(|service| ask(&gateway, service));
    let count = |connection: &mut rusqlite::Connection| {
        connection.query_row("SELECT count(*) FROM tokens", [], |row| {
            row.get::<_, i64>(0)
        })
    };
    let (services, tokens) = tokio::join!(join_all(asked), gateway.db.read(count));
    Json(GatewayStatus {
        status: if gateway.drain.is_draining() {
            "draining".to_owned()
        } else {
            "ok".to_owned()
        },
        version: env!("CARGO_PKG_VERSION").to_owned(),
        uptime_seconds: service::metrics::uptime_seconds(gateway.started),
        memory_bytes: service::metrics::resident_bytes().unwrap_or_default(),
        token_database: match &tokens {
            Ok(_) => "ok".to_owned(),
            Err(error) => error.to_string(),
        },
        tokens: tokens.ok().map(|tokens| tokens.unsigned_abs()),
        usage_rows_waiting: gateway.usage.waiting(),
        services: services.into_iter().collect(),
    })
}

async fn ask(gateway: &Gateway, service: Service) -> (String, ServiceStatus) {
    let answer = gateway
        .upstreams
        .get(service, "/status", &gateway.secret, DEADLINE, LIMIT)
        .await;
    let told = match answer {
        Ok((StatusCode::OK, body)) => {
            serde_json::from_slice(&body).map_err(|_| "its answer is not JSON".to_owned())
        }
        Ok((status, _)) => Err(format!("answers {}", status.as_u16())),
        Err(why) => Err(why),
    };
    let status = told.map_or_else(ServiceStatus::down, ServiceStatus::Answered);
    (service.name().to_owned(), status)
}
