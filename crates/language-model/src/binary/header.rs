//! The head of a KenLM file: its kind, order and counts.

use super::LmError;
use crate::bits::{f32_at, u32_at, u64_at};
use crate::ngrams::MAX_ORDER;

/// What every KenLM binary begins with.
pub(crate) const MAGIC: &[u8] = b"mmap lm http://kheafield.com/code";
/// The version that is read and written; two NULs follow, and one that aligns.
const VERSION: &[u8] = b"mmap lm http://kheafield.com/code format version 5\n\0\0";
/// `VERSION` filled up to eight bytes.
const VERSION_SIZE: usize = 56;
/// Version, then 0.0, 1.0, -0.5, word 1, the last word, padding and a u64 one: they tell
/// machines of other conventions.
const SANITY_SIZE: usize = VERSION_SIZE + 32;
/// Order, multiplier, kind, whether words follow, version of the tables.
const FIXED_SIZE: usize = 20;

/// How a file's tables are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Hash tables; `rest` costs make entries longer and are not used.
    Probing { rest: bool },
    /// Sorted, bit-packed arrays.
    Trie { quantised: bool, array: bool },
}

/// What a file says of itself.
#[derive(Debug)]
pub(super) struct Header {
    pub kind: Kind,
    /// N-grams of every order.
    pub counts: Vec<u64>,
    /// Buckets per entry, of hash tables.
    pub multiplier: f32,
    /// Bytes before the vocabulary.
    pub size: u64,
}

impl Header {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, LmError> {
        let bad = |reason: String| Err(LmError::Binary(reason));
        if !bytes.starts_with(MAGIC) {
            return bad("it does not begin like one".into());
        }
        let size = (SANITY_SIZE + FIXED_SIZE) as u64;
        if (bytes.len() as u64) < size + 16 {
            return Err(truncated("header", size + 16, bytes));
        }
        if bytes[MAGIC.len()..].starts_with(b" incomplete") {
            return bad("build_binary did not finish; build it again".into());
        }
        if bytes[..SANITY_SIZE] != sanity() {
            return bad(
                "it is of another version or machine; build it again with KenLM's build_binary, \
                 or with `models lm convert` from the ARPA file"
                    .into(),
            );
        }
        let order = usize::from(bytes[SANITY_SIZE]);
        if !(2..=MAX_ORDER).contains(&order) {
            return bad(format!(
                "its order is {order}; 2 to {MAX_ORDER} can be read"
            ));
        }
        let multiplier = f32_at(bytes, SANITY_SIZE + 4);
        let number = u32_at(bytes, SANITY_SIZE + 8);
        let version = u32_at(bytes, SANITY_SIZE + 16);
        let kind = match number {
            0 | 1 => Kind::Probing { rest: number == 1 },
            2..=5 => Kind::Trie {
                quantised: number & 1 == 1,
                array: number >= 4,
            },
            _ => return bad(format!("its kind is {number}; 0 to 5 are known")),
        };
        let wanted = u32::from(number >= 2);
        if version != wanted {
            return bad(format!(
                "its tables are of version {version}, {wanted} is known"
            ));
        }
        if number < 2 && !(1.0..=1000.0).contains(&multiplier) {
            return bad(format!("it has {multiplier} buckets an entry"));
        }
        let size = header_size(order);
        if (bytes.len() as u64) < size {
            return Err(truncated("header", size, bytes));
        }
        let counts: Vec<u64> = (0..order)
            .map(|i| u64_at(bytes, SANITY_SIZE + FIXED_SIZE + 8 * i))
            .collect();
        // Every n-gram takes more than a bit: this also keeps sums of sizes from overflowing.
        if let Some(count) = counts.iter().find(|c| **c / 8 > bytes.len() as u64) {
            return bad(format!(
                "it claims {count} n-grams of an order in {} bytes",
                bytes.len()
            ));
        }
        if counts[0] == 0 || counts[0] > u64::from(u32::MAX) {
            return bad(format!("it claims {} words", counts[0]));
        }
        Ok(Self {
            kind,
            counts,
            multiplier,
            size,
        })
    }
}

fn truncated(part: &str, wanted: u64, bytes: &[u8]) -> LmError {
    LmError::Truncated {
        part: part.into(),
        wanted,
        found: bytes.len() as u64,
    }
}

fn header_size(order: usize) -> u64 {
    ((SANITY_SIZE + FIXED_SIZE + 8 * order) as u64).next_multiple_of(8)
}

fn sanity() -> [u8; SANITY_SIZE] {
    let mut bytes = [0; SANITY_SIZE];
    bytes[..VERSION.len()].copy_from_slice(VERSION);
    let numbers = [
        0.0f32.to_bits(),
        1.0f32.to_bits(),
        (-0.5f32).to_bits(),
        1,
        u32::MAX,
        0,
    ];
    for (i, number) in numbers.iter().enumerate() {
        let at = VERSION_SIZE + 4 * i;
        bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }
    bytes[SANITY_SIZE - 8..].copy_from_slice(&1u64.to_le_bytes());
    bytes
}

/// The header of a plain trie whose words follow its tables.
pub(crate) fn header_bytes(counts: &[u64]) -> Vec<u8> {
    let mut bytes = sanity().to_vec();
    bytes.extend([
        u8::try_from(counts.len()).expect("orders are small"),
        0,
        0,
        0,
    ]);
    bytes.extend(1.5f32.to_le_bytes()); // The multiplier, which tries have no use for.
    bytes.extend(2u32.to_le_bytes());
    bytes.extend([1, 0, 0, 0]);
    bytes.extend(1u32.to_le_bytes());
    for count in counts {
        bytes.extend(count.to_le_bytes());
    }
    let size = header_size(counts.len());
    bytes.resize(usize::try_from(size).expect("a header is small"), 0);
    bytes
}
