//! The agent with the model on this machine, the smaller one: `models fetch --group local-llm-test`.

use crate::support::Agent;
use llm::ProviderKind;
use serde_json::json;

async fn agent() -> Agent {
    Agent::with(None, |config| {
        config.llm.llm_provider = Some(ProviderKind::Local);
        config.llm.local.local_llm_model = "qwen2-5-coder-0-5b".into();
    })
    .await
}

#[tokio::test]
async fn presets_are_judged_by_rules_and_only_worded_by_the_model() {
    let segments = json!([
        {"text": "Hello, this is Tom from Brightline Finance. Am I speaking with Mrs Lund?", "channel": 0},
        {"text": "Yes.", "channel": 1},
        {"text": "You have an overdue payment of 480 dollars since August.", "channel": 0},
        {"text": "I lost my job, I can't pay all of it now.", "channel": 1},
    ]);
    let agent = agent().await;
    let body = json!({"mode": "collections", "segments": segments, "language": "en"});
    let (status, answer) = agent.post("/analyze", body).await;
    assert_eq!(
        (status, &answer["method"]),
        (200, &json!("rules")),
        "{answer}"
    );
    assert_eq!(answer["analysis"]["method"], "rules");
    assert_eq!(answer["analysis"]["call_outcome"], "hardship", "{answer:#}");
    // So small a model does not always find words that the call supports; then there are none of its.
    let summary = answer["summary"].as_str().expect("a summary");
    let worded = summary.starts_with("- ");
    assert_eq!(answer["provider"] == "local", worded, "{answer:#}");
    assert!(
        worded || summary.starts_with('#') || summary.len() > 20,
        "{answer:#}"
    );
    let body = json!({"mode": "Was she polite?", "segments": [{"text": "Yes."}]});
    let (status, answer) = agent.post("/analyze", body).await;
    assert_eq!(status, 424, "{answer}");
}

#[tokio::test]
async fn a_conversation_is_answered_by_local() {
    let body = json!({"messages": [{"role": "user", "content": "Hello! How are you today?"}], "tools": []});
    let events = agent().await.events("/voice-agent/chat/stream", body).await;
    let done = events.last().expect("an end").to_string();
    let all = serde_json::to_string(&events).expect("JSON");
    assert!(
        all.contains("text_chunk") && all.contains("\"local\""),
        "{all}"
    );
    assert!(done.contains("done"), "{done}");
}

#[tokio::test]
async fn without_its_model_the_answer_says_what_to_do() {
    let agent = Agent::with(None, |config| {
        config.llm.llm_provider = Some(ProviderKind::Local);
    })
    .await;
    let body = json!({"messages": [{"role": "user", "content": "Hi"}]});
    let (status, answer) = agent.post("/voice-agent/chat/stream", body).await;
    assert_eq!(status, 424, "{answer}");
    assert!(answer.to_string().contains("LOCAL_LLM_MODEL"), "{answer}");
}
