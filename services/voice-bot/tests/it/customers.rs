//! Customers: made, changed and taken away, by whom and from what.

use crate::support::{Bot, Visitor};
use api::Role;
use serde_json::{Value, json};

async fn customer(who: &Visitor, body: Value) -> Value {
    who.post("/api/customers", body).await.expect(201)
}

fn path(customer: &Value) -> String {
    format!("/api/customers/{}", customer["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn the_example_of_the_reference_works_as_printed() {
    let bot = Bot::start().await;
    let (_, _, organization) = bot.member(None, Role::Owner).await;
    let (member, ..) = bot.member(Some(organization), Role::Member).await;
    let made = customer(
        &member,
        json!({"name": "Jane Smith", "phone_number": "+14155551234", "email": "jane@example.com"}),
    )
    .await;
    assert_eq!(made["name"], "Jane Smith");
    assert_eq!(made["metadata"], json!({}));
    assert_eq!(member.get(&path(&made)).await.expect(200), made);
    assert_eq!(
        member.get("/api/customers").await.expect(200),
        json!([made])
    );
}

#[tokio::test]
async fn what_cannot_be_right_is_refused_with_its_name() {
    let bot = Bot::start().await;
    let (owner, ..) = bot.member(None, Role::Owner).await;
    let made = customer(&owner, json!({"name": "A"})).await;
    let cases = [
        ("name", json!("")),
        ("name", json!("x".repeat(129))),
        ("name", json!("a\u{0}")),
        ("phone_number", json!("4155551234")),
        ("phone_number", json!("+1415555123x")),
        ("phone_number", json!(["+14155551234"])),
        ("email", json!("jane")),
        ("email", json!("jane@example.com\r\nBcc: x@example.com")),
        ("email", json!(format!("{}@example.com", "a".repeat(300)))),
        ("metadata", json!([1])),
        ("metadata", json!({"\u{0}": 1})),
    ];
    for (field, value) in cases {
        let mut body = json!({"name": "A"});
        body[field] = value;
        let answer = owner.post("/api/customers", body.clone()).await;
        let answer = answer.refused(422, "invalid_parameter");
        assert_eq!(answer.json()["error"]["param"], field, "{body}");
        let answer = owner.patch(&path(&made), body).await;
        answer.refused(422, "invalid_parameter");
    }
    let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
    let deep = owner
        .post("/api/customers", json!({"name": "A", "metadata": deep}))
        .await;
    deep.refused(422, "invalid_parameter");
    owner
        .post(
            "/api/customers",
            json!({"name": "' OR 1=1; DROP TABLE customers; --"}),
        )
        .await
        .expect(201);
}

#[tokio::test]
async fn a_number_is_one_customers_within_an_organization_only() {
    let bot = Bot::start().await;
    let (owner, ..) = bot.member(None, Role::Owner).await;
    let (other, ..) = bot.member(None, Role::Owner).await;
    let jane = json!({"name": "Jane", "phone_number": "+1 415-555-1234"});
    let made = customer(&owner, jane.clone()).await;
    assert_eq!(made["phone_number"], "+14155551234");
    let again = owner.post("/api/customers", jane.clone()).await;
    again.refused(409, "phone_number_taken");
    customer(&other, jane.clone()).await;
    // Several without a number are no trouble, and a number is free again once it is given up.
    customer(&owner, json!({"name": "Joe", "phone_number": ""})).await;
    customer(&owner, json!({"name": "Jim", "phone_number": null})).await;
    let freed = owner
        .patch(&path(&made), json!({"phone_number": null}))
        .await;
    assert_eq!(freed.expect(200)["phone_number"], Value::Null);
    customer(&owner, jane).await;
}

#[tokio::test]
async fn a_patch_changes_what_it_names() {
    let bot = Bot::start().await;
    let (owner, ..) = bot.member(None, Role::Owner).await;
    let made = customer(
        &owner,
        json!({"name": "Jane", "email": "jane@example.com", "phone_number": "+14155551234", "metadata": {"tier": "gold"}}),
    )
    .await;
    let foreign = "00000000-0000-0000-0000-000000000001";
    let change = json!({"email": null, "metadata": {"tier": "silver"}, "organization_id": foreign, "id": foreign});
    let changed = owner.patch(&path(&made), change).await.expect(200);
    let mut wanted = made.clone();
    wanted["email"] = Value::Null;
    wanted["metadata"] = json!({"tier": "silver"});
    wanted["updated_at"] = changed["updated_at"].clone();
    assert_eq!(changed, wanted);
}

#[tokio::test]
async fn a_customer_with_calls_is_gone_but_the_calls_stay() {
    let bot = Bot::start().await;
    let (owner, _, organization) = bot.member(None, Role::Owner).await;
    let agent = owner
        .post("/api/agents", json!({"name": "A"}))
        .await
        .expect(201);
    let (kept, gone) = (
        customer(
            &owner,
            json!({"name": "Kept", "phone_number": "+14155551234"}),
        )
        .await,
        customer(&owner, json!({"name": "Gone"})).await,
    );
    sqlx::query(
        "INSERT INTO calls (id, organization_id, agent_id, customer_id, direction)
         VALUES (gen_random_uuid(), $1, $2::uuid, $3::uuid, 'web')",
    )
    .bind(organization.0)
    .bind(agent["id"].as_str())
    .bind(kept["id"].as_str())
    .execute(&bot.pool().await)
    .await
    .expect("a call can be written");
    for customer in [&kept, &gone] {
        owner.delete(&path(customer)).await.expect(204);
        owner.get(&path(customer)).await.refused(404, "not_found");
        owner
            .delete(&path(customer))
            .await
            .refused(404, "not_found");
    }
    let calls = owner.get("/api/calls").await.expect(200);
    assert_eq!(calls[0]["customer_id"], kept["id"]);
    customer(
        &owner,
        json!({"name": "New", "phone_number": "+14155551234"}),
    )
    .await;
}

#[tokio::test]
async fn members_write_and_admins_delete_and_strangers_see_nothing() {
    let bot = Bot::start().await;
    let (admin, _, organization) = bot.member(None, Role::Admin).await;
    let (member, ..) = bot.member(Some(organization), Role::Member).await;
    let (stranger, ..) = bot.member(None, Role::Owner).await;
    let path = path(&customer(&member, json!({"name": "A"})).await);
    member.patch(&path, json!({"name": "B"})).await.expect(200);
    member.delete(&path).await.refused(403, "role_required");
    stranger.get(&path).await.refused(404, "not_found");
    stranger.delete(&path).await.refused(404, "not_found");
    let change = stranger.patch(&path, json!({"name": "C"})).await;
    change.refused(404, "not_found");
    assert_eq!(stranger.get("/api/customers").await.expect(200), json!([]));
    admin.delete(&path).await.expect(204);
}
