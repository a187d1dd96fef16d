//! A server of our own, a client that can also misbehave, and recordings.

use asr_server::{AppState, Config};
use axum::body::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use model_store::{Store, Variant};
use serde_json::Value;
use service::{App, Drain, Limits};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// Outlives every test, so that servers can be shared.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime starts")
});

/// One server with the defaults for all tests that change nothing.
static SHARED: LazyLock<Server> = LazyLock::new(|| Server::start(|_| {}));

/// What Samuel Beckett's sentence is, in lower case without punctuation.
pub const WORDS: &str = "ever tried ever failed no matter try again fail again fail better";

/// A running server.
pub struct Server {
    pub address: SocketAddr,
    pub state: AppState,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("an answer is UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The JSON of a success.
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        self.json()
    }

    /// Asserts an envelope, and gives its message.
    pub fn error(&self, status: u16, code: &str, param: Option<&str>) -> String {
        let error = &self.json()["error"];
        assert_eq!(
            (self.status.as_u16(), error["code"].as_str()),
            (status, Some(code)),
            "{}",
            self.text()
        );
        assert_eq!(error["param"].as_str(), param, "{}", self.text());
        assert_eq!(
            error["request_id"].as_str(),
            self.headers["x-request-id"].to_str().ok()
        );
        error["message"].as_str().expect("a message").to_owned()
    }

    /// `(event, data)` of every server-sent event; comments are left out.
    pub fn events(&self) -> Vec<(String, Value)> {
        let field = |block: &str, name: &str| {
            let line = block.lines().find_map(|line| line.strip_prefix(name));
            line.map(|value| value.trim_start().to_owned())
        };
        let blocks = self.text().split("\n\n").filter_map(|block| {
            let data = serde_json::from_str(&field(block, "data:")?).expect("data is JSON");
            Some((field(block, "event:")?, data))
        });
        blocks.collect()
    }
}

/// The shared server.
pub fn server() -> &'static Server {
    &SHARED
}

/// Runs a future to its end.
pub fn wait<F: Future>(future: F) -> F::Output {
    RUNTIME.block_on(future)
}

fn store() -> Store {
    Store::from_env().expect("HOME is set")
}

impl Server {
    /// A server of its own, with other settings.
    pub fn start(change: impl FnOnce(&mut Config)) -> Server {
        let mut config = Config::with_data_dir(std::env::temp_dir(), Variant::EnLite);
        config.asr_device = inference::DevicePreference::Cpu;
        change(&mut config);
        let common = config.common.clone();
        let drain = Drain::new();
        let state = AppState::start(config, &store(), drain.clone())
            .unwrap_or_else(|error| panic!("{error}"));
        let app = App::new("asr-server", "test", &common, drain.clone())
            .routes(asr_server::router(state.clone()))
            .build();
        let address = RUNTIME.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            let address = listener.local_addr().expect("bound");
            tokio::spawn(service::serve_on(
                listener,
                app,
                Limits::from(&common),
                drain,
            ));
            address
        });
        Server { address, state }
    }

    /// Sends any request.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let exchange = async {
            let response = client
                .request(request)
                .await
                .unwrap_or_else(|error| panic!("{error:?}"));
            let (parts, body) = response.into_parts();
            let body = body.collect().await.expect("a whole body").to_bytes();
            Answer {
                status: parts.status,
                headers: parts.headers,
                body,
            }
        };
        tokio::time::timeout(Duration::from_secs(60), exchange)
            .await
            .expect("an answer within a minute")
    }

    /// POST of a body.
    pub async fn post(&self, path: &str, content_type: &str, body: impl Into<Bytes>) -> Answer {
        let request = Request::post(format!("http://{}{path}", self.address))
            .header("content-type", content_type);
        self.send(
            request
                .body(Full::new(body.into()))
                .expect("a sane request"),
        )
        .await
    }

    /// POST of a form.
    pub async fn post_form(&self, path: &str, form: Form) -> Answer {
        self.post(path, Form::TYPE, form.end()).await
    }

    /// POST of one recording with fields `name=value` to `/transcribe`, blocking.
    pub fn transcribe(&self, recording: &[u8], fields: &[&str]) -> Answer {
        wait(self.post_form("/transcribe", Form::of(recording, fields)))
    }

    /// GET, blocking.
    pub fn get(&self, path: &str) -> Answer {
        let request = Request::get(format!("http://{}{path}", self.address)).body(Full::default());
        wait(self.send(request.expect("a sane request")))
    }
}

/// A multipart form under construction.
#[derive(Default, Clone)]
pub struct Form(Vec<u8>);

impl Form {
    pub const TYPE: &str = "multipart/form-data; boundary=XyZ";

