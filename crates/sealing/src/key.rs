//! One key: what it seals with, and what is derived from it.

use crate::error::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::Sha256;
use std::fmt;

/// Bytes of a nonce.
pub const NONCE: usize = 24;
/// Bytes of an authentication tag.
pub const TAG: usize = 16;

/// Names a key without telling it: four bytes of an HMAC under it, as eight hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 4]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

/// A key of 256 bits.
#[derive(Clone)]
pub struct Key {
    id: KeyId,
    cipher: XChaCha20Poly1305,
    index: [u8; 32],
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

impl Key {
    /// From its bytes. Each use has a key of its own, so that none tells of another.
    pub fn new(bytes: &[u8; 32]) -> Self {
        let id = hmac(bytes, &[b"whissle key id 1"]);
        let cipher = hmac(bytes, &[b"whissle sealing 1"]);
        Key {
            id: KeyId([id[0], id[1], id[2], id[3]]),
            cipher: XChaCha20Poly1305::new((&cipher).into()),
            index: hmac(bytes, &[b"whissle index 1"]),
        }
    }

    /// Reads 64 hexadecimal digits, or base64 of 32 bytes with or without padding, either alphabet.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = || -> Option<Vec<u8>> {
            let digits = (text.len() == 64 && text.is_ascii()).then_some(text)?;
            (0..32)
                .map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok())
                .collect()
        };
        let base64 = || {
            let engines = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD];
            engines.iter().find_map(|engine| engine.decode(text).ok())
        };
        let bytes: [u8; 32] = hex().or_else(base64)?.try_into().ok()?;
        Some(Key::new(&bytes))
    }

    /// Its name.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Nonce, ciphertext and tag of what belongs to a place.
    pub fn seal(&self, place: &[&[u8]], plain: &[u8]) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE] = random()?;
        let payload = Payload {
            msg: plain,
            aad: &self.aad(place),
        };
        let sealed = self.cipher.encrypt(XNonce::from_slice(&nonce), payload);
        // Longer than the cipher can do: 256 GiB.
        let sealed = sealed.map_err(|_| Error::Damaged("a value that is too long".into()))?;
        let mut all = Vec::with_capacity(NONCE + sealed.len());
        all.extend_from_slice(&nonce);
        all.extend_from_slice(&sealed);
        Ok(all)
    }

    /// The opposite of [`Key::seal`]; none where it was changed or belongs elsewhere.
    pub fn open(&self, place: &[&[u8]], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        let payload = Payload {
            msg: sealed,
            aad: &self.aad(place),
        };
        self.cipher.decrypt(XNonce::from_slice(nonce), payload).ok()
    }

    /// What a value is found by without telling it: 16 bytes of HMAC-SHA256.
    pub fn index(&self, place: &str, value: &[u8]) -> [u8; 16] {
        let length = (place.len() as u64).to_be_bytes();
        let full = hmac(&self.index, &[&length, place.as_bytes(), value]);
        let mut index = [0; 16];
        index.copy_from_slice(&full[..16]);
        index
    }

    /// The key's id and the parts of the place, each with its length so that no two run together.
    fn aad(&self, place: &[&[u8]]) -> Vec<u8> {
        let mut aad = self.id.0.to_vec();
        for part in place {
            aad.extend_from_slice(&(part.len() as u64).to_be_bytes());
            aad.extend_from_slice(part);
        }
        aad
    }
}

/// Bytes from the operating system.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    OsRng
        .try_fill_bytes(&mut bytes)
        .map_err(|_| Error::Random)?;
    Ok(bytes)
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac =
        <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes keys of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_in_hexadecimal_and_in_base64() {
        let bytes = [0xA5; 32];
        let hex = "a5".repeat(32);
        let id = Key::new(&bytes).id();
        for text in [
            hex.clone(),
            hex.to_uppercase(),
            STANDARD.encode(bytes),
            URL_SAFE_NO_PAD.encode(bytes),
        ] {
            assert_eq!(Key::parse(&text).map(|key| key.id()), Some(id), "{text}");
        }
        for text in ["", "a5a5", &"zz".repeat(32), &"a5".repeat(33)] {
            assert!(Key::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn neither_key_nor_index_is_told() {
        let key = Key::new(&[7; 32]);
        assert_eq!(format!("{key:?}"), format!("Key({})", key.id()));
        assert_ne!(key.index("a", b"bc"), key.index("ab", b"c"));
    }
}
