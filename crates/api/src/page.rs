//! How lists are given out: whole, or a page at a time.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Query of every list that pages.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Items a page, 1 to 1000; 50 when only `cursor` is given. Without both, the answer is a plain
    /// array of the newest 1000.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(max_length = 128)]
    pub cursor: Option<String>,
}

/// Some of a list, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The items of this page.
    pub data: Vec<T>,
    /// Pass it as `cursor` to get the next page; null on the last one.
    pub next_cursor: Option<String>,
}

/// A plain array when neither `limit` nor `cursor` was given, else a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Listing<T> {
    /// Everything, up to 1000.
    Whole(Vec<T>),
    /// A page.
    Page(Page<T>),
}
