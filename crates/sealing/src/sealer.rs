//! What stores hold: seals where that is asked for, and opens what is sealed.

use crate::error::{Error, Result};
use crate::key::{Key, KeyId};
use crate::key_file::{self, Stamp};
use crate::rotation;
use crate::value;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often the key file is looked at: keys come and go while services run.
const LOOK: Duration = Duration::from_secs(1);

/// Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Sealer {
    ring: Option<Arc<Ring>>,
    seals: bool,
}

/// The keys of a file, as it is now.
#[derive(Debug)]
struct Ring {
    path: PathBuf,
    now: Mutex<Now>,
}

#[derive(Debug)]
struct Now {
    /// The one that seals first.
    keys: Arc<[Key]>,
    stamp: Option<Stamp>,
    looked: Instant,
}

impl Sealer {
    /// Seals nothing, and opens nothing that is sealed.
    pub fn none() -> Self {
        Sealer::default()
    }

    /// Seals if `seals`. The key file is `named`, or `data.key` in `folder`, which is made when it
    /// is first needed. Without sealing, a key file that is there still opens what was sealed.
    ///
    /// # Errors
    /// The key file cannot be used, or is missing where something is sealed already.
    pub fn start(seals: bool, named: Option<&Path>, folder: &Path) -> Result<Self> {
        let path = key_path(named, folder);
        let stamp = key_file::stamp(&path).map_err(|source| Error::File {
            path: path.clone(),
            source,
        })?;
        match (stamp, named) {
            // Never another key for what one sealed that is gone.
            (None, None) if seals && rotation::has_begun(folder) => return Err(Error::Lost(path)),
            (None, None) if seals => key_file::create(&path)?,
            (None, Some(_)) => return Err(Error::Missing(path)),
            (None, None) => return Ok(Sealer::none()),
            (Some(_), _) => {}
        }
        let now = Now {
            stamp: key_file::stamp(&path).ok().flatten(),
            keys: key_file::read(&path)?.into(),
            looked: Instant::now(),
        };
        Ok(Sealer {
            ring: Some(Arc::new(Ring {
                path,
                now: Mutex::new(now),
            })),
            seals,
        })
    }

    /// Whether what is written is sealed.
    pub fn seals(&self) -> bool {
        self.seals && self.ring.is_some()
    }

    /// The key that seals now; none where nothing is sealed.
    pub fn current(&self) -> Option<KeyId> {
        self.key().map(|key| key.id())
    }

    /// Checks that there is this key.
    ///
    /// # Errors
    /// [`Error::UnknownKey`].
    pub fn check(&self, id: KeyId) -> Result<()> {
        self.find(id).map(drop)
    }

    /// Seals a value for its place; as it is where nothing is sealed.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>> {
        match self.key() {
            Some(key) => Ok(value::bytes(
                key.id(),
                &key.seal(&[b"value", place.as_bytes()], plain)?,
            )),
            None => Ok(plain.to_vec()),
        }
    }

    /// The value that was sealed for this place; what is not sealed as it is.
    pub fn open(&self, place: &str, stored: &[u8]) -> Result<Vec<u8>> {
        if !value::is_sealed(stored) {
            return Ok(stored.to_vec());
        }
        let (id, sealed) = value::of_bytes(stored).ok_or_else(|| damaged(place))?;
        let opened = self.find(id)?.open(&[b"value", place.as_bytes()], sealed);
        opened.ok_or_else(|| damaged(place))
    }

    /// Seals a text as a text.
    pub fn seal_text(&self, place: &str, plain: &str) -> Result<String> {
        match self.key() {
            Some(key) => Ok(value::text(
                key.id(),
                &key.seal(&[b"text", place.as_bytes()], plain.as_bytes())?,
            )),
            None => Ok(plain.to_owned()),
        }
    }

    /// The text that was sealed for this place; what is not sealed as it is.
    pub fn open_text(&self, place: &str, stored: &str) -> Result<String> {
        if !value::is_sealed_text(stored) {
            return Ok(stored.to_owned());
        }
        let (id, sealed) = value::of_text(stored).ok_or_else(|| damaged(place))?;
        let opened = self.find(id)?.open(&[b"text", place.as_bytes()], &sealed);
        let text = opened.and_then(|bytes| String::from_utf8(bytes).ok());
        text.ok_or_else(|| damaged(place))
    }

    /// What a value is found by, under the key that seals; none where nothing is sealed.
    pub fn index(&self, place: &str, value: &str) -> Option<[u8; 16]> {
        Some(self.key()?.index(place, value.as_bytes()))
    }

    /// What a value is found by under each key that may have sealed it.
    pub fn indexes(&self, place: &str, value: &str) -> Vec<Vec<u8>> {
        let keys = self.keys();
        let keys = keys.iter();
        keys.map(|key| key.index(place, value.as_bytes()).to_vec())
            .collect()
    }

    /// The key that seals.
    pub(crate) fn key(&self) -> Option<Key> {
        match self.seals {
            true => self.keys().first().cloned(),
            false => None,
        }
    }

    /// The key with this id, looked for in the file where it is new.
    pub(crate) fn find(&self, id: KeyId) -> Result<Key> {
        let keys = self.keys();
        let found = keys.iter().find(|key| key.id() == id).cloned();
        found.ok_or_else(|| Error::UnknownKey {
            id,
            known: match keys.is_empty() {
                true => "no keys (there is no key file)".into(),
                false => {
                    let ids: Vec<String> = keys.iter().map(|key| key.id().to_string()).collect();
                    ids.join(", ")
                }
            },
        })
    }

    fn keys(&self) -> Arc<[Key]> {
        self.ring
            .as_ref()
            .map_or_else(|| Arc::from([]), |ring| ring.keys())
    }
}

