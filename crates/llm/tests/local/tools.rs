//! Calls of tools.

use crate::support::{asked, local, whole};
use llm::{Finish, LlmError, Message, Output, Request, Tool};
use serde_json::json;

fn with_tools(text: &str) -> Request {
    let mut request = asked(text);
    request.tools = vec![
        Tool {
            name: "get_weather".into(),
            description: "The weather of a city today.".into(),
            parameters: json!({
                "type": "object",
                "properties": {"city": {"type": "string"}, "unit": {"enum": ["celsius", "fahrenheit"]}},
                "required": ["city", "unit"]
            }),
        },
        Tool {
            name: "calculate".into(),
            description: "The value of an arithmetic expression.".into(),
            parameters: json!({
                "type": "object",
                "properties": {"expression": {"type": "string"}},
                "required": ["expression"]
            }),
        },
    ];
    request
}

#[tokio::test]
async fn a_call_keeps_to_the_parameters_and_after_its_result_there_are_words() {
    let llm = local();
    let mut request = with_tools("What is the weather in Paris today, in celsius?");
    let answer = whole(&llm, &request).await.unwrap();
    assert_eq!(answer.finish, Finish::Calls, "{answer:?}");
    let call = answer.calls.first().expect("a call").clone();
    assert_eq!(call.name, "get_weather");
    assert_eq!(call.arguments, json!({"city": "Paris", "unit": "celsius"}));
    request.messages.push(Message::Assistant {
        text: answer.text,
        calls: vec![call.clone()],
    });
    request.messages.push(Message::ToolResult {
        id: call.id,
        name: call.name,
        content: "31 degrees celsius, sunny".into(),
    });
    let answer = whole(&llm, &request).await.unwrap();
    // It has to speak now; what so small a model makes of the result is not held against it here.
    assert!(
        answer.calls.is_empty() && !answer.text.is_empty(),
        "{answer:?}"
    );
}

#[tokio::test]
async fn tools_and_json_at_once_are_refused() {
    let mut request = with_tools("Hi");
    request.output = Output::Json {
        name: "x",
        schema: json!({"type": "object"}),
    };
    let error = whole(&local(), &request).await.unwrap_err();
    assert!(
        matches!(error, LlmError::Rejected { status: 400, .. }),
        "{error:?}"
    );
}
