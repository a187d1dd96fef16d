//! Deleting a customer with everything that is kept of them, at their request. What remains is that it
//! happened, without who they were.

use crate::address::Client;
use crate::calls::remains;
use crate::failure;
use crate::session::Member;
use crate::state::AppState;
use api::ErrorCode;
use api::customers::Erased;
use api::ids::CustomerId;
use data_model::Event;
use pipeline::EndReason;
use serde_json::json;
use service::{ApiError, ApiResult};
use std::time::Duration;

/// How long a call may take to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// Erases a customer of the caller's organization. May be repeated until it worked.
///
/// # Errors
/// 404 for a customer that is not the organization's, 409 while a call with them goes on elsewhere.
pub async fn erase(
    state: &AppState,
    member: &Member,
    client: Client,
    id: CustomerId,
) -> ApiResult<Erased> {
    let tenant = member.tenant(state);
    let wrong = failure::of("customer");
    let led = state.live.active(member.organization);
    for call in led.iter().filter(|call| call.customer == Some(id)) {
        state.live.ended(call.id, EndReason::HungUp, PATIENCE).await;
    }
    let calls = tenant.calls_to_erase(id).await.map_err(&wrong)?;
    if calls.iter().any(|call| call.is_open) {
        let message = "A call with this customer goes on; erase them when it is over.";
        return Err(ApiError::new(ErrorCode::Conflict, message));
    }
    let ids: Vec<_> = calls.iter().map(|call| call.id).collect();
    let files = calls.into_iter().map(|call| (call.id, call.recording_path));
    // Files first: a row that names no file is found again, a file that no row names is not.
    let named = remains::remove(state, files.collect()).await;
    let unnamed = remains::remove_unnamed(state, member.organization, ids.clone()).await;
    let recordings = named.map_err(ApiError::internal)? + unnamed.map_err(ApiError::internal)?;
    let erased = Erased {
        calls: ids.len(),
        recordings,
    };
    let event = Event {
        user: Some(member.person.user_id),
        organization: Some(member.organization),
        action: "customer.erased",
        ip: client.ip,
        user_agent: client.user_agent,
        details: Some(json!({
            "customer_id": id, "calls": erased.calls, "recordings": erased.recordings,
        })),
    };
    tenant
        .erase_customer(id, &ids, &event)
        .await
        .map_err(&wrong)?;
    Ok(erased)
}
