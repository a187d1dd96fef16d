//! Runs clients and parsers that others wrote, from where `scripts/clients.sh` put them.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Runs a script of `tests/clients` with the Python that `scripts/clients.sh` made.
pub fn python(script: &str, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(client_variable("TEST_PYTHON"));
    command.arg(client(script)).args(arguments);
    finish(command, input)
}

/// The Python that `scripts/clients.sh` made.
pub fn python_program() -> PathBuf {
    PathBuf::from(client_variable("TEST_PYTHON"))
}

/// Runs a program that came with a Python package.
pub fn python_command(name: &str, arguments: &[&str]) -> Output {
    let python = PathBuf::from(client_variable("TEST_PYTHON"));
    let mut command = Command::new(python.with_file_name(name));
    command.args(arguments).current_dir(std::env::temp_dir());
    finish(command, "")
}

/// Runs Node with these arguments; `TEST_NODE_MODULES` tells it where the packages are.
pub fn node(arguments: &[&str]) -> Output {
    let modules = client_variable("TEST_NODE_MODULES");
    let mut command = Command::new("node");
    command.env("TEST_NODE_MODULES", modules).args(arguments);
    finish(command, "")
}

/// A file of `tests/clients`.
pub fn client(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("clients")
        .join(name)
}

/// An example of the reference, as it is printed there.
pub fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("reference/examples")
        .join(name)
}

/// A command of an npm package.
pub fn node_command(name: &str) -> PathBuf {
    PathBuf::from(client_variable("TEST_NODE_MODULES"))
        .join(".bin")
        .join(name)
}

pub(crate) fn client_variable(name: &str) -> OsString {
    std::env::var_os(name).unwrap_or_else(|| {
        panic!(
            "{name} is not set: run `make test`, or before this `eval \"$(scripts/clients.sh)\"`"
        )
    })
}

fn finish(mut command: Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut stdin = child.stdin.take().expect("stdin is piped");
    stdin
        .write_all(input.as_bytes())
        .expect("the script reads its input");
    // A person at a terminal does not hang up before the answer: `wscat` would leave with stdin.
    let held = input.is_empty().then_some(stdin);
    let output = child.wait_with_output().expect("a child can be waited for");
    drop(held);
    assert!(
        output.status.success(),
        "{command:?}:\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}
