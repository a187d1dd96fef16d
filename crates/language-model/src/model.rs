//! A model that answers: opened by what the file holds.

use std::f32::consts::LN_10;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use crate::arpa::{MAX_ARPA_BYTES, read_arpa};
use crate::binary::{self, Tables};
use crate::error::LmError;
use crate::score::{Scored, State};
use crate::source::Source;
use crate::sphinx::SPHINX_MAGIC;
use crate::write::trie_bytes;

/// An n-gram model over words: `Send + Sync`, immutable, to be shared by `Arc`.
///
/// Words are looked up as given, byte for byte; models are usually of lower-case words without
/// punctuation.
#[derive(Debug)]
pub struct LanguageModel {
    bytes: Source,
    tables: Tables,
    begin: State,
    end: u32,
}

impl LanguageModel {
    /// Opens a KenLM binary file of any kind (mapped, in constant time) or an ARPA file (read
    /// into memory, at most [`MAX_ARPA_BYTES`]), whatever its name.
    ///
    /// # Errors
    /// [`LmError`] with the file's path, when it cannot be read, is neither, or is damaged.
    pub fn open(path: &Path) -> Result<Self, LmError> {
        Self::open_file(path).map_err(LmError::in_file(path))
    }

    fn open_file(path: &Path) -> Result<Self, LmError> {
        let mut file = File::open(path)?;
        let mut start = Vec::with_capacity(binary::MAGIC.len());
        file.by_ref()
            .take(binary::MAGIC.len() as u64)
            .read_to_end(&mut start)?;
        if start == binary::MAGIC {
            return Self::over(Source::map(&file)?);
        }
        if start.starts_with(&[0x1f, 0x8b]) {
            return Err(LmError::Unrecognised("it is gzipped: gunzip it".into()));
        }
        if start.starts_with(SPHINX_MAGIC) {
            return Err(LmError::Unrecognised(
                "it is of CMU Sphinx: `models lm convert FILE --out FILE.klm`".into(),
            ));
        }
        let size = file.metadata()?.len();
        if size > MAX_ARPA_BYTES {
            return Err(LmError::TooBig {
                megabytes: size >> 20,
                limit: MAX_ARPA_BYTES >> 20,
            });
        }
        Self::from_arpa(BufReader::new(start.as_slice().chain(file)))
    }

    /// A KenLM binary file, or an ARPA file, in memory.
    ///
    /// # Errors
    /// As [`LanguageModel::open`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, LmError> {
        if bytes.starts_with(binary::MAGIC) {
            return Self::over(Source::Owned(bytes));
        }
        Self::from_arpa(bytes.as_slice())
    }

    fn from_arpa(arpa: impl std::io::BufRead) -> Result<Self, LmError> {
        Self::over(Source::Owned(trie_bytes(read_arpa(arpa)?)?))
    }

    fn over(bytes: Source) -> Result<Self, LmError> {
        let tables = Tables::read(&bytes)?;
        let begin = tables.begin(&bytes, tables.index(&bytes, "<s>"));
        let end = tables.index(&bytes, "</s>");
        Ok(Self {
            bytes,
            tables,
            begin,
            end,
        })
    }

    /// Words that an n-gram has at most.
    pub fn order(&self) -> usize {
        self.tables.counts().len()
    }

    /// Whether the vocabulary has the word.
    pub fn contains(&self, word: &str) -> bool {
        self.tables.index(&self.bytes, word) != 0
    }

    /// Words that the model knows, `<unk>`, `<s>` and `</s>` among them.
    pub fn vocabulary_size(&self) -> usize {
        usize::try_from(self.tables.counts()[0]).unwrap_or(usize::MAX)
    }

    /// How many n-grams of each order there are.
    pub fn counts(&self) -> &[u64] {
        self.tables.counts()
    }

    /// The state at a sentence's beginning, after `<s>`.
    pub fn begin(&self) -> State {
        self.begin
    }

    /// P(word | state). An unknown word has the probability of `<unk>` as stored.
    pub fn score(&self, state: &State, word: &str) -> Scored {
        let index = self.tables.index(&self.bytes, word);
        let (log10, state) = self.tables.score(&self.bytes, state, index);
        Scored {
            ln_prob: log10 * LN_10,
            state,
            known: index != 0,
        }
    }

    /// ln P(`</s>` | state).
    pub fn end(&self, state: &State) -> f32 {
        self.tables.score(&self.bytes, state, self.end).0 * LN_10
    }
}
