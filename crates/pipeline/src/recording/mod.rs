//! Both directions of a call as a stereo file, the caller left and we right, written while the call
//! goes on.

mod file;
mod reading;
mod timeline;

pub use file::{Format, place, repair};
pub use reading::Reading;

use crate::frame::Sound;
use file::Writing;
use sealing::Sealer;
use std::io;
use std::path::{Path, PathBuf};
use timeline::Timeline;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Frames that wait for the disk: five seconds of both directions.
const WAITING: usize = 512;

enum Track {
    Caller(Sound),
    Ours(Sound),
}

/// Takes the sound of a call; dropping it finishes the file.
pub struct Writer {
    sender: mpsc::Sender<Track>,
    missed: u64,
}

/// The disk does not take any more; what it took is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

impl Writer {
    /// Begins a file: `path` without its ending. The handle gives the file's whole path once it is
    /// finished, even where the disk did not take all of it.
    pub fn start(
        path: PathBuf,
        rate: u32,
        format: Format,
        sealer: Sealer,
    ) -> (Self, JoinHandle<io::Result<PathBuf>>) {
        let (sender, tracks) = mpsc::channel(WAITING);
        let path = path.with_extension(format.ending());
        let file = tokio::task::spawn_blocking(move || write(&path, rate, format, &sealer, tracks));
        (Writer { sender, missed: 0 }, file)
    }

    /// Sound of the caller.
    ///
    /// # Errors
    /// The file is not written any more.
    pub fn heard(&mut self, sound: Sound) -> Result<(), Stopped> {
        self.send(Track::Caller(sound))
    }

    /// Sound of ours.
    ///
    /// # Errors
    /// The file is not written any more.
    pub fn played(&mut self, sound: Sound) -> Result<(), Stopped> {
        self.send(Track::Ours(sound))
    }

    fn send(&mut self, track: Track) -> Result<(), Stopped> {
        match self.sender.try_send(track) {
            Ok(()) => Ok(()),
            Err(mpsc::error::TrySendError::Full(_)) => {
                // Positions keep the rest aligned: what is missed is silence.
                self.missed += 1;
                Ok(())
            }
            Err(mpsc::error::TrySendError::Closed(_)) => Err(Stopped),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.missed > 0 {
            tracing::warn!(
                frames = self.missed,
                "the disk was too slow for a recording"
            );
        }
    }
}

fn write(
    path: &Path,
    rate: u32,
    format: Format,
    sealer: &Sealer,
    mut tracks: mpsc::Receiver<Track>,
) -> io::Result<PathBuf> {
    let mut file = Writing::create(path, rate, format, sealer)?;
    let mut timeline = Timeline::new(rate);
    let mut ready = Vec::new();
    let mut wrote = Ok(());
    while let Some(track) = tracks.blocking_recv() {
        match track {
            Track::Caller(sound) => timeline.caller(&sound),
            Track::Ours(sound) => timeline.ours(&sound),
        }
        timeline.take(&mut ready);
        wrote = file.write(&ready);
        if wrote.is_err() {
            break;
        }
    }
    if wrote.is_ok() {
        timeline.take_rest(&mut ready);
        wrote = file.write(&ready);
    }
    if let Err(error) = &wrote {
        tracing::error!(%error, "a recording ends early");
    }
    file.finish()?;
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(value: i16, at: u64) -> Sound {
        Sound {
            samples: vec![value; 480].into(),
            at,
        }
    }

    #[tokio::test]
    async fn both_formats_hold_both_directions() {
        let folder = tempfile::tempdir().unwrap();
        for format in [Format::Wav, Format::Opus] {
            let path = folder.path().join("organization/call");
            let (mut writer, file) = Writer::start(path, 24_000, format, Sealer::none());
            for tick in 0..100 {
                writer.heard(sound(1000, tick * 480)).unwrap();
                writer.played(sound(-2000, tick * 480)).unwrap();
            }
            drop(writer);
            let path = file.await.unwrap().unwrap();
            let options = audio::DecodeOptions {
                channels: audio::ChannelMode::Separate,
                ..Default::default()
            };
            let file = std::fs::File::open(&path).unwrap();
            let audio = audio::decode_all(Box::new(file), &options).unwrap();
            assert_eq!(audio.channels.len(), 2, "{format:?}");
            assert!((audio.channels[0].len() as f64 / 16_000.0 - 2.0).abs() < 0.02);
        }
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_an_error_of_the_recording_only() {
        let (mut writer, file) = Writer::start(
            "/proc/nowhere/call".into(),
            8_000,
            Format::Wav,
            Sealer::none(),
        );
        assert!(file.await.unwrap().is_err());
        assert_eq!(writer.heard(sound(0, 0)), Err(Stopped));
    }
}
