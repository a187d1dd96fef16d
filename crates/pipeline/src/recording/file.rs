//! A stereo file that can be read however the process ends.

use super::Reading;
use audio::OggOpusWriter;
use audio::wav::{WavEncoding, WavWriter, header};
use sealing::{Sealer, file as sealed};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Seconds between two marks of a WAV's length, and between two that surely reach the disk.
const MARK: u64 = 1;
const SYNC: u64 = 10;
/// Bytes of the header of a WAV.
pub(super) const HEADER: u64 = 44;
const FRAME: u64 = 4;

/// What a recording is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// 16-bit WAV: some 345 MB an hour, 115 of a telephone call.
    Wav,
    /// Opus in Ogg: some 29 MB an hour.
    Opus,
}

impl Format {
    /// `wav` or `opus`.
    pub fn of(name: &str) -> Self {
        match name {
            "opus" => Format::Opus,
            _ => Format::Wav,
        }
    }

    /// How names of files end.
    pub fn ending(self) -> &'static str {
        match self {
            Format::Wav => "wav",
            Format::Opus => "opus",
        }
    }
}

/// A file being written.
pub struct Writing {
    body: Body,
    rate: u32,
    /// Frames written since the last mark, and marks since the last sync.
    since: u64,
    marks: u64,
}

enum Body {
    Wav(WavWriter<File>),
    /// Its header says "until the end": what is sealed cannot be written over.
    SealedWav(sealed::Writer, Vec<u8>),
    Opus(Sink, Box<OggOpusWriter>, Vec<u8>, Vec<f32>),
}

/// Where bytes go that are only ever appended.
enum Sink {
    Plain(File),
    Sealed(sealed::Writer),
}

impl Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Sink::Plain(file) => file.write_all(bytes),
            Sink::Sealed(writer) => writer.write_all(bytes),
        }
    }

    fn sync(&self) -> io::Result<()> {
        match self {
            Sink::Plain(file) => file.sync_data(),
            Sink::Sealed(writer) => writer.sync(),
        }
    }

    fn finish(self) -> io::Result<File> {
        match self {
            Sink::Plain(file) => Ok(file),
            Sink::Sealed(writer) => writer.finish(),
        }
    }
}

/// What a recording is sealed as: its folder, which is the organization's, and its name.
pub fn place(path: &Path) -> String {
    let part = |part: Option<&std::ffi::OsStr>| {
        let part = part.unwrap_or_default();
        part.to_string_lossy().into_owned()
    };
    let folder = part(path.parent().and_then(Path::file_name));
    format!("recordings/{folder}/{}", part(path.file_name()))
}

impl Writing {
    /// Creates a file that only we can read, and its folder.
    ///
    /// # Errors
    /// Those of the disk; there is such a file already.
    pub fn create(path: &Path, rate: u32, format: Format, sealer: &Sealer) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)?;
        }
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        let file = sealed::Writer::begin(file, &place(path), sealer)?;
        let body = match (format, file) {
            (Format::Wav, Err(file)) => Body::Wav(WavWriter::new(file, WavEncoding::S16, rate, 2)?),
            (Format::Wav, Ok(mut writer)) => {
                writer.write_all(&header(WavEncoding::S16, rate, 2, None))?;
                Body::SealedWav(writer, Vec::new())
            }
            (Format::Opus, file) => {
                let sink = match file {
                    Ok(writer) => Sink::Sealed(writer),
                    Err(file) => Sink::Plain(file),
                };
                let writer = OggOpusWriter::new(rate, true).map_err(io::Error::other)?;
                Body::Opus(sink, Box::new(writer), Vec::new(), Vec::new())
            }
        };
        Ok(Writing {
            body,
            rate,
            since: 0,
            marks: 0,
        })
    }

    /// Appends interleaved samples.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn write(&mut self, samples: &[i16]) -> io::Result<()> {
        if samples.is_empty() {
            return Ok(());
        }
        match &mut self.body {
            Body::Wav(wav) => wav.write_s16(samples)?,
            Body::SealedWav(writer, bytes) => {
                bytes.clear();
                bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
                writer.write_all(bytes)?;
            }
            Body::Opus(sink, opus, out, floats) => {
                floats.clear();
                floats.extend(samples.iter().map(|s| f32::from(*s) / 32768.0));
                out.clear();
                opus.write(floats, out).map_err(io::Error::other)?;
                sink.write(out)?;
            }
        }
        self.since += samples.len() as u64 / 2;
        if self.since >= u64::from(self.rate) * MARK {
            self.since = 0;
            self.mark()?;
        }
        Ok(())
    }

    fn mark(&mut self) -> io::Result<()> {
        self.marks += 1;
        let is_due = self.marks.is_multiple_of(SYNC / MARK);
        match &mut self.body {
            Body::Wav(wav) => {
                wav.mark()?;
                if is_due {
                    wav.sink().sync_data()?;
                }
            }
            Body::SealedWav(writer, _) if is_due => writer.sync()?,
            Body::Opus(sink, ..) if is_due => sink.sync()?,
            Body::SealedWav(..) | Body::Opus(..) => {}
        }
        Ok(())
    }

    /// Completes the file.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn finish(self) -> io::Result<()> {
        let file = match self.body {
            Body::Wav(wav) => wav.finish()?,
            Body::SealedWav(writer, _) => writer.finish()?,
            Body::Opus(mut sink, mut opus, mut out, _) => {
                out.clear();
                opus.finish(&mut out).map_err(io::Error::other)?;
                sink.write(&out)?;
                sink.finish()?
            }
        };
        file.sync_all()
    }
}

