//! Files that are sealed in chunks while they are written, and read in any order.
//!
//! A header, then chunks of up to 16 KiB, each sealed by itself: its associated data has the header,
//! the place of the file, the number of the chunk and whether it is the last, so that chunks that are
//! changed, swapped, missing or of another file do not open. Only the last chunk is shorter than the
//! others; a file without one was cut off. What a crash leaves can be read up to its last whole chunk
//! once it is mended by [`finish`].
//!
//! | bytes | |
//! |---|---|
//! | 8 | `WHSEAL1` and a line feed |
//! | 4 | id of the key |
//! | 16 | random, so that no two files share a header |
//! | then, for each chunk: 24 + up to 16384 + 16 | nonce, ciphertext, tag |

mod chunks;
#[cfg(test)]
mod tests;

pub use chunks::CHUNK;

use crate::key::{KeyId, random};
use crate::sealer::Sealer;
use chunks::{Chunks, HEADER, Header, MAGIC, SEALED, fill, header, id, offset, parts, read};
use std::fs::File;
use std::io::{self, Read, Write};

/// Writes a sealed file. Dropped without [`Writer::finish`] it is like one whose process died.
pub struct Writer {
    file: File,
    seal: Chunks,
    next: u64,
    buffer: Vec<u8>,
}

impl Writer {
    /// Begins a file; none where nothing is sealed. `place` is what it must be opened as.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn begin(
        mut file: File,
        place: &str,
        sealer: &Sealer,
    ) -> io::Result<std::result::Result<Self, File>> {
        let Some(key) = sealer.key() else {
            return Ok(Err(file));
        };
        let mut header: Header = [0; HEADER];
        header[..8].copy_from_slice(MAGIC);
        header[8..12].copy_from_slice(&key.id().0);
        header[12..].copy_from_slice(&random::<16>()?);
        file.write_all(&header)?;
        Ok(Ok(Writer {
            file,
            seal: Chunks::new(key, header, place),
            next: 0,
            buffer: Vec::with_capacity(CHUNK),
        }))
    }

    /// Brings what is in whole chunks to the disk.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Seals the rest; nothing can be added after it.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn finish(mut self) -> io::Result<File> {
        self.chunk(true)?;
        Ok(self.file)
    }

    fn chunk(&mut self, is_last: bool) -> io::Result<()> {
        let sealed = self.seal.seal(self.next, is_last, &self.buffer)?;
        self.file.write_all(&sealed)?;
        self.next += 1;
        self.buffer.clear();
        Ok(())
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(CHUNK - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..taken]);
        if self.buffer.len() == CHUNK {
            self.chunk(false)?;
        }
        Ok(taken)
    }

    /// Only whole chunks can be written before the end.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file to be read, sealed or not.
pub struct Reader {
    file: File,
    seal: Option<Chunks>,
    length: u64,
    /// The chunk that was opened last.
    open: Option<(u64, Vec<u8>)>,
}

impl Reader {
    /// Opens a file. Of a sealed one, the last chunk is checked, and so its length.
    ///
    /// # Errors
    /// Those of the disk; it takes a key that is not here, is damaged, or not finished.
    pub fn new(file: File, place: &str, sealer: &Sealer) -> io::Result<Self> {
        let on_disk = file.metadata()?.len();
        let Some(seal) = Chunks::of(&file, place, sealer)? else {
            return Ok(Reader {
                file,
                seal: None,
                length: on_disk,
                open: None,
            });
        };
        let (whole, rest) = parts(on_disk);
        let last = read(&file, whole, rest)?;
        let last = seal.open(whole, true, &last)?;
        Ok(Reader {
            length: whole * CHUNK as u64 + last.len() as u64,
            file,
            open: Some((whole, last)),
            seal: Some(seal),
        })
    }

    /// Plain bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The key that it takes; none where it is not sealed.
    pub fn key(&self) -> Option<KeyId> {
        self.seal.as_ref().map(|seal| seal.key.id())
    }

    /// Fills as much as there is from a position on; how many bytes that are.
    ///
    /// # Errors
    /// Those of the disk; it is damaged.
    pub fn read_at(&mut self, position: u64, out: &mut [u8]) -> io::Result<usize> {
        let Some(seal) = &self.seal else {
            return fill(&self.file, position, out);
        };
        let mut done = 0;
        while done < out.len() && position + (done as u64) < self.length {
            let at = position + done as u64;
            let number = at / CHUNK as u64;
            if self.open.as_ref().is_none_or(|(open, _)| *open != number) {
                let sealed = read(&self.file, number, SEALED)?;
                let is_last = number == self.length / CHUNK as u64;
                self.open = Some((number, seal.open(number, is_last, &sealed)?));
            }
            let (_, chunk) = self.open.as_ref().ok_or(io::ErrorKind::UnexpectedEof)?;
            let from = (at % CHUNK as u64) as usize;
            let part = chunk.get(from..).unwrap_or_default();
            let part = &part[..part.len().min(out.len() - done)];
            if part.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            out[done..done + part.len()].copy_from_slice(part);
            done += part.len();
        }
        Ok(done)
    }

    /// All of it, piece by piece, into `out`.
    ///
    /// # Errors
    /// Those of the disk or of `out`; it is damaged.
    pub fn copy(&mut self, out: &mut impl Write) -> io::Result<u64> {
        let (mut position, mut block) = (0, vec![0; CHUNK]);
        loop {
            let read = self.read_at(position, &mut block)?;
            if read == 0 {
                return Ok(position);
            }
            out.write_all(&block[..read])?;
            position += read as u64;
        }
    }
}

/// Which key a file takes; none where it is not sealed.
///
/// # Errors
/// Those of the disk.
pub fn key_of(file: &File) -> io::Result<Option<KeyId>> {
    Ok(header(file)?.map(|header| id(&header)))
}

/// Mends a sealed file whose process died: what is after its last whole chunk is cut off, and it is
/// finished. One that is finished, or not sealed, is left alone. Plain bytes that it then has.
///
/// # Errors
/// Those of the disk; it takes a key that is not here, or its last whole chunk is damaged.
pub fn finish(mut file: &File, place: &str, sealer: &Sealer) -> io::Result<u64> {
    let on_disk = file.metadata()?.len();
    let Some(seal) = Chunks::of(file, place, sealer)? else {
        return Ok(on_disk);
    };
    let (whole, rest) = parts(on_disk);
    let last = read(file, whole, rest)?;
    if let Ok(last) = seal.open(whole, true, &last) {
        return Ok(whole * CHUNK as u64 + last.len() as u64);
    }
    if let Some(before) = whole.checked_sub(1) {
        seal.open(before, false, &read(file, before, SEALED)?)?;
    }
    let end = offset(whole);
    file.set_len(end)?;
    io::Seek::seek(&mut file, io::SeekFrom::Start(end))?;
    file.write_all(&seal.seal(whole, true, &[])?)?;
    file.sync_all()?;
    Ok(whole * CHUNK as u64)
}

/// Copies all of `from` into a sealed file.
///
/// # Errors
/// Those of either side.
pub fn copy_into(from: &mut impl Read, mut to: Writer) -> io::Result<File> {
    io::copy(from, &mut to)?;
    to.finish()
}
