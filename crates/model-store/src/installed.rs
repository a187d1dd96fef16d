//! The record beside an installed model's files: what is whole looks exactly like this.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Name of the record in a model's folder.
pub const RECORD: &str = "installed.json";

/// What was installed, with checksums of the result.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Installed {
    /// The manifest's id.
    pub id: String,
    /// The manifest's key at that time.
    pub key: String,
    /// SPDX expression.
    pub licence: String,
    /// The copyright line.
    pub attribution: String,
    /// Name of the recipe that made the files.
    pub recipe: String,
    /// Its version.
    pub recipe_version: u32,
    /// Every file but the record itself.
    pub files: Vec<InstalledFile>,
    /// Files of the model that were not copied here, for nothing reads them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
}

/// One installed file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledFile {
    /// Plain name.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// Lower-case hex.
    pub sha256: String,
}

impl Installed {
    /// The record in `folder`, if there is one and every file it names is there with its size.
    pub fn read(folder: &Path) -> Option<Self> {
        let record: Self = serde_json::from_slice(&fs::read(folder.join(RECORD)).ok()?).ok()?;
        let whole = record.files.iter().all(|file| {
            fs::metadata(folder.join(&file.name)).is_ok_and(|m| m.is_file() && m.len() == file.size)
        });
        whole.then_some(record)
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }
}
