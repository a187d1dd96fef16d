//! Calls of tools as Qwen's and Hermes' templates write them: `<tool_call>`, a JSON object, `</tool_call>`.

use super::schema;
use crate::request::{Tool, ToolCall};
use serde::Deserialize;
use serde_json::Value;

/// What begins a call.
pub const BEGIN: &str = "<tool_call>";

/// Whether an answer that begins so is a call: small models that were made for code write the object
/// alone, in a fence, or after a mark of their own such as `<tools>`.
pub fn begins_bare(piece: &[u8]) -> bool {
    let piece = piece.trim_ascii_start();
    [&b"{"[..], b"```", b"<"]
        .iter()
        .any(|begin| piece.starts_with(begin))
}

/// The grammar of what follows [`BEGIN`], up to the end of the object.
///
/// # Errors
/// What of a tool's parameters cannot be kept, with its name.
pub fn grammar(tools: &[Tool]) -> Result<String, String> {
    let calls = tools
        .iter()
        .map(|tool| (tool.name.as_str(), &tool.parameters));
    schema::calls(calls)
}

#[derive(Deserialize)]
struct Written {
    name: String,
    arguments: Value,
}

/// The call, once its object is complete. `id` pairs it with its result.
pub fn read(text: &str, id: String) -> Option<ToolCall> {
    let written: Written = serde_json::from_str(text.trim()).ok()?;
    Some(ToolCall {
        id,
        name: written.name,
        arguments: written.arguments,
        signatures: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_read_once_its_object_is_complete() {
        let text = "\n{\"name\": \"clock\", \"arguments\": {\"zone\": \"Asia/Kolkata\"}}";
        for end in 0..text.len() {
            assert_eq!(read(&text[..end], "1".into()), None);
        }
        let call = read(text, "1".into()).expect("it is complete");
        assert_eq!((call.name.as_str(), call.id.as_str()), ("clock", "1"));
        assert_eq!(call.arguments["zone"], "Asia/Kolkata");
    }
}
