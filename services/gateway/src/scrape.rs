//! `/metrics`: the gateway's own and those of every service behind it.

use crate::exposition::Exposition;
use crate::state::Gateway;
use crate::upstreams::Service;
use futures::future::join_all;
use http::StatusCode;
use std::time::Duration;

/// A service that has not told everything by then counts as down.
const DEADLINE: Duration = Duration::from_secs(1);
/// What a service tells is some 50 KB.
const LIMIT: usize = 4 * 1024 * 1024;

/// The gateway's own text and that of the services, in one. `up` says who was reached.
pub async fn joined(gateway: &Gateway, own: String) -> String {
    let asked = Service::ALL.map(|service| async move {
        let answer = gateway
            .upstreams
            .get(service, "/metrics", &gateway.secret, DEADLINE, LIMIT)
            .await;
        let body = match answer {
            Ok((StatusCode::OK, body)) => Some(body),
            Ok(_) | Err(_) => None,
        };
        (service, body)
    });
    let mut all = Exposition::default();
    all.up("gateway", true);
    all.add("gateway", &own);
    for (service, body) in join_all(asked).await {
        all.up(service.name(), body.is_some());
        if let Some(body) = body {
            all.add(service.name(), &String::from_utf8_lossy(&body));
        }
    }
    all.text()
}
