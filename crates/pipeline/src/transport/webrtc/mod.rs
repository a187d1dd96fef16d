//! Calls from browsers: WebRTC with Opus one way and the other, and a data channel for the page.
//!
//! [`answer`] takes a browser's offer and gives our answer, a [`Peer`] for what comes later by
//! HTTP (candidates, another offer), and a [`Carrier`] that carries a call once there is one.

mod carry;
mod error;
mod events;
mod handler;
mod peer;
mod receive;
mod reorder;
mod sdp;
mod send;
mod settings;

pub use carry::Carrier;
pub use error::WebRtcError;
pub use peer::{Answered, Peer, answer};
pub use sdp::LARGEST_SDP;
pub use settings::{IceServers, IceSettings, Ports};

/// Samples a second inside a call from a browser; Opus is coded at this rate.
pub const RATE: u32 = 24_000;
/// What RTP timestamps of Opus count, whatever the rate (RFC 7587).
const RTP_RATE: u32 = 48_000;