impl Ring {
    /// A file that cannot be read for a moment takes no key away.
    fn keys(&self) -> Arc<[Key]> {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if now.looked.elapsed() >= LOOK {
            now.looked = Instant::now();
            let stamp = key_file::stamp(&self.path).ok().flatten();
            if stamp.is_some()
                && stamp != now.stamp
                && let Ok(keys) = key_file::read(&self.path)
            {
                now.keys = keys.into();
                now.stamp = stamp;
            }
        }
        now.keys.clone()
    }
}

/// Where the keys are: `named`, or `data.key` in `folder`.
pub fn key_path(named: Option<&Path>, folder: &Path) -> PathBuf {
    named.map_or_else(|| folder.join("data.key"), Path::to_owned)
}

fn damaged(place: &str) -> Error {
    Error::Damaged(place.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn sealer(folder: &Path) -> Sealer {
        Sealer::start(true, None, folder).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let folder = tempfile::tempdir().unwrap();
        let sealer = sealer(folder.path());
        let text = sealer
            .seal_text("calls.summary:1", "Mrs Jones called")
            .unwrap();
        assert!(is_hidden(text.as_bytes(), b"Jones"));
        assert_eq!(
            sealer.open_text("calls.summary:1", &text).unwrap(),
            "Mrs Jones called"
        );
        let elsewhere = sealer.open_text("calls.summary:2", &text);
        assert!(matches!(elsewhere, Err(Error::Damaged(_))));
        let bytes = sealer.seal("outbox:1", b"Mrs Jones").unwrap();
        assert!(is_hidden(&bytes, b"Jones"));
        assert_eq!(sealer.open("outbox:1", &bytes).unwrap(), b"Mrs Jones");
        assert!(sealer.open("outbox:2", &bytes).is_err());
        assert_ne!(
            sealer.seal("outbox:1", b"same").unwrap(),
            sealer.seal("outbox:1", b"same").unwrap(),
            "equal values must not look equal"
        );
    }

    fn is_hidden(stored: &[u8], word: &[u8]) -> bool {
        !stored.windows(word.len()).any(|window| window == word)
    }

    #[test]
    fn what_was_never_sealed_passes_through() {
        let folder = tempfile::tempdir().unwrap();
        for sealer in [sealer(folder.path()), Sealer::none()] {
            assert_eq!(sealer.open_text("a", "plain").unwrap(), "plain");
            assert_eq!(sealer.open("a", b"plain").unwrap(), b"plain");
        }
        assert_eq!(Sealer::none().seal_text("a", "plain").unwrap(), "plain");
    }

    #[test]
    fn a_mode_that_is_switched_off_still_reads() {
        let folder = tempfile::tempdir().unwrap();
        let text = sealer(folder.path()).seal_text("a", "x").unwrap();
        let off = Sealer::start(false, None, folder.path()).unwrap();
        assert_eq!(off.open_text("a", &text).unwrap(), "x");
        assert_eq!(off.seal_text("a", "y").unwrap(), "y");
        assert!(!off.seals() && off.current().is_none());
        // Without the key file there is a message that says which key it takes.
        let message = Sealer::none()
            .open_text("a", &text)
            .unwrap_err()
            .to_string();
        let id = sealer(folder.path()).current().unwrap().to_string();
        assert!(message.contains(&id), "{message}");
    }

    #[test]
    fn the_key_is_made_for_us_alone_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        let id = sealer(&keys).current();
        assert_eq!(sealer(&keys).current(), id);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&keys), mode(&keys.join("data.key"))), (0o700, 0o600));
        assert_eq!(fs::read_dir(&keys).unwrap().count(), 1);
    }

    #[test]
    fn no_other_key_is_made_for_data_whose_key_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let id = sealer(folder.path()).current().unwrap();
        let rotation = crate::rotation::Rotation::new(None, folder.path());
        rotation.tell("tokens", id).unwrap();
        let key = folder.path().join("data.key");
        let kept = fs::read(&key).unwrap();
        fs::remove_file(&key).unwrap();
        let gone = Sealer::start(true, None, folder.path()).unwrap_err();
        assert!(gone.to_string().contains("bring it back"), "{gone}");
        assert!(!key.exists());
        fs::write(&key, kept).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(sealer(folder.path()).current(), Some(id));
    }

    #[test]
    fn a_key_file_that_others_can_read_or_that_is_no_key_is_refused_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let refusal = || {
            Sealer::start(true, Some(&path), folder.path())
                .unwrap_err()
                .to_string()
        };
        assert!(refusal().contains("openssl rand"));
        fs::write(&path, "ab".repeat(32)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(refusal().contains("chmod 600"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(Sealer::start(true, Some(&path), folder.path()).is_ok());
        fs::write(&path, "# the old one\nsecret").unwrap();
        let message = refusal();
        assert!(
            message.contains("line 2") && !message.contains("secret"),
            "{message}"
        );
        fs::write(&path, "\n").unwrap();
        assert!(refusal().contains("no key"));
    }

    proptest! {
        #[test]
        fn nothing_that_strangers_store_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80), text in ".*") {
            let folder = tempfile::tempdir().unwrap();
            let sealer = sealer(folder.path());
            let stored = [b"\x01sealed1\n".as_slice(), &bytes].concat();
            prop_assert!(sealer.open("a", &stored).is_err());
            let stored = format!("\u{1}sealed1:{text}");
            prop_assert!(sealer.open_text("a", &stored).is_err());
        }

        #[test]
        fn any_text_comes_back(text in ".*") {
            let folder = tempfile::tempdir().unwrap();
            let sealer = sealer(folder.path());
            prop_assert_eq!(sealer.open_text("a", &sealer.seal_text("a", &text).unwrap()).unwrap(), text);
        }
    }
}
