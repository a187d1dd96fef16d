//! What was asked for, field by field, before anybody knows whether it makes sense: from the query,
//! from JSON, and from several configurations one after the other.

use serde_json::{Map, Value};
use service::{ApiError, ApiResult, Form};
use std::collections::BTreeMap;

/// Every field but the texts and `pronunciations`.
pub const NAMES: [&str; 11] = [
    "voice",
    "language",
    "speed",
    "exaggeration",
    "format",
    "encoding",
    "sample_rate",
    "timestamps",
    "voice_gender",
    "temperature",
    "top_k",
];
/// Most words with a pronunciation of their own.
const WORDS: usize = 500;
/// Most characters of such a word, and of what is said for it.
const WORD: usize = 200;

/// Fields by name; a later value replaces an earlier one.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    values: BTreeMap<&'static str, String>,
    /// Words and what is said for them.
    pub pronunciations: Vec<(String, String)>,
}

impl Fields {
    /// The fields of a query, and what is wrong with it but does not matter.
    pub fn from_query(query: &str) -> ApiResult<(Self, Vec<String>)> {
        let mut form = Form::from_query(query)?;
        // The gateway has looked at it already.
        let _ = form.text("token");
        let mut fields = Fields::default();
        let warnings = fields.add(form);
        Ok((fields, warnings))
    }

    /// Whether nothing was asked for.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.pronunciations.is_empty()
    }

    /// Adds the fields of a JSON object.
    ///
    /// # Errors
    /// 422 for a value that is neither text, number nor boolean.
    pub fn merge(&mut self, mut fields: Map<String, Value>) -> ApiResult<Vec<String>> {
        if let Some(said) = fields.remove("pronunciations") {
            self.pronunciations = pronunciations(said)?;
        }
        let mut form = Form::new();
        for (name, value) in fields {
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text,
                Value::Bool(_) | Value::Number(_) => value.to_string(),
                Value::Array(_) | Value::Object(_) => {
                    let name: String = name.chars().take(64).collect();
                    let message = format!("`{name}` must be a text, a number or a boolean.");
                    return Err(ApiError::invalid_parameter(name, message));
                }
            };
            form.set(name, text)?;
        }
        Ok(self.add(form))
    }

    /// One field.
    pub fn set(&mut self, name: &'static str, value: String) {
        self.values.insert(name, value);
    }

    /// As a form, to be taken apart.
    pub fn form(&self) -> ApiResult<Form> {
        let mut form = Form::new();
        for (name, value) in &self.values {
            form.set((*name).to_owned(), value.clone())?;
        }
        Ok(form)
    }

    /// Takes what is known; gives a warning for each of the rest.
    fn add(&mut self, mut form: Form) -> Vec<String> {
        for name in NAMES {
            if let Some(value) = form.text(name) {
                // The two are one.
                if name == "encoding" {
                    self.values.insert("format", value);
                } else {
                    self.values.insert(name, value);
                }
            }
        }
        form.warnings()
    }
}

fn pronunciations(value: Value) -> ApiResult<Vec<(String, String)>> {
    let wrong = |why: &str| {
        let message = format!(
            "`pronunciations` {why}, such as {{\"Nguyen\": \"win\", \"data\": \"/ˈdeɪtə/\"}}."
        );
        ApiError::invalid_parameter("pronunciations", message)
    };
    let words = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Object(words) if words.len() <= WORDS => words,
        Value::Object(_) => return Err(wrong(&format!("may have at most {WORDS} words"))),
        _ => {
            return Err(wrong(
                "must be an object of words and what is said for them",
            ));
        }
    };
    let short = |text: &str| !text.trim().is_empty() && text.chars().nth(WORD).is_none();
    let pairs = words.into_iter().map(|(word, said)| match said {
        Value::String(said) if short(&word) && short(&said) => Ok((word, said)),
        _ => Err(wrong(&format!(
            "must give every word a text, both of 1 to {WORD} characters"
        ))),
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn a_later_configuration_changes_only_what_it_names() {
        let (mut fields, warnings) =
            Fields::from_query("voice=am_adam&speed=1.5&colour=red").expect("a query");
        assert_eq!(warnings.len(), 1);
        let more = object(json!({"speed": 2, "encoding": "mulaw", "voice": null}));
        assert!(fields.merge(more).expect("plain values").is_empty());
        let mut form = fields.form().expect("few fields");
        let mut text = |name| form.text(name);
        assert_eq!(
            (text("voice"), text("speed"), text("format")),
            (
                Some("am_adam".into()),
                Some("2".into()),
                Some("mulaw".into())
            )
        );
    }

    #[test]
    fn pronunciations_are_words_and_texts() {
        let mut fields = Fields::default();
        let mut give = |value| fields.merge(object(json!({"pronunciations": value})));
        assert!(give(json!({"Nguyen": "win"})).is_ok());
        for bad in [
            json!(["win"]),
            json!({"a": 1}),
            json!({"": "x"}),
            json!({"a": "x".repeat(201)}),
        ] {
            assert_eq!(
                give(bad).unwrap_err().param.as_deref(),
                Some("pronunciations")
            );
        }
        assert_eq!(fields.pronunciations.len(), 1);
        let error = fields
            .merge(object(json!({"voice": {"id": 1}})))
            .unwrap_err();
        assert_eq!(error.param.as_deref(), Some("voice"));
    }
}
