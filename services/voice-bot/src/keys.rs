//! Ed25519 keys that sign what browsers carry (RFC 8037), in files of the data folder.
//!
//! The newest key signs; all of them verify, found by `kid`. `voice-bot --rotate-keys` adds a key;
//! old ones are deleted once nothing they signed can still be valid.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use time::OffsetDateTime;
use uuid::Uuid;

/// Who signs.
pub const ISSUER: &str = "whissle-gateway";
/// How far clocks of our own processes may differ.
const LEEWAY_SECONDS: u64 = 5;
/// Kept this long after a newer one came: longer than anything signed is valid.
const RETIRED_DAYS: i64 = 2;

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file could not be read or made.
    #[error("cannot read or create keys in {path}: {source}; make the folder writable")]
    File {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is no Ed25519 key.
    #[error("{0} is not an Ed25519 key in PKCS #8; delete it")]
    Broken(PathBuf),
}

/// All keys of a folder.
pub struct Keys {
    folder: PathBuf,
    /// The newest first.
    keys: RwLock<Vec<Key>>,
}

struct Key {
    /// A UUID version 7: its time is when the key was made.
    kid: String,
    sign: EncodingKey,
    verify: DecodingKey,
}

impl Keys {
    /// Reads the keys of a folder, or makes the first one.
    pub fn open(folder: &Path) -> Result<Self, KeyError> {
        let file = |source| KeyError::File {
            path: folder.to_owned(),
            source,
        };
        let mut keys = read(folder)?;
        if keys.is_empty() {
            create(folder).map_err(file)?;
            keys = read(folder)?;
        }
        Ok(Keys {
            folder: folder.to_owned(),
            keys: RwLock::new(keys),
        })
    }

    /// Reads the folder again, for keys that came or went; `true` when another one signs now.
    pub fn reload(&self) -> Result<bool, KeyError> {
        let fresh = read(&self.folder)?;
        // An empty folder is an accident: what signs goes on signing.
        let Some(newest) = fresh.first().map(|key| key.kid.clone()) else {
            return Ok(false);
        };
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let changed = keys[0].kid != newest;
        *keys = fresh;
        Ok(changed)
    }

    /// Adds a key to a folder and deletes those that are long retired.
    pub fn rotate(folder: &Path) -> Result<(), KeyError> {
        let file = |source| KeyError::File {
            path: folder.to_owned(),
            source,
        };
        let before = read(folder)?;
        create(folder).map_err(file)?;
        let oldest = OffsetDateTime::now_utc() - time::Duration::days(RETIRED_DAYS);
        // A key was retired when the one after it was made.
        for pair in before.windows(2) {
            if made_at(&pair[0].kid).is_some_and(|made| made < oldest) {
                fs::remove_file(path(folder, &pair[1].kid)).map_err(file)?;
            }
        }
        Ok(())
    }

    /// A token for `claims`, which hold `iss`, `aud` and `exp`.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, jsonwebtoken::errors::Error> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let newest = &keys[0];
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(newest.kid.clone());
        jsonwebtoken::encode(&header, claims, &newest.sign)
    }

    /// The claims of a token of ours for this audience that has not expired.
    pub fn verify<C: DeserializeOwned>(&self, token: &str, audience: &str) -> Option<C> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        let kid = header.kid?;
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let key = keys.iter().find(|key| key.kid == kid)?;
        // The algorithm is ours to say, whatever the header claims.
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = LEEWAY_SECONDS;
        validation.set_audience(&[audience]);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        let data = jsonwebtoken::decode::<C>(token, &key.verify, &validation).ok()?;
        Some(data.claims)
    }
}

