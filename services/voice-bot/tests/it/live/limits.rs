//! Which calls may begin, and what ends them from outside.

use super::{Office, over};
use crate::support::Bot;
use api::Role;
use service::ApiError;
use std::time::Duration;
use voice_bot::live::Beginning;

fn refused(result: Result<impl Sized, ApiError>) -> (u16, String) {
    let error = result.err().expect("it is refused");
    let status = error.code.status();
    (status, error.message)
}

#[tokio::test]
async fn too_many_calls_are_refused_until_one_ends() {
    let office = Office::with(|config| config.live.max_calls = 1).await;
    let (call, _caller) = office.call().await;
    assert_eq!(refused(office.calls(office.beginning()).await).0, 503);
    let path = format!("/api/calls/{call}/hangup");
    let ended = office.owner.post(&path, serde_json::json!({})).await;
    assert_eq!(ended.expect(200)["metadata"]["end_reason"], "hung_up");
    office
        .owner
        .post(&path, serde_json::json!({}))
        .await
        .refused(409, "conflict");
    office.call().await;
}

#[tokio::test]
async fn a_call_is_led_once_and_only_for_whom_it_is() {
    let office = Office::open().await;
    let (call, _caller) = office.call().await;
    let again = Beginning {
        call: Some(call),
        ..office.beginning()
    };
    assert_eq!(refused(office.calls(again.clone()).await).0, 409);
    let (_, _, strangers) = office.bot.member(None, Role::Owner).await;
    let theirs = Beginning {
        organization: strangers,
        ..again
    };
    assert_eq!(refused(office.calls(theirs).await).0, 404);
    assert_eq!(office.bot.state.live.active(strangers).len(), 0);
    assert_eq!(office.bot.state.live.active(office.organization).len(), 1);
}

#[tokio::test]
async fn deleting_an_organization_hangs_its_calls_up() {
    let office = Office::open().await;
    let (call, mut caller) = office.call().await;
    let path = format!("/api/orgs/{}", office.organization);
    office.owner.delete(&path).await.expect(204);
    let closed = tokio::time::timeout(Duration::from_secs(10), &mut caller.closed).await;
    let reason = closed.expect("in time").expect("no panic");
    assert_eq!(reason, Some(pipeline::EndReason::HungUp));
    for _ in 0..200 {
        if !office.journal(call).exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("what nobody may keep is kept");
}

#[tokio::test]
async fn calls_end_before_the_service_does() {
    let office = Office::with(|config| config.common.drain_seconds = 4).await;
    tokio::spawn(voice_bot::live::keep_draining(office.bot.state.clone()));
    let (call, mut caller) = office.call().await;
    let Bot { state, .. } = &office.bot;
    state.drain.start();
    assert_eq!(refused(office.calls(office.beginning()).await).0, 503);
    let closed = tokio::time::timeout(Duration::from_secs(8), async {
        (&mut caller.closed).await.ok().flatten()
    })
    .await;
    assert_eq!(
        closed.expect("in time"),
        Some(pipeline::EndReason::Shutdown)
    );
    let pool = office.bot.pool().await;
    for _ in 0..100 {
        let ended: (String,) = sqlx::query_as("SELECT status FROM calls WHERE id = $1")
            .bind(call.0)
            .fetch_one(&pool)
            .await
            .expect("a row");
        if ended.0 == "completed" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it was not written down");
}

#[tokio::test]
async fn guests_end_their_own_calls_from_browsers() {
    let office = Office::open().await;
    let (call, _caller) = office.call().await;
    let path = format!("/api/calls/{call}/hangup");
    let (stranger, _, _) = office.bot.guest().await;
    stranger
        .post(&path, serde_json::json!({}))
        .await
        .refused(404, "not_found");
    sqlx::query("UPDATE users SET email = NULL, email_verified_at = NULL, auth_provider = 'guest' WHERE id = $1")
        .bind(office.user.0)
        .execute(&office.bot.pool().await)
        .await
        .expect("an account can be forgotten");
    let ended = office.owner.post(&path, serde_json::json!({})).await;
    assert!(over(&ended.expect(200)));
}
