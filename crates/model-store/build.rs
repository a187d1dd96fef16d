//! Embeds every manifest of `models/` in the library, so that a service needs no checkout.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let crate_dir = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let models = crate_dir.join("../../models");
    println!("cargo:rerun-if-changed={}", models.display());

    let mut manifests: Vec<PathBuf> = fs::read_dir(&models)
        .expect("the workspace has a folder models/")
        .map(|entry| entry.expect("models/ is readable").path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .filter(|path| path.file_name().is_some_and(|n| n != "variants.toml"))
        .collect();
    manifests.sort();

    let mut code = String::from("pub(super) static MANIFESTS: &[(&str, &str)] = &[\n");
    for path in &manifests {
        let _ = writeln!(
            code,
            "    ({:?}, include_str!({:?})),",
            file_name(path),
            absolute(path)
        );
    }
    let variants = models.join("variants.toml");
    let _ = write!(
        code,
        "];\npub(super) static VARIANTS: &str = include_str!({:?});\n",
        absolute(&variants)
    );
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("embedded.rs");
    fs::write(out, code).expect("OUT_DIR is writable");
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn absolute(path: &Path) -> String {
    let path = path.canonicalize().expect("the file was just listed");
    path.to_string_lossy().into_owned()
}
