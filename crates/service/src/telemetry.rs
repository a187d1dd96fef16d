//! Logs, JSON lines or pretty text on a terminal; metrics; traces where a collector is named.

use crate::config::{CommonConfig, LogFormat};
use crate::trace;
use std::io::IsTerminal;
use tracing::Level;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// Why logging could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `RUST_LOG` is not a filter.
    #[error("RUST_LOG={filter} is not understood: {source}; try `info` or `warn,gateway=debug`")]
    Filter {
        /// What was set.
        filter: String,
        /// What is wrong with it.
        source: tracing_subscriber::filter::ParseError,
    },
    /// `OTEL_EXPORTER_OTLP_ENDPOINT` is no address.
    #[error(transparent)]
    Trace(#[from] trace::TraceError),
}

/// Starts logging to standard output, installs the metrics recorder, and has the traces of `service`
/// exported where a collector is named. Panics are logged as errors with their place. Does nothing if
/// a subscriber is installed already. With `HIPAA_MODE` nothing below `info` is logged, whatever
/// `RUST_LOG` says. Must be called on the runtime.
pub fn init(service: &'static str, config: &CommonConfig) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(quieter(&config.rust_log));
    let filter = filter.map_err(|source| TelemetryError::Filter {
        filter: config.rust_log.clone(),
        source,
    })?;
    let pretty = match config.log_format {
        LogFormat::Auto => std::io::stdout().is_terminal(),
        LogFormat::Json => false,
        LogFormat::Pretty => true,
    };
    let layer = if pretty {
        fmt::layer()
            .with_target(false)
            .with_ansi(std::io::stdout().is_terminal())
            .boxed()
    } else {
        fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .boxed()
    };
    let endpoint = config.otel_exporter_otlp_endpoint.as_deref();
    let endpoint = endpoint.map(str::trim).filter(|text| !text.is_empty());
    let traces = endpoint
        .map(|endpoint| trace::layer(service, endpoint, !config.hipaa_mode))
        .transpose()?;
    // Libraries log what they carry below that: frames, messages, rows.
    let deepest = if config.hipaa_mode {
        Level::INFO
    } else {
        Level::TRACE
    };
    let filter = filter.and(filter_fn(move |metadata| {
        metadata.target() != trace::TARGET && *metadata.level() <= deepest
    }));
    if tracing_subscriber::registry()
        .with(traces)
        .with(layer.with_filter(filter))
        .try_init()
        .is_ok()
    {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string);
            let message = panic.payload_as_str().unwrap_or("no message");
            tracing::error!(place, message, "panic");
        }));
    }
    crate::metrics::install();
    Ok(())
}

/// ONNX Runtime tells of every graph it loads, and warns of what is meant so, such as constants that
/// may be given; only its errors matter, unless asked for.
fn quieter(filter: &str) -> String {
    match filter.contains("ort=") {
        true => filter.to_owned(),
        false => format!("{filter},ort=error"),
    }
}
