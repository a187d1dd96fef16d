//! The messages of a chat, checked, as the language model is asked.

use crate::checks;
use api::conversation::{ChatMessage, ChatRequest, ChatRole};
use llm::{Message, Request, ToolCall};
use service::{ApiError, ApiResult};
use std::collections::HashMap;

/// Most messages.
const MESSAGES: usize = 200;
/// Characters of all of them.
const CHARACTERS: usize = 400_000;
/// Characters of the system prompt.
const SYSTEM: usize = 50_000;
/// Calls of one message.
const CALLS: usize = 32;
/// Who the model is when nobody says.
const PROMPT: &str = include_str!("../../data/chat.md");

/// What the model is asked.
///
/// # Errors
/// 422 naming the field that is wrong.
pub fn request(chat: &ChatRequest) -> ApiResult<Request> {
    let wrong = |param: &str, what: String| {
        ApiError::invalid_parameter(param, format!("`{param}` {what}."))
    };
    if chat.messages.is_empty() {
        return Err(wrong("messages", "is empty".into()));
    }
    if chat.messages.len() > MESSAGES {
        return Err(wrong(
            "messages",
            format!("has more than {MESSAGES} entries"),
        ));
    }
    let characters: usize = chat
        .messages
        .iter()
        .map(|message| message.content.chars().count())
        .sum();
    if characters > CHARACTERS {
        return Err(wrong(
            "messages",
            format!("has more than {CHARACTERS} characters in all"),
        ));
    }
    if let Some(system) = &chat.system {
        checks::text(system, "system", SYSTEM)?;
    }
    checks::model(chat.model.as_deref())?;
    let temperature = chat.temperature;
    if temperature.is_some_and(|value| !(0.0..=2.0).contains(&value)) {
        return Err(wrong("temperature", "must be 0 to 2".into()));
    }
    if chat
        .max_tokens
        .is_some_and(|count| !(1..=32_768).contains(&count))
    {
        return Err(wrong("max_tokens", "must be 1 to 32768".into()));
    }
    let mut system = vec![chat.system.as_deref().unwrap_or(PROMPT).trim()];
    let mut messages = Vec::new();
    let mut called: HashMap<&str, &str> = HashMap::new();
    for (at, message) in chat.messages.iter().enumerate() {
        let at = format!("messages[{at}]");
        check(message, &at, &called)?;
        called.extend(
            message
                .tool_calls
                .iter()
                .map(|call| (call.id.as_str(), call.name.as_str())),
        );
        match message.role {
            ChatRole::System => system.push(message.content.trim()),
            _ => messages.push(of(message, &called)),
        }
    }
    match messages.last() {
        None => return Err(wrong("messages", "has nothing but system messages".into())),
        Some(Message::Assistant { .. }) => {
            return Err(wrong(
                "messages",
                "ends with the assistant's own message".into(),
            ));
        }
        Some(_) => {}
    }
    Ok(Request {
        system: Some(system.join("\n\n")),
        messages,
        model: chat.model.clone(),
        max_tokens: chat.max_tokens,
        temperature,
        ..Request::default()
    })
}

fn check(message: &ChatMessage, at: &str, called: &HashMap<&str, &str>) -> ApiResult<()> {
    let wrong = |field: &str, what: &str| {
        let param = format!("{at}.{field}");
        let message = format!("`{param}` {what}.");
        Err(ApiError::invalid_parameter(param, message))
    };
    let calls = !message.tool_calls.is_empty();
    match message.role {
        ChatRole::Assistant if calls => {
            let fits = |text: &str| (1..=128).contains(&text.len());
            if message.tool_calls.len() > CALLS {
                return wrong("tool_calls", "has more than 32 entries");
            }
            for call in &message.tool_calls {
                if !fits(&call.id) || !fits(&call.name) || !call.arguments.is_object() {
                    return wrong(
                        "tool_calls",
                        "needs `id`, `name` and an object as `arguments` in each",
                    );
                }
            }
            return Ok(());
        }
        _ if calls => return wrong("tool_calls", "may only be in an assistant's message"),
        ChatRole::Tool => {
            let id = message.tool_call_id.as_deref();
            if id.is_none_or(|id| !called.contains_key(id)) {
                return wrong(
                    "tool_call_id",
                    "must be the id of a call in a message before",
                );
            }
            return Ok(());
        }
        _ => {}
    }
    if message.content.trim().is_empty() {
        return wrong("content", "is empty");
    }
    Ok(())
}

fn of(message: &ChatMessage, called: &HashMap<&str, &str>) -> Message {
    let text = message.content.clone();
    match message.role {
        ChatRole::User | ChatRole::System => Message::User(text),
        ChatRole::Developer => Message::Developer(text),
        ChatRole::Assistant => Message::Assistant {
            text,
            calls: (message.tool_calls.iter())
                .map(|call| ToolCall {
                    id: call.id.clone(),
                    name: call.name.clone(),
                    arguments: call.arguments.clone(),
                    signatures: Vec::new(),
                })
                .collect(),
        },
        ChatRole::Tool => {
            let id = message.tool_call_id.clone().unwrap_or_default();
            Message::ToolResult {
                name: called
                    .get(id.as_str())
                    .copied()
                    .unwrap_or_default()
                    .to_owned(),
                id,
                content: text,
            }
        }
    }
}
