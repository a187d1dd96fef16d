//! Lines of a text from anybody: bounded, numbered, UTF-8.

use std::io::{BufRead, Read};

use crate::error::LmError;

/// Bytes of a line at most; six long words take a few hundred.
const MAX_LINE: usize = 1 << 16;

/// Reads line by line and knows where it is.
pub(super) struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    /// Of the line read last, counted from 1.
    number: u64,
    /// For messages, such as `\2-grams:`.
    pub section: String,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            number: 0,
            section: "before \\data\\".into(),
        }
    }

    /// The next line without its end and the spaces around it; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<&str>, LmError> {
        self.buffer.clear();
        self.number += 1;
        let most = MAX_LINE as u64 + 1;
        let read = (&mut self.input)
            .take(most)
            .read_until(b'\n', &mut self.buffer)?;
        if read == 0 {
            return Ok(None);
        }
        if self.buffer.len() > MAX_LINE {
            return Err(self.bad(format!("longer than {MAX_LINE} bytes: no n-gram is")));
        }
        match std::str::from_utf8(&self.buffer) {
            Ok(line) => Ok(Some(line.trim_matches([' ', '\t', '\r', '\n']))),
            Err(_) => Err(self.bad("not UTF-8")),
        }
    }

    /// The next line that is not blank.
    pub(super) fn next_full(&mut self) -> Result<Option<String>, LmError> {
        while let Some(line) = self.next()? {
            if !line.is_empty() {
                return Ok(Some(line.to_owned()));
            }
        }
        Ok(None)
    }

    /// An error about the line read last.
    pub(super) fn bad(&self, reason: impl Into<String>) -> LmError {
        LmError::Arpa {
            line: self.number,
            section: self.section.clone(),
            reason: reason.into(),
        }
    }
}
