//! Prometheus metrics: the recorder, `/metrics`, and the two series every service has.

use crate::conn::Peer;
use crate::error::ApiError;
use api::ErrorCode;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, header};
use metrics::{SharedString, counter, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::time::Duration;

/// Seconds: a proxied answer takes one millisecond, a final transcript 300 ms, a long file minutes.
const SECONDS: [f64; 16] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.6, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0,
];
/// Ratios such as the real-time factor: below 1 keeps up with speech.
const RATIOS: [f64; 10] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.8, 1.0, 2.0];
/// How often histograms are folded into their buckets when nobody scrapes.
const UPKEEP: Duration = Duration::from_secs(5);

static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Installs the recorder of this process, once. Names ending in `_seconds` and `_factor` have
/// buckets; the handle is `None` if something else installed a recorder first.
pub fn install() -> Option<&'static PrometheusHandle> {
    HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)
            .and_then(|builder| {
                builder.set_buckets_for_metric(Matcher::Suffix("_factor".into()), &RATIOS)
            });
        builder.ok()?.install_recorder().ok()
    });
    HANDLE.get().and_then(Option::as_ref)
}

/// Folds histograms for as long as the process lives; without it an unscraped process grows.
pub(crate) fn spawn_upkeep() {
    static ONCE: OnceLock<()> = OnceLock::new();
    let Some(handle) = install() else { return };
    ONCE.get_or_init(|| {
        // A thread, not a task: the recorder belongs to the process, not to one runtime.
        let run = move || loop {
            std::thread::park_timeout(UPKEEP);
            handle.run_upkeep();
        };
        let _ = std::thread::Builder::new()
            .name("metrics".into())
            .stack_size(128 * 1024)
            .spawn(run);
    });
}

/// A method as a label with few values, whatever a client sends.
pub(crate) fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

/// Counts a finished request. `route` is a template, so the number of series is bounded.
pub(crate) fn count_request(
    service: &'static str,
    method: &'static str,
    route: &str,
    status: StatusCode,
    elapsed: Duration,
) {
    let route = SharedString::from_owned(route.to_owned());
    let status = SharedString::from_owned(status.as_str().to_owned());
    counter!("http_requests_total", "service" => service, "method" => method,
        "route" => route.clone(), "status" => status.clone())
    .increment(1);
    histogram!("http_request_duration_seconds", "service" => service, "route" => route, "status" => status)
        .record(elapsed.as_secs_f64());
}

/// Whether the request came from this machine, and not through a proxy on this machine.
pub fn from_loopback(request: &Request) -> bool {
    let forwarded = ["x-forwarded-for", "forwarded"]
        .iter()
        .any(|name| request.headers().contains_key(*name));
    let peer = request.extensions().get::<Peer>();
    !forwarded && peer.is_some_and(|peer| peer.addr.ip().to_canonical().is_loopback())
}

/// `GET /metrics`; `public` is `METRICS_PUBLIC`.
pub(crate) async fn serve(State(public): State<bool>, request: Request) -> Response {
    if !public && !from_loopback(&request) {
        let message = "Metrics are for this machine only; METRICS_PUBLIC=true opens them.";
        return ApiError::new(ErrorCode::Forbidden, message).into_response();
    }
    let Some(handle) = install() else {
        return ApiError::internal("another metrics recorder is installed").into_response();
    };
    if let Some(bytes) = resident_bytes() {
        gauge!("process_resident_memory_bytes").set(bytes as f64);
    }
    (
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        handle.render(),
    )
        .into_response()
}

/// Resident memory of this process in bytes, where the system tells.
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
