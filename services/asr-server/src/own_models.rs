//! `CTC_MODELS_DIR`: the CTC models of this installation's own, a folder each. A folder that is no
//! good is told at the start and left out; the others are served.

use crate::profiles::{Catalogue, OWN_HEADS, Profile};
use inference::Runtime;
use speech::{CtcAbout, Engine, EngineOptions, ModelKind, SpeechError};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Models that are loaded at most: each stays in memory.
const MOST: usize = 32;
/// Longest name of a folder.
const LONGEST_ID: usize = 64;

/// A model and what is offered of it.
pub struct OwnModel {
    /// As `GET /models` lists it.
    pub profile: Arc<Profile>,
    /// Its folder.
    pub dir: PathBuf,
    /// Loaded.
    pub engine: Arc<Engine>,
}

/// Why a folder is left out.
#[derive(Debug, thiserror::Error)]
enum Fault {
    /// The name cannot be an id.
    #[error(
        "the folder's name must be of 1 to {LONGEST_ID} small letters, digits, `-`, `_` and `.`"
    )]
    Id,
    /// Another model is called that.
    #[error("a model of this name is offered already")]
    Taken,
    /// Enough.
    #[error("only {MOST} models are loaded")]
    TooMany,
    /// The model itself.
    #[error(transparent)]
    Model(#[from] SpeechError),
}

/// Loads every model in `dir`. Blocks for seconds.
pub fn load(
    runtime: &Runtime,
    dir: &Path,
    options: &EngineOptions,
    catalogue: &Catalogue,
) -> Vec<OwnModel> {
    let folders = match folders(dir) {
        Ok(folders) => folders,
        Err(error) => {
            tracing::error!(dir = %dir.display(), %error, "CTC_MODELS_DIR cannot be read");
            return Vec::new();
        }
    };
    let mut models: Vec<OwnModel> = Vec::new();
    for dir in folders {
        let id = dir.file_name().unwrap_or_default().to_string_lossy();
        let fault = match catalogue.find(&id).is_some() {
            _ if !is_id(&id) => Some(Fault::Id),
            true => Some(Fault::Taken),
            false if models.len() == MOST => Some(Fault::TooMany),
            false => None,
        };
        let loaded = match fault {
            Some(fault) => Err(fault),
            None => one(runtime, &id, &dir, options).map_err(Fault::from),
        };
        match loaded {
            Ok(model) => models.push(model),
            Err(error) => {
                tracing::error!(model = %id, dir = %dir.display(), %error, "this model of CTC_MODELS_DIR is left out");
            }
        }
    }
    models
}

fn one(
    runtime: &Runtime,
    id: &str,
    dir: &Path,
    options: &EngineOptions,
) -> Result<OwnModel, SpeechError> {
    let engine = Engine::load(runtime, id, ModelKind::Ctc, dir, options.clone())?;
    let about = CtcAbout::read(dir)?;
    let profile = Profile {
        id: id.to_owned(),
        description: about.description,
        acoustic: id.to_owned(),
        kind: ModelKind::Ctc,
        licence: about.licence,
        languages: about.languages,
        heads: OWN_HEADS.clone(),
        inline: about.tags,
        heads_first: about.heads_first,
        absent: BTreeMap::new(),
        word_error_rates: BTreeMap::new(),
    };
    Ok(OwnModel {
        profile: Arc::new(profile),
        dir: dir.to_owned(),
        engine: Arc::new(engine),
    })
}

/// The folders in `dir`, by name; hidden ones are none.
fn folders(dir: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let hidden = path
            .file_name()
            .is_some_and(|it| it.to_string_lossy().starts_with('.'));
        if path.is_dir() && !hidden {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn is_id(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
    (1..=LONGEST_ID).contains(&id.len()) && id != "default" && id.chars().all(plain)
}
