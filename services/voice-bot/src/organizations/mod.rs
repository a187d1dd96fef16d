//! `/api/orgs` and `/api/invitations`: companies, who belongs to them and who is invited.

mod check;
mod here;
mod invitations;
mod members;
#[allow(clippy::module_inception, reason = "the noun itself")]
mod organizations;
mod recordings;
mod switch;

pub use recordings::{keep_swept, sweep};

use crate::state::AppState;
use utoipa_axum::router::OpenApiRouter;

/// The routes of this folder.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(organizations::routes())
        .merge(switch::routes())
        .merge(members::routes())
        .merge(invitations::routes())
}
