//! A prompt of the client's own: text, or JSON when the prompt asks for it.

use crate::analysis::ask::{Asking, Trouble};
use crate::analysis::evidence::{Checked, Words};
use crate::analysis::on_a_thread;
use crate::analysis::transcript::Call;
use api::analysis::{AnalyzeAnswer, Method};
use serde_json::Value;
use std::sync::Arc;

const PROMPT: &str = include_str!("../../../prompts/custom.md");
const AGAIN: &str = "That is not JSON. Answer again with the JSON and nothing else.";

/// Does the client's task on a call.
pub async fn answer(
    asking: &Asking<'_>,
    task: &str,
    call: &Arc<Call>,
) -> Result<AnalyzeAnswer, Trouble> {
    let material = asking.material(call, task).await?;
    let wants_json = wants_json(task);
    let (mut answer, request) = asking.words(PROMPT, task, &material).await?;
    let mut json = wants_json.then(|| read(&answer.text)).flatten();
    let mut warnings = Vec::new();
    if wants_json && json.is_none() {
        answer = asking.again(request, &answer, AGAIN).await?;
        json = read(&answer.text);
        if json.is_none() {
            warnings.push(
                "The prompt asks for JSON, but the model answered with text; it is the summary."
                    .into(),
            );
        }
    }
    if let Some(mut found) = json.take() {
        let call = call.clone();
        let check = move || {
            let words = Words::of(&call);
            let mut checked = Checked {
                words: &words,
                dropped: 0,
            };
            prune(&mut found, &mut checked);
            (found, checked.dropped)
        };
        let (found, dropped) = on_a_thread(check).await;
        json = Some(found);
        warnings.extend(super::dropped(dropped));
    }
    let summary = match &json {
        Some(json) => json
            .get("summary")
            .and_then(Value::as_str)
            .map(str::to_owned),
        None => Some(answer.text.trim().to_owned()),
    };
    Ok(AnalyzeAnswer {
        summary,
        analysis: json,
        method: Method::Llm,
        provider: Some(answer.provider.as_str().to_owned()),
        model: Some(answer.model),
        warnings,
    })
}

/// Whether a prompt names JSON.
fn wants_json(task: &str) -> bool {
    task.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| word == "json")
}

/// The JSON object or array of an answer, whatever stands around it.
fn read(text: &str) -> Option<Value> {
    let start = text.find(['{', '['])?;
    let end = text.rfind(['}', ']'])?;
    let value: Value = serde_json::from_str(text.get(start..=end)?).ok()?;
    (value.is_object() || value.is_array()).then_some(value)
}

/// Fields `quote` that are not in the transcript become null; items of lists that are nothing but
/// such a quote go.
fn prune(value: &mut Value, checked: &mut Checked) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(|item| prune(item, checked));
            items.retain(|item| {
                !(item
                    .as_object()
                    .is_some_and(|o| o.len() == 1 && o.get("quote") == Some(&Value::Null)))
            });
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(quote) if name == "quote" => {
                        if checked.one(quote).is_none() {
                            *field = Value::Null;
                        }
                    }
                    field => prune(field, checked),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_wanted_when_it_is_named() {
        assert!(wants_json("Return JSON with scores."));
        assert!(!wants_json("Write a poem about Jsonville."));
    }

    #[test]
    fn json_is_found_among_words() {
        assert!(read("Here: ```json\n[1]\n```").is_some_and(|v| v.is_array()));
        assert!(read("no").is_none() && read("} {").is_none());
    }
}
