//! Reads MessagePack (the specification at msgpack.org, 2013), as far as these files use it.

/// Deepest nesting read.
const DEEPEST: usize = 16;

/// A value of a file. Keys of maps may be of any kind.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Nil,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    Array(Vec<Value>),
    Map(Vec<(Value, Value)>),
}

impl Value {
    /// The one value that a file holds; `None` where it is cut short, or holds another kind.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader { bytes };
        let value = reader.value(0)?;
        reader.bytes.is_empty().then_some(value)
    }

    /// The value of a key, given as text or as bytes.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries()?
            .iter()
            .find(|(k, _)| k.text() == Some(key))
            .map(|(_, value)| value)
    }

    pub fn entries(&self) -> Option<&[(Self, Self)]> {
        match self {
            Self::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub fn array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(values) => Some(values),
            _ => None,
        }
    }

    pub fn unsigned(&self) -> Option<u64> {
        match self {
            Self::Unsigned(value) => Some(*value),
            _ => None,
        }
    }

    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Text(text) => Some(text.as_bytes()),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&str> {
        self.bytes()
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl Reader<'_> {
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    /// A big-endian number of so many bytes.
    fn unsigned(&mut self, bytes: usize) -> Option<u64> {
        Some(
            self.take(bytes)?
                .iter()
                .fold(0, |sum, &byte| sum << 8 | u64::from(byte)),
        )
    }

    fn length(&mut self, bytes: usize) -> Option<usize> {
        usize::try_from(self.unsigned(bytes)?).ok()
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        let first = self.take(1)?[0];
        Some(match first {
            0x00..=0x7f => Value::Unsigned(first.into()),
            0x80..=0x8f => self.map((first & 0xf).into(), depth)?,
            0x90..=0x9f => self.array((first & 0xf).into(), depth)?,
            0xa0..=0xbf => self.text((first & 0x1f).into())?,
            0xc0 => Value::Nil,
            0xc2 => Value::Bool(false),
            0xc3 => Value::Bool(true),
            0xc4..=0xc6 => {
                let length = self.length(1 << (first - 0xc4))?;
                Value::Bytes(self.take(length)?.to_vec())
            }
            0xca => Value::Float(f32::from_bits(self.unsigned(4)? as u32).into()),
            0xcb => Value::Float(f64::from_bits(self.unsigned(8)?)),
            0xcc..=0xcf => Value::Unsigned(self.unsigned(1 << (first - 0xcc))?),
            0xd0..=0xd3 => {
                let size = 1 << (first - 0xd0);
                let shift = 64 - 8 * size as u32;
                Value::Signed((self.unsigned(size)? << shift) as i64 >> shift)
            }
            0xd9..=0xdb => {
                let length = self.length(1 << (first - 0xd9))?;
                self.text(length)?
            }
            0xdc | 0xdd => {
                let length = self.length(2 << (first - 0xdc))?;
                self.array(length, depth)?
            }
            0xde | 0xdf => {
                let length = self.length(2 << (first - 0xde))?;
                self.map(length, depth)?
            }
            0xe0..=0xff => Value::Signed((first as i8).into()),
            _ => return None,
        })
    }

    fn text(&mut self, length: usize) -> Option<Value> {
        let bytes = self.take(length)?.to_vec();
        Some(String::from_utf8(bytes).map_or_else(|e| Value::Bytes(e.into_bytes()), Value::Text))
    }

    fn array(&mut self, length: usize, depth: usize) -> Option<Value> {
        (0..length)
            .map(|_| self.value(depth + 1))
            .collect::<Option<_>>()
            .map(Value::Array)
    }

    fn map(&mut self, length: usize, depth: usize) -> Option<Value> {
        let entry = |_| Some((self.value(depth + 1)?, self.value(depth + 1)?));
        (0..length)
            .map(entry)
            .collect::<Option<_>>()
            .map(Value::Map)
    }
}
