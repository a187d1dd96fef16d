//! Calls over WebRTC with other people's ends: Chromium on our page, and aiortc. The language model
//! is a stand-in; everything else is real.

use e2e::call::{self, Model};
use e2e::{Answer, Stack, python};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const JSON: &str = "Content-Type: application/json";

/// A guest with an agent.
struct Guest {
    jar: String,
    agent: String,
}

impl Guest {
    fn with_agent(stack: &Stack, name: &str) -> Guest {
        let jar = stack.data.path().join(name).display().to_string();
        let url = "/bot/api/auth/guest";
        let signed = stack.curl(&["-X", "POST", url, "-H", JSON, &format!("-c{jar}")]);
        assert_eq!(signed.status, 201, "{}", signed.body);
        let guest = Guest {
            jar,
            agent: String::new(),
        };
        let agent = json!({"name": "Guide", "system_prompt": "You know cities.",
            "greeting": "Hello, this is the city guide."});
        let made = guest.send(stack, "POST", "agents", &agent);
        assert_eq!(made.status, 201, "{}", made.body);
        let agent = made.json()["id"].as_str().expect("an id").to_owned();
        Guest { agent, ..guest }
    }

    fn send(&self, stack: &Stack, method: &str, path: &str, body: &Value) -> Answer {
        let (cookies, url) = (format!("-b{}", self.jar), format!("/bot/api/{path}"));
        let body = body.to_string();
        stack.curl(&["-X", method, &url, "-H", JSON, &cookies, "-d", &body])
    }

    /// `name=value` of the session's cookie.
    fn cookie(&self) -> String {
        let jar = std::fs::read_to_string(&self.jar).expect("curl keeps cookies");
        let line = jar.lines().find(|line| line.contains("\taccess_token\t"));
        let token = line.and_then(|line| line.split('\t').next_back());
        format!("access_token={}", token.expect("a session"))
    }

    /// Plays a plan of `tests/clients/peer.py`.
    fn call(&self, stack: &Stack, plan: &Value) -> call::Heard {
        let sound = tempfile::NamedTempFile::new().expect("a temporary file can be made");
        let path = sound.path().display().to_string();
        let api = format!("http://127.0.0.1:{}/bot/api", stack.port);
        let arguments = [&*api, &*self.cookie(), &*self.agent, &*path];
        let output = python("peer.py", &arguments, &plan.to_string());
        let messages = serde_json::from_slice(&output.stdout).expect("a list of messages");
        call::Heard { sound, messages }
    }

    /// The record of a call, once it is over.
    fn record(&self, stack: &Stack, call: &str) -> Value {
        let cookies = format!("-b{}", self.jar);
        for _ in 0..600 {
            let url = format!("/bot/api/calls/{call}");
            let kept = stack.curl(&[&*cookies, &*url]).json();
            if kept["status"] != "in-progress" {
                return kept;
            }
            e2e::pause();
        }
        panic!("the call goes on and on");
    }
}

fn model() -> Model {
    Model::start(&json!([
        {"when": "france", "say": "The capital of France is Paris. Would you like to know more?"},
        {"when": "thank", "say": "You are welcome. Goodbye!"},
    ]))
}

/// A text by tts-server.
fn spoken(stack: &Stack, text: &str, format: &str) -> PathBuf {
    let name = format!("{}.{format}", text.len());
    let path = stack.data.path().join(name);
    let body = json!({"text": text, "voice": "am_michael", "format": format}).to_string();
    let url = format!("http://127.0.0.1:{}/synthesize", stack.tts_port);
    let made = stack.curl(&[
        &url,
        "-H",
        JSON,
        "-d",
        &body,
        &format!("-o{}", path.display()),
    ]);
    assert_eq!(made.status, 200, "{}", made.body);
    path
}

