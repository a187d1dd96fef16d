//! What is written down of calls.

use super::{ANSWER, Office, over, turns};
use api::calls::Direction;
use pipeline::EndReason;
use serde_json::json;
use voice_bot::live::Beginning;

#[tokio::test]
async fn a_call_is_written_down_as_it_goes_on_and_ends_with_everything() {
    let office = Office::open().await;
    let (call, caller) = office.call().await;
    let begun = office.read(call).await;
    assert_eq!(begun["status"], "in-progress");
    assert!(begun["answered_at"].is_string() && begun["direction"] == "web");
    office.when(call, turns(1)).await;
    office.ears.hear("When do you open?");
    let talking = office.when(call, turns(3)).await;
    let said = |at: usize| {
        let segment = &talking["transcript"][at];
        (segment["speaker"].clone(), segment["text"].clone())
    };
    assert_eq!(said(0), (json!("agent"), json!("Hello, this is Ada.")));
    assert_eq!(said(1), (json!("customer"), json!("When do you open?")));
    assert_eq!(said(2), (json!("agent"), json!(ANSWER)));
    let heard = &talking["transcript"][1];
    assert_eq!(heard["metadata"]["emotion"], "EMOTION_HAPPY");
    assert!(!over(&talking) && talking["status"] == "in-progress");
    caller.goes().await;
    let ended = office.when(call, |call| call["summary"].is_string()).await;
    assert_eq!(
        (&ended["status"], &ended["summary"]),
        (&json!("completed"), &json!("3 turns."))
    );
    assert_eq!(ended["metadata"]["end_reason"], "caller_hung_up");
    assert_eq!(
        ended["metadata"]["turns"],
        json!({"agent": 2, "customer": 1})
    );
    let latency = &ended["metadata"]["latency_ms"]["voice_to_voice"]["p50"];
    assert!(latency.is_u64(), "{}", ended["metadata"]);
    assert!(ended["duration"].as_f64().is_some_and(|s| s > 0.0));
    let recording = format!("/api/calls/{call}/recording");
    let sound = office
        .owner
        .send(reqwest::Method::HEAD, &recording, &[], None);
    assert_eq!(sound.await.headers["content-type"], "audio/wav");
    // Nothing is left to be done.
    for _ in 0..100 {
        if !office.journal(call).exists() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(!office.journal(call).exists());
}

#[tokio::test]
async fn whoever_has_the_number_is_the_customer() {
    let office = Office::open().await;
    let body = json!({"name": "Grace", "phone_number": "+14155550100"});
    let grace = office.owner.post("/api/customers", body).await.expect(201);
    let beginning = Beginning {
        direction: Direction::Inbound,
        from_number: Some("+14155550100".into()),
        to_number: Some("+14155550199".into()),
        provider_call_id: Some("CA00000000000000000000000000000001".into()),
        ..office.beginning()
    };
    let (call, _caller) = office.calls(beginning).await.expect("a call begins");
    let read = office.read(call).await;
    assert_eq!(read["customer_id"], grace["id"]);
    assert_eq!(
        read["provider_call_id"],
        "CA00000000000000000000000000000001"
    );
    let active = office.owner.get("/api/calls/active").await.expect(200);
    assert_eq!(active[0]["customer_id"], grace["id"]);
    assert!(office.bot.state.live.end(call, EndReason::HungUp));
    office.when(call, over).await;
}

#[tokio::test]
async fn a_call_without_a_word_has_no_summary_and_a_line_that_breaks_is_a_failure() {
    let office = Office::open().await;
    let (silent, caller) = office.call().await;
    caller.goes().await;
    let ended = office.when(silent, over).await;
    assert_eq!(
        (&ended["status"], &ended["summary"]),
        (&json!("completed"), &json!(null))
    );
    let (line, ports) = pipeline::transport::line(super::RATE);
    let state = &office.bot.state;
    let begun = state.live.begin(state, office.beginning(), ports).await;
    let lost = begun.expect("a call begins");
    drop(line);
    let ended = office.when(lost, over).await;
    assert_eq!(
        (&ended["status"], &ended["error"]),
        (&json!("failed"), &json!("the connection was lost"))
    );
}
