//! A token that is in use: who it is, what it may, and what is left of its limits.

use crate::limits::{Quota, StreamSlots};
use crate::token::TokenHash;
use api::tokens::TokenInfo;
use http::HeaderValue;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use service::rate::Rate;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio_util::sync::CancellationToken;

/// What must not stand bare in `X-Internal-User`.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'%').add(b' ');

/// A known token. Shared by every request that uses it.
#[derive(Debug)]
pub struct Identity {
    /// What listings show.
    pub info: TokenInfo,
    /// How it is looked up.
    pub hash: TokenHash,
    /// Services it may call; all when empty. Only remote tokens are limited so.
    pub scopes: Vec<String>,
    /// Requests a minute.
    pub rate: Rate,
    /// Characters to be spoken a minute.
    pub characters: Rate,
    /// WebSockets at once.
    pub streams: Arc<StreamSlots>,
    /// Cancelled when the token is revoked; open WebSockets end then.
    pub revoked: CancellationToken,
    /// `X-Internal-User`, made once.
    pub user_header: HeaderValue,
    /// `X-Internal-Token-Id`, made once.
    pub id_header: HeaderValue,
    /// Milliseconds since 1970; 0 when nothing has to be written.
    used_ms: AtomicI64,
}

impl Identity {
    /// A token with its limits untouched.
    pub fn new(info: TokenInfo, hash: TokenHash, scopes: Vec<String>, quota: Quota) -> Self {
        Identity {
            rate: Rate::per_minute(info.rate_limit_rpm.unwrap_or(quota.rpm)),
            characters: Rate::per_minute(info.rate_limit_characters.unwrap_or(quota.characters)),
            streams: Arc::new(StreamSlots::new(
                info.rate_limit_streams.unwrap_or(quota.streams),
            )),
            user_header: header(&info.user_id),
            id_header: header(&info.id),
            revoked: CancellationToken::new(),
            used_ms: AtomicI64::new(0),
            info,
            hash,
            scopes,
        }
    }

    /// Whether it may call a service.
    pub fn may_call(&self, service: &str) -> bool {
        self.scopes.is_empty()
            || self
                .scopes
                .iter()
                .any(|scope| scope == service || scope == "*" || scope == "admin")
    }

    /// Notes a use, to be written with the next batch.
    pub fn touch(&self, now_ms: i64) {
        self.used_ms.store(now_ms, Ordering::Relaxed);
    }

    /// The last use since the previous call, if there was one.
    pub fn take_used(&self) -> Option<i64> {
        Some(self.used_ms.swap(0, Ordering::Relaxed)).filter(|used| *used != 0)
    }
}

/// A header value for any text: what is not visible ASCII is percent-encoded.
fn header(text: &str) -> HeaderValue {
    let encoded: String = utf8_percent_encode(text, ESCAPED).collect();
    HeaderValue::from_str(&encoded).expect("only visible ASCII is left after encoding")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_user_fits_in_a_header(user in any::<String>()) {
            let value = header(&user);
            let decoded = percent_encoding::percent_decode(value.as_bytes()).decode_utf8().unwrap();
            prop_assert_eq!(decoded, user);
        }
    }
}
