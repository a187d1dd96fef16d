//! Cursors of `/auth/usage`: where the last page ended, opaque to clients.

use service::ApiError;

/// The last row of a page, and where the whole listing ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Time of the last row, milliseconds since 1970.
    pub time_ms: i64,
    /// Its id; breaks ties.
    pub id: i64,
    /// The oldest time listed, fixed by the first page so that later ones do not shift.
    pub since_ms: i64,
}

impl Cursor {
    /// As clients carry it.
    pub fn encode(self) -> String {
        format!(
            "{:016x}{:016x}{:016x}",
            self.time_ms, self.id, self.since_ms
        )
    }

    /// What [`Cursor::encode`] made, or 422.
    pub fn decode(text: &str) -> Result<Self, ApiError> {
        let part = |index: usize| {
            let digits = text.get(index * 16..(index + 1) * 16)?;
            let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            plain
                .then(|| u64::from_str_radix(digits, 16).ok())?
                .map(u64::cast_signed)
        };
        let cursor = match (text.len(), part(0), part(1), part(2)) {
            (48, Some(time_ms), Some(id), Some(since_ms)) => Some(Cursor {
                time_ms,
                id,
                since_ms,
            }),
            _ => None,
        };
        cursor.ok_or_else(|| {
            ApiError::invalid_parameter(
                "cursor",
                "`cursor` must be the `next_cursor` of the page before, unchanged.",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_survives_the_way_to_the_client_and_back(time_ms: i64, id: i64, since_ms: i64) {
            let cursor = Cursor { time_ms, id, since_ms };
            prop_assert_eq!(Cursor::decode(&cursor.encode()).unwrap(), cursor);
        }

        #[test]
        fn no_text_makes_decoding_panic(text in ".{0,64}") {
            let _ = Cursor::decode(&text);
        }
    }
}
