//! Health and readiness, the same for every service.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Answer of `/health`: the process is alive.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// Always `ok`; a dead process does not answer.
    pub status: String,
    /// Name of the service, such as `gateway`.
    pub service: String,
    /// Version of the build.
    pub version: String,
}

/// Answer of `/ready`: 200 when work can be taken, 503 otherwise.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Readiness {
    /// Whether everything below is `ok`.
    pub ready: bool,
    /// What this service depends on and how it is: `ok`, or why not.
    pub checks: BTreeMap<String, String>,
}

/// Answer of `/version`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Version {
    /// Name of the service.
    pub service: String,
    /// Version of the build.
    pub version: String,
}
