//! Model weights on disk: which exist (`models/*.toml`), where they are, and, with the feature
//! `fetch`, how they get there: through the ordinary registry clients, verified and converted.
//!
//! A service asks [`Store`] for a folder; the program `models` fills it.

mod catalogue;
mod error;
#[cfg(feature = "fetch")]
pub mod export;
#[cfg(feature = "fetch")]
pub mod fetch;
#[cfg(feature = "fetch")]
mod files;
#[cfg(feature = "fetch")]
pub mod gc;
mod installed;
#[cfg(feature = "fetch")]
pub mod licences;
mod manifest;
pub mod recipe;
mod store;
mod variant;
#[cfg(feature = "fetch")]
pub mod verify;

#[cfg(feature = "fetch")]
pub mod recipes;

pub use catalogue::{Catalogue, variant_models};
pub use error::{FETCH, StoreError, megabytes};
pub use installed::{Installed, InstalledFile, RECORD};
pub use manifest::{Assembly, Kind, Manifest, Package, PackageFile, RecipeRef, Registry, Wheel};
pub use store::Store;
pub use variant::Variant;
