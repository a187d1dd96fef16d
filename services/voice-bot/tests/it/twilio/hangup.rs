//! How calls end, by our wish or because nobody made them.

use super::{Office, SID};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn hanging_up_ends_a_call_once() {
    let office = Office::open().await;
    let call = office
        .start(json!({"to": "+14155551234"}), None)
        .await
        .expect(201);
    let path = format!("/api/calls/{}/hangup", call["id"].as_str().expect("an id"));
    let sid = call["provider_call_id"].as_str().expect("a sid");
    office.twilio.answers(503, json!({}), Duration::ZERO);
    office
        .owner
        .post(&path, json!({}))
        .await
        .refused(424, "upstream_failed");
    office.twilio.answers(
        200,
        json!({"sid": sid, "status": "in-progress"}),
        Duration::ZERO,
    );
    assert_eq!(
        office
            .owner
            .send(Method::POST, &path, &[], None)
            .await
            .expect(200)["status"],
        "initiated"
    );
    office.twilio.answers(
        200,
        json!({"sid": sid, "status": "canceled"}),
        Duration::ZERO,
    );
    assert_eq!(
        office.owner.post(&path, json!({})).await.expect(200)["status"],
        "canceled"
    );
    let asked = office.twilio.asked();
    let last = asked.last().expect("it was asked");
    assert_eq!(
        last.path,
        format!("/2010-04-01/Accounts/{SID}/Calls/{sid}.json")
    );
    assert_eq!(last.form, [("Status".to_owned(), "completed".to_owned())]);
    office
        .owner
        .post(&path, json!({}))
        .await
        .refused(409, "conflict");
    assert_eq!(office.twilio.asked().len(), asked.len());

    // Twilio knows it is over before we do.
    office.twilio.answers(
        201,
        json!({"sid": "CA5", "status": "queued"}),
        Duration::ZERO,
    );
    let call = office
        .start(json!({"to": "+14155551234"}), None)
        .await
        .expect(201);
    office.twilio.answers(
        400,
        json!({"code": 21220, "message": "Call is not in-progress. Cannot redirect."}),
        Duration::ZERO,
    );
    let path = format!("/api/calls/{}/hangup", call["id"].as_str().expect("an id"));
    office
        .owner
        .post(&path, json!({}))
        .await
        .refused(409, "conflict");
    assert_eq!(office.call(&call["id"]).await["status"], "completed");
}

#[tokio::test]
async fn a_call_that_was_never_dialled_is_not_open_for_ever() {
    let office = Office::open().await;
    sqlx::query(
        "INSERT INTO calls (id, organization_id, agent_id, direction, created_at)
         VALUES (gen_random_uuid(), $1, $2::uuid, 'outbound', now() - interval '10 minutes'),
                (gen_random_uuid(), $1, $2::uuid, 'outbound', now())",
    )
    .bind(office.organization.0)
    .bind(&office.agent)
    .execute(&office.bot.pool().await)
    .await
    .expect("calls can be written");
    let failed = office
        .bot
        .state
        .database
        .fail_forgotten_calls(Duration::from_secs(300))
        .await;
    assert_eq!(failed.expect("the database answers"), 1);
    let calls = office.owner.get("/api/calls").await.expect(200);
    assert_eq!(
        (&calls[0]["status"], &calls[1]["status"]),
        (&json!("queued"), &json!("failed"))
    );
}
