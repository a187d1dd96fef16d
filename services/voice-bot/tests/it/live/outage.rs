//! The database away, and processes that die.

use super::{ANSWER, Office, over, turns};
use serde_json::json;
use std::fs;
use std::time::Duration;
use voice_bot::live::keep_settled;

/// Nobody can write calls, as when the database is away.
async fn lock_calls(office: &Office, away: bool) {
    let pool = office.bot.pool().await;
    let sql = match away {
        true => {
            "CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'away' USING ERRCODE = '57P01'; END $$;
             CREATE TRIGGER away BEFORE UPDATE ON calls EXECUTE FUNCTION away()"
        }
        false => "DROP TRIGGER away ON calls; DROP FUNCTION away()",
    };
    sqlx::raw_sql(sql).execute(&pool).await.expect("it is done");
}

#[tokio::test]
async fn what_is_said_while_the_database_is_away_is_written_later() {
    let office = Office::open().await;
    let (call, caller) = office.call().await;
    lock_calls(&office, true).await;
    let mut events = office
        .owner
        .follow(&format!("/api/calls/{call}/events"))
        .await;
    events.wait("snapshot").await;
    office.ears.hear("When do you open?");
    let told = tokio::time::timeout(Duration::from_secs(20), async {
        while events.wait("segment").await["segment"]["text"] != ANSWER {}
    });
    told.await.expect("the call goes on");
    assert!(!turns(2)(&office.read(call).await));
    lock_calls(&office, false).await;
    office.when(call, turns(3)).await;
    caller.goes().await;
    let ended = office.when(call, over).await;
    assert_eq!(ended["transcript"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn a_call_that_ends_while_the_database_is_away_is_kept_and_written_later() {
    let office = Office::open().await;
    let (call, mut caller) = office.call().await;
    office.when(call, turns(1)).await;
    office.ears.hear("When do you open?");
    office.when(call, turns(3)).await;
    lock_calls(&office, true).await;
    caller.goes().await;
    let _ = (&mut caller.closed).await;
    while office.bot.state.live.call(call).is_some() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(office.journal(call).exists());
    assert_eq!(office.read(call).await["status"], "in-progress");
    lock_calls(&office, false).await;
    tokio::spawn(keep_settled(office.bot.state.clone()));
    let ended = office.when(call, |call| call["summary"].is_string()).await;
    assert_eq!(
        (&ended["status"], &ended["metadata"]["end_reason"]),
        (&json!("completed"), &json!("caller_hung_up"))
    );
    assert_eq!(ended["transcript"].as_array().map(Vec::len), Some(3));
    assert!(ended["recording_url"].is_string());
}

#[tokio::test]
async fn a_call_whose_process_died_is_closed_with_what_was_written() {
    let office = Office::open().await;
    let call: api::ids::CallId = data_model::new_id();
    let pool = office.bot.pool().await;
    sqlx::query(
        "INSERT INTO calls (id, organization_id, agent_id, direction, status, answered_at, transcript)
         VALUES ($1, $2, $3, 'web', 'in-progress', now() - interval '1 minute', '[{\"speaker\": \"agent\", \"text\": \"Hello.\"}]')",
    )
    .bind(call.0)
    .bind(office.organization.0)
    .bind(office.agent.0)
    .execute(&pool)
    .await
    .expect("a call is written");
    let journal = office.journal(call);
    fs::create_dir_all(journal.parent().expect("a folder")).expect("a folder is made");
    let segment = |who: &str, text: &str| json!({"said": {"speaker": who, "text": text, "start": 0.0, "end": 1.0}});
    // The first segment had reached the database; the last line was cut off.
    let lines = [
        json!({"began": {"organization": office.organization, "at": "2026-01-01T00:00:00Z", "language": "en"}}),
        segment("agent", "Hello."),
        segment("customer", "Hi."),
    ];
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(&journal, text + "{\"said\": {\"speak").expect("a journal is written");
    let folder = office.bot.state.config.recordings_dir();
    let folder = folder.join(office.organization.to_string());
    fs::create_dir_all(&folder).expect("a folder is made");
    fs::write(folder.join(format!("{call}.wav")), b"RIFF").expect("a recording is there");

    tokio::spawn(keep_settled(office.bot.state.clone()));
    let ended = office.when(call, |call| call["summary"].is_string()).await;
    assert_eq!(ended["status"], "completed");
    assert_eq!(ended["error"], "the service ended during the call");
    let texts: Vec<_> = ended["transcript"]
        .as_array()
        .expect("a transcript")
        .iter()
        .map(|segment| segment["text"].clone())
        .collect();
    assert_eq!(texts, [json!("Hello."), json!("Hi.")]);
    assert!(ended["recording_url"].is_string());
    assert!(!journal.exists());
}