fn read(folder: &Path) -> Result<Vec<Key>, KeyError> {
    let file = |source| KeyError::File {
        path: folder.to_owned(),
        source,
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(file(error)),
    };
    let mut keys = Vec::new();
    for entry in entries {
        let path = entry.map_err(file)?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(kid) = name.and_then(|name| name.strip_prefix("session-")?.strip_suffix(".pk8"))
        else {
            continue;
        };
        let der = fs::read(&path).map_err(file)?;
        let pair = Ed25519KeyPair::from_pkcs8(&der).map_err(|_| KeyError::Broken(path.clone()))?;
        keys.push(Key {
            kid: kid.to_owned(),
            sign: EncodingKey::from_ed_der(&der),
            verify: DecodingKey::from_ed_der(pair.public_key().as_ref()),
        });
    }
    keys.sort_unstable_by(|a, b| b.kid.cmp(&a.kid));
    Ok(keys)
}

/// Writes a new key, 0600, which appears only when it is whole.
fn create(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let der = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
        .map_err(|_| io::Error::other("no random numbers"))?;
    let kid = Uuid::now_v7().simple().to_string();
    let made = folder.join(format!(".{kid}"));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&made)?;
    file.write_all(der.as_ref())?;
    file.sync_all()?;
    fs::rename(&made, path(folder, &kid))
}

fn path(folder: &Path, kid: &str) -> PathBuf {
    folder.join(format!("session-{kid}.pk8"))
}

fn made_at(kid: &str) -> Option<OffsetDateTime> {
    let (seconds, _) = Uuid::try_parse(kid).ok()?.get_timestamp()?.to_unix();
    OffsetDateTime::from_unix_timestamp(i64::try_from(seconds).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::os::unix::fs::PermissionsExt;

    fn claims() -> Value {
        json!({"iss": ISSUER, "aud": "access", "sub": "u", "exp": 4_102_444_800_u64})
    }

    #[test]
    fn a_token_is_for_one_audience_of_one_instance() {
        let (ours, others) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (ours, others) = (
            Keys::open(ours.path()).unwrap(),
            Keys::open(others.path()).unwrap(),
        );
        let token = ours.sign(&claims()).unwrap();
        assert!(ours.verify::<Value>(&token, "access").is_some());
        assert!(ours.verify::<Value>(&token, "oauth").is_none());
        assert!(others.verify::<Value>(&token, "access").is_none());
    }

    #[test]
    fn a_token_without_signature_or_with_another_algorithm_is_none_of_ours() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(folder.path()).unwrap();
        let token = keys.sign(&claims()).unwrap();
        let payload = token.split('.').nth(1).unwrap();
        // {"alg":"none"} and {"alg":"HS256","kid":<ours>} over the same claims.
        let none = format!("eyJhbGciOiJub25lIn0.{payload}.");
        assert!(keys.verify::<Value>(&none, "access").is_none());
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(keys.keys.read().unwrap()[0].kid.clone());
        let forged =
            jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(b"public key"))
                .unwrap();
        assert!(keys.verify::<Value>(&forged, "access").is_none());
        assert!(
            keys.verify::<Value>(&token.replace(payload, "e30"), "access")
                .is_none()
        );
    }

    #[test]
    fn an_expired_token_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(folder.path()).unwrap();
        let mut old = claims();
        old["exp"] = json!(OffsetDateTime::now_utc().unix_timestamp() - 60);
        assert!(
            keys.verify::<Value>(&keys.sign(&old).unwrap(), "access")
                .is_none()
        );
    }

    #[test]
    fn after_a_rotation_the_new_key_signs_and_the_old_one_still_verifies() {
        let folder = tempfile::tempdir().unwrap();
        let before = Keys::open(folder.path()).unwrap();
        let token = before.sign(&claims()).unwrap();
        Keys::rotate(folder.path()).unwrap();
        let after = Keys::open(folder.path()).unwrap();
        assert_eq!(after.keys.read().unwrap().len(), 2);
        assert!(after.verify::<Value>(&token, "access").is_some());
        assert!(
            before
                .verify::<Value>(&after.sign(&claims()).unwrap(), "access")
                .is_none()
        );
        assert!(before.reload().unwrap());
        assert!(!before.reload().unwrap());
        assert!(
            before
                .verify::<Value>(&after.sign(&claims()).unwrap(), "access")
                .is_some()
        );
        for entry in fs::read_dir(folder.path()).unwrap() {
            assert_eq!(
                entry.unwrap().metadata().unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
    }
}
