//! The two ends of a line: the call's, and that of whatever carries sound to the caller.
//!
//! A transport sends [`Input`] as it comes, takes a frame from [`Playback`] at each tick of its
//! [`Clock`] and sends it out, and does what [`Output`] says.

mod clock;
pub mod pcm;
pub mod socket;
pub mod twilio;
pub mod webrtc;

pub use clock::{Clock, TICK};

use crate::event::CallEvent;
use crate::frame::{EndReason, Sound};
use crate::playback::Playback;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Frames of sound that wait for the chain: two seconds.
const INPUTS: usize = 100;
const OUTPUTS: usize = 256;

/// A key of the telephone, as transports name it.
fn key(digit: &str) -> Result<char, socket::Fault> {
    let mut all = digit.chars();
    match (all.next(), all.next()) {
        (Some(key @ ('0'..='9' | '*' | '#' | 'A'..='D')), None) => Ok(key),
        _ => Err(socket::Fault::unexpected(
            "A `digit` is one of 0 to 9, *, # and A to D.",
        )),
    }
}

/// What comes from the caller.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Sound, at the rate of the line.
    Sound(Sound),
    /// A key of the telephone.
    Dtmf(char),
    /// The caller is gone.
    Gone(EndReason),
}

/// What the transport is to do besides playing.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Forget sound that was sent and may not have been played yet.
    Clear,
    /// For the page on the other end, where there is one.
    Event(CallEvent),
    /// Play what was sent, then end the connection.
    Close(EndReason),
}

/// The transport's end.
pub struct Line {
    /// What comes from the caller. Sound is dropped where the channel is full.
    pub input: mpsc::Sender<Input>,
    /// What is to be done. Closed: end the connection.
    pub output: mpsc::Receiver<Output>,
    /// What is to be played.
    pub playback: Arc<Playback>,
}

/// The call's end.
pub struct Ports {
    pub(crate) input: mpsc::Receiver<Input>,
    pub(crate) output: mpsc::Sender<Output>,
    pub(crate) playback: Arc<Playback>,
}

/// A line at a rate: 24000, or 8000 on the telephone.
pub fn line(rate: u32) -> (Line, Ports) {
    let (input, inputs) = mpsc::channel(INPUTS);
    let (output, outputs) = mpsc::channel(OUTPUTS);
    let playback = Arc::new(Playback::new(rate));
    let line = Line {
        input,
        output: outputs,
        playback: playback.clone(),
    };
    let ports = Ports {
        input: inputs,
        output,
        playback,
    };
    (line, ports)
}