/// What a file of sound says, in lower case.
fn transcript(stack: &Stack, sound: &Path) -> String {
    let answer = stack.transcribe(sound, &[]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let text = answer.json()["transcript"].as_str().map(str::to_lowercase);
    text.expect("a transcript")
}

/// The same for raw samples at 24 kHz.
fn transcript_of_samples(stack: &Stack, sound: &Path) -> String {
    let wav = sound.with_extension("wav");
    ffmpeg(
        &["-f", "s16le", "-ar", "24000", "-ac", "1", "-i"],
        sound,
        &[],
        &wav,
    );
    transcript(stack, &wav)
}

fn ffmpeg(before: &[&str], from: &Path, after: &[&str], to: &Path) {
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-y"])
        .args(before)
        .arg(from)
        .args(after)
        .arg(to)
        .status();
    let status = status.expect("ffmpeg is installed (scripts/setup.sh test)");
    assert!(status.success(), "{}", from.display());
}

#[test]
fn chromium_asks_and_hears_the_answer() {
    let model = model();
    let stack = Stack::conversing(&model.variables());
    let question = spoken(&stack, "What is the capital of France?", "wav");
    // The greeting comes first; then the microphone speaks, and is silent.
    let microphone = stack.data.path().join("microphone.wav");
    let pauses = "adelay=7000,apad=pad_dur=60";
    let form = ["-af", pauses, "-ar", "48000", "-ac", "1"];
    ffmpeg(&["-i"], &question, &form, &microphone);
    let heard = stack.data.path().join("heard.webm");
    let page = format!("http://127.0.0.1:{}/bot/api/call", stack.port);
    let paths = [&microphone, &heard].map(|path| path.display().to_string());
    let arguments = [&*page, &*paths[0], &*paths[1], "18"];
    let output = python("browser.py", &arguments, "");
    let shown: Value = serde_json::from_slice(&output.stdout).expect("what the page shows");
    let said = transcript(&stack, &heard);
    assert!(
        e2e::holds(&said, "the capital of france is paris"),
        "{said}: {shown:#}"
    );
    let lines = shown["said"].to_string().to_lowercase();
    assert!(lines.contains("france?"), "{shown:#}");
    assert!(
        lines.contains("agent: the capital of france is paris"),
        "{shown:#}"
    );
}

#[test]
fn aiortc_asks_hears_the_answer_and_hangs_up() {
    let model = model();
    let stack = Stack::conversing(&model.variables());
    let guest = Guest::with_agent(&stack, "guest");
    let question = spoken(&stack, "What is the capital of France?", "pcm");
    let heard = guest.call(
        &stack,
        &json!([
            {"wait": "segment", "speaker": "agent"},
            {"renegotiate": true},
            {"say": question},
            {"wait": "segment", "speaker": "customer"},
            {"wait": "segment", "speaker": "agent"},
            {"hangup": true},
            {"wait": "ended"},
        ]),
    );
    let said = transcript_of_samples(&stack, heard.sound.path());
    for words in ["this is the city guide", "the capital of france is paris"] {
        assert!(e2e::holds(&said, words), "{said}\n{:#?}", heard.messages);
    }
    let kept = guest.record(&stack, &heard.call_id());
    assert_eq!(kept["status"], "completed", "{kept:#}");
    assert_eq!(kept["direction"], "web");
    assert_eq!(
        kept["transcript"].as_array().map(Vec::len),
        Some(3),
        "{kept:#}"
    );

    // A peer that goes without a word has hung up all the same, within a quarter of a minute.
    let heard = guest.call(
        &stack,
        &json!([{"wait": "segment", "speaker": "agent"}, {"vanish": true}]),
    );
    let begun = std::time::Instant::now();
    guest.record(&stack, &heard.call_id());
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());

    // What makes no sense is refused, and what is another's is not there.
    let other = Guest::with_agent(&stack, "other");
    let audio = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n";
    let offer = |sdp: &str, agent: &str| json!({"sdp": sdp, "type": "offer", "agent_id": agent});
    let nobody = json!({"pc_id": "00000000-0000-4000-8000-000000000000", "candidates": []});
    for (method, body, status, code) in [
        (
            "POST",
            offer("garbage", &guest.agent),
            422,
            "invalid_parameter",
        ),
        (
            "POST",
            offer("v=0\r\n", &guest.agent),
            422,
            "invalid_parameter",
        ),
        ("POST", offer(audio, &guest.agent), 422, "invalid_parameter"),
        ("POST", offer(audio, &other.agent), 404, "not_found"),
        (
            "POST",
            json!({"sdp": audio, "type": "offer"}),
            422,
            "missing_parameter",
        ),
        (
            "POST",
            json!({"sdp": audio, "type": "answer", "agent_id": guest.agent}),
            422,
            "invalid_parameter",
        ),
        (
            "POST",
            offer(&"x".repeat(70_000), &guest.agent),
            422,
            "invalid_parameter",
        ),
        ("PATCH", nobody.clone(), 404, "not_found"),
        ("DELETE", nobody, 404, "not_found"),
    ] {
        let answer = guest.send(&stack, method, "offer", &body);
        assert_eq!(
            (answer.status, &*answer.error_code()),
            (status, code),
            "{body}: {}",
            answer.body
        );
    }
}

