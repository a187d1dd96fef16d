//! The binary itself: first start, signals, logs, and what it says when it cannot start.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

struct Process {
    child: Child,
    port: u16,
    log: std::path::PathBuf,
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
    command
        .env_clear()
        .env("DATA_DIR", folder.join("data"))
        .env("LOG_FORMAT", "json")
        .stdin(Stdio::null());
    command
}

impl Process {
    fn start(folder: &Path) -> Self {
        let log = folder.join("log");
        let before = fs::metadata(&log).map_or(0, |log| log.len() as usize);
        let file = fs::File::options()
            .create(true)
            .append(true)
            .open(&log)
            .unwrap();
        let child = command(folder)
            .env("GATEWAY_PORT", "0")
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        let mut started = Process {
            child,
            port: 0,
            log,
        };
        for _ in 0..500 {
            let log = started.log().split_off(before);
            if let Some((_, rest)) = log.split_once("\"addr\":\"127.0.0.1:") {
                started.port = rest.split('"').next().unwrap().parse().unwrap();
                return started;
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
        panic!("it does not listen: {}", started.log());
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Status of a GET.
    fn get(&self, path: &str, token: &str) -> u16 {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer[9..12].parse().unwrap()
    }

    /// SIGTERM; the exit code and how long it took.
    fn terminate(mut self) -> (Option<i32>, Duration) {
        let started = Instant::now();
        let sent = Command::new("sh")
            .args(["-c", &format!("kill -TERM {}", self.child.id())])
            .status()
            .unwrap();
        assert!(sent.success());
        (self.child.wait().unwrap().code(), started.elapsed())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn admin(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join("data/auth/admin_token.txt"))
        .unwrap()
        .trim()
        .to_owned()
}

/// Runs to the end, which must be a failure.
fn refusal(mut command: Command) -> String {
    let Output {
        status,
        stderr,
        stdout,
    } = command.output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap() + &String::from_utf8(stdout).unwrap()
}

#[test]
fn the_first_start_prints_the_token_once_and_nothing_else_ever_logs_it() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path());
    let token = admin(&folder);
    assert_eq!(process.log().matches(&format!("Token: {token}")).count(), 1);
    assert_eq!(process.get("/auth/usage", &token), 200);
    assert_eq!(process.get(&format!("/asr/x?token={token}"), &token), 503);
    assert_eq!(process.get(&format!("/listen?token={token}"), "wrong"), 401);
    assert_eq!(process.terminate().0, Some(0));
    let process = Process::start(folder.path());
    assert_eq!(admin(&folder), token);
    assert_eq!(process.get("/auth/usage", &token), 200);
    assert_eq!(
        process.log().matches(&token).count(),
        1,
        "{}",
        process.log()
    );
    assert_eq!(process.log().matches("Token: ").count(), 1);
    for entry in fs::read_dir(folder.path().join("data/auth")).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600,
            "{}",
            path.display()
        );
    }
}

#[test]
fn sigterm_ends_it_soon_with_status_zero_and_every_row_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path());
    let token = admin(&folder);
    for _ in 0..20 {
        process.get("/asr/models", &token);
    }
    // A connection that idles does not hold it up.
    let _idle = TcpStream::connect(("127.0.0.1", process.port)).unwrap();
    let (code, took) = process.terminate();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(15), "{took:?}");
    let db = rusqlite::Connection::open(folder.path().join("data/auth/tokens.db")).unwrap();
    let rows: i64 = db
        .query_row(
            "SELECT count(*) FROM usage WHERE service = 'asr'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(rows, 20);
}

#[test]
fn a_kill_loses_at_most_a_second_of_usage_and_no_token() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(folder.path());
    let token = admin(&folder);
    process.get("/asr/models", &token);
    std::thread::park_timeout(Duration::from_secs(1));
    process.child.kill().unwrap();
    process.child.wait().unwrap();
    let db = rusqlite::Connection::open(folder.path().join("data/auth/tokens.db")).unwrap();
    let rows: i64 = db
        .query_row("SELECT count(*) FROM usage", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 1);
    drop(db);
    let process = Process::start(folder.path());
    assert_eq!(process.get("/auth/tokens", &token), 200);
}

#[test]
fn rotating_the_admin_token_reaches_a_running_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path());
    let old = admin(&folder);
    let output = command(folder.path())
        .arg("--rotate-admin")
        .output()
        .unwrap();
    let new = admin(&folder);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap().trim(),
        format!("Token: {new}")
    );
    assert_ne!(old, new);
    let deadline = Instant::now() + Duration::from_secs(3);
    while process.get("/auth/usage", &old) != 401 {
        assert!(Instant::now() < deadline, "the old token still works");
        std::thread::park_timeout(Duration::from_millis(20));
    }
    assert_eq!(process.get("/auth/usage", &new), 200);
}

#[test]
fn it_says_what_is_wrong_with_its_settings() {
    let folder = tempfile::tempdir().unwrap();
    let with = |name: &str, value: &str| {
        let mut command = command(folder.path());
        command.env(name, value);
        refusal(command)
    };
    let message = with("AUTH_MODE", "cloud");
    assert!(
        ["local", "remote", "hybrid"]
            .iter()
            .all(|mode| message.contains(mode)),
        "{message}"
    );
    assert!(with("UPSTREAMS", "asr,xyz").contains("agent"));
    assert!(with("METRICS_PUBLIC", "maybe").contains("yes"));
    assert!(with("ASR_URL", "asr").contains("ASR_URL must look like"));
    assert!(with("GATEWAY_INTERNAL_SECRET", "short").contains("16"));
    assert!(with("FRONTEND_URL", "*").contains("must list origins"));
    assert!(with("RUST_LOG", "a=b=c").contains("RUST_LOG"));
    assert!(with("AUTH_DB_PATH", "/proc/no/tokens.db").contains("AUTH_DB_PATH"));
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let message = with(
        "GATEWAY_PORT",
        &taken.local_addr().unwrap().port().to_string(),
    );
    assert!(message.contains("cannot listen"), "{message}");
}

#[test]
fn a_damaged_database_stops_the_start_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("data/auth")).unwrap();
    fs::write(
        folder.path().join("data/auth/tokens.db"),
        "not a database at all, really".repeat(100),
    )
    .unwrap();
    let message = refusal(command(folder.path()));
    assert!(
        message.contains("tokens.db") && message.contains("damaged"),
        "{message}"
    );
}
