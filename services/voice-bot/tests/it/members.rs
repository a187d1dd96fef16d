//! Members of organizations: their roles, and how they leave.

use crate::organizations::actions;
use crate::support::Bot;
use api::Role;
use api::ids::{OrganizationId, UserId};
use serde_json::json;

fn members(organization: OrganizationId, user: UserId) -> String {
    format!("/api/orgs/{organization}/members/{user}")
}

#[tokio::test]
async fn roles_are_given_by_those_who_may() {
    let bot = Bot::start().await;
    let (owner, owner_id, id) = bot.member(None, Role::Owner).await;
    let (admin, admin_id, _) = bot.member(Some(id), Role::Admin).await;
    let (member, member_id, _) = bot.member(Some(id), Role::Member).await;
    let (_, stranger, _) = bot.member(None, Role::Owner).await;
    let role = |role: &str| json!({"role": role});
    member
        .patch(&members(id, admin_id), role("member"))
        .await
        .refused(403, "role_required");
    member
        .patch(&members(id, member_id), role("admin"))
        .await
        .refused(403, "role_required");
    admin
        .patch(&members(id, admin_id), role("owner"))
        .await
        .refused(403, "role_required");
    admin
        .patch(&members(id, owner_id), role("member"))
        .await
        .refused(403, "role_required");
    admin
        .patch(&members(id, stranger), role("member"))
        .await
        .refused(404, "not_found");
    admin
        .patch(&members(id, member_id), role("king"))
        .await
        .refused(422, "invalid_parameter");
    let changed = admin
        .patch(&members(id, member_id), role("admin"))
        .await
        .expect(200);
    assert_eq!(changed["role"], "admin");
    owner
        .patch(&members(id, owner_id), role("admin"))
        .await
        .refused(409, "last_owner");
    owner
        .patch(&members(id, admin_id), role("owner"))
        .await
        .expect(200);
    // The hand-over: the one on record follows when the old owner steps back.
    owner
        .patch(&members(id, owner_id), role("member"))
        .await
        .expect(200);
    let organization = owner.get(&format!("/api/orgs/{id}")).await.expect(200);
    assert_eq!(organization["owner_user_id"], json!(admin_id));
    assert_eq!(organization["role"], "member");
    let list = owner
        .get(&format!("/api/orgs/{id}/members"))
        .await
        .expect(200);
    let roles: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["admin", "owner", "member"]);
    assert_eq!(actions(&bot, id).await, ["member.role_changed"; 3]);
}

#[tokio::test]
async fn two_owners_who_step_back_at_once_leave_one() {
    let bot = Bot::start().await;
    for round in 0..8 {
        let (first, a, id) = bot.member(None, Role::Owner).await;
        let (second, b, _) = bot.member(Some(id), Role::Owner).await;
        let (a, b) = (members(id, a), members(id, b));
        let down = json!({"role": "member"});
        // Half of the rounds each demotes the other, else they leave.
        let (x, y) = match round % 2 {
            0 => tokio::join!(first.patch(&b, down.clone()), second.patch(&a, down)),
            _ => tokio::join!(first.delete(&a), second.delete(&b)),
        };
        let statuses = [x.status.as_u16(), y.status.as_u16()];
        assert!(statuses.iter().any(|status| *status < 300), "{statuses:?}");
        let owners: Vec<uuid::Uuid> = sqlx::query_scalar(
            "SELECT m.user_id FROM organization_memberships m JOIN organizations o
             ON o.id = m.organization_id AND o.owner_user_id = m.user_id WHERE o.id = $1 AND role = 'owner'",
        )
        .bind(id.0)
        .fetch_all(&bot.pool().await)
        .await
        .expect("the owners");
        assert_eq!(owners.len(), 1, "{statuses:?}");
    }
}

#[tokio::test]
async fn a_removed_member_is_out_at_once() {
    let bot = Bot::start().await;
    let (owner, owner_id, id) = bot.member(None, Role::Owner).await;
    let (admin, admin_id, _) = bot.member(Some(id), Role::Admin).await;
    let (member, member_id, _) = bot.member(Some(id), Role::Member).await;
    let (other, other_id, _) = bot.member(Some(id), Role::Member).await;
    member
        .delete(&members(id, other_id))
        .await
        .refused(403, "role_required");
    admin
        .delete(&members(id, owner_id))
        .await
        .refused(403, "role_required");
    admin.delete(&members(id, member_id)).await.expect(204);
    member
        .get("/api/orgs/active")
        .await
        .refused(403, "organization_required");
    member
        .get(&format!("/api/orgs/{id}"))
        .await
        .refused(404, "not_found");
    admin
        .delete(&members(id, member_id))
        .await
        .refused(404, "not_found");
    let sessions: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM user_sessions WHERE user_id = $1 AND organization_id IS NOT NULL",
    )
    .bind(member_id.0)
    .fetch_one(&bot.pool().await)
    .await
    .expect("their sessions");
    assert_eq!(sessions, 0);
    other.delete(&members(id, other_id)).await.expect(204);
    owner
        .delete(&members(id, owner_id))
        .await
        .refused(409, "last_owner");
    owner.delete(&members(id, admin_id)).await.expect(204);
    assert_eq!(
        actions(&bot, id).await,
        ["member.removed", "member.left", "member.removed"]
    );
}
