//! Calls as they are stored and as they are read: what is sealed of them, and where it belongs.

use super::{Call, CallItem, FoundCall};
use crate::error::Result;
use crate::sealed::{open_json, open_maybe, seal_json, seal_maybe};
use api::ids::CallId;
use sealing::Sealer;
use serde_json::Value;

/// Characters of an excerpt, and segments that it is made of; as the column `excerpt` has them.
const EXCERPT: (usize, usize) = (200, 3);

/// Where a part of a call belongs.
pub(crate) fn place(column: &str, call: CallId) -> String {
    format!("calls.{column}/{call}")
}

/// Where a segment of a transcript belongs.
fn segment_place(call: CallId, number: usize) -> String {
    format!("calls.transcript/{call}/{number}")
}

/// Segments of a transcript, the first of which is number `first`, as they are stored.
pub(crate) fn seal_segments(
    sealer: &Sealer,
    call: CallId,
    first: usize,
    segments: &[Value],
) -> Result<Vec<Value>> {
    let numbered = segments.iter().enumerate();
    numbered
        .map(|(at, segment)| seal_json(sealer, &segment_place(call, first + at), segment))
        .collect()
}

/// The opposite, from the first segment on.
pub(crate) fn open_segments(sealer: &Sealer, call: CallId, stored: Value) -> Result<Value> {
    let Value::Array(segments) = stored else {
        return Ok(stored);
    };
    let numbered = segments.into_iter().enumerate();
    let opened = numbered.map(|(at, segment)| open_json(sealer, &segment_place(call, at), segment));
    opened.collect::<Result<Vec<_>>>().map(Value::Array)
}

/// A telephone number as it is stored.
pub(crate) fn seal_number(
    sealer: &Sealer,
    column: &str,
    call: CallId,
    number: Option<&str>,
) -> Result<Option<String>> {
    seal_maybe(sealer, &place(column, call), number)
}

fn excerpt(transcript: &Value) -> String {
    let segments = transcript.as_array().map_or(&[][..], Vec::as_slice);
    let first = segments.iter().take(EXCERPT.1);
    let texts: Vec<&str> = first
        .map(|segment| segment["text"].as_str().unwrap_or_default())
        .collect();
    texts
        .join(" ")
        .trim_matches(' ')
        .chars()
        .take(EXCERPT.0)
        .collect()
}

fn opened_number(
    sealer: &Sealer,
    column: &str,
    call: CallId,
    stored: Option<String>,
) -> Result<Option<String>> {
    open_maybe(sealer, &place(column, call), stored)
}

impl Call {
    /// As it is read.
    pub(crate) fn opened(mut self, sealer: &Sealer) -> Result<Self> {
        self.transcript = open_segments(sealer, self.id, self.transcript)?;
        self.metadata = open_json(sealer, &place("metadata", self.id), self.metadata)?;
        self.summary = open_maybe(sealer, &place("summary", self.id), self.summary)?;
        self.from_number = opened_number(sealer, "from_number", self.id, self.from_number)?;
        self.to_number = opened_number(sealer, "to_number", self.id, self.to_number)?;
        if self.excerpt.is_empty() {
            self.excerpt = excerpt(&self.transcript);
        }
        Ok(self)
    }
}

impl CallItem {
    /// As it is read.
    pub(crate) fn opened(mut self, sealer: &Sealer) -> Result<Self> {
        self.from_number = opened_number(sealer, "from_number", self.id, self.from_number)?;
        self.to_number = opened_number(sealer, "to_number", self.id, self.to_number)?;
        if let Some(opening) = self.opening.take() {
            self.excerpt = excerpt(&open_segments(sealer, self.id, opening)?);
        }
        Ok(self)
    }
}

impl FoundCall {
    /// As it is read.
    pub(crate) fn opened(mut self, sealer: &Sealer) -> Result<Self> {
        self.summary = open_maybe(sealer, &place("summary", self.id), self.summary)?;
        if let (Some(name), Some(id)) = (self.customer.take(), self.customer_id) {
            self.customer = Some(crate::customers::open_name(sealer, id, name)?);
        }
        if let Some(opening) = self.opening.take() {
            self.passages = excerpt(&open_segments(sealer, self.id, opening)?);
        }
        Ok(self)
    }
}
