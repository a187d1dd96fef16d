//! A network of one's own, in which the ports of the reference are free: this same test runs again
//! in it.

use std::process::Command;

/// Set for the test that runs inside.
const INSIDE: &str = "REFERENCE_NETWORK";
/// As root; and as anybody where users may make namespaces.
const WAYS: [&[&str]; 2] = [&["unshare", "-n"], &["unshare", "-c", "-n", "--keep-caps"]];
const UP: &str = "ip link set lo up && exec \"$0\" \"$@\"";

/// Where a test is to run.
#[derive(Debug, PartialEq, Eq)]
pub enum Network {
    /// Here, and all ports are ours.
    Own,
    /// Here, on ports that happen to be free: no namespace is allowed.
    Shared,
    /// It has run, inside, and passed.
    Done,
}

/// Runs the test of this name again in its own network, where that is possible.
pub fn enter(test: &str) -> Network {
    if std::env::var_os(INSIDE).is_some() {
        return Network::Own;
    }
    let Some(way) = WAYS.into_iter().find(|way| works(way)) else {
        println!("No network of our own is allowed here: the examples run with other ports.");
        return Network::Shared;
    };
    let this = std::env::current_exe().expect("a running test has a path");
    let status = Command::new(way[0])
        .args(&way[1..])
        .args(["bash", "-c", UP])
        .arg(this)
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "own")
        .status()
        .expect("it started a moment ago");
    assert!(status.success(), "{test} failed in its own network");
    Network::Done
}

fn works(way: &[&str]) -> bool {
    let tried = Command::new(way[0])
        .args(&way[1..])
        .args(["bash", "-c", UP, "true"])
        .output();
    tried.is_ok_and(|output| output.status.success())
}
