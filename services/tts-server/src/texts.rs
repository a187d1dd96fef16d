//! Texts as clients send them: how long they may be, and where in them a word stands.

use crate::failure;
use api::ErrorCode;
use api::synthesis::TimedWord;
use serde_json::{Map, Value};
use service::{ApiError, ApiResult};
use std::sync::Arc;
use synthesis::SpokenWord;

/// Takes a text out of the fields of a message; one of another type, an empty one or one that is
/// too long is refused.
pub fn take(name: &str, fields: &mut Map<String, Value>, limit: u32) -> ApiResult<String> {
    let text = match fields.remove(name) {
        Some(Value::String(text)) => text,
        None | Some(Value::Null) => return Err(ApiError::missing_parameter(name)),
        Some(_) => {
            let message = format!("`{name}` must be a text.");
            return Err(ApiError::invalid_parameter(name, message));
        }
    };
    check(&text, limit)
        .map(|()| text)
        .map_err(|error| error.with_param(name))
}

fn check(text: &str, limit: u32) -> ApiResult<()> {
    if text.trim().is_empty() {
        return Err(failure::nothing_to_say());
    }
    let limit = limit as usize;
    // No character has more than four bytes, so most texts need not be counted.
    if text.len() > limit && text.chars().nth(limit).is_some() {
        let message = format!(
            "The text has more than {limit} characters, the most that is spoken at once; send it in parts."
        );
        return Err(ApiError::new(ErrorCode::TextTooLong, message));
    }
    Ok(())
}

/// Takes an optional text of at most 1000 characters.
pub fn take_short(name: &str, fields: &mut Map<String, Value>) -> ApiResult<Option<String>> {
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().nth(1000).is_none() => Ok(Some(text)),
        Some(_) => {
            let message = format!("`{name}` must be a text of at most 1000 characters.");
            Err(ApiError::invalid_parameter(name, message))
        }
    }
}

/// Characters as they are counted for limits and usage.
pub fn characters(text: &str) -> u64 {
    text.chars().count() as u64
}

/// Finds the characters of places that only go forward, in time proportional to the text.
#[derive(Debug, Clone)]
pub struct Places {
    text: Arc<str>,
    byte: usize,
    character: usize,
}

impl Places {
    /// At the start of a text.
    pub fn new(text: Arc<str>) -> Self {
        Places {
            text,
            byte: 0,
            character: 0,
        }
    }

    /// A word with its times in whole milliseconds and its place in characters.
    pub fn word(&mut self, word: SpokenWord) -> TimedWord {
        let ms = |seconds: f64| (seconds * 1000.0).round().max(0.0) as u64;
        TimedWord {
            char_start: self.character(word.source.start),
            char_end: self.character(word.source.end),
            text: word.text,
            start_ms: ms(word.start),
            end_ms: ms(word.end),
        }
    }

    fn character(&mut self, byte: usize) -> usize {
        if byte < self.byte {
            (self.byte, self.character) = (0, 0);
        }
        let between = self.text.get(self.byte..byte).unwrap_or_default();
        self.character += between.chars().count();
        self.byte = byte;
        self.character
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(value: Value) -> Result<String, ErrorCode> {
        let mut fields = Map::from_iter([("text".to_owned(), value)]);
        take("text", &mut fields, 5).map_err(|error| error.code)
    }

    #[test]
    fn a_text_has_words_and_an_end() {
        assert_eq!(taken("héllo".into()), Ok("héllo".into()));
        assert_eq!(taken("héllo!".into()), Err(ErrorCode::TextTooLong));
        assert_eq!(taken(" \n\t".into()), Err(ErrorCode::EmptyText));
        assert_eq!(taken(5.into()), Err(ErrorCode::InvalidParameter));
        assert_eq!(taken(Value::Null), Err(ErrorCode::MissingParameter));
    }

    #[test]
    fn words_are_found_by_characters_not_bytes() {
        let mut places = Places::new("Çé 日本 ok".into());
        let mut at = |range: std::ops::Range<usize>| {
            let word = places.word(SpokenWord {
                text: String::new(),
                source: range,
                start: 0.0,
                end: 0.0,
            });
            (word.char_start, word.char_end)
        };
        assert_eq!(at(0..4), (0, 2));
        assert_eq!(at(5..11), (3, 5));
        assert_eq!(at(5..11), (3, 5));
        assert_eq!(at(12..14), (6, 8));
    }
}
