//! A dictionary of MeCab's, with only what the sounds of words depend on: half its size.
//!
//! A word of naist-jdic is described by columns, of which `synthesis` reads few
//! (`phonemes/japanese/dictionary.rs`), and thousands of words have the same in those.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use super::files;
use crate::recipe::{Recipe, RecipeError};

const WORDS: &str = "sys.dic";
/// Of a dictionary: ten numbers of 32 bits, and the name of its character set.
const HEADER: usize = 72;
/// Where the header has the size of the words' double array, of their tokens and of their descriptions.
const SIZES: [usize; 3] = [24, 28, 32];
/// What the size of the whole is masked with.
const MAGIC: u32 = 0xef71_8f77;
/// Bytes of a token, and where in it the place of its description stands.
const TOKEN: usize = 16;
const DESCRIPTION: usize = 8;

/// The recipe.
pub struct Mecab;

impl Recipe for Mecab {
    fn name(&self) -> &'static str {
        "mecab"
    }

    fn version(&self) -> u32 {
        1
    }

    fn run(&self, input: &Path, output: &Path) -> Result<(), RecipeError> {
        let source = input.join(WORDS);
        let bytes = fs::read(&source).map_err(RecipeError::io(&source))?;
        let wrong = || RecipeError::unsuitable(WORDS, "is not a dictionary of MeCab's");
        let cut = cut(&bytes).ok_or_else(wrong)?;
        let path = output.join(WORDS);
        fs::write(&path, cut).map_err(RecipeError::io(path))?;
        fs::remove_file(&source).map_err(RecipeError::io(source))?;
        files::copy_all(input, output)
    }
}

/// The dictionary with short descriptions, each there once; none if it is not one.
fn cut(bytes: &[u8]) -> Option<Vec<u8>> {
    let number = |at: usize| -> Option<u32> {
        let four = bytes.get(at..at.checked_add(4)?)?;
        Some(u32::from_le_bytes(four.try_into().ok()?))
    };
    let size = |at: usize| usize::try_from(number(at)?).ok();
    if usize::try_from(number(0)? ^ MAGIC).ok()? != bytes.len() {
        return None;
    }
    let [array, tokens, described] = SIZES.map(size);
    let tokens_at = HEADER.checked_add(array?)?;
    let described_at = tokens_at.checked_add(tokens?)?;
    let descriptions = bytes.get(described_at..described_at.checked_add(described?)?)?;

    let mut kept = bytes.get(..described_at)?.to_vec();
    let mut short: Vec<u8> = Vec::new();
    let mut places: HashMap<Vec<u8>, u32> = HashMap::new();
    for token in kept.get_mut(tokens_at..)?.chunks_exact_mut(TOKEN) {
        let place = &mut token[DESCRIPTION..DESCRIPTION + 4];
        let from = u32::from_le_bytes((&*place).try_into().ok()?);
        let description = descriptions.get(usize::try_from(from).ok()?..)?;
        let end = description.iter().position(|byte| *byte == 0)?;
        let needed = needed(std::str::from_utf8(&description[..end]).ok()?).into_bytes();
        let at = match places.get(&needed) {
            Some(at) => *at,
            None => {
                let at = u32::try_from(short.len()).ok()?;
                short.extend_from_slice(&needed);
                short.push(0);
                places.insert(needed, at);
                at
            }
        };
        place.copy_from_slice(&at.to_le_bytes());
    }
    let total = u32::try_from(kept.len().checked_add(short.len())?).ok()?;
    kept[..4].copy_from_slice(&(total ^ MAGIC).to_le_bytes());
    let described = u32::try_from(short.len()).ok()?.to_le_bytes();
    kept[SIZES[2]..SIZES[2] + 4].copy_from_slice(&described);
    kept.extend_from_slice(&short);
    Some(kept)
}

/// The columns that are read, where they were: parts of speech, for the small words that end others
/// also their inflection and base, and how it is said.
fn needed(description: &str) -> String {
    let columns: Vec<&str> = description.split(',').collect();
    let column = |at: usize| columns.get(at).copied().unwrap_or("");
    let is_ending = matches!(column(0), "助動詞" | "助詞");
    let read = |at: usize| match at {
        0 | 1 | 8 => true,
        2 => column(1) == "接尾",
        4 | 6 => is_ending,
        _ => false,
    };
    let kept = (0..=8).map(|at| if read(at) { column(at) } else { "" });
    kept.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dictionary of these descriptions, one token each.
    fn dictionary(descriptions: &[&str]) -> Vec<u8> {
        let mut bytes = vec![0; HEADER];
        let (mut tokens, mut described) = (Vec::new(), Vec::new());
        for (at, description) in descriptions.iter().enumerate() {
            let mut token = [at as u8; TOKEN];
            token[8..12].copy_from_slice(&(described.len() as u32).to_le_bytes());
            tokens.extend_from_slice(&token);
            described.extend_from_slice(description.as_bytes());
            described.push(0);
        }
        bytes[28..32].copy_from_slice(&(tokens.len() as u32).to_le_bytes());
        bytes[32..36].copy_from_slice(&(described.len() as u32).to_le_bytes());
        bytes.extend(tokens);
        bytes.extend(described);
        let magic = bytes.len() as u32 ^ MAGIC;
        bytes[..4].copy_from_slice(&magic.to_le_bytes());
        bytes
    }

    #[test]
    fn words_keep_what_their_sounds_depend_on_and_share_it() {
        let long = [
            "名詞,一般,*,*,*,*,猫,ネコ,ネコ,1/2,C1",
            "名詞,一般,*,*,*,*,ねこ,ネコ,ネコ,0/2,C2",
            "名詞,接尾,助数詞,*,*,*,匹,ヒキ,ヒキ,0/2,C3",
            "助動詞,*,*,*,特殊・デス,基本形,です,デス,デス,1/2,*",
        ];
        let short = cut(&dictionary(&long)).expect("it is one");
        let place = |word: usize| &short[HEADER + TOKEN * word + DESCRIPTION..][..4];
        assert_eq!(place(0), place(1));
        assert_ne!(place(0), place(2));
        let described = [
            "名詞,一般,,,,,,,ネコ\0",
            "名詞,接尾,助数詞,,,,,,ヒキ\0",
            "助動詞,*,,,特殊・デス,,です,,デス\0",
        ];
        assert!(short.ends_with(described.concat().as_bytes()));
        // Once more changes nothing.
        assert_eq!(cut(&short), Some(short));
    }

    #[test]
    fn what_is_no_dictionary_is_refused() {
        let whole = dictionary(&["名詞,一般"]);
        for length in 0..whole.len() {
            assert_eq!(cut(&whole[..length]), None, "{length}");
        }
        let mut astray = whole;
        astray[HEADER + DESCRIPTION] = 200;
        assert_eq!(cut(&astray), None);
    }
}
