//! What tests of the processors share.

use crate::processor::Context;
use crate::settings::CallSettings;
use std::sync::Arc;
use std::time::Duration;

/// A call in English at 24 kHz that nobody records.
pub fn settings() -> CallSettings {
    CallSettings {
        system_prompt: "You are helpful.".into(),
        greeting: "Hello.".into(),
        ..CallSettings::default()
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
