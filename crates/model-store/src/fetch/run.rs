//! The work of one fetch. One job is one package; a few run at once. Whoever unpacks the last
//! package of a model also converts and installs it, while others still download.

use std::env;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use super::client::Clients;
use super::install::Staging;
use super::plan::{self, Job};
use super::{Fetch, Lock, Outcome, Packages, unpack};
use crate::recipe::Recipe;
use crate::{Manifest, Store, StoreError};

/// A model on its way.
pub(super) struct Coming<'a> {
    manifest: &'a Manifest,
    recipe: &'static dyn Recipe,
    staging: Staging,
    packages_left: AtomicUsize,
    failed: AtomicBool,
    since: Instant,
    /// Held until the model is in place.
    _lock: Lock,
}

impl<'a> Coming<'a> {
    pub fn new(
        store: &Store,
        manifest: &'a Manifest,
        recipe: &'static dyn Recipe,
        lock: Lock,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            manifest,
            recipe,
            staging: Staging::create(store, manifest)?,
            packages_left: AtomicUsize::new(manifest.packages_for(env::consts::ARCH).count()),
            failed: AtomicBool::new(false),
            since: Instant::now(),
            _lock: lock,
        })
    }
}

/// One fetch at work.
pub(super) struct Run<'a> {
    fetch: &'a Fetch<'a>,
    coming: &'a [Coming<'a>],
    packages: Packages,
    outcome: Mutex<Outcome>,
    /// A conversion holds a model's weights several times: one after the other.
    converting: Mutex<()>,
}

impl<'a> Run<'a> {
    pub fn new(fetch: &'a Fetch<'a>, coming: &'a [Coming<'a>], outcome: Outcome) -> Self {
        let clients = Clients::new(fetch.search_path.clone());
        Self {
            fetch,
            coming,
            packages: Packages::new(fetch.store.root(), clients),
            outcome: Mutex::new(outcome),
            converting: Mutex::new(()),
        }
    }

    /// Brings every model or says why not.
    pub fn finish(self) -> Outcome {
        let manifests: Vec<&Manifest> = self.coming.iter().map(|model| model.manifest).collect();
        let queue = Mutex::new(plan::jobs(&manifests));
        thread::scope(|scope| {
            for _ in 0..self.fetch.jobs.max(1) {
                scope.spawn(|| {
                    loop {
                        let job = locked(&queue).pop();
                        let Some(job) = job else { break };
                        self.work(&job);
                    }
                });
            }
        });
        let outcome = self
            .outcome
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        for job in plan::jobs(&manifests) {
            let mut users = job.users.iter().map(|user| &manifests[*user].id);
            if !self.fetch.keep_packages && users.all(|id| outcome.installed.contains(id)) {
                self.packages.forget(job.package);
            }
        }
        outcome
    }

    fn work(&self, job: &Job<'_>) {
        let users = || job.users.iter().map(|user| &self.coming[*user]);
        let progress = &self.fetch.progress;
        let arrived = self.packages.with(job.package, progress, |archive| {
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
            progress.line(&format!("{}: failed", job.package.label()));
            locked(&self.outcome).failed.push((ids, error));
            return;
        }
        for model in users() {
            let last = model.packages_left.fetch_sub(1, Ordering::AcqRel) == 1;
            if last && !model.failed.load(Ordering::Relaxed) {
                self.install(model);
            }
        }
    }

    fn install(&self, model: &Coming<'_>) {
        let _turn = locked(&self.converting);
        let id = model.manifest.id.clone();
        let progress = &self.fetch.progress;
        let spinner = progress.working(&format!("{id}: installing"));
        let installed = model
            .staging
            .install(self.fetch.store, model.manifest, model.recipe);
        drop(spinner);
        match installed {
            Ok(record) => {
                let size = crate::megabytes(record.bytes());
                let seconds = model.since.elapsed().as_secs_f32();
                progress.line(&format!("{id}: installed, {size} in {seconds:.1} s"));
                locked(&self.outcome).installed.push(id);
            }
            Err(error) => locked(&self.outcome).failed.push((vec![id], error)),
        }
    }
}

/// What is guarded stays sound whatever a thread was doing when it panicked.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
