//! Ten thousand connections on which nothing happens.

use crate::assert_well;
use e2e::{Stack, client, python_program};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Opens the crowd, asks for a transcript beside it, and gives how many connections were still open,
/// and by how many MB the gateway grew.
fn crowd(stack: &Stack, count: usize) -> (usize, f64) {
    let before = stack.memory_mb("gateway");
    let mut process = Command::new(python_program())
        .arg(client("crowd.py"))
        .args([stack.port.to_string(), count.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut lines = BufReader::new(process.stdout.take().expect("stdout is piped")).lines();
    let mut line = || lines.next().and_then(Result::ok).unwrap_or_default();
    assert_eq!(line(), count.to_string(), "not all could connect");
    let began = Instant::now();
    assert_well(stack);
    let grown = stack.memory_mb("gateway") - before;
    let seconds = began.elapsed().as_secs_f64();
    let mut stdin = process.stdin.take().expect("stdin is piped");
    stdin.write_all(b"count\n").expect("it waits for this");
    let open = line().parse().expect("a number");
    println!(
        "{count} connections, {open} open: {grown:.0} MB more, a transcript in {seconds:.1} s"
    );
    drop(stdin);
    assert!(process.wait().is_ok_and(|status| status.success()));
    (open, grown)
}

#[test]
fn ten_thousand_idle_connections_are_held_beside_the_work() {
    let stack = Stack::start(&[
        ("MAX_CONNECTIONS", "12000"),
        ("HEADER_TIMEOUT_SECONDS", "300"),
    ]);
    let (open, grown) = crowd(&stack, 10_000);
    assert_eq!(open, 10_000);
    assert!(grown < 400.0, "{grown} MB");
}

#[test]
fn where_there_is_no_place_for_thousands_the_oldest_idle_ones_go() {
    let stack = Stack::start(&[
        ("MAX_CONNECTIONS", "500"),
        ("HEADER_TIMEOUT_SECONDS", "300"),
    ]);
    let (open, grown) = crowd(&stack, 3000);
    assert!(open <= 500, "{open} open");
    assert!(grown < 100.0, "{grown} MB");
}
