//! Lists: whole as a plain array, or in pages.

use api::page::{Listing, Page, PageQuery};
use data_model::{Cursor, Paging};
use service::{ApiError, ApiResult};

/// Items a page when only a cursor is given.
const DEFAULT: u32 = 50;
/// Items a page or a plain array at most.
const MOST: u32 = 1000;

/// Which part of a list is asked for.
pub fn paging(query: &PageQuery) -> ApiResult<Paging> {
    let after = query.cursor.as_deref().map(|text| {
        Cursor::decode(text).ok_or_else(|| {
            ApiError::invalid_parameter(
                "cursor",
                "`cursor` must be the `next_cursor` of the page before.",
            )
        })
    });
    let limit = match query.limit {
        Some(limit @ 1..=MOST) => limit,
        Some(_) => {
            return Err(ApiError::invalid_parameter(
                "limit",
                format!("`limit` must be 1 to {MOST}."),
            ));
        }
        None if after.is_some() => DEFAULT,
        None => MOST,
    };
    Ok(Paging {
        limit,
        after: after.transpose()?,
    })
}

/// The answer, in the shape that was asked for.
pub fn listing<T, U>(
    query: &PageQuery,
    page: data_model::Page<T>,
    wire: impl Fn(T) -> U,
) -> Listing<U> {
    let data = page.items.into_iter().map(wire).collect();
    match (query.limit, &query.cursor) {
        (None, None) => Listing::Whole(data),
        _ => Listing::Page(Page {
            data,
            next_cursor: page.next.map(Cursor::encode),
        }),
    }
}

/// A column that a constraint keeps an object.
pub fn object(value: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    match value {
        serde_json::Value::Object(object) => object,
        _ => serde_json::Map::new(),
    }
}
