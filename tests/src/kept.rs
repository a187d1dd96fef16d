//! Everything under supervisord, as `make run` and the image keep it.

use crate::Stack;
use crate::processes::{KEEPER, in_repository, signal};
use std::collections::BTreeMap;
use std::process::Command;

/// What supervisord keeps.
const SERVICES: usize = 6;

impl Stack {
    /// Starts all services and PostgreSQL under supervisord and waits until they are ready.
    pub fn kept(variables: &[(&str, &str)]) -> Stack {
        Stack::of(&[KEEPER], &[&[("PRELOAD", "true")], variables].concat())
    }

    /// Process ids by service, once all of them run.
    pub fn pids(&self) -> BTreeMap<String, u32> {
        crate::until(|| {
            let output = in_repository("supervisorctl -c supervisord.conf status")
                .env("DATA_DIR", self.data.path())
                .output()
                .expect("supervisorctl is installed (scripts/setup.sh run)");
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let pids: BTreeMap<String, u32> = text
                .lines()
                .filter_map(|line| {
                    let words: Vec<&str> = line.split_whitespace().collect();
                    let pid = words.get(3)?.trim_end_matches(',').parse().ok()?;
                    (words[1] == "RUNNING").then(|| (words[0].to_owned(), pid))
                })
                .collect();
            (pids.len() == SERVICES).then_some(pids)
        })
    }

    /// Kills a process that supervisord keeps, without warning.
    pub fn kill_pid(&self, pid: u32) {
        let killed = Command::new("kill").args(["-9", &pid.to_string()]).status();
        assert!(killed.is_ok_and(|status| status.success()), "kill -9 {pid}");
    }

    /// Tells supervisord to end everything, and does not wait for it.
    pub fn end_kept(&self) {
        let keeper = self.services.iter().find(|service| service.name == KEEPER);
        signal("TERM", &keeper.expect("supervisord runs").process);
    }

    /// Starts what was stopped and does not wait until it is ready.
    pub fn launch_kept(&mut self) {
        self.launch_one(KEEPER);
    }

    /// Where the private PostgreSQL keeps its data.
    pub fn cluster(&self) -> std::path::PathBuf {
        self.postgres.path().join("pgdata")
    }

    /// A path as the process of a service sees it, which may have mounts of its own.
    pub fn seen_by(&self, name: &str, path: &std::path::Path) -> std::path::PathBuf {
        let service = self.services.iter().find(|service| service.name == name);
        let pid = service.expect("a service of ours").process.id();
        let path = path.strip_prefix("/").expect("an absolute path");
        std::path::Path::new("/proc")
            .join(pid.to_string())
            .join("root")
            .join(path)
    }
}
