//! `POST /process` as its clients see it.

use crate::support::{Agent, Provider};
use serde_json::{Value, json};

async fn alone() -> Agent {
    Agent::with(None, |_| ()).await
}

fn said(transcript: &str) -> Value {
    json!({"transcript": transcript, "user_id": "user-1", "language": "en"})
}

#[tokio::test]
async fn commands_notes_and_dictation_need_no_language_model() {
    let agent = alone().await;
    let (status, command) = agent
        .post("/process", said("Set a timer for five minutes, please."))
        .await;
    assert_eq!(status, 200, "{command}");
    assert_eq!(command["mode"], "command");
    assert_eq!(command["is_command"], true);
    assert_eq!(
        command["command"],
        json!({"name": "set_timer", "arguments": {"seconds": 300}})
    );
    assert_eq!(command["method"], "rules");
    assert_eq!(command["provider"], Value::Null);

    let (_, note) = agent
        .post("/process", said("Take a note that Diana called."))
        .await;
    assert_eq!(
        (&note["mode"], &note["processed_text"]),
        (&json!("note"), &json!("Diana called."))
    );
    assert_eq!(
        (&note["is_command"], &note["command"]),
        (&json!(false), &Value::Null)
    );
    let (_, notes) = agent.get("/notes?user_id=user-1").await;
    assert_eq!(notes["data"], json!([note["note"]]));

    let dictated = json!({"transcript": "um dear Anna comma new line thank you period", "mode": "dictation", "language": "en-US"});
    let (_, text) = agent.post("/process", dictated).await;
    assert_eq!(text["processed_text"], "Dear Anna,\nThank you.");
    assert_eq!(
        (&text["mode"], &text["language"]),
        (&json!("dictation"), &json!("en"))
    );
}

#[tokio::test]
async fn an_answer_without_a_language_model_is_424_and_says_what_to_set() {
    let (status, body) = alone()
        .await
        .post("/process", said("What meetings do I have today?"))
        .await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (424, &json!("not_configured"))
    );
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("ANTHROPIC_API_KEY")
    );
}

#[tokio::test]
async fn the_request_of_the_reference_is_answered_from_the_users_notes() {
    let provider = Provider::sending(vec![
        json!({"tool_calls": [{"id": "c1", "function": {"name": "search_notes", "arguments": "{\"query\":\"meeting\"}"}}]}),
        json!({"content": "You meet Diana at three."}),
    ])
    .await;
    let agent = Agent::asking(&provider).await;
    agent
        .post(
            "/process",
            said("Note to self: meeting with Diana at three"),
        )
        .await;
    let headers = [("X-Device-Id", "user-1")];
    let body = said("What meetings do I have today?");
    let (status, answer) = agent.send("POST", "/process", &headers, Some(body)).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["mode"], "answer");
    assert_eq!(answer["processed_text"], "You meet Diana at three.");
    assert_eq!(
        (&answer["provider"], &answer["model"]),
        (&json!("openai"), &json!("stand-in"))
    );
    assert_eq!(
        answer["usage"],
        json!({"input_tokens": 20, "cached_tokens": 0, "output_tokens": 10})
    );
    assert!(answer["request_id"].as_str().unwrap().starts_with("req_"));
    let told = provider.asked()[1]["messages"].to_string();
    assert!(told.contains("meeting with Diana at three"), "{told}");
}

#[tokio::test]
async fn a_command_that_patterns_do_not_know_is_found_by_the_model() {
    let call = json!({"id": "c1", "function": {"name": "run_command", "arguments": "{\"name\":\"call\",\"arguments\":{\"contact\":\"Diana\"}}"}});
    let provider = Provider::sending(vec![json!({"tool_calls": [call]})]).await;
    let agent = Agent::asking(&provider).await;
    let (_, answer) = agent
        .post(
            "/process",
            said("I would love to hear Diana's voice on the phone"),
        )
        .await;
    assert_eq!(
        answer["command"],
        json!({"name": "call", "arguments": {"contact": "Diana"}})
    );
    assert_eq!(
        (&answer["is_command"], &answer["method"]),
        (&json!(true), &json!("llm"))
    );
    assert_eq!(provider.asked().len(), 1);
}

#[tokio::test]
async fn earlier_turns_of_the_same_device_are_context() {
    let provider = Provider::saying(&["Paris.", "About two million."]).await;
    let agent = Agent::asking(&provider).await;
    let ask = async |device: &str, text: &str| {
        let body = json!({"transcript": text, "user_id": "u"});
        agent
            .send("POST", "/process", &[("X-Device-Id", device)], Some(body))
            .await
    };
    ask("kitchen", "What is the capital of France?").await;
    ask("kitchen", "How many people live there?").await;
    ask("car", "And in Rome?").await;
    let texts = |at: usize| {
        let asked = provider.asked()[at]["messages"].clone();
        let texts = asked.as_array().unwrap().iter().skip(1);
        texts
            .map(|message| message["content"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        texts(1),
        [
            "What is the capital of France?",
            "Paris.",
            "How many people live there?"
        ]
    );
    assert_eq!(texts(2), ["And in Rome?"]);
    let (_, gone) = agent
        .send(
            "DELETE",
            "/history?user_id=u",
            &[("X-Device-Id", "kitchen")],
            None,
        )
        .await;
    assert_eq!(gone, json!({"deleted": 4}));
    ask("kitchen", "Where was I?").await;
    assert_eq!(texts(3), ["Where was I?"]);
}

#[tokio::test]
async fn wrong_requests_name_their_field() {
    let agent = alone().await;
    for (body, param) in [
        (json!({}), "transcript"),
        (json!({"transcript": "  "}), "transcript"),
        (json!({"transcript": "x".repeat(20_001)}), "transcript"),
        (json!({"transcript": "x", "mode": "song"}), "mode"),
        (
            json!({"transcript": "x", "language": "english"}),
            "language",
        ),
        (
            json!({"transcript": "x", "time_zone": "Mars/Olympus"}),
            "time_zone",
        ),
        (
            json!({"transcript": "x", "user_id": "u".repeat(129)}),
            "user_id",
        ),
        (json!({"transcript": "x", "user_id": ""}), "user_id"),
    ] {
        let (status, answer) = agent.post("/process", body).await;
        assert_eq!(
            (status, &answer["error"]["param"]),
            (422, &json!(param)),
            "{answer}"
        );
    }
    let (status, _) = agent.post("/process", said(&"x".repeat(10 << 20))).await;
    assert_eq!(status, 413);
}

#[tokio::test]
async fn hipaa_mode_keeps_nothing() {
    let agent = Agent::with(None, |config| config.common.hipaa_mode = true).await;
    let (status, body) = agent.post("/process", said("take a note: secret")).await;
    assert!(status >= 400);
    assert_eq!(body["error"]["code"], "not_configured");
    let (status, _) = agent
        .post("/process", said("set a timer for 5 minutes"))
        .await;
    assert_eq!(status, 200);
    assert!(!agent.data.path().join("agent").exists());
}
