//! Files that list a vocabulary: `tokens.txt`, `vocab.json`, `tokenizer.json`, SentencePiece's
//! `.vocab`.

use crate::SpeechError;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A vocabulary file is not larger.
const LARGEST_FILE: u64 = 64 << 20;
/// No vocabulary here has more tokens.
const MOST_TOKENS: usize = 1 << 17;

/// The names of all tokens by id, from whichever of the files `dir` has, and which that is.
pub(crate) fn read(dir: &Path) -> Result<(PathBuf, Vec<String>), SpeechError> {
    type Parse = fn(&str) -> Result<Vec<String>, String>;
    const FILES: [(&str, Parse); 5] = [
        ("tokens.txt", lines),
        ("vocab.json", map),
        ("tokenizer.json", tokenizer),
        ("tokenizer.vocab", sentencepiece),
        ("spm.vocab", sentencepiece),
    ];
    let found = FILES.into_iter().find(|(name, _)| dir.join(name).is_file());
    let Some((name, parse)) = found else {
        let names = FILES.map(|(name, _)| name).join(", ");
        return Err(SpeechError::ModelFile {
            path: dir.into(),
            reason: format!("no vocabulary: none of {names} is there"),
        });
    };
    let path = dir.join(name);
    let wrong = |reason: String| SpeechError::ModelFile {
        path: path.clone(),
        reason,
    };
    let size = std::fs::metadata(&path).map_err(|error| wrong(error.to_string()))?;
    if size.len() > LARGEST_FILE {
        return Err(wrong("larger than any vocabulary".into()));
    }
    let text = std::fs::read_to_string(&path).map_err(|error| wrong(error.to_string()))?;
    let names = parse(&text).map_err(&wrong)?;
    if names.is_empty() || names.len() > MOST_TOKENS {
        return Err(wrong(format!("{} tokens", names.len())));
    }
    Ok((path, names))
}

/// A token a line, in order, or each followed by a space and its id. A line of nothing but a space,
/// with or without an id, is the space.
fn lines(text: &str) -> Result<Vec<String>, String> {
    let lines: Vec<&str> = text
        .strip_suffix('\n')
        .unwrap_or(text)
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .collect();
    let numbered = |line: &&str| {
        let (name, id) = line.rsplit_once([' ', '\t'])?;
        Some((id.parse::<u32>().ok()?, name.to_owned()))
    };
    let with_ids: Vec<_> = lines.iter().map_while(numbered).collect();
    if with_ids.len() == lines.len() {
        let named = |(id, name): (u32, String)| match name.is_empty() {
            true => (id, " ".to_owned()),
            false => (id, name),
        };
        return dense(with_ids.into_iter().map(named));
    }
    Ok(lines.into_iter().map(str::to_owned).collect())
}

/// `{"token": id}`.
fn map(text: &str) -> Result<Vec<String>, String> {
    let map: BTreeMap<String, u32> =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    dense(map.into_iter().map(|(name, id)| (id, name)))
}

/// Hugging Face's: a map, or SentencePiece's list of pieces and scores, and what was added to it.
fn tokenizer(text: &str) -> Result<Vec<String>, String> {
    let file: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let id = |id: &Value| id.as_u64().and_then(|id| u32::try_from(id).ok());
    let mut all: BTreeMap<u32, String> = match &file["model"]["vocab"] {
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| Some((id(value)?, name.clone())))
            .collect::<Option<_>>(),
        Value::Array(pieces) => pieces
            .iter()
            .zip(0..)
            .map(|(piece, id)| Some((id, piece.get(0)?.as_str()?.to_owned())))
            .collect::<Option<_>>(),
        _ => None,
    }
    .ok_or("no `model.vocab` that is a map of ids or a list of pieces")?;
    for added in file["added_tokens"].as_array().into_iter().flatten() {
        if let (Some(id), Some(name)) = (id(&added["id"]), added["content"].as_str()) {
            all.insert(id, name.to_owned());
        }
    }
    dense(all.into_iter())
}

/// SentencePiece's text form: a piece, a tab and its score on each line.
fn sentencepiece(text: &str) -> Result<Vec<String>, String> {
    let piece = |line: &str| line.split('\t').next().unwrap_or_default().to_owned();
    Ok(text.lines().map(piece).collect())
}

/// Names in the order of their ids, which must be 0, 1, 2...
fn dense(pairs: impl Iterator<Item = (u32, String)>) -> Result<Vec<String>, String> {
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort();
    for (want, (id, name)) in (0..).zip(&pairs) {
        if *id != want {
            return Err(format!("`{name}` has the id {id} where {want} should be"));
        }
    }
    Ok(pairs.into_iter().map(|(_, name)| name).collect())
}

/// The bytes of a piece: `▁` is a space, `<0x0A>` a byte.
pub(crate) fn bytes(name: &str, lowercase: bool) -> Box<[u8]> {
    let hex = name.strip_prefix("<0x").and_then(|it| it.strip_suffix('>'));
    if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
        return Box::new([byte]);
    }
    let text = name.replace('▁', " ");
    match lowercase {
        true => text.to_lowercase(),
        false => text,
    }
    .into_bytes()
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_may_carry_ids_and_a_lone_space_is_the_space() {
        let want = ["<blank>", " ", "a"];
        assert_eq!(lines("<blank>\n \na\n").expect("plain"), want);
        assert_eq!(lines("a 2\n<blank> 0\n  1\n").expect("numbered"), want);
        assert_eq!(lines("<blank> 0\n 1\na 2\n").expect("numbered"), want);
    }

    #[test]
    fn maps_and_pieces_are_read_in_the_order_of_their_ids() {
        let want = ["<pad>", "▁a", "b"];
        assert_eq!(
            map(r#"{"b": 2, "<pad>": 0, "▁a": 1}"#).expect("a map"),
            want
        );
        let pieces = r#"{"model": {"vocab": [["<pad>", 0.0], ["x", -1.0], ["b", -2]]},
            "added_tokens": [{"id": 1, "content": "▁a"}]}"#;
        assert_eq!(tokenizer(pieces).expect("pieces"), want);
        assert_eq!(
            sentencepiece("<pad>\t0\n▁a\t-1\nb\t-2\n").expect("pieces"),
            want
        );
    }

    #[test]
    fn a_gap_in_the_ids_is_refused() {
        let error = map(r#"{"a": 0, "c": 2}"#).expect_err("1 is missing");
        assert!(error.contains("`c` has the id 2 where 1 should be"));
    }

    #[test]
    fn bytes_are_read_and_case_is_kept_unless_told() {
        assert_eq!(&*bytes("<0xC3>", true), &[0xC3]);
        assert_eq!(&*bytes("▁AB", true), b" ab");
        assert_eq!(&*bytes("▁AB", false), b" AB");
    }
}
