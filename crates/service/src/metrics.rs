//! Prometheus metrics: the recorder, `/metrics`, and the two series every service has.

use crate::caller::Caller;
use crate::conn::Peer;
use crate::error::ApiError;
use crate::process;
use api::ErrorCode;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use http::{Method, StatusCode, header};
use metrics::{SharedString, counter, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use crate::process::{resident_bytes, uptime_seconds};

/// Seconds: a proxied answer takes one millisecond, a final transcript 300 ms, a long file minutes.
const SECONDS: [f64; 16] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.6, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0,
];
/// Ratios such as the real-time factor: below 1 keeps up with speech.
const RATIOS: [f64; 10] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.8, 1.0, 2.0];
/// Jobs computed together.
const SIZES: [f64; 5] = [1.0, 2.0, 4.0, 8.0, 16.0];
/// How often histograms are folded into their buckets when nobody scrapes.
const UPKEEP: Duration = Duration::from_secs(5);

static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Installs the recorder of this process, once. Names ending in `_seconds`, `_factor` and
/// `_size` have buckets; the handle is `None` if something else installed a recorder first.
pub fn install() -> Option<&'static PrometheusHandle> {
    HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)
            .and_then(|builder| {
                builder.set_buckets_for_metric(Matcher::Suffix("_factor".into()), &RATIOS)
            })
            .and_then(|builder| {
                builder.set_buckets_for_metric(Matcher::Suffix("_size".into()), &SIZES)
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
    method: &'static str,
    route: &str,
    status: StatusCode,
    elapsed: Duration,
) {
    let route = SharedString::from_owned(route.to_owned());
    let status = SharedString::from_owned(status.as_str().to_owned());
    counter!("http_requests_total", "method" => method,
        "route" => route.clone(), "status" => status.clone())
    .increment(1);
    histogram!("http_request_duration_seconds", "route" => route, "status" => status)
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

/// Says in every scrape which build of which service this is.
pub(crate) fn say_build(service: &'static str, version: &'static str) {
    gauge!("build_info", "name" => service, "version" => version).set(1.0);
    // Known from the start, as those of [`announce`].
    counter!("http_connections_evicted_total").increment(0);
}

/// Metrics without labels that a service counts, by kind.
#[derive(Debug, Clone, Copy, Default)]
pub struct Announced {
    /// Counters.
    pub counters: &'static [&'static str],
    /// Gauges.
    pub gauges: &'static [&'static str],
    /// Histograms.
    pub histograms: &'static [&'static str],
}

/// Has them told from the start, as nothing: the rate of a series that appears with its first
/// event misses that event.
pub(crate) fn announce(what: Announced) {
    for name in what.counters {
        counter!(*name).increment(0);
    }
    for name in what.gauges {
        gauge!(*name).increment(0.0);
    }
    for name in what.histograms {
        let _ = histogram!(*name);
    }
}

/// The metrics of this process as exposition text; none if something else records them.
pub fn render() -> Option<String> {
    let mut text = install()?.render();
    process::render(&mut text);
    Some(text)
}

/// Adds what others tell to the text of this process.
pub(crate) type Join = Arc<dyn Fn(String) -> BoxFuture<'static, String> + Send + Sync>;

/// Sets gauges of what is only looked at, never counted.
pub(crate) type Sample = Arc<dyn Fn() + Send + Sync>;

/// How `/metrics` answers.
#[derive(Clone)]
pub(crate) struct Scrape {
    /// `METRICS_PUBLIC`.
    pub public: bool,
    /// Run before the text is made.
    pub sample: Option<Sample>,
    /// What is done with our own text.
    pub join: Option<Join>,
}

/// `GET /metrics`: for this machine, and for those who know the internal secret.
pub(crate) async fn serve(State(scrape): State<Scrape>, request: Request) -> Response {
    let ours = request.extensions().get::<Caller>();
    let vouched = ours.is_some_and(|caller| caller.vouched);
    if !scrape.public && !vouched && !from_loopback(&request) {
        let message = "Metrics are for this machine only; METRICS_PUBLIC=true opens them.";
        return ApiError::new(ErrorCode::Forbidden, message).into_response();
    }
    if let Some(sample) = &scrape.sample {
        sample();
    }
    let Some(mut text) = render() else {
        return ApiError::internal("another metrics recorder is installed").into_response();
    };
    if let Some(join) = &scrape.join {
        text = join(text).await;
    }
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
