//! What can be wrong with audio, in words for the person who sent it.

/// Why a source gives no audio. The messages say what was found and what would be right.
#[derive(Debug, thiserror::Error)]
pub enum AudioError {
    /// The bytes are not audio, or audio in a container or codec that is not read here.
    #[error(
        "{0}; send MP3, WAV, FLAC, Ogg (Vorbis, Opus), MP4/M4A (AAC, ALAC), WebM/Matroska or AIFF"
    )]
    Unsupported(String),
    /// The container is sound but holds only video, subtitles or data.
    #[error("the {container} file has no audio track; send one that has")]
    NoAudio {
        /// Name of the container.
        container: &'static str,
    },
    /// No bytes, or a well-formed file of zero samples.
    #[error("the file holds no audio samples; send a recording that is not empty")]
    Empty,
    /// The container was recognised, but nothing in it could be decoded.
    #[error("the file is damaged: {0}; export or upload it again")]
    Corrupt(String),
    /// More audio than the caller allows.
    #[error("the audio is longer than {limit_s} s; split it or send less")]
    TooLong {
        /// The limit in seconds of source time.
        limit_s: f64,
    },
    /// The source itself could not be read; not the fault of the file's content.
    #[error("the audio could not be read: {0}")]
    Io(#[from] std::io::Error),
}

impl AudioError {
    pub(crate) fn corrupt(what: impl Into<String>) -> AudioError {
        AudioError::Corrupt(what.into())
    }

    pub(crate) fn unsupported(what: impl Into<String>) -> AudioError {
        AudioError::Unsupported(what.into())
    }
}
