//! How events are signed: `X-Whissle-Signature: t=1767225600,v1=HEX`, where HEX is the HMAC-SHA256
//! of the time, a dot and the body, with `WEBHOOK_SECRET`. Receivers refuse old times.

use hmac::{Hmac, Mac};
use service::Secret;
use sha2::Sha256;
use std::fmt::Write;

/// The header.
pub const HEADER: &str = "x-whissle-signature";

/// Its value for a body that is sent at `time`, in seconds of Unix.
pub fn signature(secret: &Secret, time: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes())
        .expect("a key may have any length");
    mac.update(time.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    let mut header = format!("t={time},v1=");
    for byte in mac.finalize().into_bytes() {
        let _ = write!(header, "{byte:02x}");
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_that_others_compute() {
        // printf '1700000000.{"id":"x"}' | openssl dgst -sha256 -hmac secret
        assert_eq!(
            signature(&Secret::new("secret"), 1_700_000_000, br#"{"id":"x"}"#),
            "t=1700000000,v1=2f7852138f9dbd8d61c07c2cfb0b8ac96a46a32d78d4527788fb42fcb409a493"
        );
    }
}
