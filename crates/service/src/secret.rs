//! The secret the services share, and how it stays out of logs.

use rand::TryRngCore;
use rand::rngs::OsRng;
use std::fmt::{self, Write as _};
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use subtle::ConstantTimeEq;

/// Name of the file, in the folder of `AUTH_DB_PATH`.
const FILE: &str = "internal_secret";

/// Fewest characters of a secret a person sets.
const MIN_LEN: usize = 16;

/// A text that is never printed and is compared in constant time.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(text.into())
    }

    /// 256 bits from the operating system, as 64 hexadecimal characters.
    pub fn random() -> io::Result<Self> {
        let mut bytes = [0u8; 32];
        OsRng.try_fill_bytes(&mut bytes).map_err(io::Error::other)?;
        let hex = bytes
            .iter()
            .fold(String::with_capacity(64), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            });
        Ok(Secret(hex))
    }

    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether `other` is the same, in a time that depends on the lengths only.
    pub fn matches(&self, other: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(other).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl std::str::FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Secret::new(text))
    }
}

/// Why there is no shared secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file could not be read or made.
    #[error(
        "cannot read or create {path}: {source}; make the folder writable, or set GATEWAY_INTERNAL_SECRET"
    )]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A secret that is too easy to guess, or cannot travel in a header.
    #[error(
        "GATEWAY_INTERNAL_SECRET must be `auto` or at least {MIN_LEN} visible ASCII characters"
    )]
    Weak,
}

/// `auto` reads the file in `folder`, or makes it (mode 0600); anything else is the secret itself.
///
/// Several processes may start at once: each writes a file of its own and links it to the final
/// name, which only one can do; the others read the winner's, which is never half-written.
pub fn resolve(setting: &Secret, folder: &Path) -> Result<Secret, SecretError> {
    if setting.expose() != "auto" {
        return checked(setting.expose()).ok_or(SecretError::Weak);
    }
    let path = folder.join(FILE);
    read_or_create(folder, &path).map_err(|source| SecretError::File { path, source })
}

fn read_or_create(folder: &Path, path: &Path) -> io::Result<Secret> {
    if let Some(secret) = read(path)? {
        return Ok(secret);
    }
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let own = folder.join(format!(".{FILE}.{}", uuid::Uuid::new_v4().simple()));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&own)?;
    let linked = file
        .write_all(Secret::random()?.expose().as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::hard_link(&own, path));
    fs::remove_file(&own)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => read(path)?.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound)),
    }
}

fn read(path: &Path) -> io::Result<Option<Secret>> {
    match fs::read_to_string(path) {
        Ok(text) => checked(text.trim()).map(Some).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "not a secret; delete the file")
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn checked(text: &str) -> Option<Secret> {
    let fits = text.len() >= MIN_LEN && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn processes_that_start_at_once_agree_on_the_secret() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("auth");
        let starts: Vec<_> = (0..16)
            .map(|_| {
                let folder = folder.clone();
                std::thread::spawn(move || resolve(&Secret::new("auto"), &folder).unwrap())
            })
            .collect();
        let secrets: Vec<_> = starts
            .into_iter()
            .map(|start| start.join().unwrap())
            .collect();
        assert!(
            secrets
                .iter()
                .all(|secret| secret.matches(secrets[0].expose().as_bytes()))
        );
        let files: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        assert_eq!(files, [folder.join(FILE)]);
        assert_eq!(
            fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(
            fs::metadata(&folder).unwrap().permissions().mode() & 0o777,
            0o700
        );
    }

    #[test]
    fn a_short_secret_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(
            resolve(&Secret::new("short"), folder.path()),
            Err(SecretError::Weak)
        ));
    }

    #[test]
    fn a_secret_does_not_print() {
        assert_eq!(
            format!("{:?}", Secret::new("hunter2hunter2hunter2")),
            "Secret(..)"
        );
    }
}
