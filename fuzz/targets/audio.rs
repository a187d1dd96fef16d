//! Any bytes through the decoder of recordings; shares its entry with the property tests.
#![no_main]

#[path = "../../crates/audio/tests/common/entry.rs"]
mod entry;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    entry::decode_anything(bytes);
});
