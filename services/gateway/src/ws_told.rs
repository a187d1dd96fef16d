//! What the two sides of a WebSocket tell each other, as far as limits and usage need it.

use crate::identity::Identity;
use crate::proxy::may_speak;
use api::synthesis::SpeechEvent;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a service has said, for the usage row.
#[derive(Default)]
pub struct Told {
    /// Of all messages.
    pub bytes: AtomicU64,
    /// Microseconds of audio, heard or spoken.
    pub audio_us: AtomicU64,
    /// Characters spoken.
    pub characters: AtomicU64,
    /// Bytes that a second of the sound sent now has; 0 when no binary message is sound.
    bytes_a_second: AtomicU64,
    caller: Option<Arc<Identity>>,
}

impl Told {
    /// Nothing yet, to this caller.
    pub fn of(caller: Option<Arc<Identity>>) -> Self {
        Told {
            caller,
            ..Told::default()
        }
    }

    /// A stream of recognition says in its events how far into the audio they reach, and in the
    /// last one how long it was.
    pub fn look_for_audio(&self, text: &str) {
        #[derive(serde::Deserialize)]
        struct Reach {
            end: Option<f64>,
            duration: Option<f64>,
        }
        let reach = serde_json::from_str::<Reach>(text).ok();
        if let Some(seconds) = reach.and_then(|reach| reach.duration.or(reach.end)) {
            self.audio_us
                .fetch_max((seconds.max(0.0) * 1e6) as u64, Ordering::Relaxed);
        }
    }

    /// A stream of synthesis says when it begins a text, how long that is, and in which format its
    /// sound comes. So what was begun counts, also when nobody waits for the end.
    pub fn look_for_speech(&self, text: &str) {
        // Words are told far more often.
        if !text.contains("\"started\"") {
            return;
        }
        if let Ok(SpeechEvent::Started {
            characters,
            sample_rate,
            format,
            ..
        }) = serde_json::from_str(text)
        {
            let width = if format == "s16le" { 2 } else { 1 };
            self.bytes_a_second
                .store(u64::from(sample_rate) * width, Ordering::Relaxed);
            self.characters.fetch_add(characters, Ordering::Relaxed);
            if let Some(caller) = &self.caller {
                let paid = u64::from(caller.characters.limit());
                caller.characters.charge(characters.saturating_sub(paid));
            }
        }
    }

    /// A binary message passed.
    pub fn count_sound(&self, bytes: usize) {
        let rate = self.bytes_a_second.load(Ordering::Relaxed);
        if let Some(us) = (bytes as u64 * 1_000_000).checked_div(rate) {
            self.audio_us.fetch_add(us, Ordering::Relaxed);
        }
    }
}

/// What a client is answered instead of its text being spoken: its token has no characters left. At
/// most a minute's worth is taken before the service has accepted the text, the rest when it
/// begins to speak.
pub fn refusal(caller: &Identity, text: &str) -> Option<String> {
    // Read as the service reads it, so that both see the same text.
    let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
        return None;
    };
    let kind = message.get("type").and_then(Value::as_str);
    kind.filter(|kind| kind.eq_ignore_ascii_case("speak"))?;
    let words = message.get("text").and_then(Value::as_str);
    let characters = words.map_or(0, |words| words.chars().count() as u64);
    let error = may_speak(caller, characters).err()?;
    error.log();
    let event = SpeechEvent::Error {
        id: message.remove("id"),
        error: error.envelope().error,
    };
    serde_json::to_string(&event).ok()
}
