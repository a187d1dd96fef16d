//! Where installed models are. Reading only: nothing here downloads or writes.

use std::borrow::Cow;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::{Catalogue, Installed, Manifest, StoreError};

/// The folder of installed models.
///
/// A model lives in `<root>/<id>/<key>/`, where the key changes with its sources and its recipe;
/// the folder appears there whole, by one rename, or not at all.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
    catalogue: Cow<'static, Catalogue>,
}

impl Store {
    /// The store at `$WHISSLE_MODELS`, else `whissle-gateway/models` in the user's cache folder.
    ///
    /// # Errors
    /// [`StoreError::NoHome`] when neither that nor a home folder is known.
    pub fn from_env() -> Result<Self, StoreError> {
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        root_from(set("WHISSLE_MODELS"), set("XDG_CACHE_HOME"), set("HOME")).map(Self::open)
    }

    /// The store at `root`, with the models this program was built with.
    pub fn open(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            catalogue: Cow::Borrowed(Catalogue::embedded()),
        }
    }

    /// The same place with other manifests.
    #[must_use]
    pub fn with_catalogue(self, catalogue: Catalogue) -> Self {
        Self {
            catalogue: Cow::Owned(catalogue),
            ..self
        }
    }

    /// The folder all models are in.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The models this store knows.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Where a model is or would be.
    pub fn place(&self, manifest: &Manifest) -> PathBuf {
        self.root
            .join(&manifest.id)
            .join(manifest.key(env::consts::ARCH))
    }

    /// The record of a model that is installed whole, as this program's manifest wants it.
    pub fn installed(&self, manifest: &Manifest) -> Option<Installed> {
        let record = Installed::read(&self.place(manifest))?;
        let complete = manifest.outputs(env::consts::ARCH).iter().all(|name| {
            record.left_out.contains(name) || record.files.iter().any(|file| file.name == *name)
        });
        complete.then_some(record)
    }

    /// The folder of an installed model.
    ///
    /// # Errors
    /// [`StoreError::UnknownModel`], or [`StoreError::NotInstalled`] with the command to type.
    pub fn dir(&self, id: &str) -> Result<PathBuf, StoreError> {
        let manifest = self.catalogue.get(id)?;
        if self.installed(manifest).is_none() {
            return Err(StoreError::NotInstalled {
                id: id.to_owned(),
                root: self.root.clone(),
            });
        }
        Ok(self.place(manifest))
    }

    /// ONNX Runtime's library, and the folder of CUDA's: the CUDA build where it is installed
    /// (`models fetch --device cuda`) and `cuda` allows it, else the plain one.
    ///
    /// # Errors
    /// As [`Store::file`].
    pub fn onnx_runtime(&self, cuda: bool) -> Result<(PathBuf, Option<PathBuf>), StoreError> {
        const NAME: &str = "libonnxruntime.so";
        if cuda && let Ok(path) = self.file("onnxruntime-cuda", NAME) {
            return Ok((path, self.dir("cuda-libraries").ok()));
        }
        Ok((self.file("onnxruntime", NAME)?, None))
    }

    /// One file of an installed model.
    ///
    /// # Errors
    /// As [`Store::dir`], and [`StoreError::UnknownFile`] with the files there are.
    pub fn file(&self, id: &str, name: &str) -> Result<PathBuf, StoreError> {
        let dir = self.dir(id)?;
        let files = Installed::read(&dir)
            .map(|record| record.files)
            .unwrap_or_default();
        if files.iter().any(|file| file.name == name) {
            return Ok(dir.join(name));
        }
        Err(StoreError::UnknownFile {
            id: id.to_owned(),
            name: name.to_owned(),
            known: files
                .into_iter()
                .map(|file| file.name)
                .collect::<Vec<_>>()
                .join(", "),
        })
    }
}

fn root_from(
    own: Option<OsString>,
    cache: Option<OsString>,
    home: Option<OsString>,
) -> Result<PathBuf, StoreError> {
    if let Some(own) = own {
        return Ok(own.into());
    }
    // The XDG specification: a relative path is invalid and is ignored.
    let cache = cache.map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = cache.or_else(|| home.map(|home| Path::new(&home).join(".cache")));
    Ok(cache
        .ok_or(StoreError::NoHome)?
        .join("whissle-gateway")
        .join("models"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(own: &str, cache: &str, home: &str) -> Result<PathBuf, StoreError> {
        let set = |text: &str| (!text.is_empty()).then(|| OsString::from(text));
        root_from(set(own), set(cache), set(home))
    }

    #[test]
    fn whissle_models_wins_over_the_cache_folder_over_home() {
        let path = |text: &str| PathBuf::from(text);
        assert_eq!(root("/m", "/c", "/h").unwrap(), path("/m"));
        assert_eq!(
            root("", "/c", "/h").unwrap(),
            path("/c/whissle-gateway/models")
        );
        assert_eq!(
            root("", "", "/h").unwrap(),
            path("/h/.cache/whissle-gateway/models")
        );
        assert_eq!(
            root("", "c", "/h").unwrap(),
            path("/h/.cache/whissle-gateway/models")
        );
        assert!(matches!(root("", "", ""), Err(StoreError::NoHome)));
    }
}
