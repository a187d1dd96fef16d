//! API tokens as text: `wh_` and 43 base62 characters, known to us only by their SHA-256.

use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};
use std::fmt;

const PREFIX: &str = "wh_";
/// 43 base62 characters hold 256 bits: 62^43 > 2^256.
const BODY_LEN: usize = 43;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// How much of a token listings show.
const SHOWN: usize = 7;
/// Longest text taken for a token; other issuers' tokens may be longer than ours.
const MAX_LEN: usize = 512;

/// A whole token. It is shown once, and never printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiToken(String);

/// SHA-256 of a token: what is stored, looked up and sent to a remote token service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl ApiToken {
    /// A fresh token of 256 bits from the operating system.
    pub fn random() -> Result<Self, rand::rand_core::OsError> {
        let mut bits = [0u8; 32];
        OsRng.try_fill_bytes(&mut bits)?;
        Ok(ApiToken::from_bits(bits))
    }

    /// Writes 256 bits in base 62, least significant digit first.
    fn from_bits(mut bits: [u8; 32]) -> Self {
        let mut text = String::with_capacity(PREFIX.len() + BODY_LEN);
        text.push_str(PREFIX);
        for _ in 0..BODY_LEN {
            // Long division of the big-endian number by 62.
            let mut rest = 0u32;
            for byte in &mut bits {
                let value = rest << 8 | u32::from(*byte);
                *byte = (value / 62) as u8;
                rest = value % 62;
            }
            text.push(char::from(DIGITS[rest as usize]));
        }
        ApiToken(text)
    }

    /// One of our tokens, if the text has its form.
    pub fn parse(text: &str) -> Option<Self> {
        let body = text.strip_prefix(PREFIX)?;
        let fits = body.len() == BODY_LEN && body.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then(|| ApiToken(text.to_owned()))
    }

    /// The whole token, for the one answer that shows it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What listings show: `wh_a1b2`.
    pub fn prefix(&self) -> &str {
        &self.0[..SHOWN]
    }

    /// What is stored.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(&self.0).into())
    }
}

impl TokenHash {
    /// The hash of whatever a client sent as a token; `None` if it cannot be one.
    pub fn of(text: &str) -> Option<Self> {
        let fits =
            (1..=MAX_LEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| TokenHash(Sha256::digest(text).into()))
    }

    /// 64 hexadecimal characters.
    pub fn to_hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}...", self.prefix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    proptest! {
        #[test]
        fn every_token_has_the_documented_form(bits: [u8; 32]) {
            let token = ApiToken::from_bits(bits);
            prop_assert_eq!(token.expose().len(), 46);
            prop_assert_eq!(ApiToken::parse(token.expose()), Some(token));
        }

        #[test]
        fn different_bits_give_different_tokens(a: [u8; 32], b: [u8; 32]) {
            prop_assert_eq!(a == b, ApiToken::from_bits(a) == ApiToken::from_bits(b));
        }

        #[test]
        fn no_text_makes_parsing_panic(text in ".{0,60}") {
            if let Some(token) = ApiToken::parse(&text) {
                prop_assert_eq!(token.expose(), &text);
            }
            let _ = TokenHash::of(&text);
        }
    }

    #[test]
    fn tokens_do_not_repeat_and_do_not_print() {
        let tokens: HashSet<_> = (0..1000).map(|_| ApiToken::random().unwrap().0).collect();
        assert_eq!(tokens.len(), 1000);
        let token = ApiToken::random().unwrap();
        assert!(!format!("{token:?}").contains(&token.expose()[8..]));
    }
}
