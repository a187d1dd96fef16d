//! Wire types of the gateway: what travels over HTTP and WebSocket, and nothing else.
//!
//! Every request, response and event is a serde type with an OpenAPI schema, so the
//! documents at `/docs` and the bytes on the wire cannot drift apart. No I/O happens here.

pub mod accounts;
pub mod agents;
pub mod analysis;
pub mod audit;
pub mod calls;
pub mod conversation;
pub mod customers;
pub mod entities;
pub mod error;
pub mod health;
pub mod ids;
pub mod lookup;
pub mod offer;
pub mod organizations;
pub mod page;
pub mod parameters;
pub mod patch;
pub mod recognition;
pub mod recovery;
pub mod role;
pub mod speech_analysis;
pub mod status;
pub mod stream;
pub mod synthesis;
pub mod tags;
pub mod tokens;

pub use error::{ErrorBody, ErrorCode, ErrorEnvelope, ErrorType};
pub use role::Role;
