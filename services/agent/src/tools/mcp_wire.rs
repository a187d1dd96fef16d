//! JSON-RPC messages of MCP: out of a JSON body, or out of server-sent events.

use serde_json::{Value, json};

/// Version of the protocol that is offered.
pub const VERSION: &str = "2025-06-18";
/// Characters of a server's own words about an error.
const MESSAGE: usize = 500;

/// A request; without an id it is a notification.
pub fn message(id: Option<u64>, method: &str, params: Value) -> Value {
    let mut message = json!({"jsonrpc": "2.0", "method": method, "params": params});
    if let Some(id) = id {
        message["id"] = id.into();
    }
    message
}

/// The answer to a request, when one of these messages is it.
pub fn answer(messages: Value, id: u64) -> Option<Result<Value, String>> {
    let messages = match messages {
        Value::Array(batch) => batch,
        one => vec![one],
    };
    let mut of_id = messages
        .into_iter()
        .filter(|message| message["id"] == id && message.get("method").is_none());
    let mut message = of_id.next()?;
    if let Some(error) = message.get("error") {
        let words = error["message"].as_str().unwrap_or("no reason given");
        return Some(Err(super::cut(words.to_owned(), MESSAGE)));
    }
    Some(Ok(message["result"].take()))
}

/// What `tools/call` came to, for the model.
pub fn result(result: &Value) -> super::Called {
    let parts = result["content"].as_array().map_or(&[][..], Vec::as_slice);
    let mut texts: Vec<String> = parts.iter().map(part).collect();
    if texts.is_empty() && !result["structuredContent"].is_null() {
        texts.push(result["structuredContent"].to_string());
    }
    let text = texts.join("\n");
    if result["isError"] == true {
        Err(text)
    } else {
        Ok(text)
    }
}

fn part(part: &Value) -> String {
    let kind = part["type"].as_str().unwrap_or("unknown");
    match (part["text"].as_str(), part["resource"]["text"].as_str()) {
        (Some(text), _) | (None, Some(text)) => text.to_owned(),
        _ if kind == "resource_link" => part["uri"].as_str().unwrap_or_default().to_owned(),
        _ => format!("[{kind}, which is not text]"),
    }
}

/// Server-sent events, as the bytes come (HTML Living Standard, section 9.2.6).
#[derive(Default)]
pub struct Events {
    rest: Vec<u8>,
    data: String,
}

impl Events {
    /// The data of the events that these bytes complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<String> {
        self.rest.extend_from_slice(bytes);
        let mut complete = Vec::new();
        let mut start = 0;
        while let Some(length) = self.rest[start..].iter().position(|byte| *byte == b'\n') {
            let line = String::from_utf8_lossy(&self.rest[start..start + length]);
            let line = line.trim_end_matches('\r');
            if line.is_empty() {
                if !self.data.is_empty() {
                    complete.push(std::mem::take(&mut self.data));
                }
            } else if let Some(data) = line.strip_prefix("data:") {
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
            }
            start += length + 1;
        }
        self.rest.drain(..start);
        complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_answer_is_found_among_other_messages() {
        let batch = json!([{"method": "ping", "id": 3}, {"id": 2, "result": {}}, {"id": 3, "result": {"a": 1}}]);
        assert_eq!(answer(batch.clone(), 3), Some(Ok(json!({"a": 1}))));
        assert_eq!(answer(batch, 4), None);
        let error = json!({"id": 1, "error": {"code": -32601, "message": "no such method"}});
        assert_eq!(answer(error, 1), Some(Err("no such method".into())));
    }

    proptest! {
        #[test]
        fn events_are_the_same_wherever_the_bytes_are_cut(cuts in prop::collection::vec(1usize..9, 1..30)) {
            let text = ": hi\r\nevent: message\ndata: {\"a\":\r\ndata: \"é\"}\n\n\nid: 1\ndata:x\n\n".as_bytes();
            let (mut events, mut found, mut at, mut turn) = (Events::default(), Vec::new(), 0, 0);
            while at < text.len() {
                let end = (at + cuts[turn % cuts.len()]).min(text.len());
                found.extend(events.feed(&text[at..end]));
                (at, turn) = (end, turn + 1);
            }
            prop_assert_eq!(found, vec!["{\"a\":\n\"é\"}".to_owned(), "x".to_owned()]);
        }
    }
}
