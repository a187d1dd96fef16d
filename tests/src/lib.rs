//! Runs the built binaries as `make run` does, on free ports with throw-away data, and talks
//! to them with `curl` and third-party WebSocket clients, as a user would.

mod asking;
mod backup;
pub mod call;
mod clients;
mod collector;
mod conforming;
mod everything;
mod heard;
mod kept;
pub mod live;
mod model;
mod processes;
mod recordings;

pub use asking::Answer;
pub use clients::{client, node_command, python, python_command, python_program};
pub use collector::Collector;
pub use heard::{holds, words};
pub use model::Model;
pub use processes::{binary, free_port};
pub use recordings::{converted, converted_from, recording, recording_named};

use processes::{Service, command, reachable_folder, signal};
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A running gateway with the services behind it. Dropping it kills all.
pub struct Stack {
    /// Where tokens and logs are; kept across [`Stack::restart`].
    pub data: TempDir,
    /// Port of the gateway.
    pub port: u16,
    /// Port of asr-server itself, which asks for no token on loopback.
    pub asr_port: u16,
    /// Port of tts-server, where there is one.
    pub tts_port: u16,
    /// Port of voice-bot, where there is one.
    pub bot_port: u16,
    /// Port of the agent, where there is one.
    pub agent_port: u16,
    /// Where the private PostgreSQL keeps its data: a folder its user can reach.
    postgres: TempDir,
    names: &'static [&'static str],
    variables: Vec<(String, String)>,
    /// What each service is started by, such as `unshare`.
    starter: Vec<String>,
    services: Vec<Service>,
}

impl Stack {
    /// Starts gateway and asr-server with English on Moonshine and waits until they are ready.
    pub fn start(variables: &[(&str, &str)]) -> Stack {
        Stack::of(
            &["asr-server", "gateway"],
            &[&[("UPSTREAMS", "asr")], variables].concat(),
        )
    }

    /// The same with tts-server.
    pub fn speaking(variables: &[(&str, &str)]) -> Stack {
        Stack::of(
            &["asr-server", "tts-server", "gateway"],
            &[&[("UPSTREAMS", "asr,tts")], variables].concat(),
        )
    }

    /// Starts gateway, voice-bot and its private PostgreSQL.
    pub fn people(variables: &[(&str, &str)]) -> Stack {
        Stack::of(
            &["postgres", "voice-bot", "gateway"],
            &[&[("UPSTREAMS", "bot")], variables].concat(),
        )
    }

    /// The same with the agent.
    pub fn reasoning(variables: &[(&str, &str)]) -> Stack {
        Stack::of(
            &["postgres", "voice-bot", "agent", "gateway"],
            &[&[("UPSTREAMS", "bot,agent")], variables].concat(),
        )
    }

    /// Everything that leads calls, with these variables for the language model.
    pub fn conversing(variables: &[(String, String)]) -> Stack {
        let given = variables.iter().map(|(name, value)| (&**name, &**value));
        let variables: Vec<(&str, &str)> = [("UPSTREAMS", "asr,tts,bot")]
            .into_iter()
            .chain(given)
            .collect();
        Stack::of(
            &[
                "postgres",
                "asr-server",
                "tts-server",
                "voice-bot",
                "gateway",
            ],
            &variables,
        )
    }

    /// Everything there is, with these variables.
    pub fn whole(variables: &[(&str, &str)]) -> Stack {
        Stack::of(
            &[
                "postgres",
                "asr-server",
                "tts-server",
                "voice-bot",
                "agent",
                "gateway",
            ],
            &[&[("UPSTREAMS", "asr,tts,bot,agent")], variables].concat(),
        )
    }

