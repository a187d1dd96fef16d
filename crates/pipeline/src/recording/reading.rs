//! A recording that is read, whole or in parts, sealed or not.

use super::file::{HEADER, place};
use audio::wav::{WavEncoding, header};
use sealing::{Sealer, file as sealed};
use std::fs::File;
use std::io;
use std::path::Path;

/// A recording that can be read.
pub struct Reading {
    file: sealed::Reader,
    /// What the first bytes are instead: a sealed WAV does not know its length when it begins.
    head: Option<[u8; HEADER as usize]>,
}

impl Reading {
    /// Opens one that is finished.
    ///
    /// # Errors
    /// Those of the disk; the key is missing, or it is damaged or not finished.
    pub fn open(path: &Path, sealer: &Sealer) -> io::Result<Self> {
        Reading::new(File::open(path)?, path, sealer)
    }

    /// The same with a file that is open already.
    ///
    /// # Errors
    /// The same.
    pub fn new(file: File, path: &Path, sealer: &Sealer) -> io::Result<Self> {
        let mut file = sealed::Reader::new(file, &place(path), sealer)?;
        let head = match file.key() {
            Some(_) => head(&mut file)?,
            None => None,
        };
        Ok(Reading { file, head })
    }

    /// Bytes.
    pub fn length(&self) -> u64 {
        self.file.length()
    }

    /// Seconds of a sealed WAV.
    pub fn seconds(&self) -> Option<f64> {
        let head = self.head?;
        let bytes = u32::from_le_bytes([head[28], head[29], head[30], head[31]]);
        let data = self.length().saturating_sub(HEADER);
        (bytes > 0).then(|| data as f64 / f64::from(bytes))
    }

    /// Fills as much as there is from a position on; how many bytes that are.
    ///
    /// # Errors
    /// Those of the disk; it is damaged.
    pub fn read_at(&mut self, position: u64, out: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(position, out)?;
        if let (Some(head), Ok(from)) = (&self.head, usize::try_from(position)) {
            let head = head.get(from..).unwrap_or_default();
            let count = head.len().min(read);
            out[..count].copy_from_slice(&head[..count]);
        }
        Ok(read)
    }
}

/// The header of a WAV of ours, with its length; none for anything else.
fn head(file: &mut sealed::Reader) -> io::Result<Option<[u8; HEADER as usize]>> {
    let mut head = [0; HEADER as usize];
    let read = file.read_at(0, &mut head)?;
    if read < head.len() || !head.starts_with(b"RIFF") || &head[36..40] != b"data" {
        return Ok(None);
    }
    let rate = u32::from_le_bytes([head[24], head[25], head[26], head[27]]);
    let channels = u16::from_le_bytes([head[22], head[23]]);
    let data = u32::try_from(file.length() - HEADER).ok();
    Ok(Some(header(WavEncoding::S16, rate, channels, data)))
}

#[cfg(test)]
mod tests {
    use super::super::file::{Format, Writing, repair};
    use super::*;
    use std::fs;
    use std::path::PathBuf;

    fn sealer(folder: &Path) -> Sealer {
        Sealer::start(true, None, &folder.join("keys")).unwrap()
    }

    /// The same sound, sealed and not; the paths of both.
    fn both(folder: &Path, format: Format, finished: bool) -> (PathBuf, PathBuf) {
        let write = |name: &str, sealer: &Sealer| {
            let path = folder.join(name).with_extension(format.ending());
            let mut writing = Writing::create(&path, 8_000, format, sealer).unwrap();
            for at in 0..150i16 {
                writing.write(&[at; 640]).unwrap();
            }
            match finished {
                true => writing.finish().unwrap(),
                false => std::mem::forget(writing),
            }
            path
        };
        (
            write("sealed/call", &sealer(folder)),
            write("plain/call", &Sealer::none()),
        )
    }

    #[test]
    fn a_sealed_recording_reads_like_a_plain_one_in_any_part() {
        let folder = tempfile::tempdir().unwrap();
        let (sealed, plain) = both(folder.path(), Format::Wav, true);
        let plain = fs::read(plain).unwrap();
        assert_ne!(fs::read(&sealed).unwrap()[..4], plain[..4]);
        let mut reading = Reading::open(&sealed, &sealer(folder.path())).unwrap();
        assert_eq!(reading.length(), plain.len() as u64);
        for (from, count) in [(0, plain.len()), (0, 1), (5, 60), (43, 2), (50_000, 70_000)] {
            let mut out = vec![0; count];
            assert_eq!(reading.read_at(from as u64, &mut out).unwrap(), count);
            assert!(out == plain[from..from + count], "{from}");
        }
        assert_eq!(reading.seconds(), Some(6.0));
        // Ogg differs in its random serial number only.
        let (sealed, plain) = both(folder.path(), Format::Opus, true);
        let reading = Reading::open(&sealed, &sealer(folder.path())).unwrap();
        assert_eq!(reading.length(), fs::metadata(plain).unwrap().len());
    }

    #[test]
    fn a_sealed_recording_whose_process_died_is_mended() {
        let folder = tempfile::tempdir().unwrap();
        let (sealed, _) = both(folder.path(), Format::Wav, false);
        let sealer = sealer(folder.path());
        assert!(Reading::open(&sealed, &sealer).is_err());
        let seconds = repair(&sealed, &sealer).unwrap().unwrap();
        assert!((5.0..6.0).contains(&seconds), "{seconds}");
        assert_eq!(repair(&sealed, &sealer).unwrap(), Some(seconds));
    }

    #[test]
    fn without_the_key_nothing_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let (sealed, plain) = both(folder.path(), Format::Wav, true);
        assert!(Reading::open(&sealed, &Sealer::none()).is_err());
        assert!(Reading::open(&plain, &Sealer::none()).is_ok());
    }
}
