//! The part of `THIRD-PARTY.md` that the manifests know.

use std::fmt::Write as _;

use crate::verify::present;
use crate::{Catalogue, Manifest, Store};

/// Markdown: every model, its licence, its copyright line, and the packages it comes from.
pub fn licences(catalogue: &Catalogue) -> String {
    let mut text = String::from("| model | what | licence | attribution |\n|---|---|---|---|\n");
    for manifest in catalogue.manifests() {
        let Manifest {
            id,
            summary,
            licence,
            attribution,
            ..
        } = manifest;
        let _ = writeln!(text, "| {id} | {summary} | {licence} | {attribution} |");
    }
    text.push_str("\nWhere each comes from:\n\n");
    for manifest in catalogue.manifests() {
        let mut packages: Vec<String> = Vec::new();
        for package in &manifest.packages {
            let label = format!("`{}`", package.label());
            if !packages.contains(&label) {
                packages.push(label);
            }
        }
        let _ = writeln!(
            text,
            "- **{}**: {}. {}",
            manifest.id,
            packages.join(", "),
            manifest.source
        );
    }
    text
}

/// JSON: the manifests, of all models or of those that the store has; `docker/sbom.jq` reads it.
pub fn manifests(store: &Store, installed: bool) -> Result<String, serde_json::Error> {
    let manifests = store.catalogue().manifests();
    let chosen = manifests.filter(|manifest| !installed || present(store, manifest));
    serde_json::to_string_pretty(&chosen.collect::<Vec<&Manifest>>())
}
