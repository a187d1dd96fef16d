//! What tests of the processors share.

use crate::processor::Context;
use crate::settings::{CallSettings, Options};
use std::sync::Arc;
use std::time::Duration;

/// A call in English at 24 kHz that nobody records.
pub fn settings() -> CallSettings {
    CallSettings {
        rate: 24_000,
        system_prompt: "You are helpful.".into(),
        greeting: "Hello.".into(),
        voice: "af_heart".into(),
        voice_gender: None,
        language: "en".into(),
        llm_model: None,
        asr_url: "http://127.0.0.1:8001".into(),
        tts_url: "http://127.0.0.1:8003".into(),
        internal_secret: None,
        recording: None,
        options: Options::default(),
    }
}

/// The context of such a call at its beginning.
pub fn context() -> Context {
    Context::new(Arc::new(settings()))
}

/// So many milliseconds into the call.
pub fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A client for services on this machine.
pub fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}
