//! From verified sources to an installed model: join, convert, record, and one rename.

use std::env::consts::ARCH;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::files::{CopyError, copy_hashed, hash_file};
use crate::recipe::Recipe;
use crate::{Assembly, Installed, InstalledFile, Manifest, RECORD, Store, StoreError};

/// A model's workshop, on the same file system as its final place; gone when dropped.
pub(super) struct Staging {
    dir: PathBuf,
}

impl Staging {
    /// An empty workshop. The caller holds the model's lock, so what is found there is the
    /// leftover of a fetch that was killed.
    pub fn create(store: &Store, manifest: &Manifest) -> Result<Self, StoreError> {
        let dir = staging_folder(store.root()).join(&manifest.id);
        if dir.exists() {
            fs::remove_dir_all(&dir).map_err(StoreError::io(&dir))?;
        }
        let staging = Self { dir };
        for part in [staging.input(), staging.output()] {
            fs::create_dir_all(&part).map_err(StoreError::io(&part))?;
        }
        Ok(staging)
    }

    /// Where sources are unpacked to.
    pub fn input(&self) -> PathBuf {
        self.dir.join("input")
    }

    fn output(&self) -> PathBuf {
        self.dir.join("output")
    }

    /// Joins parts, runs the recipe, checks and records the result, and makes it visible.
    pub fn install(
        &self,
        store: &Store,
        manifest: &Manifest,
        recipe: &dyn Recipe,
    ) -> Result<Installed, StoreError> {
        for whole in &manifest.assemble {
            join(&self.input(), whole, &manifest.id)?;
        }
        let converted = recipe.run(&self.input(), &self.output());
        converted.map_err(|source| StoreError::Convert {
            id: manifest.id.clone(),
            recipe: recipe.name().to_owned(),
            source,
        })?;
        self.keep_licences()?;
        let record = self.record(manifest, recipe)?;
        self.publish(&store.place(manifest))?;
        Ok(record)
    }

    /// Licences want to travel with the weights, whatever a recipe makes of these.
    fn keep_licences(&self) -> Result<(), StoreError> {
        for name in file_names(&self.input())? {
            let to = self.output().join(&name);
            let legal = name.starts_with("LICENSE") || name.starts_with("NOTICE");
            if legal && !to.exists() {
                fs::copy(self.input().join(&name), &to).map_err(StoreError::io(&to))?;
            }
        }
        Ok(())
    }

    fn record(&self, manifest: &Manifest, recipe: &dyn Recipe) -> Result<Installed, StoreError> {
        let output = self.output();
        let names = file_names(&output)?;
        for file in manifest.outputs(ARCH) {
            if !names.contains(&file) {
                return Err(StoreError::MissingOutput {
                    id: manifest.id.clone(),
                    recipe: recipe.name().to_owned(),
                    file,
                });
            }
        }
        let mut files = Vec::new();
        for name in names {
            let path = output.join(&name);
            let (size, sha256) = hash_file(&path).map_err(StoreError::io(&path))?;
            sync(&path)?;
            files.push(InstalledFile { name, size, sha256 });
        }
        let record = Installed {
            id: manifest.id.clone(),
            key: manifest.key(ARCH),
            licence: manifest.licence.clone(),
            attribution: manifest.attribution.clone(),
            recipe: recipe.name().to_owned(),
            recipe_version: recipe.version(),
            files,
            left_out: Vec::new(),
        };
        let path = output.join(RECORD);
        let json = serde_json::to_vec_pretty(&record).expect("plain structs always serialise");
        fs::write(&path, json).map_err(StoreError::io(&path))?;
        sync(&path)?;
        Ok(record)
    }

    /// One rename, after everything has reached the disk.
    fn publish(&self, place: &Path) -> Result<(), StoreError> {
        let parent = place.parent().expect("a model's place is inside the store");
        fs::create_dir_all(parent).map_err(StoreError::io(parent))?;
        if place.exists() {
            // Damaged, or fetched again on request. Somebody may have files of it open.
            let old = self.dir.join("old");
            fs::rename(place, &old).map_err(StoreError::io(place))?;
        }
        fs::rename(self.output(), place).map_err(StoreError::io(place))?;
        sync(parent)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Best effort: the next fetch and `models gc` clear it too.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Where workshops are, in a store.
pub(crate) fn staging_folder(root: &Path) -> PathBuf {
    root.join(".staging")
}

/// Joins the parts in `folder` and removes them.
fn join(folder: &Path, whole: &Assembly, id: &str) -> Result<(), StoreError> {
    let to = folder.join(&whole.name);
    let mut out = File::create(&to).map_err(StoreError::io(&to))?;
    for part in &whole.parts {
        let path = folder.join(part);
        let mut from = File::open(&path).map_err(StoreError::io(&path))?;
        copy_hashed(&mut from, &mut out).map_err(|error| match error {
            CopyError::Read(error) => StoreError::io(&path)(error),
            CopyError::Write(error) => StoreError::io(&to)(error),
        })?;
        fs::remove_file(&path).map_err(StoreError::io(&path))?;
    }
    drop(out);
    let (_, got) = hash_file(&to).map_err(StoreError::io(&to))?;
    if got == whole.sha256 {
        return Ok(());
    }
    Err(StoreError::Assembly {
        id: id.to_owned(),
        file: whole.name.clone(),
        expected: whole.sha256.clone(),
        got,
    })
}

fn file_names(folder: &Path) -> Result<Vec<String>, StoreError> {
    let entries = fs::read_dir(folder).map_err(StoreError::io(folder))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(StoreError::io(folder))?;
        if entry.path().is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn sync(path: &Path) -> Result<(), StoreError> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(StoreError::io(path))
}
