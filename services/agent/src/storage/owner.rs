//! Whose data it is.

use sha2::{Digest, Sha256};

/// A user of a caller. Two callers never see each other's data, whatever `user_id` they send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Whose token the request came with: `token:` and that user, or `local` without the gateway.
    pub tenant: String,
    /// The caller's own name for the user.
    pub user: String,
    /// The device, which has a conversation of its own.
    pub device: String,
}

impl Owner {
    /// Hex of SHA-256 over tenant and user, for folders that must not tell names.
    pub fn user_key(&self) -> String {
        hash(&[&self.tenant, &self.user])
    }

    /// The same with the device.
    pub fn device_key(&self) -> String {
        hash(&[&self.tenant, &self.user, &self.device])
    }
}

fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // With lengths, so that no two lists of parts run together into the same text.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let mut hex = String::with_capacity(64);
    for byte in hash.finalize() {
        hex.push_str(&format!("{byte:02x}"));
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_join_to_the_same_text_have_different_keys() {
        let owner = |tenant: &str, user: &str| Owner {
            tenant: tenant.into(),
            user: user.into(),
            device: String::new(),
        };
        assert_ne!(owner("ab", "c").user_key(), owner("a", "bc").user_key());
    }
}
