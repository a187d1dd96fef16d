//! The pool of connections, and the schema.

use crate::error::{Error, Result};
use crate::tenant::Tenant;
use api::ids::OrganizationId;
use sealing::Sealer;
use sqlx::PgPool;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::time::Duration;

/// The schema, embedded: what is applied is never changed, only added to.
static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// Limits of the pool.
#[derive(Debug, Clone, Copy)]
pub struct PoolOptions {
    /// Connections at most.
    pub connections: u32,
    /// How long a query waits for a connection before the database counts as not available.
    pub acquire: Duration,
    /// How long PostgreSQL may take for one statement.
    pub statement: Duration,
}

impl Default for PoolOptions {
    fn default() -> Self {
        PoolOptions {
            connections: 16,
            acquire: Duration::from_secs(3),
            statement: Duration::from_secs(10),
        }
    }
}

/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct Database {
    pool: PgPool,
    sealer: Sealer,
}

impl Database {
    /// Connects when first used, and again whenever the database comes back.
    ///
    /// # Errors
    /// [`Error::Url`].
    pub fn new(url: &str, options: PoolOptions) -> Result<Self> {
        let connect: PgConnectOptions = url.parse().map_err(|_| Error::Url)?;
        let statement = options.statement.as_millis().to_string();
        let connect = connect.application_name("whissle-gateway").options([
            ("statement_timeout", statement.as_str()),
            ("lock_timeout", "5s"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(options.connections)
            .acquire_timeout(options.acquire)
            .idle_timeout(Duration::from_secs(600))
            .max_lifetime(Duration::from_secs(1800))
            .connect_lazy_with(connect);
        Ok(Database {
            pool,
            sealer: Sealer::none(),
        })
    }

    /// Seals what people say and are as this does, and opens what it sealed.
    pub fn sealed_by(mut self, sealer: Sealer) -> Self {
        self.sealer = sealer;
        self
    }

    /// Brings the schema up to date: forward only, under an advisory lock, so that several
    /// services may start at once. Applied migrations must be those of this program.
    pub async fn migrate(&self) -> Result<()> {
        // A migration may take longer than a query may.
        let options = self.pool.connect_options();
        let options = (*options)
            .clone()
            .options([("statement_timeout", "0"), ("lock_timeout", "0")]);
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(3))
            .connect_lazy_with(options);
        let result = MIGRATIONS.run(&pool).await;
        pool.close().await;
        result.map_err(|error| match error {
            sqlx::migrate::MigrateError::Execute(error) => Error::from(error),
            error => Error::Migration(error),
        })
    }

    /// Whether the database answers now.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// The version of PostgreSQL, such as `17.2`.
    pub async fn server_version(&self) -> Result<String> {
        let version: String = sqlx::query_scalar("SHOW server_version")
            .fetch_one(&self.pool)
            .await?;
        Ok(version)
    }

    /// Connections that are open, and how many of them nobody uses now.
    pub fn connections(&self) -> (u32, u32) {
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX);
        (self.pool.size(), idle)
    }

    /// What an organization owns.
    pub fn tenant(&self, organization: OrganizationId) -> Tenant<'_> {
        Tenant::new(self, organization)
    }

    /// Ends all connections once their queries are done.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// What seals and opens.
    pub(crate) fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }
}
