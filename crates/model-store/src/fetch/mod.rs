//! Bringing models in: download packages, unpack and verify, convert, make visible.
//!
//! Here is what is asked for and what came of it; `run` does the work.

mod client;
mod install;
mod lock;
mod packages;
mod plan;
mod progress;
mod run;
mod space;
mod unpack;

use std::ffi::OsString;

pub(crate) use self::install::staging_folder;
pub(crate) use self::lock::Lock;
pub(crate) use self::packages::Packages;
pub use self::progress::Progress;

use self::run::{Coming, Run};
use crate::recipe::Recipe;
use crate::{Manifest, Store, StoreError, recipes};

/// How to bring models into a store.
pub struct Fetch<'a> {
    /// Where to.
    pub store: &'a Store,
    /// Where it is reported.
    pub progress: Progress,
    /// Install again what is already there.
    pub force: bool,
    /// Leave the downloads in the store's `packages/` after installing.
    pub keep_packages: bool,
    /// Downloads at once.
    pub jobs: usize,
    /// Where `npm`, `python3` and `pip` are looked for; `None`: `PATH`.
    pub search_path: Option<OsString>,
    /// The recipes that manifests may name.
    pub recipes: fn(&str) -> Option<&'static dyn Recipe>,
}

/// What became of the models asked for.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Were there already.
    pub present: Vec<String>,
    /// Are there now.
    pub installed: Vec<String>,
    /// Are not, by cause.
    pub failed: Vec<(Vec<String>, StoreError)>,
}

impl<'a> Fetch<'a> {
    /// The usual settings.
    pub fn new(store: &'a Store) -> Self {
        Self {
            store,
            progress: Progress::new(),
            force: false,
            keep_packages: false,
            jobs: 3,
            search_path: None,
            recipes: recipes::by_name,
        }
    }

    /// Installs every model of `ids` that is not there. One model's failure does not stop the
    /// others; packages already downloaded are kept for the next try.
    ///
    /// # Errors
    /// Only what stops all of them: an unknown id, a wrong manifest, no room, no access.
    pub fn run(&self, ids: &[String]) -> Result<Outcome, StoreError> {
        let mut outcome = Outcome::default();
        let mut wanted = Vec::new();
        for id in plan::unique(ids) {
            let manifest = self.store.catalogue().get(id)?;
            if !self.force && self.store.installed(manifest).is_some() {
                outcome.present.push(id.clone());
            } else {
                wanted.push((manifest, self.recipe(manifest)?));
            }
        }
        if wanted.is_empty() {
            return Ok(outcome);
        }
        let manifests: Vec<&Manifest> = wanted.iter().map(|(manifest, _)| *manifest).collect();
        plan::check_machine(&manifests)?;
        let root = self.store.root();
        std::fs::create_dir_all(root).map_err(StoreError::io(root))?;
        space::check(root, &manifests)?;

        let mut coming = Vec::new();
        for (manifest, recipe) in wanted {
            let lock = Lock::model(root, &manifest.id, || {
                let note = format!("{}: waiting for another fetch of it", manifest.id);
                self.progress.line(&note);
            })?;
            // That other fetch may have brought it.
            if !self.force && self.store.installed(manifest).is_some() {
                outcome.present.push(manifest.id.clone());
                continue;
            }
            coming.push(Coming::new(self.store, manifest, recipe, lock)?);
        }
        Ok(Run::new(self, &coming, outcome).finish())
    }

    fn recipe(&self, manifest: &Manifest) -> Result<&'static dyn Recipe, StoreError> {
        let wanted = &manifest.recipe;
        let found = (self.recipes)(&wanted.name);
        found
            .filter(|recipe| recipe.version() == wanted.version)
            .ok_or_else(|| StoreError::Recipe {
                id: manifest.id.clone(),
                wanted: format!("{} {}", wanted.name, wanted.version),
                have: found.map_or("none of that name".to_owned(), |recipe| {
                    format!("version {}", recipe.version())
                }),
            })
    }
}
