//! KenLM's binary files (Heafield 2011): the header, and the tables of all six kinds.

mod header;
mod probing;
mod trie;
mod vocabulary;

use crate::error::LmError;
use crate::score::{self, State};
use header::{Header, Kind};
pub(crate) use header::{MAGIC, header_bytes};
use probing::Probing;
use trie::Trie;
use vocabulary::Vocabulary;

/// Where everything is in a file.
#[derive(Debug)]
pub(crate) struct Tables {
    counts: Vec<u64>,
    vocabulary: Vocabulary,
    search: Search,
}

#[derive(Debug)]
enum Search {
    Trie(Trie),
    Probing(Probing),
}

impl Tables {
    /// Reads the header and checks that every table lies within the file.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, LmError> {
        let header = Header::read(bytes)?;
        let mut layout = Layout {
            at: header.size,
            end: bytes.len() as u64,
        };
        let (vocabulary, search) = match header.kind {
            Kind::Probing { rest } => (
                Vocabulary::probing(bytes, &header, &mut layout)?,
                Search::Probing(Probing::read(&header, rest, &mut layout)?),
            ),
            Kind::Trie { quantised, array } => (
                Vocabulary::sorted(bytes, &header, &mut layout)?,
                Search::Trie(Trie::read(bytes, &header, quantised, array, &mut layout)?),
            ),
        };
        Ok(Self {
            counts: header.counts,
            vocabulary,
            search,
        })
    }

    pub(crate) fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The word's id; 0 for unknown ones.
    pub(crate) fn index(&self, bytes: &[u8], word: &str) -> u32 {
        self.vocabulary.index(bytes, word)
    }

    pub(crate) fn begin(&self, bytes: &[u8], word: u32) -> State {
        match &self.search {
            Search::Trie(trie) => score::begin(trie, bytes, word),
            Search::Probing(probing) => score::begin(probing, bytes, word),
        }
    }

    pub(crate) fn score(&self, bytes: &[u8], state: &State, word: u32) -> (f32, State) {
        let order = self.counts.len();
        match &self.search {
            Search::Trie(trie) => score::score(trie, bytes, order, state, word),
            Search::Probing(probing) => score::score(probing, bytes, order, state, word),
        }
    }
}

/// Walks over a file's sections and refuses what the file does not have.
struct Layout {
    at: u64,
    end: u64,
}

impl Layout {
    /// The next `size` bytes: their offset.
    fn take(&mut self, size: u64, part: impl Into<String>) -> Result<usize, LmError> {
        let at = self.at;
        let wanted = at.saturating_add(size);
        if wanted > self.end {
            return Err(LmError::Truncated {
                part: part.into(),
                wanted,
                found: self.end,
            });
        }
        self.at = wanted;
        Ok(usize::try_from(at).expect("it is within a slice"))
    }
}
