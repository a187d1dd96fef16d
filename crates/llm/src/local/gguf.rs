//! The header of a GGUF file, read before llama.cpp sees it: that library ends the process over
//! some files that are damaged or are no chat models.
//!
//! Format: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>, versions 2 and 3.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// Longest string; chat templates have tens of kilobytes, vocabularies many short ones.
const STRING: u64 = 1 << 20;
/// Most entries of metadata, and most tensors.
const ENTRIES: u64 = 1 << 16;
/// Most elements of one array: vocabularies have a few hundred thousand.
const ELEMENTS: u64 = 1 << 24;

/// Bytes and elements of a block, by number of the type; `None` for numbers that were given up.
const TYPES: [Option<(u64, u64)>; 40] = [
    Some((4, 1)),   // F32
    Some((2, 1)),   // F16
    Some((18, 32)), // Q4_0
    Some((20, 32)), // Q4_1
    None,
    None,
    Some((22, 32)),   // Q5_0
    Some((24, 32)),   // Q5_1
    Some((34, 32)),   // Q8_0
    Some((36, 32)),   // Q8_1
    Some((84, 256)),  // Q2_K
    Some((110, 256)), // Q3_K
    Some((144, 256)), // Q4_K
    Some((176, 256)), // Q5_K
    Some((210, 256)), // Q6_K
    Some((292, 256)), // Q8_K
    Some((66, 256)),  // IQ2_XXS
    Some((74, 256)),  // IQ2_XS
    Some((98, 256)),  // IQ3_XXS
    Some((50, 256)),  // IQ1_S
    Some((18, 32)),   // IQ4_NL
    Some((110, 256)), // IQ3_S
    Some((82, 256)),  // IQ2_S
    Some((136, 256)), // IQ4_XS
    Some((1, 1)),     // I8
    Some((2, 1)),     // I16
    Some((4, 1)),     // I32
    Some((8, 1)),     // I64
    Some((8, 1)),     // F64
    Some((56, 256)),  // IQ1_M
    Some((2, 1)),     // BF16
    None,
    None,
    None,
    Some((54, 256)), // TQ1_0
    Some((66, 256)), // TQ2_0
    None,
    None,
    None,
    Some((17, 32)), // MXFP4
];

/// What is known of a model before it is loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// `general.architecture`.
    pub architecture: String,
    /// `tokenizer.chat_template`, Jinja.
    pub template: String,
    /// `<architecture>.context_length`: tokens that it was made for.
    pub context: Option<u64>,
}

/// Reads the header and holds it against the file's size.
///
/// # Errors
/// Why it is not a whole chat model.
pub fn read(path: &Path) -> Result<Header, String> {
    let open = || {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        Ok((file, size))
    };
    let (file, size) =
        open().map_err(|error: std::io::Error| format!("its file cannot be read: {error}"))?;
    parse(BufReader::with_capacity(1 << 16, file), size)
}

/// As [`read`], of anything.
fn parse(input: impl Read, size: u64) -> Result<Header, String> {
    let mut input = Input { input, at: 0 };
    if &input.bytes::<4>()? != b"GGUF" {
        return Err("its file is not a GGUF file".into());
    }
    let version = input.u32()?;
    if !(2..=3).contains(&version) {
        return Err(format!("it has version {version} of GGUF, not 2 or 3"));
    }
    let (tensors, entries) = (input.u64()?, input.u64()?);
    if tensors == 0 || tensors > ENTRIES || entries > ENTRIES {
        return Err("its header is damaged".into());
    }
    let (mut architecture, mut template, mut alignment) = (None, None, 32);
    let mut contexts = Vec::new();
    for _ in 0..entries {
        let key = input.string()?;
        let value = input.value()?;
        match (key.as_str(), value) {
            ("general.architecture", Value::Text(text)) => architecture = Some(text),
            ("tokenizer.chat_template", Value::Text(text)) => template = Some(text),
            ("general.alignment", Value::Number(number)) => alignment = number,
            (_, Value::Number(number)) if key.ends_with(".context_length") => {
                contexts.push((key, number));
            }
            _ => {}
        }
    }
    let mut end = 0_u64;
    for _ in 0..tensors {
        end = end.max(input.tensor()?);
    }
    if !alignment.is_power_of_two() || alignment > 1 << 16 {
        return Err("its header is damaged".into());
    }
    let promised = input.at.next_multiple_of(alignment).saturating_add(end);
    if promised > size {
        return Err(format!(
            "its file is cut off: the header promises {promised} bytes, there are {size}"
        ));
    }
    let architecture = architecture.ok_or("its header names no architecture")?;
    let context = contexts
        .into_iter()
        .find(|(key, _)| key.strip_suffix(".context_length") == Some(&architecture));
    Ok(Header {
        template: template.ok_or("it has no chat template: it is not a chat model")?,
        context: context.map(|(_, tokens)| tokens),
        architecture,
    })
}

