//! Messages of a client, read strictly: what is not ours is refused with a reason.

use api::ErrorCode;
use axum::extract::ws::Message;
use serde_json::{Map, Value};
use service::socket::{Broken, Failure, Gone};
use service::{ApiError, ApiResult};
use tokio_tungstenite::tungstenite::Error as WsError;

/// Longest text message. Above what may be spoken, so that a text that is too long is refused
/// without ending the stream.
const LONGEST: usize = 4 * 1024 * 1024;
/// Most characters of an id.
const LONGEST_ID: usize = 128;

/// A message, understood.
#[derive(Debug)]
pub enum Control {
    /// How to speak from now on.
    Config(Map<String, Value>),
    /// A text and its fields.
    Speak(Map<String, Value>),
    /// Stop: all, or the text with this id.
    Cancel(Option<Value>),
    /// Still there.
    Keepalive,
    /// Close when all is spoken.
    End,
    /// Close now.
    Close,
}

/// What came off the socket; `None` for what needs no answer.
pub fn receive(message: Option<Result<Message, axum::Error>>) -> Result<Option<Control>, Broken> {
    match message {
        None | Some(Ok(Message::Close(_))) => Err(Gone.into()),
        Some(Err(error)) => Err(broken(&error)),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
        Some(Ok(Message::Text(text))) => Ok(Some(read(&text)?)),
        Some(Ok(Message::Binary(_))) => {
            let message = "Only text messages are taken here; audio goes the other way.";
            Err(Failure::unexpected(message).into())
        }
    }
}

/// Of what breaks a connection, the client can be told where it is to blame.
fn broken(error: &axum::Error) -> Broken {
    let cause =
        std::error::Error::source(error).and_then(|source| source.downcast_ref::<WsError>());
    match cause {
        Some(WsError::Utf8(_)) => {
            let message = "A text message must be UTF-8.";
            ApiError::new(ErrorCode::MalformedJson, message).into()
        }
        Some(WsError::Capacity(_)) => too_big().into(),
        _ => Broken::Gone,
    }
}

fn too_big() -> ApiError {
    let message = format!("A message may have at most {LONGEST} bytes.");
    ApiError::new(ErrorCode::BodyTooLarge, message)
}

fn read(text: &str) -> Result<Control, Failure> {
    if text.len() > LONGEST {
        return Err(too_big().into());
    }
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let message = format!(
            "A message must be JSON, such as {{\"type\":\"speak\",\"text\":\"Hello!\"}} ({error})."
        );
        ApiError::new(ErrorCode::MalformedJson, message)
    })?;
    let Value::Object(mut fields) = value else {
        return Err(Failure::unexpected(
            "A message must be a JSON object with a `type`.",
        ));
    };
    const KINDS: &str = "config, speak, cancel, keepalive, end or close";
    let Some(Value::String(kind)) = fields.remove("type") else {
        return Err(Failure::unexpected(format!(
            "A message needs a `type`: {KINDS}."
        )));
    };
    Ok(match kind.to_ascii_lowercase().as_str() {
        "config" => Control::Config(fields),
        "speak" => Control::Speak(fields),
        "cancel" | "clear" => Control::Cancel(fields.remove("id").filter(|id| !id.is_null())),
        "keepalive" | "keep_alive" => Control::Keepalive,
        "end" => Control::End,
        "close" => Control::Close,
        _ => {
            let kind: String = kind.chars().take(40).collect();
            return Err(Failure::unexpected(format!(
                "The type `{kind}` is not known; it is one of {KINDS}."
            )));
        }
    })
}

/// The id that a client gave a text, or the one it gets.
pub fn id(given: Option<Value>, number: u64) -> ApiResult<Value> {
    match given {
        None | Some(Value::Null) => Ok(number.to_string().into()),
        Some(Value::String(id)) if id.chars().nth(LONGEST_ID).is_none() => Ok(id.into()),
        Some(Value::Number(id)) if id.is_i64() || id.is_u64() => Ok(id.into()),
        Some(_) => {
            let message = format!(
                "`id` must be a text of at most {LONGEST_ID} characters or a whole number."
            );
            Err(ApiError::invalid_parameter("id", message))
        }
    }
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
        assert_eq!(
            code(r#"{"type":"transcribe"}"#),
            (1003, ErrorCode::UnexpectedMessage)
        );
        let long = "x".repeat(LONGEST + 1);
        assert_eq!(code(&long), (1009, ErrorCode::BodyTooLarge));
    }

    #[test]
    fn ids_are_said_again_as_they_came() {
        let given = |value: Value| id(Some(value), 7).map_err(|error| error.param);
        assert_eq!(given("a".into()), Ok("a".into()));
        assert_eq!(given(3.into()), Ok(3.into()));
        assert_eq!(given(Value::Null), Ok("7".into()));
        for bad in [serde_json::json!(1.5), true.into(), "x".repeat(129).into()] {
            assert_eq!(given(bad), Err(Some("id".into())));
        }
    }
}
