//! What the system knows of this process, as the Prometheus metrics that every client library has.

use std::fmt::Write;
use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Clock ticks of `/proc/self/stat`: 100 a second on every Linux that user space sees.
const TICKS: f64 = 100.0;

static STARTED: OnceLock<(Instant, f64)> = OnceLock::new();

/// Notes when the process started; the first call counts.
pub(crate) fn started() -> Instant {
    STARTED.get_or_init(moment).0
}

fn moment() -> (Instant, f64) {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH);
    (Instant::now(), unix.unwrap_or_default().as_secs_f64())
}

/// Seconds since a moment, such as the start, to the millisecond.
pub fn uptime_seconds(started: Instant) -> f64 {
    (started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0
}

/// Resident memory of this process in bytes, where the system tells.
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// Appends them as exposition text. What the system does not tell is left out.
pub(crate) fn render(text: &mut String) {
    let started = STARTED.get_or_init(moment).1;
    let mut line = |name: &str, kind: &str, value: Option<f64>| {
        if let Some(value) = value {
            // Writing to a string does not fail.
            let _ = write!(text, "# TYPE {name} {kind}\n{name} {value}\n\n");
        }
    };
    let resident = resident_bytes().map(|bytes| bytes as f64);
    line("process_resident_memory_bytes", "gauge", resident);
    line("process_cpu_seconds_total", "counter", cpu_seconds());
    let open = std::fs::read_dir("/proc/self/fd").ok();
    let open = open.map(|entries| entries.count() as f64);
    line("process_open_fds", "gauge", open);
    line("process_threads", "gauge", stat(19));
    line("process_start_time_seconds", "gauge", Some(started));
}

fn cpu_seconds() -> Option<f64> {
    Some((stat(13)? + stat(14)?) / TICKS)
}

/// A number of `/proc/self/stat`, counted from 0 as in proc(5) from 1.
fn stat(field: usize) -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name, the second field, may hold spaces and parentheses.
    let rest = &text[text.rfind(')')? + 1..];
    rest.split_whitespace()
        .nth(field.checked_sub(2)?)?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_process_has_memory_threads_and_files() {
        let mut text = String::new();
        render(&mut text);
        for name in [
            "process_resident_memory_bytes",
            "process_open_fds",
            "process_threads",
            "process_start_time_seconds",
        ] {
            let start = format!("\n{name} ");
            let value = text.split(&start).nth(1).and_then(|v| v.lines().next());
            let value: f64 = value.unwrap().parse().unwrap();
            assert!(value >= 1.0, "{name} {value}");
        }
        assert!(text.contains("\nprocess_cpu_seconds_total "));
    }
}