    /// One recording and fields `name=value`.
    pub fn of(recording: &[u8], fields: &[&str]) -> Form {
        let form = Form::default().file("recording", recording);
        fields.iter().fold(form, |form, field| {
            let (name, value) = field.split_once('=').expect("name=value");
            form.field(name, value)
        })
    }

    pub fn field(mut self, name: &str, value: &str) -> Form {
        let part =
            format!("--XyZ\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        self.0.extend(part.bytes());
        self
    }

    pub fn file(mut self, filename: &str, bytes: &[u8]) -> Form {
        let head = format!(
            "--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{filename}\"\r\n\r\n"
        );
        self.0.extend(head.bytes());
        self.0.extend(bytes);
        self.0.extend(b"\r\n");
        self
    }

    /// The body, closed.
    pub fn end(mut self) -> Vec<u8> {
        self.0.extend(b"--XyZ--\r\n");
        self.0
    }

    /// The body as far as it is, without its end.
    pub fn open_end(self) -> Vec<u8> {
        self.0
    }
}

/// A file of the recordings for tests.
pub fn recording(name: &str) -> Vec<u8> {
    let path = store().file("test-recordings", name);
    std::fs::read(path.unwrap_or_else(|error| panic!("{error}"))).expect("installed")
}

/// Ten seconds of Beckett, a WAV file.
pub fn beckett_path() -> PathBuf {
    store()
        .file("test-recordings", "beckett.wav")
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Ten seconds of Beckett, a WAV file.
pub fn beckett() -> &'static [u8] {
    static FILE: LazyLock<Vec<u8>> =
        LazyLock::new(|| std::fs::read(beckett_path()).expect("installed"));
    &FILE
}

/// Its samples at 16 kHz.
pub fn samples() -> &'static [f32] {
    static SAMPLES: LazyLock<Vec<f32>> = LazyLock::new(|| {
        let file = std::fs::File::open(beckett_path()).expect("installed");
        let audio = audio::decode_all(Box::new(file), &audio::DecodeOptions::default())
            .expect("a sound file");
        audio.channels.into_iter().next().expect("one channel")
    });
    &SAMPLES
}

/// Interleaved 16-bit samples of several channels.
pub fn interleave(channels: &[&[f32]]) -> Vec<u8> {
    let frames = channels
        .iter()
        .map(|channel| channel.len())
        .max()
        .unwrap_or(0);
    let sample =
        |channel: &[f32], at: usize| (channel.get(at).copied().unwrap_or(0.0) * 32767.0) as i16;
    (0..frames)
        .flat_map(|at| {
            channels
                .iter()
                .flat_map(move |channel| sample(channel, at).to_le_bytes())
        })
        .collect()
}

/// A 16 kHz WAV file whose header claims `claimed` bytes of samples.
pub fn wav(channels: u16, data: &[u8], claimed: u32) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(b"RIFF");
    file.extend(claimed.saturating_add(36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    file.extend(channels.to_le_bytes());
    file.extend(16_000u32.to_le_bytes());
    file.extend((32_000 * u32::from(channels)).to_le_bytes());
    file.extend((2 * channels).to_le_bytes());
    file.extend(b"\x10\0data");
    file.extend(claimed.to_le_bytes());
    file.extend(data);
    file
}

/// A 16 kHz WAV file of these channels.
pub fn wav_of(channels: &[&[f32]]) -> Vec<u8> {
    let data = interleave(channels);
    wav(channels.len() as u16, &data, data.len() as u32)
}

/// Beckett through `ffmpeg` with these arguments, as a file with this ending.
pub fn converted(ending: &str, arguments: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(format!("out.{ending}"));
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-i"])
        .arg(beckett_path())
        .args(arguments)
        .arg(&path)
        .status()
        .expect("ffmpeg is installed (scripts/setup.sh test)");
    assert!(status.success());
    std::fs::read(path).expect("ffmpeg wrote it")
}

/// Asserts that at most `share` of the words of `reference` are wrong, missing or added.
pub fn assert_close(text: &str, reference: &str, share: f64) {
    let (said, wanted): (Vec<&str>, Vec<&str>) =
        (text.split(' ').collect(), reference.split(' ').collect());
    let mut row: Vec<usize> = (0..=wanted.len()).collect();
    for (i, word) in said.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, other) in wanted.iter().enumerate() {
            let best = (diagonal + usize::from(word != other))
                .min(row[j] + 1)
                .min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], best);
        }
    }
    let errors = row[wanted.len()] as f64 / wanted.len() as f64;
    assert!(
        errors <= share,
        "{errors:.2} of the words are wrong:\n{text}\n{reference}"
    );
}

/// Lower-case words without punctuation.
pub fn words(text: &str) -> String {
    text::plain(text, "en")
}
