//! What it says, and in which form.

use crate::support::{asked, events, local, settings, whole};
use llm::{Event, Finish, Llm, Message, Output, ProviderKind};
use serde_json::{Value, json};

#[tokio::test]
async fn a_greeting_is_answered_in_parts_with_its_cost() {
    let llm = local();
    let events = events(&llm, &asked("Hello! How are you today?")).await;
    let words = events.iter().filter_map(|event| match event {
        Event::Text(text) => Some(text.as_str()),
        _ => None,
    });
    let words: Vec<&str> = words.collect();
    assert!(words.len() > 3, "{words:?}");
    assert!(words.concat().contains("Hello"), "{words:?}");
    let Some(Event::End { usage, finish }) = events.last() else {
        panic!("no end: {events:?}");
    };
    assert_eq!(*finish, Finish::Complete);
    assert!(
        usage.input > 20 && usage.output as usize >= words.len() - 1,
        "{usage:?}"
    );
    assert_eq!(llm.first(), Some(ProviderKind::Local));
}

#[tokio::test]
async fn the_next_turn_reads_only_what_is_new() {
    let llm = local();
    let mut request = asked("My name is Priya. What is 2+3? Answer with the number only.");
    let first = whole(&llm, &request).await.unwrap();
    assert!(first.text.contains('5'), "{}", first.text);
    assert_eq!(
        (first.provider.as_str(), first.model.as_str()),
        ("local", crate::support::MODEL)
    );
    request.messages.push(Message::Assistant {
        text: first.text,
        calls: Vec::new(),
    });
    request
        .messages
        .push(Message::User("What is my name?".into()));
    let second = whole(&llm, &request).await.unwrap();
    assert!(second.text.contains("Priya"), "{}", second.text);
    assert!(
        second.usage.cached >= first.usage.input,
        "{:?}",
        second.usage
    );
}

#[tokio::test]
async fn json_keeps_to_its_schema() {
    let mut request = asked(
        "Extract the name, the amount and the date (YYYY-MM-DD) of the payment.\n\n\
         Message: \"This is Priya Sharma, I will pay the 1,250 rupees that are left on the 7th of October 2026.\"",
    );
    let schema = json!({
        "type": "object",
        "properties": {
            "name": {"type": "string", "maxLength": 40},
            "amount": {"type": "integer"},
            "date": {"type": "string"},
            "mood": {"enum": ["calm", "angry"]},
            "score": {"type": "integer", "minimum": 0, "maximum": 10},
            "tags": {"type": "array", "items": {"type": "string", "maxLength": 12}, "minItems": 2, "maxItems": 2},
            "note": {"type": ["string", "null"], "maxLength": 20}
        },
        "required": ["name", "amount", "date", "mood", "score", "tags"]
    });
    request.output = Output::Json {
        name: "payment",
        schema,
    };
    request.max_tokens = Some(200);
    let answer = whole(&local(), &request).await.unwrap();
    let json: Value = serde_json::from_str(&answer.text).expect(&answer.text);
    assert_eq!(
        (&json["name"], &json["amount"]),
        (&json!("Priya Sharma"), &json!(1250))
    );
    assert!(
        ["calm", "angry"].contains(&json["mood"].as_str().unwrap()),
        "{json}"
    );
    assert!(
        (0..=10).contains(&json["score"].as_i64().unwrap()),
        "{json}"
    );
    assert_eq!(json["tags"].as_array().map(Vec::len), Some(2), "{json}");
    assert_eq!(answer.finish, Finish::Complete);
}

#[tokio::test]
async fn an_answer_ends_before_a_stop_word_and_at_its_limit() {
    let llm = local();
    let mut request = asked("Name the seven days of the week.");
    let said = whole(&llm, &request).await.unwrap().text;
    assert!(said.contains("Friday"), "{said}");
    request.stop = vec!["Friday".into()];
    let stopped = whole(&llm, &request).await.unwrap();
    assert!(
        stopped.text.contains("Monday") && !stopped.text.contains("Fri"),
        "{}",
        stopped.text
    );
    assert_eq!(stopped.finish, Finish::Complete);
    request.stop.clear();
    request.max_tokens = Some(4);
    let cut = whole(&llm, &request).await.unwrap();
    assert_eq!((cut.finish, cut.usage.output), (Finish::Length, 4));
}

#[tokio::test]
async fn a_conversation_longer_than_the_context_is_still_answered() {
    let mut settings = settings();
    settings.local.local_llm_context = 256;
    let mut request = asked("");
    request.messages.clear();
    for at in 0..60 {
        let text =
            format!("My {at}th favourite word is word number {at}, please remember it well.");
        request.messages.push(Message::User(text));
        request.messages.push(Message::Assistant {
            text: "I will remember it.".into(),
            calls: Vec::new(),
        });
    }
    request.messages.push(Message::User(
        "What is 17+25? Answer with the number only.".into(),
    ));
    let answer = whole(&Llm::new(&settings).unwrap(), &request)
        .await
        .unwrap();
    assert!(answer.text.contains("42"), "{}", answer.text);
    assert!(
        (100..=256).contains(&answer.usage.input),
        "{:?}",
        answer.usage
    );
}