/// A TURN server on this machine.
struct Relay {
    process: Child,
    port: u16,
}

impl Relay {
    fn start(folder: &Path) -> Relay {
        let port = e2e::free_port();
        let process = Command::new("turnserver")
            .args([
                "-n",
                "--log-file=stdout",
                "--no-cli",
                "--no-tls",
                "--no-dtls",
            ])
            .args(["--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1"])
            .args(["--allow-loopback-peers", "--realm=test", "--lt-cred-mech"])
            .args(["--user=ada:secret", &format!("--listening-port={port}")])
            .arg(format!("--userdb={}", folder.join("turn.db").display()))
            .arg(format!("--pidfile={}", folder.join("turn.pid").display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let process = process.expect("coturn is installed (scripts/setup.sh test)");
        Relay { process, port }
    }

    /// `ICE_SERVERS` as browsers write it.
    fn servers(&self) -> String {
        let urls = [format!("turn:127.0.0.1:{}?transport=udp", self.port)];
        json!([{"urls": urls, "username": "ada", "credential": "secret"}]).to_string()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn who_cannot_reach_us_talks_through_a_turn_server() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (relay, model) = (Relay::start(folder.path()), model());
    let mut variables = model.variables();
    variables.push(("ICE_SERVERS".into(), relay.servers()));
    variables.push(("ICE_ADDRESSES".into(), "127.0.0.1".into()));
    let stack = Stack::conversing(&variables);
    let guest = Guest::with_agent(&stack, "guest");
    let question = spoken(&stack, "What is the capital of France?", "pcm");
    let plan = json!([
        {"relayed": true},
        {"wait": "segment", "speaker": "agent"},
        {"say": question},
        {"wait": "segment", "speaker": "customer"},
        {"wait": "segment", "speaker": "agent"},
        {"hangup": true},
        {"wait": "ended"},
    ]);
    let heard = guest.call(&stack, &plan);
    let said = transcript_of_samples(&stack, heard.sound.path());
    assert!(
        e2e::holds(&said, "the capital of france is paris"),
        "{said}\n{:#?}",
        heard.messages
    );
}

#[test]
fn a_call_outlives_lost_packets_and_ends_when_none_arrive() {
    let model = model();
    let stack = Stack::conversing(&model.variables());
    let guest = Guest::with_agent(&stack, "guest");
    let question = spoken(&stack, "What is the capital of France?", "pcm");
    let plan = json!([
        {"wait": "segment", "speaker": "agent"},
        // Every seventh packet for a while, and all of them for another.
        {"lose": 0.15},
        {"sleep": 5},
        {"lose": 1},
        {"sleep": 7},
        {"lose": 0},
        {"sleep": 3},
        {"say": question},
        {"wait": "segment", "speaker": "customer"},
        {"wait": "segment", "speaker": "agent"},
        // A minute without a packet is no call any more.
        {"lose": 1},
        {"sleep": 1},
        {"vanish": true},
    ]);
    let heard = guest.call(&stack, &plan);
    let said = transcript_of_samples(&stack, heard.sound.path());
    assert!(
        e2e::holds(&said, "the capital of france is paris"),
        "{said}\n{:#?}",
        heard.messages
    );
    let begun = std::time::Instant::now();
    let kept = guest.record(&stack, &heard.call_id());
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    assert!(kept["transcript"].to_string().contains("Paris"), "{kept:#}");
}
