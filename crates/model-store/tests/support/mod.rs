//! A small world for fetching: registries that are folders, clients that are shell scripts.
#![allow(dead_code)] // each test binary uses its part

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use model_store::fetch::{Fetch, Outcome, Progress};
use model_store::{Catalogue, Manifest, Store, StoreError};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// `npm pack NAME@VERSION --pack-destination DIR ...`
const NPM: &str = r#"#!/bin/sh
serve() {
  echo "$1" >> "$WORLD/calls"
  if [ -e "$WORLD/says" ]; then cat "$WORLD/says" >&2; exit 1; fi
  if [ -e "$WORLD/hangs-on-$1" ]; then
    printf half > "$2/$1.$3"
    while [ -e "$WORLD/hangs-on-$1" ]; do sleep 0.05; done
    exit 1
  fi
  cp "$WORLD/served/$1.$3" "$2/" || exit 1
}
serve "$2" "$4" tgz
"#;

/// `python3 -m pip download NAME==VERSION --dest DIR ...`
const PYTHON: &str = r#"[ "$2" = pip ] || exit 1
if [ -e "$WORLD/no-pip" ]; then echo "/usr/bin/python3: No module named pip" >&2; exit 1; fi
serve "$4" "$6" whl
"#;

/// `pip3 download NAME==VERSION --dest DIR ...`
const PIP: &str = r#"serve "$2" "$4" whl
"#;

/// One file of a package: path in the archive, name here, content.
pub type Content<'a> = (&'a str, &'a str, &'a [u8]);

pub struct World {
    dir: TempDir,
}

impl World {
    /// Both clients installed, nothing served, no models known.
    pub fn new() -> Self {
        let world = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        for folder in ["bin", "served", "models"] {
            fs::create_dir(world.path(folder)).unwrap();
        }
        let serve = NPM.strip_suffix("serve \"$2\" \"$4\" tgz\n").unwrap();
        world.client("npm", NPM);
        world.client("python3", &format!("{serve}{PYTHON}"));
        world.client("pip3", &format!("{serve}{PIP}"));
        world
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn root(&self) -> PathBuf {
        self.path("store")
    }

    fn client(&self, name: &str, script: &str) {
        // The clients need to know the world without relying on the caller's environment.
        let world = format!("#!/bin/sh\nWORLD='{}'\n", self.dir.path().display());
        let script = script.replacen("#!/bin/sh\n", &world, 1);
        let path = self.path("bin").join(name);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Every client now fails, saying this.
    pub fn clients_say(&self, text: &str) {
        fs::write(self.path("says"), text).unwrap();
    }

    /// What was asked of the clients, in order.
    pub fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.path("calls")).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }

    /// Puts a package where the clients find it; gives its part of a manifest.
    pub fn package(&self, registry: &str, name: &str, files: &[Content<'_>]) -> String {
        let bytes: Vec<(&str, &[u8])> = files.iter().map(|(path, _, b)| (*path, *b)).collect();
        let (file, archive) = match registry {
            "npm" => (format!("{name}@1.0.0.tgz"), tgz(&bytes)),
            _ => (format!("{name}==1.0.0.whl"), whl(&bytes)),
        };
        let mut text = format!(
            "\n[[package]]\nregistry = \"{registry}\"\nname = \"{name}\"\nversion = \"1.0.0\"\ndownload = {}\n",
            archive.len()
        );
        fs::write(self.path("served").join(file), archive).unwrap();
        for (path, name, bytes) in files {
            let _ = write!(
                text,
                "\n[[package.file]]\npath = \"{path}\"\nas = \"{name}\"\nsha256 = \"{}\"\nsize = {}\n",
                sha256(bytes),
                bytes.len()
            );
        }
        text
    }

    /// Makes a model known; `body` is what follows the descriptive lines.
    pub fn model(&self, id: &str, body: &str) {
        let head = "kind = \"recognition\"\nsummary = \"s\"\nlicence = \"MIT\"\nattribution = \"a\"\nsource = \"s\"\n";
        let recipe = if body.contains("recipe = ") {
            ""
        } else {
            "recipe = { name = \"copy\", version = 1 }\n"
        };
        let text = format!("id = \"{id}\"\n{head}{recipe}{body}");
        fs::write(self.path("models").join(format!("{id}.toml")), text).unwrap();
    }

    /// A model of one package with one file `weights.bin`.
    pub fn simple_model(&self, id: &str, registry: &str, content: &[u8]) {
        let package = self.package(
            registry,
            &format!("{id}-pkg"),
            &[("package/w.bin", "weights.bin", content)],
        );
        self.model(id, &package);
    }

    pub fn store(&self) -> Store {
        let catalogue = Catalogue::read(&self.path("models")).unwrap();
        Store::open(self.root()).with_catalogue(catalogue)
    }

    pub fn manifest(&self, id: &str) -> Manifest {
        self.store().catalogue().get(id).unwrap().clone()
    }

    /// Fetches through the library.
    pub fn fetch(&self, ids: &[&str]) -> Result<Outcome, StoreError> {
        self.fetch_with(ids, |_| ())
    }

    pub fn fetch_with(
        &self,
        ids: &[&str],
        settings: impl Fn(&mut Fetch<'_>),
    ) -> Result<Outcome, StoreError> {
        let store = self.store();
        let mut fetch = Fetch::new(&store);
        fetch.progress = Progress::silent();
        fetch.search_path = Some(self.search_path().into());
        settings(&mut fetch);
        fetch.run(&ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>())
    }

    /// The one error of a fetch that must fail.
    pub fn failure(&self, ids: &[&str]) -> StoreError {
        match self.fetch(ids) {
            Err(error) => error,
            Ok(mut outcome) => {
                assert_eq!(outcome.failed.len(), 1, "{outcome:?}");
                outcome.failed.remove(0).1
            }
        }
    }

    fn search_path(&self) -> String {
        format!("{}:/usr/bin:/bin", self.path("bin").display())
    }

    /// The program `models`, in this world.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_models"));
        command
            .arg("--root")
            .arg(self.root())
            .arg("--manifests")
            .arg(self.path("models"));
        command
            .args(arguments)
            .env("PATH", self.search_path())
            .env_remove("VARIANT");
        command.stdin(Stdio::null());
        command
    }

    /// Runs it; success, stdout, stderr.
    pub fn run(&self, arguments: &[&str]) -> (bool, String, String) {
        let output = self.program(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            output.status.success(),
            text(&output.stdout),
            text(&output.stderr),
        )
    }

    /// Starts a fetch whose client hangs on `spec` with half a file written, and waits for that.
    pub fn start_and_hang(&self, arguments: &[&str], spec: &str) -> Child {
        fs::write(self.path(&format!("hangs-on-{spec}")), "").unwrap();
        let mut command = self.program(arguments);
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_until(|| self.calls().iter().any(|call| call == spec));
        child
    }

    pub fn no_longer_hangs(&self, spec: &str) {
        fs::remove_file(self.path(&format!("hangs-on-{spec}"))).unwrap();
    }
}

pub fn wait_until(condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(20), "waited too long");
        thread::park_timeout(Duration::from_millis(10));
    }
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

pub fn tgz(files: &[(&str, &[u8])]) -> Vec<u8> {
    let gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut tar = tar::Builder::new(gz);
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, path, *bytes).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

pub fn whl(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, bytes) in files {
        zip.start_file(*path, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Names in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The error tells the user each of these.
pub fn says(error: &StoreError, words: &[&str]) {
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "`{word}` is not in: {text}");
    }
}
