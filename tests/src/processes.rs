//! The processes of a stack: how each is started, and ended whatever happened.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Under this name supervisord keeps all services.
pub const KEEPER: &str = "supervisord";

/// How long supervisord may take to end what it keeps.
const ENDING: Duration = Duration::from_secs(40);

pub struct Service {
    pub name: &'static str,
    pub process: Child,
}

impl Service {
    /// Ends it without regard; what supervisord keeps must not be left behind.
    pub fn end(&mut self) {
        if self.name == KEEPER && self.process.try_wait().is_ok_and(|ended| ended.is_none()) {
            signal("TERM", &self.process);
            let deadline = Instant::now() + ENDING;
            while self.process.try_wait().is_ok_and(|ended| ended.is_none())
                && Instant::now() < deadline
            {
                crate::pause();
            }
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// How a service is started: as `supervisord.conf` does.
pub fn command(name: &str, starter: &[String]) -> Command {
    if name == KEEPER {
        return in_repository("exec supervisord -c supervisord.conf");
    }
    if name == "postgres" {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/postgres.sh");
        let mut bash = Command::new("bash");
        bash.arg(script);
        return bash;
    }
    let Some((program, arguments)) = starter.split_first() else {
        return Command::new(binary(name));
    };
    let mut command = Command::new(program);
    command.args(arguments).arg(binary(name));
    command
}

/// A command line of bash with the variables that `make run` sets beside those of the services.
pub fn in_repository(line: &str) -> Command {
    let folder = binary("gateway");
    let mut bash = Command::new("bash");
    let prepare = "unset DATABASE_URL; export RUN_DIR=$DATA_DIR/run LOG_DIR=$DATA_DIR/logs; \
        mkdir -p $RUN_DIR $LOG_DIR; . scripts/environment.sh;";
    bash.args(["-euc", &format!("{prepare} {line}")])
        .env(
            "BIN_DIR",
            folder.parent().expect("programs are in a folder"),
        )
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    bash
}

/// A folder that PostgreSQL's own user can pass through.
pub fn reachable_folder() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o711);
    std::fs::set_permissions(folder.path(), open).expect("our own folder");
    folder
}

/// A program of ours, as it was built beside this test.
pub fn binary(name: &str) -> PathBuf {
    // target/<profile>/deps/<this test> -> target/<profile>/<name>
    let test = std::env::current_exe().expect("a running test has a path");
    let profile = test
        .parent()
        .and_then(Path::parent)
        .expect("tests run from target/<profile>/deps");
    let path = profile.join(name);
    assert!(
        path.exists(),
        "{} is not built; run: cargo build --workspace --bins",
        path.display()
    );
    path
}

/// A port of this machine that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port is free");
    listener
        .local_addr()
        .expect("a bound socket has an address")
        .port()
}

pub fn signal(name: &str, process: &Child) {
    let status = Command::new("kill")
        .args([&format!("-{name}"), &process.id().to_string()])
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "kill -{name} failed"
    );
}
