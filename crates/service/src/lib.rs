//! What every service of the gateway shares: configuration, errors, telemetry, health,
//! shutdown and limits. It knows nothing of audio, models or SQL.
//!
//! A service is a router given to [`App`], and the result given to [`serve`]:
//!
//! ```no_run
//! # async fn run(common: service::CommonConfig) -> Result<(), Box<dyn std::error::Error>> {
//! service::telemetry::init("asr-server", &common)?;
//! let drain = service::Drain::new();
//! let app = service::App::new("asr-server", env!("CARGO_PKG_VERSION"), &common, drain.clone())
//!     .routes(axum::Router::new())
//!     .check("models", || async { Ok(()) })
//!     .build();
//! service::serve(app, &common, 8001, drain).await?;
//! # Ok(()) }
//! ```

mod app;
mod arguments;
mod body;
mod caller;
pub mod config;
mod conn;
mod document;
mod drain;
mod error;
mod extract;
pub mod form;
mod health;
mod idle;
mod internal_auth;
pub mod metrics;
mod multipart;
mod observe;
mod origins;
pub mod phases;
mod process;
pub mod public_address;
pub mod rate;
pub mod request_id;
pub mod secret;
mod serve;
pub mod socket;
mod strict;
pub mod telemetry;
pub mod trace;
mod trace_export;

pub use app::App;
pub use arguments::arguments;
pub use body::{BodyError, guard as guard_body};
pub use caller::Caller;
pub use config::{CommonConfig, parse_bool};
pub use conn::Peer;
pub use document::document;
pub use drain::{Drain, DrainGuard};
pub use error::{ApiError, ApiResult, BoxError};
pub use extract::{Json, JsonUpTo, Path, Query};
pub use form::Form;
pub use internal_auth::{INTERNAL_SECRET, INTERNAL_TOKEN_ID, INTERNAL_USER, InternalAuth};
pub use multipart::{Multipart, read_text};
pub use origins::origins;
pub use request_id::RequestId;
pub use secret::Secret;
pub use serve::{Limits, ServeError, serve, serve_on};
