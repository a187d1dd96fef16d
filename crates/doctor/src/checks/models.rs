//! Are the models of `VARIANT` installed, and whole?

use crate::{Finding, Settings};
use model_store::{Variant, variant_models};

/// Looks at every model that the variant loads, the runtime included. Files are known by name and
/// size; `models verify` reads them.
pub async fn check(settings: &Settings) -> Vec<Finding> {
    let variant: Variant = match settings.variant.parse() {
        Ok(variant) => variant,
        Err(error) => {
            return vec![Finding::fail(
                error.to_string(),
                "set VARIANT to one of these",
            )];
        }
    };
    let stores = settings.stores();
    let mut missing = Vec::new();
    let mut broken = Vec::new();
    let mut bytes = 0;
    for id in variant_models(variant) {
        let manifests = stores
            .iter()
            .filter_map(|store| Some((store, store.catalogue().get(id).ok()?)));
        let places: Vec<_> = manifests.collect();
        let whole = places
            .iter()
            .find_map(|(store, manifest)| store.installed(manifest));
        match whole {
            Some(record) => bytes += record.bytes(),
            None if places
                .iter()
                .any(|(store, manifest)| store.place(manifest).exists()) =>
            {
                broken.push(id.as_str())
            }
            None => missing.push(id.as_str()),
        }
    }
    let root = stores
        .first()
        .map(|store| store.root().display().to_string());
    let root = root.unwrap_or_default();
    let mut found = Vec::new();
    if !broken.is_empty() {
        let broken = broken.join(" ");
        found.push(Finding::fail(
            format!("in {root} files are missing of: {broken}"),
            format!("remove these folders and run `models fetch {broken}`"),
        ));
    }
    if !missing.is_empty() {
        found.push(Finding::fail(
            format!(
                "not installed for VARIANT={variant} in {root}: {}",
                missing.join(" ")
            ),
            format!(
                "run `models fetch --variant {variant}`, or set WHISSLE_MODELS to where they are"
            ),
        ));
    }
    if found.is_empty() {
        let size = model_store::megabytes(bytes);
        let count = variant_models(variant).len();
        found.push(Finding::ok(format!(
            "all {count} models of VARIANT={variant} are in {root} ({size})"
        )));
    }
    found
}
