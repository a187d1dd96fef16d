//! Text messages of a client, read strictly: what is not ours is refused with a reason.

use api::ErrorCode;
use serde_json::{Map, Value};
use service::socket::Failure;
use service::{ApiError, ApiResult, Form};

/// Longest text message.
const LONGEST: usize = 64 * 1024;

/// A text message, understood.
#[derive(Debug)]
pub enum Control {
    /// The fields of a configuration.
    Config(Map<String, Value>),
    /// Finals now, then go on.
    Finalize,
    /// Still there.
    Keepalive,
    /// Finals, then done.
    End,
}

/// Reads a text message.
pub fn read(text: &str) -> Result<Control, Failure> {
    if text.len() > LONGEST {
        let message = format!("A text message may have at most {LONGEST} bytes.");
        return Err(ApiError::new(ErrorCode::BodyTooLarge, message).into());
    }
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let message = format!(
            "A text message must be JSON, such as {{\"type\":\"end\"}}; audio goes as binary messages ({error})."
        );
        ApiError::new(ErrorCode::MalformedJson, message)
    })?;
    let Value::Object(mut fields) = value else {
        return Err(Failure::unexpected(
            "A text message must be a JSON object with a `type`.",
        ));
    };
    let Some(Value::String(kind)) = fields.remove("type") else {
        return Err(Failure::unexpected(
            "A text message needs a `type`: config, finalize, keepalive or end.",
        ));
    };
    match kind.to_ascii_lowercase().as_str() {
        "config" => Ok(Control::Config(fields)),
        "finalize" => Ok(Control::Finalize),
        "keepalive" | "keep_alive" => Ok(Control::Keepalive),
        "end" => Ok(Control::End),
        _ => {
            let kind: String = kind.chars().take(40).collect();
            Err(Failure::unexpected(format!(
                "The type `{kind}` is not known; there are config, finalize, keepalive and end."
            )))
        }
    }
}

/// Adds the fields of a configuration to those of the address; a field given in both counts as in
/// the configuration.
pub fn merge(form: &mut Form, fields: Map<String, Value>) -> ApiResult<()> {
    for (name, value) in fields {
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text,
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::Array(items) if items.iter().all(Value::is_string) => {
                let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                items.join(",")
            }
            Value::Array(_) | Value::Object(_) => {
                let name: String = name.chars().take(64).collect();
                let message = format!("`{name}` must be a text, a number or a boolean.");
                return Err(ApiError::invalid_parameter(name, message));
            }
        };
        form.set(name, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> (u16, ErrorCode) {
        let failure = read(text).expect_err(text);
        (failure.code, failure.error.code)
    }

    #[test]
    fn what_is_not_ours_is_refused_with_a_reason() {
        assert_eq!(code("hello"), (1003, ErrorCode::MalformedJson));
        assert_eq!(code("[1]"), (1003, ErrorCode::UnexpectedMessage));
        assert_eq!(code("{}"), (1003, ErrorCode::UnexpectedMessage));
        assert_eq!(code(r#"{"type":7}"#), (1003, ErrorCode::UnexpectedMessage));
        assert_eq!(
            code(r#"{"type":"Start"}"#),
            (1003, ErrorCode::UnexpectedMessage)
        );
        assert_eq!(
            code(&"x".repeat(LONGEST + 1)),
            (1009, ErrorCode::BodyTooLarge)
        );
    }

    #[test]
    fn a_configuration_overrides_the_address() {
        let mut form = Form::from_query("sample_rate=8000&language=en").expect("a query");
        let Ok(Control::Config(fields)) = read(
            r#"{"type":"config","sample_rate":16000,"hotwords":["a","b"],"model":null,"interim_results":false}"#,
        ) else {
            panic!("a configuration");
        };
        merge(&mut form, fields).expect("plain values");
        assert_eq!(
            form.number("sample_rate", 1..=99_999u32).ok(),
            Some(Some(16_000))
        );
        assert_eq!(form.text("hotwords").as_deref(), Some("a,b"));
        assert_eq!(form.bool("interim_results").ok(), Some(Some(false)));
        assert_eq!(form.text("language").as_deref(), Some("en"));
    }

    #[test]
    fn a_nested_value_is_refused_by_name() {
        let fields = Map::from_iter([("channel".to_owned(), serde_json::json!({"a": 1}))]);
        let error = merge(&mut Form::new(), fields).expect_err("nested");
        assert_eq!(error.param.as_deref(), Some("channel"));
    }
}
