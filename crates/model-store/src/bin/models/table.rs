//! The table of `models list`.

use std::env::consts::ARCH;
use std::fmt::Write as _;

use model_store::{Store, megabytes};

/// One line a model: id, size (installed, else of its sources), installed or not, licence, what.
pub fn table(store: &Store) -> String {
    let mut rows = vec![["MODEL", "SIZE", "INSTALLED", "LICENCE", "WHAT"].map(str::to_owned)];
    for manifest in store.catalogue().manifests() {
        let record = store.installed(manifest);
        let size = record
            .as_ref()
            .map_or_else(|| manifest.source_bytes(ARCH), |r| r.bytes());
        let installed = match (record.is_some(), size) {
            (true, _) => "yes",
            (false, 0) => "not for this machine",
            (false, _) => "no",
        };
        rows.push([
            manifest.id.clone(),
            megabytes(size),
            installed.to_owned(),
            manifest.licence.clone(),
            manifest.summary.clone(),
        ]);
    }
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].len())
            .max()
            .unwrap_or_default()
    };
    let widths: [usize; 4] = std::array::from_fn(width);
    let mut text = String::new();
    for [id, size, installed, licence, what] in &rows {
        let [a, b, c, d] = widths;
        let _ = writeln!(
            text,
            "{id:a$}  {size:>b$}  {installed:c$}  {licence:d$}  {what}"
        );
    }
    text
}
