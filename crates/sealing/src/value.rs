//! What sealed values look like: how one is told from a plain one, and which key it takes.

use crate::key::KeyId;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Before sealed bytes. No text that people write begins with this control character.
const BYTES: &[u8] = b"\x01sealed1\n";
/// Before sealed texts, which go on in base64.
const TEXT: &str = "\u{1}sealed1:";

/// Whether bytes are sealed.
pub fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(BYTES)
}

/// Whether a text is sealed.
pub fn is_sealed_text(text: &str) -> bool {
    text.starts_with(TEXT)
}

/// The key that sealed bytes take; none where they are not sealed.
pub fn key_of(stored: &[u8]) -> Option<KeyId> {
    of_bytes(stored).map(|(id, _)| id)
}

/// The key that a sealed text takes; none where it is not sealed.
pub fn key_of_text(stored: &str) -> Option<KeyId> {
    of_text(stored).map(|(id, _)| id)
}

/// Id and the sealed rest, as they are stored.
pub fn bytes(id: KeyId, sealed: &[u8]) -> Vec<u8> {
    let mut all = Vec::with_capacity(BYTES.len() + 4 + sealed.len());
    all.extend_from_slice(BYTES);
    all.extend_from_slice(&id.0);
    all.extend_from_slice(sealed);
    all
}

/// The same as text.
pub fn text(id: KeyId, sealed: &[u8]) -> String {
    let mut all = id.0.to_vec();
    all.extend_from_slice(sealed);
    format!("{TEXT}{}", URL_SAFE_NO_PAD.encode(all))
}

/// The parts of sealed bytes; none where they are cut off.
pub fn of_bytes(stored: &[u8]) -> Option<(KeyId, &[u8])> {
    let (id, sealed) = stored.strip_prefix(BYTES)?.split_first_chunk::<4>()?;
    Some((KeyId(*id), sealed))
}

/// The parts of a sealed text; none where it is cut off.
pub fn of_text(stored: &str) -> Option<(KeyId, Vec<u8>)> {
    let all = URL_SAFE_NO_PAD.decode(stored.strip_prefix(TEXT)?).ok()?;
    let (id, sealed) = all.split_first_chunk::<4>()?;
    Some((KeyId(*id), sealed.to_vec()))
}
