//! The chat template of a model: from messages to the text that it reads.

use super::{Done, refused};
use crate::error::LlmError;
use crate::request::{Message, Request, Tool, ToolCall};
use minijinja::{Environment, Error, ErrorKind};
use serde_json::{Value, json};

/// Steps that a template may take: ours need some thousands for a long conversation.
const FUEL: u64 = 10_000_000;

/// A compiled template, and the texts that only it may write.
pub struct Template {
    environment: Environment<'static>,
    /// Texts of control tokens, such as `<|im_start|>`.
    reserved: Vec<String>,
    /// Whether it says how tools are called, between `<tool_call>` and `</tool_call>`.
    tools: bool,
    start: String,
    end: String,
}

impl Template {
    /// Compiles it. `reserved` are the texts of control tokens, `start` and `end` of the first and
    /// the last token of a text.
    ///
    /// # Errors
    /// [`LlmError::BadModel`] when it is not Jinja.
    pub fn new(source: &str, reserved: Vec<String>, start: String, end: String) -> Done<Self> {
        let mut environment = Environment::new();
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.set_fuel(Some(FUEL));
        environment
            .set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", |why: String| -> Result<String, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, why))
        });
        // Templates that tell the date (Llama 3's) fall back to a fixed one where this is missing.
        environment
            .add_template_owned("chat", source.to_owned())
            .map_err(|error| {
                LlmError::BadModel(format!("its chat template cannot be read: {error}"))
            })?;
        Ok(Template {
            tools: source.contains("tools") && source.contains("<tool_call>"),
            environment,
            reserved,
            start,
            end,
        })
    }

    /// The text for a conversation, up to where the model goes on.
    ///
    /// # Errors
    /// [`LlmError::Rejected`]: tools with a template that has none, or messages that it refuses.
    pub fn render(&self, request: &Request, messages: &[Message]) -> Done<String> {
        if !request.tools.is_empty() && !self.tools {
            return Err(refused(
                400,
                "this local model has no tools: its chat template does not write <tool_call>",
            ));
        }
        let tools: Vec<Value> = request.tools.iter().map(|tool| self.tool(tool)).collect();
        let context = json!({
            "messages": self.messages(request.system.as_deref(), messages),
            "tools": if tools.is_empty() { Value::Null } else { Value::Array(tools) },
            "add_generation_prompt": true,
            "enable_thinking": false,
            "bos_token": self.start,
            "eos_token": self.end,
        });
        let template = self
            .environment
            .get_template("chat")
            .map_err(|error| refused(400, error.to_string()))?;
        template.render(context).map_err(|error| {
            refused(
                400,
                format!("the model's chat template does not take these messages: {error}"),
            )
        })
    }

    /// As templates know them. Neighbours with the same role become one: some templates insist on turns.
    fn messages(&self, system: Option<&str>, messages: &[Message]) -> Vec<Value> {
        // Without one, Qwen's template says who made the model and that it is helpful.
        let system = system.map(str::trim).filter(|text| !text.is_empty());
        let system = system.unwrap_or("Answer briefly and truthfully.");
        let mut all = vec![json!({"role": "system", "content": self.plain(system)})];
        for message in messages {
            let (role, content) = match message {
                Message::User(text) => ("user", self.plain(text)),
                Message::Developer(text) => (
                    "user",
                    format!("<developer>{}</developer>", self.plain(text)),
                ),
                Message::Assistant { text, calls } if calls.is_empty() => {
                    ("assistant", self.plain(text))
                }
                Message::Assistant { text, calls } => {
                    let calls: Vec<Value> = calls.iter().map(|call| self.call(call)).collect();
                    all.push(json!({"role": "assistant", "content": self.plain(text), "tool_calls": calls}));
                    continue;
                }
                Message::ToolResult { name, content, .. } => {
                    all.push(json!({"role": "tool", "name": name, "content": self.plain(content)}));
                    continue;
                }
            };
            let before = all.last_mut().filter(|last| {
                last["role"] == role && role == "user" && last.get("tool_calls").is_none()
            });
            match before {
                Some(last) => {
                    let joined = format!(
                        "{}\n\n{content}",
                        last["content"].as_str().unwrap_or_default()
                    );
                    last["content"] = Value::String(joined);
                }
                None => all.push(json!({"role": role, "content": content})),
            }
        }
        all
    }

    fn call(&self, call: &ToolCall) -> Value {
        json!({"type": "function", "id": call.id, "function": {"name": call.name, "arguments": self.value(&call.arguments)}})
    }

    fn tool(&self, tool: &Tool) -> Value {
        json!({"type": "function", "function": {
            "name": tool.name,
            "description": self.plain(&tool.description),
            "parameters": self.value(&tool.parameters),
        }})
    }

    /// Words that cannot be taken for the marks between turns, so that nobody's text poses as another's.
    fn plain(&self, text: &str) -> String {
        let mut plain = text.replace('\0', " ");
        for mark in &self.reserved {
            if plain.contains(mark.as_str()) {
                let first = mark.chars().next().map_or(0, char::len_utf8);
                let broken = format!("{} {}", &mark[..first], &mark[first..]);
                plain = plain.replace(mark.as_str(), &broken);
            }
        }
        plain
    }

    fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.plain(text)),
            Value::Array(all) => all.iter().map(|value| self.value(value)).collect(),
            Value::Object(all) => all
                .iter()
                .map(|(key, value)| (self.plain(key), self.value(value)))
                .collect(),
            other => other.clone(),
        }
    }
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
