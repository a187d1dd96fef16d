//! A call, and what models say of it.

use crate::support::{Agent, Provider};
use serde_json::{Value, json};

/// The practices.
pub const NAMES: [&str; 8] = [
    "greeting",
    "discovery_questions",
    "active_listening",
    "objection_handling",
    "value_proposition",
    "urgency_creation",
    "next_steps",
    "closing",
];

/// A call of four segments.
pub fn segments() -> Value {
    json!([
        {"text": "Good morning, this is Asha from Lender Bank. Am I speaking with Mr. Rao?", "start": 0.5, "end": 4.0, "channel": 0, "confidence": 0.9},
        {"text": "Yes, speaking.", "start": 4.2, "end": 5.0, "channel": 1},
        {"text": "I'm calling about your loan. $500 is overdue.", "start": 5.5, "end": 9.0, "channel": 0},
        {"text": "I will pay on Friday.", "start": 9.5, "end": 11.0, "channel": 1}
    ])
}

/// What a model says of it.
pub fn collections(quote: &str) -> Value {
    let item = |item: &str, quotes: Value| json!({"item": item, "met": true, "quotes": quotes, "comment": "Fine."});
    json!({
        "summary": "A reminder.",
        "compliance": [
            item("identity_verification", json!([quote])),
            item("reason_stated", json!(["calling about your loan"])),
            item("amount_mentioned", json!(["$500 is overdue", "you owe nine million"])),
            item("no_harassment", json!([])),
        ],
        "call_outcome": "promise_to_pay",
        "outcome_quotes": ["i will PAY on friday!"],
        "customer_sentiment": "neutral",
        "sentiment_quotes": [],
        "next_action": "Check on Friday."
    })
}

/// What a model says of it.
pub fn sales(score: f64) -> Value {
    let practice = |name| json!({"name": name, "applies": name != "objection_handling", "score": score, "quotes": ["Good morning"], "comment": "Good."});
    json!({
        "summary": "Sold.",
        "practices": NAMES.map(practice),
        "buyer_outcome": "interested",
        "buyer_outcome_quotes": ["I will pay"],
        "highlights": [{"kind": "strength", "text": "Warm.", "quotes": ["Good morning"]}],
        "behaviors": [{"segment": 0, "behavior": "BEHAVIOR_INFORM"}, {"segment": 1, "behavior": "BEHAVIOR_DANCE"}, {"segment": 99, "behavior": "BEHAVIOR_INFORM"}]
    })
}

/// The call, analysed by a model that gives these answers.
pub async fn analysed(answers: &[Value], mode: &str) -> (u16, Value, Provider) {
    let texts: Vec<String> = answers
        .iter()
        .map(|answer| match answer {
            Value::String(text) => text.clone(),
            json => json.to_string(),
        })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let provider = Provider::saying(&texts).await;
    let agent = Agent::asking(&provider).await;
    let (status, answer) = agent
        .post(
            "/analyze",
            json!({"mode": mode, "segments": segments(), "language": "en"}),
        )
        .await;
    (status, answer, provider)
}
