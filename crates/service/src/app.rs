//! A service's routes together with everything all services have.

use crate::body::{self, BodyLimits};
use crate::config::CommonConfig;
use crate::drain::Drain;
use crate::error::ApiError;
use crate::health::{self, Check, Status};
use crate::internal_auth::{self, InternalAuth};
use crate::metrics::{self, Scrape};
use crate::observe::{self, Observed};
use crate::strict;
use api::ErrorCode;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use http::{Method, Uri};
use std::sync::Arc;
use std::time::Duration;

/// Builds the router of a service: its routes, `/health`, `/ready`, `/version`, `/metrics`,
/// and the layers (from the outside in): request id, span and access log, metrics, panics to
/// 500; internal secret; body limit and stall timeout; envelopes for 404 and 405.
pub struct App {
    name: &'static str,
    version: &'static str,
    drain: Drain,
    scrape: Scrape,
    announced: metrics::Announced,
    log_peers: bool,
    slow_request_ms: Option<u64>,
    slow_after: Option<Duration>,
    body: BodyLimits,
    internal: Option<InternalAuth>,
    routes: Router,
    checks: Vec<Check>,
}

impl App {
    /// An app without routes. `version` is the service's own `CARGO_PKG_VERSION`.
    pub fn new(
        name: &'static str,
        version: &'static str,
        config: &CommonConfig,
        drain: Drain,
    ) -> Self {
        App {
            name,
            version,
            drain,
            scrape: Scrape {
                public: config.metrics_public,
                sample: None,
                join: None,
            },
            announced: metrics::Announced::default(),
            log_peers: !config.hipaa_mode,
            slow_request_ms: config.slow_request_ms,
            slow_after: None,
            body: BodyLimits {
                bytes: config.max_upload_bytes(),
                idle: config.body_timeout(),
            },
            internal: None,
            routes: Router::new(),
            checks: Vec::new(),
        }
    }

    /// Adds routes whose state is filled in. They must not set a fallback.
    pub fn routes(mut self, routes: Router) -> Self {
        self.routes = self.routes.merge(routes);
        self
    }

    /// Adds a line to `/ready` without which the service is not ready.
    pub fn check<F, R>(self, name: impl Into<String>, run: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.add_check(name.into(), true, run)
    }

    /// Adds a line to `/ready` that informs only.
    pub fn optional_check<F, R>(self, name: impl Into<String>, run: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.add_check(name.into(), false, run)
    }

    fn add_check<F, R>(mut self, name: String, required: bool, run: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), String>> + Send + 'static,
    {
        let run = Arc::new(move || -> futures::future::BoxFuture<'static, _> { Box::pin(run()) });
        self.checks.push(Check {
            name,
            required,
            run,
        });
        self
    }

    /// After what time a request of this service is logged as slow, unless SLOW_REQUEST_MS says it.
    pub fn slow_after(mut self, time: Duration) -> Self {
        self.slow_after = Some(time);
        self
    }

    /// Has metrics told before anything happened.
    pub fn announces(mut self, what: metrics::Announced) -> Self {
        self.announced = what;
        self
    }

    /// Sets gauges before each scrape: of what is only looked at, never counted. Must not block.
    pub fn sample_metrics(mut self, sample: impl Fn() + Send + Sync + 'static) -> Self {
        self.scrape.sample = Some(Arc::new(sample));
        self
    }

    /// Has `/metrics` answer what `join` makes of this process's own text.
    pub fn join_metrics<F, R>(mut self, join: F) -> Self
    where
        F: Fn(String) -> R + Send + Sync + 'static,
        R: Future<Output = String> + Send + 'static,
    {
        self.scrape.join = Some(Arc::new(move |own| Box::pin(join(own))));
        self
    }

    /// Demands the internal secret, for services behind the gateway.
    pub fn internal_auth(mut self, auth: InternalAuth) -> Self {
        self.internal = Some(auth);
        self
    }

    /// The finished router, to be given to [`crate::serve`].
    pub fn build(self) -> Router {
        metrics::install();
        metrics::say_build(self.name, self.version);
        metrics::announce(self.announced);
        crate::process::started();
        let status = Status {
            service: self.name,
            version: self.version,
            drain: self.drain,
            checks: self.checks.into(),
        };
        let operations = Router::new()
            .route("/health", get(health::health))
            .route("/ready", get(health::ready))
            .route("/version", get(health::version))
            .with_state(status)
            .route("/metrics", get(metrics::serve).with_state(self.scrape));
        let mut router = self
            .routes
            .merge(operations)
            .fallback(no_route)
            .method_not_allowed_fallback(wrong_method)
            .layer(DefaultBodyLimit::disable())
            .layer(from_fn_with_state(self.body, body::limit))
            .layer(from_fn(strict::check));
        if let Some(auth) = self.internal {
            router = router.layer(from_fn_with_state(auth, internal_auth::check));
        }
        let observed = Observed {
            peers: self.log_peers,
            slow: match self.slow_request_ms {
                Some(0) => None,
                Some(ms) => Some(Duration::from_millis(ms)),
                None => self.slow_after,
            },
        };
        router.layer(from_fn_with_state(observed, observe::observe))
    }
}

async fn no_route(uri: Uri) -> ApiError {
    // A path is the caller's own text; it is cut so that the answer stays small.
    let path: String = uri.path().chars().take(200).collect();
    ApiError::not_found(format!(
        "There is nothing at {path}; /docs lists what there is."
    ))
}

/// The router adds `Allow`.
async fn wrong_method(method: Method) -> ApiError {
    let method: String = method.as_str().chars().take(32).collect();
    ApiError::new(
        ErrorCode::MethodNotAllowed,
        format!("{method} is not allowed here; `Allow` lists what is."),
    )
}
