//! What goes wrong between a browser and us.

/// Why a connection cannot be made, or goes no further.
#[derive(Debug, thiserror::Error)]
pub enum WebRtcError {
    /// The offer is no session description.
    #[error("the offer is not a session description: {0}")]
    Sdp(String),
    /// The offer has no sound that we could answer.
    #[error("the offer has no audio with Opus")]
    NoAudio,
    /// A candidate cannot be read.
    #[error("not an ICE candidate: {0}")]
    Candidate(String),
    /// More candidates than any browser has.
    #[error("more than {0} candidates")]
    TooManyCandidates(usize),
    /// The connection has ended.
    #[error("the connection has ended")]
    Ended,
    /// No port is free, or the network is gone.
    #[error("no connection can be opened: {0}")]
    Network(#[source] webrtc::error::Error),
    /// libopus refuses.
    #[error("opus: {0}")]
    Opus(#[from] opus::Error),
}
