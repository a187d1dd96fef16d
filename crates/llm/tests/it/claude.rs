//! Anthropic's Messages API, as its documentation shows it.

use crate::standin::{Act, StandIn, claude, events, soon};
use llm::{Event, Finish, Llm, LlmError, Message, Request, Tool, ToolCall, Usage};
use serde_json::json;

/// "Grüße, 世界!" with a ping in between.
const HELLO: &str = r#"event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"claude-sonnet-4-6","stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":25,"cache_read_input_tokens":5,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: ping
data: {"type":"ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Grüße, "}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"世界!"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15}}

event: message_stop
data: {"type":"message_stop"}

"#;

const TOOL: &str = r#"event: message_start
data: {"type":"message_start","message":{"id":"msg_2","type":"message","role":"assistant","content":[],"model":"claude-sonnet-4-6","stop_reason":null,"usage":{"input_tokens":100,"output_tokens":2}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_1","name":"clock","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"zone\": \"Eur"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"ope/Berlin\"}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":30}}

event: message_stop
data: {"type":"message_stop"}

"#;

#[tokio::test]
async fn an_answer_is_whole_wherever_its_bytes_are_split() {
    for size in [1, 2, 3, 7, 1000, 100_000] {
        let standin = StandIn::playing(vec![Act::Stream(HELLO.into(), size)]).await;
        let answer = Llm::new(&claude(&standin)).unwrap();
        let answer = soon(answer.complete(&Request::user("Hi"))).await.unwrap();
        assert_eq!(answer.text, "Grüße, 世界!", "in pieces of {size}");
        assert_eq!(
            answer.usage,
            Usage {
                input: 30,
                cached: 5,
                output: 15
            }
        );
        assert_eq!(
            (answer.finish, answer.model.as_str()),
            (Finish::Complete, "claude-sonnet-4-6")
        );
    }
}

#[tokio::test]
async fn the_request_is_as_the_documentation_wants_it() {
    let standin = StandIn::playing(vec![Act::Stream(HELLO.into(), 100_000)]).await;
    let request = Request {
        system: Some("Be brief.".into()),
        messages: vec![
            Message::User("What time is it?".into()),
            Message::Assistant {
                text: String::new(),
                calls: vec![ToolCall {
                    id: "toolu_1".into(),
                    name: "clock".into(),
                    arguments: json!({}),
                    signatures: vec![],
                }],
            },
            Message::ToolResult {
                id: "toolu_1".into(),
                name: "clock".into(),
                content: "12:00".into(),
            },
            Message::Developer("The caller sounds upset.".into()),
        ],
        tools: vec![Tool {
            name: "clock".into(),
            description: "The time".into(),
            parameters: json!({"type": "object", "properties": {}}),
        }],
        max_tokens: Some(64),
        stop: vec!["END".into()],
        ..Request::default()
    };
    soon(events(&claude(&standin), &request)).await.unwrap();
    let asked = &standin.asked()[0];
    assert_eq!(asked.path, "/v1/messages");
    for header in [
        "x-api-key: sk-ant-test",
        "anthropic-version: 2023-06-01",
        "content-type: application/json",
    ] {
        assert!(
            asked.headers.contains(header),
            "{header} in {}",
            asked.headers
        );
    }
    assert_eq!(asked.body["model"], "claude-sonnet-4-6");
    assert_eq!(asked.body["stream"], true);
    assert_eq!(asked.body["max_tokens"], 64);
    assert_eq!(asked.body["stop_sequences"], json!(["END"]));
    assert!(asked.body["system"].to_string().contains("Be brief."));
    assert_eq!(asked.body["tools"][0]["name"], "clock");
    assert_eq!(asked.body["messages"][1]["content"][0]["type"], "tool_use");
    assert_eq!(
        asked.body["messages"][2]["content"][0]["tool_use_id"],
        "toolu_1"
    );
    assert!(
        asked.body["messages"][3]
            .to_string()
            .contains("<developer>The caller sounds upset.</developer>")
    );
}

#[tokio::test]
async fn a_tool_call_comes_whole() {
    for size in [1, 100_000] {
        let standin = StandIn::playing(vec![Act::Stream(TOOL.into(), size)]).await;
        let events = soon(events(&claude(&standin), &Request::user("Time?")))
            .await
            .unwrap();
        let call = ToolCall {
            id: "toolu_1".into(),
            name: "clock".into(),
            arguments: json!({"zone": "Europe/Berlin"}),
            signatures: vec![],
        };
        assert_eq!(events[0], Event::Call(call));
        assert!(
            matches!(
                events[1],
                Event::End {
                    finish: Finish::Calls,
                    ..
                }
            ),
            "{events:?}"
        );
    }
}

#[tokio::test]
async fn overload_in_the_middle_of_an_answer_is_told_and_not_tried_again() {
    let half = HELLO.split("event: content_block_stop").next().unwrap();
    let overloaded = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
    let standin = StandIn::playing(vec![Act::Stream(format!("{half}{overloaded}"), 50)]).await;
    let error = soon(events(&claude(&standin), &Request::user("Hi")))
        .await
        .unwrap_err();
    assert!(error.passes(), "{error:?}");
    assert_eq!(standin.asked().len(), 1);
}

#[tokio::test]
async fn a_refusal_is_an_error_of_its_own() {
    let refused = HELLO.replace("end_turn", "refusal");
    let standin = StandIn::playing(vec![Act::Stream(refused, 100_000)]).await;
    let error = soon(events(&claude(&standin), &Request::user("Hi")))
        .await
        .unwrap_err();
    assert!(matches!(error, LlmError::Declined(_)), "{error:?}");
}

#[tokio::test]
async fn json_that_does_not_fit_is_asked_for_once_more() {
    #[derive(serde::Deserialize, Debug)]
    struct Score {
        score: u8,
    }
    let says = |text: &str| {
        let text = text.replace('"', "\\\"");
        Act::Stream(
            HELLO.replace("Grüße, ", &text).replace("世界!", ""),
            100_000,
        )
    };
    let schema = json!({"type": "object", "properties": {"score": {"type": "integer"}}, "required": ["score"]});
    let standin = StandIn::playing(vec![says("I would say eleven"), says(r#"{"score": 7}"#)]).await;
    let llm = Llm::new(&claude(&standin)).unwrap();
    let (score, _) =
        soon(llm.json::<Score>(Request::user("Score?"), "score", schema.clone(), |_| Ok(())))
            .await
            .unwrap();
    assert_eq!(score.score, 7);
    let again = &standin.asked()[1].body["messages"];
    assert_eq!(again.as_array().unwrap().len(), 3, "{again}");
    let standin = StandIn::playing(vec![says("no")]).await;
    let llm = Llm::new(&claude(&standin)).unwrap();
    let error = soon(llm.json::<Score>(Request::user("Score?"), "score", schema, |_| Ok(())))
        .await
        .unwrap_err();
    assert!(matches!(error, LlmError::NotJson(_)), "{error:?}");
    assert_eq!(standin.asked().len(), 2);
}