    fn of(names: &'static [&'static str], variables: &[(&str, &str)]) -> Stack {
        let mut stack = Stack::new(names, variables);
        stack.launch();
        stack
    }

    fn new(names: &'static [&'static str], variables: &[(&str, &str)]) -> Stack {
        Stack {
            data: TempDir::new().expect("a temporary folder can be made"),
            port: free_port(),
            asr_port: free_port(),
            tts_port: free_port(),
            bot_port: free_port(),
            agent_port: free_port(),
            postgres: reachable_folder(),
            names,
            variables: variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            starter: Vec::new(),
            services: Vec::new(),
        }
    }

    /// Gateway and asr-server, each started by `starter`, a program and its arguments.
    pub fn started_by(starter: &[&str], variables: &[(&str, &str)]) -> Stack {
        let mut stack = Stack::new(
            &["asr-server", "gateway"],
            &[&[("UPSTREAMS", "asr")], variables].concat(),
        );
        stack.starter = starter.iter().map(|&word| word.to_owned()).collect();
        stack.launch();
        stack
    }

    /// One gateway for all tests of a file that run at the same time; the last one stops it.
    pub fn shared() -> Arc<Stack> {
        static STACK: Mutex<Weak<Stack>> = Mutex::new(Weak::new());
        let mut stack = STACK.lock().unwrap_or_else(PoisonError::into_inner);
        stack.upgrade().unwrap_or_else(|| {
            let new = Arc::new(Stack::start(&[]));
            *stack = Arc::downgrade(&new);
            new
        })
    }

    fn launch(&mut self) {
        for &name in self.names {
            self.launch_one(name);
        }
        self.wait_until_ready();
    }

    /// Starts one service and does not wait for it.
    pub fn launch_one(&mut self, name: &'static str) {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_path())
            .expect("the log can be opened");
        let url = |port: u16| format!("http://127.0.0.1:{port}");
        let process = self
            .with_data(&mut command(name, &self.starter))
            .env("VARIANT", "en-lite")
            .env("ASR_PORT", self.asr_port.to_string())
            .env("ASR_URL", url(self.asr_port))
            .env("TTS_PORT", self.tts_port.to_string())
            .env("TTS_URL", url(self.tts_port))
            .env("BOT_PORT", self.bot_port.to_string())
            .env("BOT_URL", url(self.bot_port))
            .env("AGENT_PORT", self.agent_port.to_string())
            .env("AGENT_URL", url(self.agent_port))
            .env("GATEWAY_PORT", self.port.to_string())
            // Pages of ours are served there, and may call.
            .env("PUBLIC_URL", url(self.port))
            .env("LOG_FORMAT", "json")
            // A model on this machine is there for some and not for others.
            .env("LOCAL_LLM_MODEL", "/no/such/model.gguf")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file handle can be cloned"))
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        self.services.push(Service { name, process });
    }

    /// Waits until `/ready` is 200; panics when a service ends instead.
    pub fn wait_until_ready(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(90);
        loop {
            if self
                .try_get("/ready")
                .is_some_and(|answer| answer.status == 200)
            {
                return;
            }
            let ended = self.services.iter_mut().find_map(|service| {
                let status = service.process.try_wait().ok().flatten()?;
                Some(format!("{} ended with {status}", service.name))
            });
            if let Some(ended) = ended {
                panic!("{ended}:\n{}", self.log());
            }
            assert!(
                Instant::now() < deadline,
                "not ready after a minute and a half:\n{}",
                self.log()
            );
            pause();
        }
    }

    /// Stops all services with SIGTERM and gives their exit statuses.
    pub fn stop(&mut self) -> Vec<ExitStatus> {
        let mut services = std::mem::take(&mut self.services);
        for service in &services {
            signal("TERM", &service.process);
        }
        services
            .iter_mut()
            .map(|service| service.process.wait().expect("a child can be waited for"))
            .collect()
    }

    /// Stops and starts again with the same data and ports.
    pub fn restart(&mut self) {
        self.stop();
        self.launch();
    }

    /// Stops, and starts with each service started by `starter`, and with further variables.
    pub fn restart_by(&mut self, starter: &[&str], variables: &[(&str, &str)]) {
        self.stop();
        self.starter = starter.iter().map(|&word| word.to_owned()).collect();
        let own = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        self.variables.extend(variables.iter().map(own));
        self.launch();
    }

    /// A WebSocket address at the gateway.
    pub fn websocket(&self, path: &str) -> String {
        format!("ws://127.0.0.1:{}{path}", self.port)
    }

    /// A gauge or counter of asr-server's `/metrics`, summed over its labels.
    pub fn asr_metric(&self, name: &str) -> f64 {
        let address = format!("http://127.0.0.1:{}/metrics", self.asr_port);
        let text = self.curl(&[&address]).body;
        let samples = text.lines().filter_map(|line| {
            let (key, value) = line.rsplit_once(' ')?;
            (key.split('{').next() == Some(name)).then(|| value.parse::<f64>().ok())?
        });
        samples.sum()
    }

    /// Resident memory of a service in MB.
    pub fn memory_mb(&self, name: &str) -> f64 {
        let service = self.services.iter().find(|service| service.name == name);
        let process = &service.expect("a service of ours").process;
        let status = std::fs::read_to_string(format!("/proc/{}/status", process.id()))
            .expect("the service runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kb = line.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok());
        kb.expect("a running process has VmRSS") / 1024.0
    }

    /// Kills one service without warning.
    pub fn kill(&mut self, name: &str) {
        let at = self
            .services
            .iter()
            .position(|service| service.name == name);
        let mut service = self.services.remove(at.expect("a service of ours"));
        service.process.kill().expect("a child can be killed");
        service.process.wait().expect("a child can be waited for");
    }

    /// The admin token, from the file that the first start wrote.
    pub fn admin_token(&self) -> String {
        let path = self.data.path().join("auth/admin_token.txt");
        std::fs::read_to_string(&path)
            .expect("the first start writes the admin token")
            .trim()
            .to_owned()
    }

    /// Everything the services have logged.
    pub fn log(&self) -> String {
        let mut text = String::new();
        let kept = std::fs::read_dir(self.data.path().join("logs"));
        let kept = kept.into_iter().flatten().flatten();
        for path in kept.map(|entry| entry.path()).chain([self.log_path()]) {
            if let Ok(mut file) = File::open(path) {
                let _ = file.read_to_string(&mut text);
            }
        }
        text
    }

    pub(crate) fn log_path(&self) -> PathBuf {
        self.data.path().join("log")
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        for service in &mut self.services {
            service.end();
        }
    }
}

/// Looks until there is something; panics after a minute.
pub fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "it did not come in a minute");
        pause();
    }
}

/// A moment between two looks at something that takes time.
pub fn pause() {
    pause_for(Duration::from_millis(50));
}

/// Some time, for which a fault is to last.
#[expect(clippy::disallowed_methods, reason = "a test waits on its own thread")]
pub fn pause_for(time: Duration) {
    std::thread::sleep(time);
}
