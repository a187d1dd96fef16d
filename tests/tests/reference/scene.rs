//! Where the examples run: a folder with the files that they name, all services, a stand-in for the
//! language model, and what a reader fills in.

use e2e::{
    Model, Stack, converted, converted_from, node_command, python, python_program, recording_named,
};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Seconds that an example may take.
const PATIENCE: &str = "120";
/// `docker` for a product whose processes run here: its log, and commands on its volume.
const DOCKER: &str = r#"#!/bin/bash
case "$1" in
  logs) cat "$DATA/log" >&2 ;;
  exec) shift 2; "${@/#\/data\//$DATA/}" ;;
  *) exit 1 ;;
esac
"#;
/// What the examples share.
pub struct Scene {
    stack: Stack,
    model: Model,
    folder: TempDir,
    values: BTreeMap<String, String>,
    documented: bool,
}

impl Scene {
    /// Starts everything; `documented` as in [`Stack::everything`].
    pub fn new(documented: bool) -> Scene {
        let model = Model::saying(&["Nothing was asked yet."]);
        let variables = [
            ("LLM_PROVIDER", "openai"),
            ("LLM_BASE_URL", model.url.as_str()),
            ("LLM_MODEL", "stand-in"),
            // A network of one's own has no other address.
            ("ICE_ADDRESSES", "127.0.0.1"),
        ];
        let scene = Scene {
            stack: Stack::everything(documented, &variables),
            folder: TempDir::new().expect("a temporary folder can be made"),
            values: BTreeMap::new(),
            model,
            documented,
        };
        scene.recordings();
        let docker = scene.folder.path().join("docker");
        std::fs::write(&docker, DOCKER).expect("our own folder");
        let may_run = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&docker, may_run).expect("our own file");
        scene
    }

    /// A conversation on the telephone as `call.mp3` and `meeting.wav`, a speech as `call.wav`, which
    /// is streamed at twice its pace.
    fn recordings(&self) {
        let folder = self.folder.path();
        let conversation = recording_named("sample.wav");
        let mono = ["-ar", "16000", "-ac", "1"];
        converted_from(&conversation, folder, "call.mp3", &[]);
        converted_from(&conversation, folder, "meeting.wav", &mono);
        converted(folder, "call.wav", &mono);
    }

    /// What the language model says from now on.
    pub fn says(&self, text: &str) {
        self.model.next(json!([{"content": text.trim()}]));
    }

    /// All that it was ever asked.
    pub fn asked(&self) -> String {
        self.model.asked().join("\n")
    }

    /// Keeps a value for later examples.
    pub fn keep(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), value.to_owned());
    }

    /// What a reader fills in for this name.
    pub fn value(&self, name: &str) -> String {
        match name {
            "admin_token" => self.stack.admin_token(),
            "cookie" => self.cookie(),
            "sdp" => self.offer(),
            "pc_id" => format!(r#""pc_id": "{}""#, self.value("connection")),
            "candidate" => {
                r#""candidate": "candidate:1 1 udp 2130706431 127.0.0.1 50000 typ host""#.into()
            }
            "invitation" => self.invitation(),
            name => self.values[name].clone(),
        }
    }

    /// `access_token=...` of `cookies.txt`.
    fn cookie(&self) -> String {
        let jar = self.read("cookies.txt");
        let line = jar.lines().find(|line| line.contains("\taccess_token\t"));
        let token = line.and_then(|line| line.split('\t').next_back());
        format!("access_token={}", token.expect("somebody is signed in"))
    }

    /// A description as a browser makes it, as it stands in JSON.
    fn offer(&self) -> String {
        let made = python("offer.py", &[], "");
        let sdp = String::from_utf8_lossy(&made.stdout).into_owned();
        let quoted = json!(sdp).to_string();
        quoted.trim_matches('"').to_owned()
    }

    /// The token of the letter to the colleague, who signs up and in.
    fn invitation(&self) -> String {
        let letters = std::fs::read_dir(self.stack.data.path().join("outbox"));
        let letters = letters.expect("letters were written").flatten();
        let token = letters
            .map(|letter| token(&letter.path()))
            .find_map(|token| token);
        let jar = format!("-c{}", self.folder.path().join("cookies.txt").display());
        let account = json!({"email": "colleague@example.com", "password": "securepass123"});
        // Cookies are for this name of the machine.
        let url = format!("http://localhost:{}/bot/api/auth/signup", self.stack.port);
        let made = self.stack.curl(&[
            &url,
            "-H",
            "Content-Type: application/json",
            &jar,
            "-d",
            &account.to_string(),
        ]);
        assert_eq!(made.status, 201, "{}", made.body);
        token.expect("the invitation is in the outbox")
    }

    /// A file that an example wrote.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        let path = self.folder.path().join(name);
        std::fs::read(path).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The same as text.
    pub fn read(&self, name: &str) -> String {
        String::from_utf8_lossy(&self.bytes(name)).into_owned()
    }

    /// Runs a script; what it printed. In a conversation, somebody types the end of the audio
    /// until the other side hangs up.
    pub fn run(&self, name: &str, script: &str, conversation: bool) -> String {
        let script = self.placed(script);
        let path = self.folder.path().join(name);
        std::fs::write(&path, script).expect("our own folder");
        let python = python_program();
        let by = match name.ends_with(".py") {
            true => python.as_os_str(),
            false => "bash".as_ref(),
        };
        let mut child = Command::new("timeout")
            .arg(PATIENCE)
            .arg(by)
            .arg(&path)
            .current_dir(self.folder.path())
            .env("PATH", self.path())
            .env("DATA", self.stack.data.path())
            .env("PYTHONUNBUFFERED", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("bash and coreutils are installed");
        let mut stdin = child.stdin.take().expect("stdin is piped");
        let mut stdout = child.stdout.take().expect("stdout is piped");
        while conversation && child.try_wait().expect("a child of ours").is_none() {
            // What is typed before the connection is open is lost.
            e2e::pause_for(Duration::from_millis(500));
            let _ = stdin.write_all(b"{\"type\": \"end\"}\n");
        }
        let mut printed = String::new();
        stdout
            .read_to_string(&mut printed)
            .expect("examples print text");
        let status = child.wait().expect("a child can be waited for");
        drop(stdin);
        assert!(status.success(), "{name} ended with {status}:\n{printed}");
        printed
    }

    /// With the ports that there are, where the documented ones are not ours.
    fn placed(&self, script: &str) -> String {
        let stack = &self.stack;
        let ports = [
            (9000, stack.port),
            (8001, stack.asr_port),
            (8003, stack.tts_port),
            (8000, stack.bot_port),
            (8765, stack.agent_port),
        ];
        let mut script = script.to_owned();
        for (printed, ours) in ports.into_iter().filter(|_| !self.documented) {
            script = script.replace(
                &format!("localhost:{printed}"),
                &format!("localhost:{ours}"),
            );
        }
        script
    }

    /// `docker`, `wscat`, and what is installed.
    fn path(&self) -> std::ffi::OsString {
        let wscat = node_command("wscat");
        let packages = wscat.parent().map(PathBuf::from).unwrap_or_default();
        let given = std::env::var_os("PATH").unwrap_or_default();
        let ours = [self.folder.path().to_owned(), packages];
        let all = ours.into_iter().chain(std::env::split_paths(&given));
        std::env::join_paths(all).expect("no colon in these")
    }
}

/// The token of an invitation, from its letter: quoted-printable folds lines, and `=` is `=3D`.
fn token(letter: &Path) -> Option<String> {
    let text = std::fs::read_to_string(letter).ok()?;
    let text = text.replace("=\r\n", "").replace("=3D", "=");
    let (_, rest) = text.split_once("/invitations/accept?token=")?;
    Some(
        rest.chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect(),
    )
}
