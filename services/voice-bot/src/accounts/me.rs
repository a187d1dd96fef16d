//! `GET /api/auth/me`: who one is, and where one works.

use crate::failure;
use crate::openapi::{Failures, SessionFailures};
use crate::session::SignedIn;
use crate::state::AppState;
use api::accounts::{AuthProvider, Me, Membership, Profile};
use api::ids::{OrganizationId, UserId};
use axum::extract::State;
use service::{ApiResult, Json};

/// Who is signed in, the active organization with their role, and all others they belong to.
#[utoipa::path(get, path = "/api/auth/me", tag = "Accounts", security(("session" = [])),
    responses((status = 200, body = Me), Failures, SessionFailures))]
pub(super) async fn me(
    State(state): State<AppState>,
    SignedIn(person): SignedIn,
) -> ApiResult<Json<Me>> {
    let me = of(&state, person.user_id, person.organization_id).await?;
    Ok(Json(me))
}

/// Somebody who works in this organization.
pub(super) async fn of(
    state: &AppState,
    user: UserId,
    active: Option<OrganizationId>,
) -> ApiResult<Me> {
    let database = &state.database;
    let (profile, memberships) =
        tokio::try_join!(database.profile(user), database.memberships(user))
            .map_err(failure::of("user"))?;
    let organizations: Vec<Membership> = memberships.into_iter().map(membership).collect();
    let mut known = organizations.iter();
    Ok(Me {
        user: Profile {
            id: profile.id,
            email: profile.email,
            email_verified: profile.email_verified_at.is_some(),
            name: profile.name,
            auth_provider: profile.auth_provider,
            is_guest: profile.auth_provider == AuthProvider::Guest,
            created_at: profile.created_at,
        },
        organization: known.find(|one| Some(one.id) == active).cloned(),
        organizations,
    })
}

fn membership(membership: data_model::Membership) -> Membership {
    Membership {
        id: membership.id,
        name: membership.name,
        slug: membership.slug,
        role: membership.role,
    }
}
