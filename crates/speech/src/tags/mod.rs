//! What is said about a segment besides its words: small trained heads over embeddings.

mod distribution;
mod entities;
mod head;
mod text;
mod voice;

pub use distribution::Distribution;
pub use entities::{Name, NameKind, Names};
pub use head::Head;
pub use text::{Role, RoleEvidence, Scene, Sentence, TextHead, TextTagger, roles};
pub use voice::{VoiceBaseline, VoiceFeatures, VoiceTagger, VoiceTags};
