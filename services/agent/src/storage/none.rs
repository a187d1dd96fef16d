//! No storage: what HIPAA mode has until notes and history are encrypted.

use super::{Owner, Result, Storage, StorageError, Turn};
use api::conversation::Note;
use futures::future::{BoxFuture, ready};

/// Keeps nothing, and says so.
pub struct Nothing;

impl Storage for Nothing {
    fn add_note<'a>(&'a self, _: &'a Owner, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<Note>> {
        Box::pin(ready(Err(StorageError::Off)))
    }

    fn notes<'a>(
        &'a self,
        _: &'a Owner,
        _: Option<&'a str>,
        _: usize,
    ) -> BoxFuture<'a, Result<Vec<Note>>> {
        Box::pin(ready(Err(StorageError::Off)))
    }

    fn search_notes<'a>(
        &'a self,
        _: &'a Owner,
        _: &'a str,
        _: usize,
    ) -> BoxFuture<'a, Result<Vec<Note>>> {
        Box::pin(ready(Err(StorageError::Off)))
    }

    fn delete_note<'a>(&'a self, _: &'a Owner, _: &'a str) -> BoxFuture<'a, Result<bool>> {
        Box::pin(ready(Err(StorageError::Off)))
    }

    fn delete_notes<'a>(&'a self, _: &'a Owner) -> BoxFuture<'a, Result<u64>> {
        Box::pin(ready(Err(StorageError::Off)))
    }

    /// A conversation without memory goes on all the same.
    fn turns<'a>(&'a self, _: &'a Owner, _: usize) -> BoxFuture<'a, Result<Vec<Turn>>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    fn add_turns<'a>(&'a self, _: &'a Owner, _: Vec<Turn>) -> BoxFuture<'a, Result<()>> {
        Box::pin(ready(Ok(())))
    }

    fn delete_turns<'a>(&'a self, _: &'a Owner) -> BoxFuture<'a, Result<u64>> {
        Box::pin(ready(Ok(0)))
    }
}