/// What matters of a value.
enum Value {
    Text(String),
    Number(u64),
    Other,
}

struct Input<R> {
    input: R,
    at: u64,
}

impl<R: Read> Input<R> {
    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), String> {
        self.input
            .read_exact(bytes)
            .map_err(|_| "its file is cut off in the header".to_owned())?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn u32(&mut self) -> Result<u32, String> {
        self.bytes().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, String> {
        self.bytes().map(u64::from_le_bytes)
    }

    fn string(&mut self) -> Result<String, String> {
        let length = self.u64()?;
        if length > STRING {
            return Err("its header is damaged".into());
        }
        let mut text = vec![0; length as usize];
        self.fill(&mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn skip(&mut self, mut count: u64) -> Result<(), String> {
        let mut scratch = [0; 4096];
        while count > 0 {
            let step = count.min(4096) as usize;
            self.fill(&mut scratch[..step])?;
            count -= step as u64;
        }
        Ok(())
    }

    fn value(&mut self) -> Result<Value, String> {
        let kind = self.u32()?;
        match kind {
            4 => self.u32().map(|number| Value::Number(number.into())),
            10 => self.u64().map(Value::Number),
            8 => self.string().map(Value::Text),
            9 => {
                let (kind, count) = (self.u32()?, self.u64()?);
                if count > ELEMENTS {
                    return Err("its header is damaged".into());
                }
                match width(kind) {
                    Some(width) => self.skip(width * count)?,
                    None if kind == 8 => {
                        for _ in 0..count {
                            let length = self.u64()?;
                            if length > STRING {
                                return Err("its header is damaged".into());
                            }
                            self.skip(length)?;
                        }
                    }
                    None => return Err("its header is damaged".into()),
                }
                Ok(Value::Other)
            }
            kind => {
                self.skip(width(kind).ok_or("its header is damaged")?)?;
                Ok(Value::Other)
            }
        }
    }

    /// Where a tensor ends, from the beginning of the data.
    fn tensor(&mut self) -> Result<u64, String> {
        let name = self.string()?;
        let dimensions = self.u32()?;
        if name.is_empty() || dimensions > 4 {
            return Err("its header is damaged".into());
        }
        let mut elements = Some(1_u64);
        for _ in 0..dimensions {
            let size = self.u64()?;
            elements = elements.and_then(|elements| elements.checked_mul(size));
        }
        let (kind, offset) = (self.u32()?, self.u64()?);
        let (bytes, block) =
            TYPES.get(kind as usize).copied().flatten().ok_or_else(|| {
                format!("its weights are of type {kind}, which is not known here")
            })?;
        let size = elements.and_then(|elements| elements.div_ceil(block).checked_mul(bytes));
        let end = size.and_then(|size| offset.checked_add(size));
        end.ok_or_else(|| "its header is damaged".into())
    }
}

/// Bytes of a value of fixed size.
fn width(kind: u32) -> Option<u64> {
    match kind {
        0 | 1 | 7 => Some(1),
        2 | 3 => Some(2),
        4..=6 => Some(4),
        10..=12 => Some(8),
        _ => None,
    }
}

#[cfg(test)]
#[path = "gguf_tests.rs"]
mod tests;
