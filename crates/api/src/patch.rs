//! Fields of a PATCH: one that is absent stays as it is, one that is null is emptied.

use serde::{Deserialize, Deserializer};

/// For `#[serde(default, deserialize_with = "crate::patch::nullable")]`: `None` when the field is
/// absent, `Some(None)` when it is null.
pub fn nullable<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
