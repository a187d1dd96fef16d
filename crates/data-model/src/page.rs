//! Lists in pages: newest first, by time and then id, so that nothing is shown twice or left out
//! when something is added in between.

use time::OffsetDateTime;
use uuid::Uuid;

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Time of the last item.
    pub time: OffsetDateTime,
    /// Its id; breaks ties.
    pub id: Uuid,
}

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// Items at most.
    pub limit: u32,
    /// After which one.
    pub after: Option<Cursor>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// Newest first.
    pub items: Vec<T>,
    /// Where the next page begins, unless this was the last.
    pub next: Option<Cursor>,
}

impl Cursor {
    /// As clients carry it: microseconds since 1970 and the id, in hexadecimal.
    pub fn encode(self) -> String {
        let micros = (self.time.unix_timestamp_nanos() / 1000) as i64;
        format!("{:016x}{}", micros.cast_unsigned(), self.id.simple())
    }

    /// What [`Cursor::encode`] made; `None` for anything else.
    pub fn decode(text: &str) -> Option<Self> {
        if text.len() != 48 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let micros = u64::from_str_radix(&text[..16], 16).ok()?.cast_signed();
        let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000).ok()?;
        let id = Uuid::try_parse(&text[16..]).ok()?;
        Some(Cursor { time, id })
    }
}

impl Paging {
    /// For `LIMIT`: one more than wanted, which tells whether there is a next page.
    pub(crate) fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// For `(created_at, id) < ($time, $id)`: the time.
    pub(crate) fn time(&self) -> Option<OffsetDateTime> {
        self.after.map(|after| after.time)
    }

    /// The id that goes with it.
    pub(crate) fn id(&self) -> Option<Uuid> {
        self.after.map(|after| after.id)
    }

    /// Makes a page of what was fetched.
    pub(crate) fn page<T>(&self, mut items: Vec<T>, cursor: impl Fn(&T) -> Cursor) -> Page<T> {
        let limit = self.limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(cursor);
        Page { items, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let time = OffsetDateTime::from_unix_timestamp_nanos(1_700_000_000_123_456_000).unwrap();
        let cursor = Cursor {
            time,
            id: Uuid::now_v7(),
        };
        assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        for bad in [
            "",
            "x",
            &"g".repeat(48),
            &"f".repeat(48)[..47],
            &"é".repeat(24),
        ] {
            assert_eq!(Cursor::decode(bad), None, "{bad}");
        }
    }
}
