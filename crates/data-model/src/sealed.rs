//! Sealed values in columns: texts stay texts, JSON becomes `{"sealed": text}`.

use crate::error::Result;
use sealing::Sealer;
use serde_json::{Value, json};

const NAME: &str = "sealed";

/// Whether an object looks like sealed JSON; nobody may store such an object as theirs.
pub fn is_sealed_object(value: &Value) -> bool {
    sealed(value).is_some()
}

fn sealed(value: &Value) -> Option<&str> {
    let text = value.as_object().filter(|object| object.len() == 1)?;
    let text = text.get(NAME)?.as_str()?;
    sealing::is_sealed_text(text).then_some(text)
}

/// JSON as it is stored.
pub(crate) fn seal_json(sealer: &Sealer, place: &str, value: &Value) -> Result<Value> {
    if !sealer.seals() {
        return Ok(value.clone());
    }
    Ok(json!({ NAME: sealer.seal_text(place, &value.to_string())? }))
}

/// JSON as it was.
pub(crate) fn open_json(sealer: &Sealer, place: &str, stored: Value) -> Result<Value> {
    let Some(text) = sealed(&stored) else {
        return Ok(stored);
    };
    let text = sealer.open_text(place, text)?;
    let damaged = |_| sealing::Error::Damaged(place.to_owned());
    Ok(serde_json::from_str(&text).map_err(damaged)?)
}

/// A text that may be absent, as it is stored.
pub(crate) fn seal_maybe(
    sealer: &Sealer,
    place: &str,
    text: Option<&str>,
) -> Result<Option<String>> {
    let sealed = text.map(|text| sealer.seal_text(place, text));
    Ok(sealed.transpose()?)
}

/// A text that may be absent, as it was.
pub(crate) fn open_maybe(
    sealer: &Sealer,
    place: &str,
    stored: Option<String>,
) -> Result<Option<String>> {
    let opened = stored.map(|text| sealer.open_text(place, &text));
    Ok(opened.transpose()?)
}

/// Bytes of the id of the key that seals; none where nothing is sealed.
pub(crate) fn seals_with(sealer: &Sealer) -> Option<Vec<u8>> {
    sealer.current().map(|id| id.0.to_vec())
}
