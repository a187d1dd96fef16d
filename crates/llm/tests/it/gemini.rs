//! Google's Gemini API, as its documentation shows it.

use crate::standin::{Act, StandIn, events, settings, soon};
use llm::{Event, Finish, LlmError, Message, Output, Request, Settings, Tool};
use serde_json::json;

const HELLO: &str = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Grüße, \"}],\"role\":\"model\"},\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":8,\"totalTokenCount\":8},\"modelVersion\":\"gemini-2.5-flash\"}\r\n\r\n\
data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"世界!\"}],\"role\":\"model\"},\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":8,\"candidatesTokenCount\":5,\"totalTokenCount\":13},\"modelVersion\":\"gemini-2.5-flash\"}\r\n\r\n";

const TOOL: &str = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"name\":\"clock\",\"args\":{\"zone\":\"Europe/Berlin\"}},\"thoughtSignature\":\"c2ln\"}],\"role\":\"model\"},\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":50,\"candidatesTokenCount\":9,\"totalTokenCount\":59}}\r\n\r\n";

fn gemini(standin: &StandIn) -> Settings {
    let mut settings = settings();
    settings.gemini_api_key = Some(service::Secret::new("AIza-test"));
    settings.gemini_base_url = standin.url.clone();
    settings
}

fn text(events: &[Event]) -> String {
    events
        .iter()
        .filter_map(|event| match event {
            Event::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn an_answer_is_whole_wherever_its_bytes_are_split() {
    for size in [1, 3, 100_000] {
        let standin = StandIn::playing(vec![Act::Stream(HELLO.into(), size)]).await;
        let events = soon(events(&gemini(&standin), &Request::user("Hi")))
            .await
            .unwrap();
        assert_eq!(text(&events), "Grüße, 世界!");
        let Some(Event::End { usage, finish }) = events.last() else {
            panic!("{events:?}")
        };
        assert_eq!(
            (usage.input, usage.output, *finish),
            (8, 5, Finish::Complete)
        );
    }
}

#[tokio::test]
async fn the_request_is_as_the_documentation_wants_it() {
    let standin = StandIn::playing(vec![Act::Stream(HELLO.into(), 100_000)]).await;
    let request = Request {
        system: Some("Be brief.".into()),
        messages: vec![Message::User("Score?".into())],
        output: Output::Json {
            name: "score",
            schema: json!({"type": "object", "properties": {"score": {"type": "integer"}}}),
        },
        ..Request::default()
    };
    soon(events(&gemini(&standin), &request)).await.unwrap();
    let asked = &standin.asked()[0];
    assert_eq!(
        asked.path,
        "/v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
    );
    assert!(
        asked.headers.contains("x-goog-api-key: aiza-test"),
        "{}",
        asked.headers
    );
    assert!(
        !asked.path.contains("key="),
        "keys in addresses end in logs"
    );
    assert_eq!(asked.body["contents"][0]["role"], "user");
    assert!(
        asked.body["systemInstruction"]
            .to_string()
            .contains("Be brief."),
        "{}",
        asked.body
    );
    assert_eq!(
        asked.body["generationConfig"]["responseMimeType"],
        "application/json"
    );
}

#[tokio::test]
async fn a_tool_call_comes_with_its_signature() {
    let standin = StandIn::playing(vec![Act::Stream(TOOL.into(), 5)]).await;
    let mut request = Request::user("Time?");
    request.tools = vec![Tool {
        name: "clock".into(),
        description: "The time".into(),
        parameters: json!({"type": "object", "properties": {"zone": {"type": "string"}}}),
    }];
    let events = soon(events(&gemini(&standin), &request)).await.unwrap();
    let Event::Call(call) = &events[0] else {
        panic!("{events:?}")
    };
    assert_eq!(
        (call.name.as_str(), &call.arguments),
        ("clock", &json!({"zone": "Europe/Berlin"}))
    );
    assert_eq!(
        standin.asked()[0].body["tools"][0]["functionDeclarations"][0]["name"],
        "clock"
    );
}

#[tokio::test]
async fn a_key_that_google_does_not_know_is_named() {
    let body = r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#;
    let standin = StandIn::playing(vec![Act::Status(400, None, body)]).await;
    let error = soon(events(&gemini(&standin), &Request::user("Hi")))
        .await
        .unwrap_err();
    assert!(matches!(error, LlmError::BadKey(_)), "{error:?}");
    assert!(error.to_string().contains("GEMINI_API_KEY"), "{error}");
}

#[tokio::test]
async fn an_answer_that_google_blocks_is_declined() {
    let blocked = HELLO.replace("\"STOP\"", "\"SAFETY\"");
    let standin = StandIn::playing(vec![Act::Stream(blocked, 100_000)]).await;
    let error = soon(events(&gemini(&standin), &Request::user("Hi")))
        .await
        .unwrap_err();
    assert!(matches!(error, LlmError::Declined(_)), "{error:?}");
}
