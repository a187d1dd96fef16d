//! Tokens to text: the vocabulary of a `tokenizer.json`, as bytes.

use crate::SpeechError;
use crate::decode::continuations::Continuations;
use serde::Deserialize;
use std::collections::HashMap;
use std::path::Path;
use std::sync::OnceLock;

/// How a tokenizer writes bytes and spaces in its vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// GPT-2's: every byte a printable character.
    ByteLevel,
    /// SentencePiece's: `▁` for a space, `<0x0A>` for a byte.
    Metaspace,
}

/// The bytes of every token. Merges are not kept: nothing here tokenizes text.
pub(crate) struct Vocabulary {
    tokens: Vec<Box<[u8]>>,
    special: HashMap<String, u32>,
    continuations: OnceLock<Continuations>,
}

#[derive(Deserialize)]
struct File {
    model: Model,
    added_tokens: Vec<Added>,
}

#[derive(Deserialize)]
struct Model {
    vocab: HashMap<String, u32>,
}

#[derive(Deserialize)]
struct Added {
    id: u32,
    content: String,
}

/// No tokenizer here has more tokens; a file that claims more is broken.
const MOST_TOKENS: usize = 1 << 20;

impl Vocabulary {
    /// Reads a Hugging Face `tokenizer.json`.
    pub fn load(path: &Path, spelling: Spelling) -> Result<Self, SpeechError> {
        let wrong = |reason: String| SpeechError::ModelFile {
            path: path.into(),
            reason,
        };
        let bytes = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
        let file: File =
            serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
        Self::build(file, spelling).ok_or_else(|| wrong("token ids out of range".into()))
    }

    fn build(file: File, spelling: Spelling) -> Option<Self> {
        let ids = file
            .model
            .vocab
            .values()
            .copied()
            .chain(file.added_tokens.iter().map(|added| added.id));
        let size = ids.max().map_or(0, |id| id as usize + 1);
        if size > MOST_TOKENS {
            return None;
        }
        let mut tokens = vec![Box::<[u8]>::default(); size];
        let bytes = byte_of_char();
        for (text, &id) in &file.model.vocab {
            tokens[id as usize] = match spelling {
                Spelling::ByteLevel => text
                    .chars()
                    .filter_map(|c| bytes.get(&c).copied())
                    .collect(),
                Spelling::Metaspace => metaspace(text),
            };
        }
        let mut special = HashMap::new();
        for added in file.added_tokens {
            // Special tokens have no text; `raw` writes their names.
            tokens[added.id as usize] = Box::default();
            special.insert(added.content, added.id);
        }
        Some(Self {
            tokens,
            special,
            continuations: OnceLock::new(),
        })
    }

    /// Token `i` is these bytes; none is special.
    pub fn of_bytes(tokens: Vec<Box<[u8]>>) -> Self {
        Self {
            tokens,
            special: HashMap::new(),
            continuations: OnceLock::new(),
        }
    }

    /// Id of a special token such as `<|endoftext|>`.
    pub fn special(&self, name: &str) -> Option<u32> {
        self.special.get(name).copied()
    }

    /// As [`Self::special`], where the model cannot do without it.
    pub fn required(&self, name: &str, path: &Path) -> Result<u32, SpeechError> {
        let missing = || SpeechError::ModelFile {
            path: path.into(),
            reason: format!("no token `{name}`"),
        };
        self.special(name).ok_or_else(missing)
    }

    /// Bytes of a token, empty for special ones. A character may be spread over several tokens.
    pub fn bytes(&self, token: u32) -> &[u8] {
        self.tokens.get(token as usize).map_or(&[], |bytes| bytes)
    }

    /// The tokens by what they spell, made at their first use.
    pub fn continuations(&self) -> &Continuations {
        let bytes = || self.tokens.iter().map(AsRef::as_ref);
        self.continuations
            .get_or_init(|| Continuations::new(bytes()))
    }

    /// Text of tokens, special ones left out; not trimmed.
    pub fn text(&self, tokens: &[u32]) -> String {
        let bytes: Vec<u8> = tokens
            .iter()
            .flat_map(|&token| self.bytes(token))
            .copied()
            .collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Text of tokens, special ones by name.
    pub fn raw_text(&self, tokens: &[u32]) -> String {
        let names: HashMap<u32, &str> = self
            .special
            .iter()
            .map(|(name, &id)| (id, name.as_str()))
            .collect();
        let piece = |&token: &u32| {
            names
                .get(&token)
                .map_or(self.bytes(token), |name| name.as_bytes())
                .to_vec()
        };
        let bytes: Vec<u8> = tokens.iter().flat_map(piece).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// GPT-2's table: printable Latin-1 stands for itself, the other bytes for 256, 257...
fn byte_of_char() -> HashMap<char, u8> {
    let mut table = HashMap::new();
    let mut next = 256u32;
    for byte in 0..=255u8 {
        let printable = matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
        let code = if printable { u32::from(byte) } else { next };
        next += u32::from(!printable);
        table.extend(char::from_u32(code).map(|c| (c, byte)));
    }
    table
}

fn metaspace(text: &str) -> Box<[u8]> {
    let byte = text
        .strip_prefix("<0x")
        .and_then(|rest| rest.strip_suffix('>'));
    match byte.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
        Some(byte) => Box::new([byte]),
        None => text.replace('▁', " ").into_bytes().into(),
    }
}

#[cfg(test)]
impl Vocabulary {
    /// Token `i` is spelled `pieces[i]`.
    pub fn of(pieces: &[&str], spelling: Spelling) -> Self {
        let vocab = pieces
            .iter()
            .enumerate()
            .map(|(id, text)| ((*text).to_owned(), id as u32))
            .collect();
        Self::build(
            File {
                model: Model { vocab },
                added_tokens: Vec::new(),
            },
            spelling,
        )
        .expect("small ids")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary(spelling: Spelling, entries: &[(&str, u32)]) -> Vocabulary {
        let vocab = entries
            .iter()
            .map(|&(text, id)| (text.to_owned(), id))
            .collect();
        let added_tokens = vec![Added {
            id: 9,
            content: "<|end|>".into(),
        }];
        Vocabulary::build(
            File {
                model: Model { vocab },
                added_tokens,
            },
            spelling,
        )
        .expect("small ids")
    }

    #[test]
    fn characters_split_over_tokens_are_joined() {
        let words = vocabulary(
            Spelling::ByteLevel,
            &[("Ġna", 0), ("Ã", 1), ("¯", 2), ("ve", 3)],
        );
        assert_eq!(words.text(&[0, 1, 2, 3, 9]), " naïve");
        assert_eq!(words.raw_text(&[0, 9]), " na<|end|>");
        assert_eq!(words.special("<|end|>"), Some(9));
    }

    #[test]
    fn sentencepiece_spaces_and_bytes_are_read() {
        let words = vocabulary(
            Spelling::Metaspace,
            &[("▁caf", 0), ("<0xC3>", 1), ("<0xA9>", 2)],
        );
        assert_eq!(words.text(&[0, 1, 2]), " café");
    }
}
