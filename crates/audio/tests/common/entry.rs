//! The one entry for hostile bytes, shared by the property tests and the fuzz target.

use std::io::Cursor;
use std::sync::Once;

use audio::{ChannelMode, DecodeOptions, Decoder};

/// Seconds allowed: enough that nothing real is cut, little enough that nothing takes long.
const MAX_SECONDS: f64 = 600.0;

/// Decodes the bytes both ways and checks what must hold whatever they are. Returns whether
/// they were audio.
pub fn decode_anything(bytes: &[u8]) -> bool {
    quiet_caught_panics();
    let mut decoded = false;
    for channels in [ChannelMode::Mix, ChannelMode::Separate] {
        let options = DecodeOptions {
            channels,
            max_seconds: MAX_SECONDS,
            ..DecodeOptions::default()
        };
        let Ok(mut decoder) = Decoder::open(Box::new(Cursor::new(bytes.to_vec())), &options) else {
            return false;
        };
        let mut samples = 0usize;
        while let Ok(Some(block)) = decoder.next_block() {
            assert!((1..=8).contains(&block.channels.len()));
            let len = block.channels[0].len();
            assert!(len > 0, "a block is never empty");
            for channel in &block.channels {
                assert_eq!(channel.len(), len, "channels are equally long");
                // The resampler may overshoot the headroom of 4 a little.
                assert!(
                    channel.iter().all(|sample| sample.abs() < 32.0),
                    "samples are sane"
                );
            }
            samples += len;
            decoded = true;
        }
        assert!(
            samples as f64 <= (MAX_SECONDS + 2.0) * 16_000.0,
            "the limit of length holds"
        );
    }
    decoded
}

/// Panics inside the decoding libraries are caught; their messages would bury the results.
pub fn quiet_caught_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let default = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !info
                .location()
                .is_some_and(|at| at.file().contains("symphonia"))
            {
                default(info);
            }
        }));
    });
}
