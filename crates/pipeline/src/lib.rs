//! Conversations by voice: transports in, a chain of processors, transports out.
//!
//! [`run`] leads a call. Its chain is that of the API reference, a file per processor in
//! `processors/`; what travels along it is in [`frame`], whose turn it is in [`turn`]. STT and TTS
//! are the other services of the gateway, over WebSockets; the language model is the crate `llm`.

mod barge_in;
mod call;
mod chain;
pub mod clips;
mod dialogue;
mod echo;
pub mod event;
pub mod frame;
mod keys;
pub mod phrases;
mod playback;
mod processor;
pub mod processors;
mod recogniser;
pub mod recording;
mod room;
mod settings;
mod speakable;
#[cfg(test)]
mod testing;
mod thoughts;
pub mod transport;
pub mod turn;
mod utterances;
pub mod wording;

pub use call::{Control, Ended, Services, run};
pub use chain::Chain;
pub use dialogue::Dialogue;
pub use echo::Said;
pub use event::{CallEvent, Latency, Segment, Speaker};
pub use frame::{EndReason, Frame, Part, Time, TurnId};
pub use playback::{Playback, Tone};
pub use processor::{Context, Mailbox, Processor, Way, mailbox};
pub use settings::{CallSettings, Options};
pub use turn::TurnState;
