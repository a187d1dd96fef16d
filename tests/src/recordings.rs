//! Real speech to send, in any format.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Eleven seconds of real speech, from a package that `models fetch --group test` brought: "And so
/// my fellow Americans, ask not what your country can do for you, ask what you can do for your
/// country." (J. F. Kennedy, 1961.)
pub fn recording() -> PathBuf {
    recording_named("jfk.wav")
}

/// A file of the test recordings.
pub fn recording_named(name: &str) -> PathBuf {
    model_store::Store::from_env()
        .and_then(|store| store.file("test-recordings", name))
        .unwrap_or_else(|error| {
            panic!("{error}\nrun: cargo run -p model-store --bin models -- fetch --group test")
        })
}

/// The recording in another format, made by ffmpeg with these output arguments.
pub fn converted(folder: &Path, name: &str, arguments: &[&str]) -> PathBuf {
    converted_from(&recording(), folder, name, arguments)
}

/// Any file in another format, made by ffmpeg with these output arguments.
pub fn converted_from(from: &Path, folder: &Path, name: &str, arguments: &[&str]) -> PathBuf {
    let path = folder.join(name);
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-i"])
        .arg(from)
        .args(arguments)
        .arg(&path)
        .status()
        .expect("ffmpeg is installed (scripts/setup.sh test)");
    assert!(status.success(), "ffmpeg could not write {name}");
    path
}
