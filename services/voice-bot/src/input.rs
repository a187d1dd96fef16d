//! What people send, tidied and checked before it comes near the database.

use serde_json::{Map, Value};
use service::{ApiError, ApiResult};
use std::ops::RangeInclusive;

/// Most bytes of an object that people may fill as they like.
const MAX_OBJECT: usize = 16 * 1024;
/// Digits of an E.164 number.
const DIGITS: RangeInclusive<usize> = 7..=15;

/// One line: trimmed, without control characters, this many characters.
pub fn line(param: &str, text: &str, length: RangeInclusive<usize>) -> ApiResult<String> {
    let text = text.trim();
    bounded(param, text, length)?;
    refuse_controls(param, text, |_| false)?;
    Ok(text.to_owned())
}

/// Several lines: trimmed, up to this many characters; of control characters only new lines and tabs.
pub fn lines(param: &str, text: &str, most: usize) -> ApiResult<String> {
    let text = text.trim();
    bounded(param, text, 0..=most)?;
    refuse_controls(param, text, |c| matches!(c, '\n' | '\r' | '\t'))?;
    Ok(text.to_owned())
}

/// A telephone number as E.164 has it, `+14155551234`; spaces, dashes, dots and parentheses between
/// the digits are taken out.
pub fn phone_number(param: &str, text: &str) -> ApiResult<String> {
    let number: String = text
        .trim()
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '\u{a0}'))
        .collect();
    let digits = number.strip_prefix('+').unwrap_or_default();
    let right = DIGITS.contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0');
    right.then_some(number).ok_or_else(|| {
        ApiError::invalid_parameter(
            param,
            format!(
                "`{param}` must be a number with its country code, such as +14155551234 (E.164)."
            ),
        )
    })
}

/// An e-mail address, as far as it can be judged without sending a letter.
pub fn email(param: &str, text: &str) -> ApiResult<String> {
    let text = text.trim();
    let right = text.rsplit_once('@').is_some_and(|(local, domain)| {
        let odd = |c: char| c.is_whitespace() || c.is_control() || "<>,;:\\\"()[]@".contains(c);
        let labels = domain.split('.');
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c == '-' || c.is_alphanumeric())
        };
        (1..=64).contains(&local.len())
            && !local.contains(odd)
            && !local.starts_with('.')
            && !local.ends_with('.')
            && domain.contains('.')
            && labels.into_iter().all(label)
    });
    // Whoever has an account can be written to: the mailer must be able to read it, too.
    let right = right && text.len() <= 254 && text.parse::<lettre::Address>().is_ok();
    right.then(|| text.to_owned()).ok_or_else(|| {
        let message = format!("`{param}` must be an e-mail address, such as jane@example.com.");
        ApiError::invalid_parameter(param, message)
    })
}

/// An object people may fill as they like: 16 KiB of JSON at most, no NUL in its texts.
pub fn object(param: &str, object: Map<String, Value>) -> ApiResult<Value> {
    let value = Value::Object(object);
    if value.to_string().len() > MAX_OBJECT {
        let message = format!(
            "`{param}` must be at most {} KiB of JSON.",
            MAX_OBJECT / 1024
        );
        return Err(ApiError::invalid_parameter(param, message));
    }
    if data_model::is_sealed_object(&value) {
        let message = format!("`{param}` must not look like what is encrypted.");
        return Err(ApiError::invalid_parameter(param, message));
    }
    if has_nul(&value) {
        let message = format!("`{param}` must not contain the character U+0000.");
        return Err(ApiError::invalid_parameter(param, message));
    }
    Ok(value)
}

/// An optional field: nothing, or only spaces, counts as not given.
pub fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

/// `check` on a field that may be emptied.
pub fn nullable<T>(
    field: Option<Option<String>>,
    check: impl Fn(&str) -> ApiResult<T>,
) -> ApiResult<Option<Option<T>>> {
    field
        .map(|text| given(text).map(|text| check(&text)).transpose())
        .transpose()
}

fn bounded(param: &str, text: &str, length: RangeInclusive<usize>) -> ApiResult<()> {
    // Bytes are at least as many as characters: a huge text is not counted through.
    let most = *length.end();
    let count = match text.len() > most * 4 {
        true => usize::MAX,
        false => text.chars().count(),
    };
    if length.contains(&count) {
        return Ok(());
    }
    let message = match *length.start() {
        0 => format!("`{param}` must have at most {most} characters."),
        least => format!("`{param}` must have {least} to {most} characters."),
    };
    Err(ApiError::invalid_parameter(param, message))
}

fn refuse_controls(param: &str, text: &str, allowed: impl Fn(char) -> bool) -> ApiResult<()> {
    if text.chars().any(|c| c.is_control() && !allowed(c)) {
        let message = format!("`{param}` must not contain control characters.");
        return Err(ApiError::invalid_parameter(param, message));
    }
    Ok(())
}

/// PostgreSQL stores no NUL, not even escaped.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(object) => object
            .iter()
            .any(|(key, value)| key.contains('\0') || has_nul(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_taken_as_people_write_them() {
        for text in [
            "+14155551234",
            " +1 (415) 555-1234 ",
            "+1.415.555.1234",
            "+1\u{a0}415 5551234",
        ] {
            assert_eq!(phone_number("to", text).unwrap(), "+14155551234");
        }
        for bad in [
            "",
            "+",
            "4155551234",
            "+0123456789",
            "+1415555123a",
            "+123456",
            "+1234567890123456",
            "++14155551234",
            "+1415;5551234",
            "+١٤١٥٥٥٥١٢٣٤",
        ] {
            assert!(phone_number("to", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_are_told_from_other_texts() {
        for good in [
            "jane@example.com",
            "j.o'neil+tag@mail.example.co.uk",
            "用户@例え.jp",
        ] {
            assert_eq!(email("email", good).unwrap(), good);
        }
        let long = format!("{}@example.com", "a".repeat(65));
        for bad in [
            "",
            "jane",
            "jane@",
            "@example.com",
            "jane@example",
            "a b@example.com",
            "a@b@example.com",
            "a@-b.com",
            "a@b..com",
            "a..b@example.com",
            "a\r\nBcc: x@example.com",
            "<a@example.com>",
            &long,
        ] {
            assert!(email("email", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn texts_are_bounded_and_plain() {
        assert_eq!(line("name", "  Jane ", 1..=4).unwrap(), "Jane");
        for bad in ["", "   ", "Janes", "a\0b", "a\nb", &"x".repeat(1 << 20)] {
            assert!(line("name", bad, 1..=4).is_err());
        }
        assert_eq!(lines("prompt", "a\n\tb", 10).unwrap(), "a\n\tb");
        assert!(lines("prompt", "a\0b", 10).is_err());
        assert_eq!(line("name", "日本語語", 1..=4).unwrap(), "日本語語");
    }

    #[test]
    fn objects_are_bounded_and_hold_no_nul() {
        let map = |value: Value| value.as_object().cloned().unwrap();
        assert!(object("metadata", map(json!({"a": [1, {"b": "c"}]}))).is_ok());
        assert!(object("metadata", map(json!({"a": ["\0"]}))).is_err());
        assert!(object("metadata", map(json!({"\0": 1}))).is_err());
        assert!(object("metadata", map(json!({"a": "x".repeat(MAX_OBJECT)}))).is_err());
    }
}
