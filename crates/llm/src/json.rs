//! Answers as typed JSON.

use crate::chain::{Answer, Llm};
use crate::error::{LlmError, Result};
use crate::request::{Message, Output, Request};
use serde::de::DeserializeOwned;
use serde_json::Value;

impl Llm {
    /// An answer as a `T` whose JSON fits `schema`. What does not is sent back once, with the reason.
    ///
    /// # Errors
    /// [`LlmError::NotJson`] when the second answer does not fit either.
    pub async fn json<T: DeserializeOwned>(
        &self,
        mut request: Request,
        name: &'static str,
        schema: Value,
        check: impl Fn(&T) -> std::result::Result<(), String>,
    ) -> Result<(T, Answer)> {
        let instruction = format!(
            "Answer with one JSON object and nothing else. It must fit this JSON schema:\n{schema}"
        );
        let system = request.system.get_or_insert_default();
        system.push_str("\n\n");
        system.push_str(&instruction);
        request.output = Output::Json { name, schema };
        let first = self.complete(&request).await?;
        let reason = match read(&first.text, &check) {
            Ok(value) => return Ok((value, first)),
            Err(reason) => reason,
        };
        tracing::debug!(
            reason,
            "the answer is not the JSON that was asked for; asking once more"
        );
        request.messages.push(Message::Assistant {
            text: first.text,
            calls: Vec::new(),
        });
        request.messages.push(Message::User(format!(
            "That does not fit: {reason}. Answer again with the whole corrected JSON object and nothing else."
        )));
        let second = self.complete(&request).await?;
        let value = read(&second.text, &check).map_err(LlmError::NotJson)?;
        Ok((value, second))
    }
}

fn read<T: DeserializeOwned>(
    text: &str,
    check: impl Fn(&T) -> std::result::Result<(), String>,
) -> std::result::Result<T, String> {
    let value: T = serde_json::from_str(object(text)).map_err(|error| error.to_string())?;
    check(&value)?;
    Ok(value)
}

/// From the first brace to the last: models like to put JSON into a fence, or a word before it.
fn object(text: &str) -> &str {
    match (text.find('{'), text.rfind('}')) {
        (Some(start), Some(end)) if start < end => &text[start..=end],
        _ => text.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_found_in_a_fence_and_after_a_word() {
        assert_eq!(object("```json\n{\"a\": {}}\n```"), "{\"a\": {}}");
        assert_eq!(object("Sure! {\"a\": 1}"), "{\"a\": 1}");
        assert_eq!(object(" no "), "no");
        assert_eq!(object("} {"), "} {");
    }
}
