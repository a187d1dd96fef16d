//! Calls from browsers: an offer, candidates a line each after a NUL, and after another NUL an offer
//! on the same connection. Answered on loopback by the real stack.
#![no_main]

use fuzz::Input;
use libfuzzer_sys::fuzz_target;
use pipeline::transport::webrtc::{IceSettings, answer};
use std::net::Ipv4Addr;
use std::sync::LazyLock;
use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
});

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input(bytes);
    let offer = String::from_utf8_lossy(input.until(0)).into_owned();
    let candidates = String::from_utf8_lossy(input.until(0)).into_owned();
    let again = String::from_utf8_lossy(input.0).into_owned();
    RUNTIME.block_on(call(&offer, &candidates, &again));
});

async fn call(offer: &str, candidates: &str, again: &str) {
    let settings = IceSettings {
        addresses: vec![Ipv4Addr::LOCALHOST.into()],
        public: vec![Ipv4Addr::new(203, 0, 113, 7).into()],
        ..IceSettings::default()
    };
    let Ok(answered) = answer(&settings, offer).await else {
        return;
    };
    assert!(answered.sdp.starts_with("v=0"));
    for (number, line) in candidates.lines().enumerate() {
        let mid = (number % 3 > 0).then(|| (number % 3 - 1).to_string());
        let _ = answered
            .peer
            .add_candidate(line, mid, Some(number as u16 % 3))
            .await;
    }
    if !again.is_empty() {
        let _ = answered.peer.renegotiate(again).await;
    }
    answered.peer.close().await;
}
