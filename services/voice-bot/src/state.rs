//! Everything handlers share.

use crate::accounts::google::Google;
use crate::config::Config;
use crate::keys::{KeyError, Keys};
use crate::limits::Limits;
use crate::live::Live;
use crate::mail::Mailer;
use crate::offer::Peers;
use crate::passwords::Passwords;
use crate::twilio::{Tickets, Twilio};
use crate::voices::Voices;
use api::ErrorCode;
use data_model::{Database, PoolOptions};
use http::HeaderValue;
use sealing::Sealer;
use service::{ApiError, ApiResult, Drain};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How often a database that is away, or not migrated, is tried again.
const RETRY: Duration = Duration::from_secs(2);
/// How often the folder of keys is looked at.
const KEYS: Duration = Duration::from_secs(10);

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// `DATABASE_URL` cannot be read.
    #[error(transparent)]
    Database(#[from] data_model::Error),
    /// The keys that sign sessions cannot be read or made.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The key of HIPAA mode cannot be used.
    #[error(transparent)]
    Sealing(#[from] sealing::Error),
    /// No thread can be started.
    #[error("cannot start the threads that hash passwords: {0}")]
    Threads(#[source] std::io::Error),
    /// A setting makes no sense.
    #[error("{0}")]
    Setting(String),
}

/// Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

/// What [`AppState`] derefs to.
pub struct Inner {
    /// Settings.
    pub config: Config,
    /// People and what they own.
    pub database: Database,
    /// Seals what people say and are, in HIPAA mode.
    pub sealer: Sealer,
    /// Sign sessions.
    pub keys: Keys,
    /// Takes letters.
    pub mailer: Mailer,
    /// Told when somebody forgot a password.
    pub resets: Notify,
    /// Signs people in with Google, where that is set up.
    pub google: Option<Google>,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// Counts what strangers try.
    pub limits: Limits,
    /// `FRONTEND_URL` and `PUBLIC_URL`: pages that may change something.
    pub origins: Vec<HeaderValue>,
    /// Which voices there are.
    pub voices: Voices,
    /// By which the sound of telephone calls is known.
    pub tickets: Tickets,
    /// Makes telephone calls, where it is set up.
    twilio: Option<Twilio>,
    /// Calls that are being led.
    pub live: Live,
    /// Connections of browsers.
    pub peers: Peers,
    /// When the service started.
    pub started: Instant,
    /// Tells when it ends.
    pub drain: Drain,
    migrated: AtomicBool,
}

impl std::ops::Deref for AppState {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl AppState {
    /// Reads keys and settings; connects to nothing yet.
    pub fn start(config: Config, drain: Drain) -> Result<Self, StartError> {
        let options = PoolOptions {
            connections: config.database_connections,
            ..PoolOptions::default()
        };
        let sealer = config.common.sealer()?;
        let database = Database::new(config.database_url().expose(), options)?;
        let database = database.sealed_by(sealer.clone());
        let keys = Keys::open(&config.keys_dir())?;
        let passwords = Passwords::start(config.accounts.password_workers());
        let passwords = passwords.map_err(StartError::Threads)?;
        let limits = Limits::new(&config.accounts);
        let mut urls = config.frontend_url.clone();
        urls.push(config.public_url.clone());
        let origins = service::origins(&urls).map_err(StartError::Setting)?;
        let google = Google::new(&config).map_err(StartError::Setting)?;
        let mailer = Mailer::start(&config, &sealer, &drain).map_err(StartError::Setting)?;
        let http = crate::outbound::client().map_err(|error| {
            StartError::Setting(format!(
                "no HTTPS client, are CA certificates installed? {error}"
            ))
        })?;
        let secret = config.common.internal_secret().ok();
        let voices = Voices::new(http.clone(), &config.tts_url, secret);
        let live =
            Live::start(&config, &sealer, http.clone(), &drain).map_err(StartError::Setting)?;
        let twilio = Twilio::new(&config.twilio, http).map_err(StartError::Setting)?;
        Ok(AppState(Arc::new(Inner {
            config,
            database,
            sealer,
            keys,
            mailer,
            resets: Notify::new(),
            google,
            passwords,
            limits,
            origins,
            voices,
            tickets: Tickets::default(),
            twilio,
            live,
            peers: Peers::default(),
            started: Instant::now(),
            drain,
            migrated: AtomicBool::new(false),
        })))
    }

    /// Migrates the database as soon as it answers.
    pub async fn keep_migrated(self) {
        let mut told = false;
        loop {
            let ready = async {
                self.database.migrate().await?;
                self.database.check_keys().await
            };
            match ready.await {
                Ok(()) => break,
                // Neither is mended by waiting, but an operator may mend it meanwhile.
                Err(error) if !told => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the database is not ready; trying on"
                    );
                    told = true;
                }
                Err(error) => tracing::debug!(%error, "the database is not ready"),
            }
            tokio::time::sleep(RETRY).await;
        }
        self.migrated.store(true, Ordering::Release);
        tracing::info!("the database is ready");
    }

    /// Notices keys that `--rotate-keys` made.
    pub async fn keep_keys(self) {
        while !self.drain.is_draining() {
            tokio::time::sleep(KEYS).await;
            let state = self.clone();
            match tokio::task::spawn_blocking(move || state.keys.reload()).await {
                Ok(Ok(true)) => tracing::info!("another key signs sessions now"),
                Ok(Ok(false)) | Err(_) => {}
                Ok(Err(error)) => tracing::warn!(%error, "keys cannot be read; the old ones stay"),
            }
        }
    }

    /// Line of `/ready`.
    pub async fn database_ready(&self) -> Result<(), String> {
        if !self.migrated.load(Ordering::Acquire) {
            return Err("not migrated yet, or its key is missing; see the log".into());
        }
        self.database
            .ping()
            .await
            .map_err(|error| error.to_string())
    }

    /// Telephone calls; 503 naming the variables where they are not set up.
    pub fn twilio(&self) -> ApiResult<&Twilio> {
        self.twilio.as_ref().ok_or_else(|| {
            let missing = self.config.twilio.missing().join(", ");
            let message = format!("Telephone calls are not set up: {missing} must be set.");
            ApiError::new(ErrorCode::NotConfigured, message)
        })
    }

    /// Ends the connections to the database.
    pub async fn close(&self) {
        self.database.close().await;
    }
}
