//! Calls as they happen, by server-sent events.

use super::Office;
use api::Role;
use serde_json::json;

#[tokio::test]
async fn whoever_follows_sees_every_turn_and_the_end() {
    let office = Office::open().await;
    let mut all = office.owner.follow("/api/calls/events").await;
    all.wait("ready").await;
    let (call, caller) = office.call().await;
    assert_eq!(all.wait("started").await["call_id"], json!(call));
    let hello = all.wait("segment").await;
    assert_eq!(hello["segment"]["text"], "Hello, this is Ada.");
    assert_eq!(hello["number"], 0);
    let mut one = office
        .owner
        .follow(&format!("/api/calls/{call}/events"))
        .await;
    let snapshot = one.wait("snapshot").await;
    assert_eq!(snapshot["segments"][0]["text"], "Hello, this is Ada.");
    office.ears.hear("When do you open?");
    let asked = one.wait("segment").await;
    assert_eq!(asked["segment"]["speaker"], "customer");
    assert_eq!(asked["number"], 1);
    one.wait("segment").await;
    caller.goes().await;
    assert_eq!(one.wait("ended").await["reason"], "caller_hung_up");
    one.wait("updated").await;
    assert!(one.next().await.is_none(), "it ends with the call");
    let path = format!("/api/calls/{call}/events");
    office.owner.get(&path).await.refused(409, "conflict");
}

#[tokio::test]
async fn nobody_follows_the_calls_of_others() {
    let office = Office::open().await;
    let (stranger, _, _) = office.bot.member(None, Role::Owner).await;
    let mut theirs = stranger.follow("/api/calls/events").await;
    theirs.wait("ready").await;
    let (call, caller) = office.call().await;
    let path = format!("/api/calls/{call}/events");
    stranger.get(&path).await.refused(404, "not_found");
    assert_eq!(
        stranger.get("/api/calls/active").await.expect(200),
        json!([])
    );
    caller.goes().await;
    office.when(call, super::over).await;
    office.bot.state.drain.start();
    assert!(theirs.next().await.is_none());
}

#[tokio::test]
async fn in_hipaa_mode_following_is_on_record() {
    let office = Office::with(|config| config.common.hipaa_mode = true).await;
    let (call, _caller) = office.call().await;
    let path = format!("/api/calls/{call}/events");
    let mut one = office.owner.follow(&path).await;
    one.wait("snapshot").await;
    let mut all = office.owner.follow("/api/calls/events").await;
    all.wait("ready").await;
    let log = office.owner.get("/api/audit").await.expect(200).to_string();
    assert!(log.contains("call.followed") && log.contains("calls.followed"));
    assert!(log.contains(&call.to_string()));
}