/// Mends a recording whose process died: the header of a WAV says how long it really is, and a sealed
/// file ends with its last whole chunk. Ogg needs no mending. Gives its seconds, where they can be told.
///
/// # Errors
/// Those of the disk; it is no recording of ours.
pub fn repair(path: &Path, sealer: &Sealer) -> io::Result<Option<f64>> {
    let mut file = File::options().read(true).write(true).open(path)?;
    if sealed::key_of(&file)?.is_some() {
        sealed::finish(&file, &place(path), sealer)?;
        return Reading::open(path, sealer).map(|reading| reading.seconds());
    }
    if path.extension().is_none_or(|ending| ending != "wav") {
        return Ok(None);
    }
    let mut head = [0; HEADER as usize];
    file.read_exact(&mut head)?;
    if !head.starts_with(b"RIFF") || &head[36..40] != b"data" || head[22] != 2 {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let rate = u32::from_le_bytes([head[24], head[25], head[26], head[27]]);
    let data = fs::metadata(path)?.len().saturating_sub(HEADER) / FRAME * FRAME;
    let right = header(WavEncoding::S16, rate, 2, u32::try_from(data).ok());
    if right != head {
        file.set_len(HEADER + data)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&right)?;
        file.sync_all()?;
    }
    Ok(Some(data as f64 / FRAME as f64 / f64::from(rate.max(1))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_wav_whose_process_died_can_be_read_and_mended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("call.wav");
        let mut writing = Writing::create(&path, 8_000, Format::Wav, &Sealer::none()).unwrap();
        for _ in 0..150 {
            writing.write(&[5; 320]).unwrap();
        }
        std::mem::forget(writing); // As if killed: nothing is finished.
        let head = fs::read(&path).unwrap();
        let marked = u32::from_le_bytes([head[40], head[41], head[42], head[43]]);
        assert!(marked >= 2 * 8_000 * 4, "marked every second: {marked}");
        assert_eq!(repair(&path, &Sealer::none()).unwrap(), Some(3.0));
        let bytes = fs::read(&path).unwrap();
        let data = u32::from_le_bytes([bytes[40], bytes[41], bytes[42], bytes[43]]);
        assert_eq!(u64::from(data), 3 * 8_000 * 4);
        assert_eq!(
            repair(&path, &Sealer::none()).unwrap(),
            Some(3.0),
            "mending twice changes nothing"
        );
    }

    #[test]
    fn nobody_else_may_read_it_and_none_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("organization/call.wav");
        drop(Writing::create(&path, 8_000, Format::Wav, &Sealer::none()).unwrap());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert!(Writing::create(&path, 8_000, Format::Wav, &Sealer::none()).is_err());
    }

    #[test]
    fn what_is_no_recording_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.wav");
        fs::write(&path, vec![0; 100]).unwrap();
        assert!(repair(&path, &Sealer::none()).is_err());
        assert_eq!(fs::read(&path).unwrap(), vec![0; 100]);
    }
}
