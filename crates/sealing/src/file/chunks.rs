//! The chunks of a sealed file, one by one.

use crate::error::{Error, Result};
use crate::key::{Key, KeyId, NONCE, TAG};
use crate::sealer::Sealer;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// How a sealed file begins.
pub const MAGIC: &[u8; 8] = b"WHSEAL1\n";
/// Bytes before the first chunk.
pub const HEADER: usize = 28;
/// Plain bytes of a chunk.
pub const CHUNK: usize = 16 * 1024;
/// Bytes of a whole chunk on the disk.
pub const SEALED: usize = NONCE + CHUNK + TAG;

/// What is before the first chunk.
pub type Header = [u8; HEADER];

/// Seals and opens the chunks of one file.
pub struct Chunks {
    pub key: Key,
    header: Header,
    place: String,
}

impl Chunks {
    pub fn new(key: Key, header: Header, place: &str) -> Self {
        Chunks {
            key,
            header,
            place: place.to_owned(),
        }
    }

    /// Of a file that is there; none where it is not sealed.
    pub fn of(file: &File, place: &str, sealer: &Sealer) -> io::Result<Option<Self>> {
        let Some(header) = header(file)? else {
            return Ok(None);
        };
        let key = sealer.find(id(&header))?;
        Ok(Some(Chunks::new(key, header, place)))
    }

    pub fn seal(&self, number: u64, is_last: bool, plain: &[u8]) -> Result<Vec<u8>> {
        let (number, last) = (number.to_be_bytes(), [u8::from(is_last)]);
        self.key.seal(&self.parts(&number, &last), plain)
    }

    pub fn open(&self, number: u64, is_last: bool, sealed: &[u8]) -> Result<Vec<u8>> {
        let (number, last) = (number.to_be_bytes(), [u8::from(is_last)]);
        let opened = self.key.open(&self.parts(&number, &last), sealed);
        opened.ok_or_else(|| Error::Damaged(self.place.clone()))
    }

    fn parts<'a>(&'a self, number: &'a [u8], last: &'a [u8]) -> [&'a [u8]; 5] {
        [b"file", &self.header, self.place.as_bytes(), number, last]
    }
}

/// The header of a file; none where it is not sealed.
pub fn header(file: &File) -> io::Result<Option<Header>> {
    let mut header = [0; HEADER];
    let read = fill(file, 0, &mut header)?;
    Ok((read == HEADER && header.starts_with(MAGIC)).then_some(header))
}

/// Whose key it takes.
pub fn id(header: &Header) -> KeyId {
    KeyId([header[8], header[9], header[10], header[11]])
}

/// Whole chunks before the last one, and bytes of that.
pub fn parts(on_disk: u64) -> (u64, usize) {
    let chunks = on_disk.saturating_sub(HEADER as u64);
    (chunks / SEALED as u64, (chunks % SEALED as u64) as usize)
}

/// Where a chunk lies.
pub fn offset(number: u64) -> u64 {
    HEADER as u64 + number * SEALED as u64
}

/// Up to `length` bytes of a chunk as it lies there.
pub fn read(file: &File, number: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut sealed = vec![0; length];
    let read = fill(file, offset(number), &mut sealed)?;
    sealed.truncate(read);
    Ok(sealed)
}

/// As many bytes from a position on as there are.
pub fn fill(file: &File, mut position: u64, mut out: &mut [u8]) -> io::Result<usize> {
    let wanted = out.len();
    while !out.is_empty() {
        match file.read_at(out, position) {
            Ok(0) => break,
            Ok(read) => {
                position += read as u64;
                out = &mut out[read..];
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(wanted - out.len())
}
