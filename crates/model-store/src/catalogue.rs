//! All manifests, and which of them each variant and group needs.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::{Manifest, StoreError, Variant};

mod embedded {
    //! Written by `build.rs`.
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

static EMBEDDED: LazyLock<Catalogue> = LazyLock::new(|| {
    Catalogue::parse(embedded::MANIFESTS.iter().copied(), embedded::VARIANTS)
        .expect("a test parses every embedded manifest")
});

/// The known models.
#[derive(Clone, Debug)]
pub struct Catalogue {
    manifests: BTreeMap<String, Manifest>,
    lists: Lists,
}

/// `models/variants.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    #[serde(default)]
    variants: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    groups: BTreeMap<String, Vec<String>>,
    /// Device, model, files.
    #[serde(default)]
    unused: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

impl Catalogue {
    /// The models this program was built with.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// Reads manifests given as (file name, text), and the lists of `variants.toml`.
    ///
    /// # Errors
    /// [`StoreError::Manifest`] for the first that is wrong, or a list naming an unknown model.
    pub fn parse<'a>(
        manifests: impl IntoIterator<Item = (&'a str, &'a str)>,
        variants: &str,
    ) -> Result<Self, StoreError> {
        let bad_lists = |reason: String| StoreError::Manifest {
            file: "variants.toml".to_owned(),
            reason,
        };
        let lists: Lists = toml::from_str(variants).map_err(|e| bad_lists(e.to_string()))?;
        let manifests: BTreeMap<String, Manifest> = manifests
            .into_iter()
            .map(|(file, text)| Manifest::parse(file, text).map(|m| (m.id.clone(), m)))
            .collect::<Result<_, _>>()?;
        let named = lists.variants.iter().chain(&lists.groups);
        for (list, ids) in named {
            if let Some(id) = ids.iter().find(|id| !manifests.contains_key(*id)) {
                return Err(bad_lists(format!(
                    "`{list}` names `{id}`, which has no manifest"
                )));
            }
        }
        for (id, files) in lists.unused.values().flatten() {
            let outputs = manifests.get(id).map(|m| m.outputs(std::env::consts::ARCH));
            let outputs = outputs.unwrap_or_default();
            if let Some(file) = files.iter().find(|file| !outputs.contains(file)) {
                return Err(bad_lists(format!("`{id}` has no file `{file}`")));
            }
        }
        Ok(Self { manifests, lists })
    }

    /// Reads a folder of manifests, for trying one out without building.
    ///
    /// # Errors
    /// When the folder cannot be read, and as [`Catalogue::parse`].
    pub fn read(folder: &Path) -> Result<Self, StoreError> {
        let read = |path: &Path| std::fs::read_to_string(path).map_err(StoreError::io(path));
        let mut texts = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(StoreError::io(folder))? {
            let path = entry.map_err(StoreError::io(folder))?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if name.ends_with(".toml") && name != "variants.toml" {
                texts.push((name, read(&path)?));
            }
        }
        let lists = folder.join("variants.toml");
        let lists = if lists.exists() {
            read(&lists)?
        } else {
            String::new()
        };
        Self::parse(texts.iter().map(|(n, t)| (n.as_str(), t.as_str())), &lists)
    }

    /// Every manifest, by id.
    pub fn manifests(&self) -> impl Iterator<Item = &Manifest> {
        self.manifests.values()
    }

    /// One manifest.
    ///
    /// # Errors
    /// [`StoreError::UnknownModel`] with the ids there are.
    pub fn get(&self, id: &str) -> Result<&Manifest, StoreError> {
        self.manifests
            .get(id)
            .ok_or_else(|| StoreError::UnknownModel {
                id: id.to_owned(),
                known: self
                    .manifests
                    .keys()
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    /// Ids of the models of a variant, the runtime included.
    pub fn variant(&self, variant: Variant) -> &[String] {
        self.lists
            .variants
            .get(variant.as_str())
            .map_or(&[], Vec::as_slice)
    }

    /// Files of a model that nothing reads on a device, `cpu` or `cuda`.
    pub fn unused(&self, device: &str, id: &str) -> &[String] {
        let files = self.lists.unused.get(device).and_then(|ids| ids.get(id));
        files.map_or(&[], Vec::as_slice)
    }

    /// Ids of the models of a group: `test`, `bench`, `cuda`.
    ///
    /// # Errors
    /// [`StoreError::UnknownGroup`] with the groups there are.
    pub fn group(&self, name: &str) -> Result<&[String], StoreError> {
        let found = self.lists.groups.get(name).map(Vec::as_slice);
        found.ok_or_else(|| StoreError::UnknownGroup {
            name: name.to_owned(),
            known: self
                .lists
                .groups
                .keys()
                .cloned()
                .collect::<Vec<_>>()
                .join(", "),
        })
    }
}

/// Ids of the models that a variant loads, the runtime included.
pub fn variant_models(variant: Variant) -> &'static [String] {
    Catalogue::embedded().variant(variant)
}
