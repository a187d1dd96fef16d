//! The service with and without its database.

use crate::support::Bot;
use api::Role;

#[tokio::test]
async fn a_fresh_database_is_migrated_and_the_document_served() {
    let bot = Bot::start().await;
    let document = bot.visitor().get("/openapi.json").await.expect(200);
    assert!(
        document["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3."))
    );
}

#[tokio::test]
async fn nobody_is_let_in_without_a_session() {
    let bot = Bot::start().await;
    let visitor = bot.visitor();
    visitor
        .get("/api/audit")
        .await
        .refused(401, "missing_session");
    visitor.set_cookie("access_token", "x.y.z");
    visitor
        .get("/api/audit")
        .await
        .refused(401, "invalid_session");
}

#[tokio::test]
async fn the_audit_log_is_for_admins() {
    let bot = Bot::start().await;
    let (owner, _, organization) = bot.member(None, Role::Owner).await;
    assert_eq!(
        owner.get("/api/audit").await.expect(200),
        serde_json::json!([])
    );
    let (member, ..) = bot.member(Some(organization), Role::Member).await;
    member.get("/api/audit").await.refused(403, "role_required");
}
