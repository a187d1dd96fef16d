//! A throw-away PostgreSQL cluster for tests: real PostgreSQL, one a test process, listening on a
//! Unix socket only, gone with the process. `initdb` takes two seconds, a database a tenth of one.
//!
//! PostgreSQL refuses to run as root; there it runs as the user `postgres` of the Debian package.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A running cluster.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    databases: AtomicU32,
}

impl Cluster {
    /// The one of this process, started by whoever asks first.
    pub fn shared() -> &'static Cluster {
        static CLUSTER: OnceLock<Cluster> = OnceLock::new();
        CLUSTER.get_or_init(Cluster::start)
    }

    fn start() -> Cluster {
        let folder = std::env::temp_dir().join(format!("test-postgres-{}", std::process::id()));
        remove_orphans();
        std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
        if rustix::process::geteuid().is_root() {
            run(Command::new("chown").arg("postgres:").arg(&folder));
        }
        let data = folder.join("data");
        let mut initdb = unprivileged(&program("initdb"));
        initdb
            .args(["--auth=trust", "--username=test", "--encoding=UTF8"])
            .args(["--no-sync", "--no-instructions", "--locale=C.UTF-8", "-D"])
            .arg(&data);
        run(&mut initdb);
        let mut postgres = unprivileged(&program("postgres"));
        postgres.arg("-D").arg(&data).arg("-k").arg(&folder);
        for setting in [
            "listen_addresses=",
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "max_connections=200",
            "shared_buffers=64MB",
        ] {
            postgres.args(["-c", setting]);
        }
        let log = std::fs::File::create(folder.join("log")).expect("a log can be made");
        postgres
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a handle can be cloned"))
            .stderr(log);
        // `setpriv --pdeathsig` binds its life to the thread that started it, so that thread stays.
        let (started, wait) = std::sync::mpsc::sync_channel(1);
        std::thread::spawn(move || {
            let child = postgres.spawn();
            let _ = started.send(child.is_ok());
            if let Ok(mut child) = child {
                let _ = child.wait();
            }
        });
        assert!(wait.recv() == Ok(true), "postgres does not start");
        let cluster = Cluster {
            folder,
            databases: AtomicU32::new(0),
        };
        let deadline = Instant::now() + Duration::from_secs(30);
        while !cluster.psql("postgres", "select 1") {
            assert!(
                Instant::now() < deadline,
                "postgres is not ready after 30 s: {}",
                std::fs::read_to_string(cluster.folder.join("log")).unwrap_or_default()
            );
            pause();
        }
        cluster
    }

    /// A new, empty database; its URL.
    pub fn database(&self) -> String {
        self.copy("template0")
    }

    /// A new database with everything that is in `template`, which nobody may be connected to.
    pub fn copy(&self, template: &str) -> String {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.create(&name, template);
        self.url(&name)
    }

    /// A database of this name with everything that is in `template`.
    pub fn create(&self, name: &str, template: &str) {
        let made = self.psql(
            "postgres",
            &format!("create database {name} template {template}"),
        );
        assert!(made, "database {name} cannot be made from {template}");
    }

    /// The URL of a database.
    pub fn url(&self, name: &str) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgresql://test@{folder}/{name}")
    }

    fn psql(&self, database: &str, statement: &str) -> bool {
        let output = Command::new(program("psql"))
            .args(["-X", "-q", "-U", "test", "-v", "ON_ERROR_STOP=1", "-h"])
            .arg(&self.folder)
            .args(["-d", database, "-c", statement])
            .output()
            .expect("psql runs");
        output.status.success()
    }
}

/// The newest installed PostgreSQL's program of that name: Debian keeps them off the path.
fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let installed = versions
        .flatten()
        .map(|entry| entry.path().join("bin").join(name));
    let newest = installed.filter(|path| path.exists()).max();
    newest.unwrap_or_else(|| PathBuf::from(name))
}

/// A command that ends with this process, as `postgres` where this is root.
fn unprivileged(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if rustix::process::geteuid().is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.arg(program).current_dir("/");
    command
}

fn run(command: &mut Command) {
    let output = command.output();
    let output = output.expect("PostgreSQL is installed (scripts/setup.sh test)");
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Folders of test processes that are gone.
fn remove_orphans() {
    let prefix = OsString::from("test-postgres-");
    let entries = std::fs::read_dir(std::env::temp_dir())
        .into_iter()
        .flatten();
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let Some(process) = name.strip_prefix(&*prefix.to_string_lossy()) else {
            continue;
        };
        if !Path::new("/proc").join(process).exists() {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test polls from its own thread"
)]
fn pause() {
    std::thread::sleep(Duration::from_millis(20));
}
