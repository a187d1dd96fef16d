//! Traces by OpenTelemetry (W3C `traceparent`): a span for each request of ours and for each one we
//! send on. Off, and free of cost, unless `OTEL_EXPORTER_OTLP_ENDPOINT` names a collector.
//!
//! What is exported are only the spans made here, whose fields are named here: methods, route
//! templates, statuses, times, and outside of `HIPAA_MODE` the request id. Never log lines.

use crate::trace_export::Exporter;
use http::{HeaderMap, Method, StatusCode};
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_otlp::{Protocol, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::sync::OnceLock;
use std::time::Duration;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

/// Spans with this target are exported and are in no log; others the other way round.
pub(crate) const TARGET: &str = "trace";
/// How long the last spans may take to leave.
const FLUSH: Duration = Duration::from_secs(3);

static EXPORT: OnceLock<Export> = OnceLock::new();

#[derive(Debug)]
struct Export {
    provider: SdkTracerProvider,
    /// Whether request ids are exported.
    ids: bool,
}

/// Why traces cannot be exported.
#[derive(Debug, thiserror::Error)]
#[error(
    "OTEL_EXPORTER_OTLP_ENDPOINT={endpoint} cannot be used: {reason}; it must look like http://localhost:4318"
)]
pub struct TraceError {
    endpoint: String,
    reason: String,
}

/// The layer that exports, by OTLP over HTTP. Must be called on the runtime.
///
/// # Errors
/// The address makes no sense.
pub(crate) fn layer<S>(
    service: &'static str,
    endpoint: &str,
    ids: bool,
) -> Result<impl Layer<S> + use<S>, TraceError>
where
    S: tracing::Subscriber + for<'span> LookupSpan<'span>,
{
    let wrong = |reason: String| TraceError {
        endpoint: endpoint.to_owned(),
        reason,
    };
    let client = Exporter::new().map_err(wrong)?;
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .map_err(|error| wrong(error.to_string()))?;
    let resource = Resource::builder()
        .with_service_name(service)
        .with_attribute(opentelemetry::KeyValue::new(
            "service.namespace",
            "whissle-gateway",
        ))
        .build();
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        .build();
    let tracer = provider.tracer("whissle-gateway");
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let _ = EXPORT.set(Export { provider, ids });
    Ok(tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_level(false)
        .with_tracked_inactivity(false)
        .with_filter(filter_fn(|metadata| metadata.target() == TARGET)))
}

/// The span of a request that came in, part of the client's trace if it has one.
pub(crate) fn server(headers: &HeaderMap, method: &str, route: &str, id: &str) -> Span {
    let Some(export) = EXPORT.get() else {
        return Span::none();
    };
    let name = format!("{method} {route}");
    let span = tracing::info_span!(target: TARGET, "server", otel.name = name, otel.kind = "server",
        http.request.method = method, http.route = route);
    let parent = opentelemetry::global::get_text_map_propagator(|propagator| {
        propagator.extract(&HeaderExtractor(headers))
    });
    // Fails where no layer listens: then there is no span.
    let _ = span.set_parent(parent);
    if export.ids {
        span.set_attribute("request.id", id.to_owned());
    }
    span
}

/// Notes how a request was answered, and what it spent its time on.
pub(crate) fn answered(span: &Span, status: StatusCode, phases: &[(&'static str, Duration)]) {
    if EXPORT.get().is_none() {
        return;
    }
    span.set_attribute("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.set_status(opentelemetry::trace::Status::error(""));
    }
    for (name, time) in phases {
        span.set_attribute(format!("phase.{name}_ms"), time.as_secs_f64() * 1000.0);
    }
}

/// The span of a request to another service of ours, below that of the request being handled. Its
/// headers then tell that service the trace; without traces they stay as they are.
pub fn client(service: &'static str, method: &Method, headers: &mut HeaderMap) -> Span {
    if EXPORT.get().is_none() {
        return Span::none();
    }
    let method = crate::metrics::method_label(method);
    let span = tracing::info_span!(target: TARGET, "client", otel.name = format!("{method} {service}"),
        otel.kind = "client", http.request.method = method, peer.service = service);
    carry(&span, headers);
    span
}

/// The span of work that goes on after its request is answered, such as a call.
pub fn task(name: &'static str) -> Span {
    match EXPORT.get() {
        Some(_) => tracing::info_span!(target: TARGET, "task", otel.name = name),
        None => Span::none(),
    }
}

/// Tells those who get these headers the trace that a span belongs to; without traces they stay as
/// they are.
pub fn carry(span: &Span, headers: &mut HeaderMap) {
    if EXPORT.get().is_some() {
        opentelemetry::global::get_text_map_propagator(|propagator| {
            propagator.inject_context(&span.context(), &mut HeaderInjector(headers));
        });
    }
}

/// Sends what is left, and ends exporting.
pub(crate) async fn flush() {
    if let Some(export) = EXPORT.get() {
        let provider = export.provider.clone();
        let ended = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(FLUSH));
        if !matches!(ended.await, Ok(Ok(()))) {
            tracing::warn!("the last traces were not exported");
        }
    }
}
