//! Everything a request needs, built once at the start.

use crate::auth::Auth;
use crate::bootstrap;
use crate::config::Config;
use crate::db::Db;
use crate::directory::Directory;
use crate::docs::Docs;
use crate::error::GatewayError;
use crate::limits::Quota;
use crate::sealed;
use crate::upstreams::Upstreams;
use crate::usage_log::{UsageLog, Writer};
use http::HeaderValue;
use service::Drain;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The gateway's state; cheap to clone.
pub type Shared = Arc<Gateway>;

/// The gateway's state.
#[derive(Debug)]
pub struct Gateway {
    /// Knows callers.
    pub auth: Auth,
    /// The local tokens.
    pub directory: Arc<Directory>,
    /// The database, for queries of `/auth/usage`.
    pub db: Db,
    /// Counts requests.
    pub usage: UsageLog,
    /// The services behind.
    pub upstreams: Upstreams,
    /// The merged document.
    pub docs: Docs,
    /// Browser applications that may call.
    pub origins: Vec<HeaderValue>,
    /// Shutdown.
    pub drain: Drain,
    /// `X-Internal-Secret`.
    pub secret: HeaderValue,
    /// How long an upstream may take to begin its answer.
    pub upstream_timeout: Duration,
    /// How long WebSockets go on after a shutdown began.
    pub drain_time: Duration,
    /// When it started.
    pub started: Instant,
}

impl Gateway {
    /// Opens the token database, makes the admin token if there is none, starts the usage
    /// thread. Call within a tokio runtime.
    pub fn start(config: &Config, drain: Drain) -> Result<(Shared, Writer), GatewayError> {
        let path = config.common.auth_db_path();
        let db = Db::open(&path, config.common.sealer()?)?;
        sealed::seal_at_start(&db).map_err(|source| GatewayError::open(&path, source))?;
        let rotation = config.common.rotation();
        if db.sealer().seals()
            && let Err(error) = rotation.announce(sealed::STORE)
        {
            tracing::error!(%error, "rotations of the key will not wait for the token database");
        }
        bootstrap::ensure_admin(&db, &path)?;
        let quota = Quota {
            rpm: config.rate_limit_rpm,
            characters: config.rate_limit_characters,
            streams: config.rate_limit_streams,
        };
        let directory = Arc::new(Directory::load(db.clone(), quota)?);
        let thread_failed =
            |error: std::io::Error| GatewayError::System(format!("no thread for usage: {error}"));
        let (usage, writer) =
            UsageLog::start(db.clone(), config.usage_days).map_err(thread_failed)?;
        let secret = config.common.internal_secret()?;
        let mut secret = HeaderValue::from_str(secret.expose()).expect("secrets are visible ASCII");
        secret.set_sensitive(true);
        let gateway = Gateway {
            auth: Auth::new(config, directory.clone())?,
            upstreams: Upstreams::new(config)?,
            docs: Docs::default(),
            origins: service::origins(&config.frontend_url)
                .map_err(crate::error::GatewayError::Setting)?,
            upstream_timeout: Duration::from_secs(config.upstream_timeout_seconds),
            drain_time: Duration::from_secs(config.common.drain_seconds),
            started: Instant::now(),
            directory,
            db,
            usage,
            drain,
            secret,
        };
        let watched = gateway.directory.clone();
        let sealing = sealed::keep_sealed(gateway.db.clone(), rotation);
        let stop = gateway.drain.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = watched.watch() => {}
                () = sealing => {}
                () = stop.started() => {}
            }
        });
        Ok((Arc::new(gateway), writer))
    }
}
