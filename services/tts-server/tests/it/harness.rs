//! A server of our own, a client for files and one for streams.

use axum::body::Bytes;
use futures::{SinkExt, StreamExt};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use model_store::Store;
use serde_json::{Value, json};
use service::{App, Drain, Limits};
use std::net::SocketAddr;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, client_async};
use tts_server::{AppState, Config};

/// Outlives every test, so that servers can be shared.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime starts")
});

/// One server with the defaults for all tests that change nothing.
static SHARED: LazyLock<Server> = LazyLock::new(|| Server::start(|_| {}));

/// One for tests that look at all it does; they come one at a time.
static LONE: LazyLock<Mutex<Server>> = LazyLock::new(|| Mutex::new(Server::start(|_| {})));

/// Longest that anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A sentence of a few seconds.
pub const SENTENCE: &str = "The quick brown fox jumps over the lazy dog, and nobody minds.";

/// A running server.
pub struct Server {
    pub address: SocketAddr,
    pub state: AppState,
    pub drain: Drain,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub trailers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// Asserts an envelope, and gives its message.
    pub fn error(&self, status: u16, code: &str, param: Option<&str>) -> String {
        let error = &self.json()["error"];
        assert_eq!(
            (
                self.status.as_u16(),
                error["code"].as_str(),
                error["param"].as_str()
            ),
            (status, Some(code), param),
            "{error}"
        );
        error["message"].as_str().expect("a message").to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        let value = self
            .headers
            .get(name)
            .unwrap_or_else(|| panic!("no {name}"));
        value.to_str().unwrap()
    }

    /// The lines of an answer with timestamps.
    pub fn lines(&self) -> Vec<Value> {
        let text = std::str::from_utf8(&self.body).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// The shared server.
pub fn server() -> &'static Server {
    &SHARED
}

/// The server for one test at a time.
pub fn lone_server() -> MutexGuard<'static, Server> {
    LONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a future to its end.
pub fn wait<F: Future>(future: F) -> F::Output {
    RUNTIME.block_on(future)
}

impl Server {
    /// A server of its own, with other settings.
    pub fn start(change: impl FnOnce(&mut Config)) -> Server {
        let mut config = Config::with_data_dir(std::env::temp_dir());
        config.tts_device = inference::DevicePreference::Cpu;
        change(&mut config);
        let common = config.common.clone();
        let drain = Drain::new();
        let store = Store::from_env().expect("HOME is set");
        let state = AppState::start(config, &store, drain.clone()).unwrap_or_else(|error| {
            panic!("{error}; run `cargo run -p model-store --bin models -- fetch`")
        });
        let app = App::new("tts-server", "test", &common, drain.clone())
            .routes(tts_server::router(state.clone()))
            .build();
        // Nothing to wait for, so that a test may start it from anywhere.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        listener.set_nonblocking(true).expect("a socket of ours");
        let _entered = RUNTIME.enter();
        let listener = TcpListener::from_std(listener).expect("within a runtime");
        let limits = Limits::from(&common);
        tokio::spawn(service::serve_on(listener, app, limits, drain.clone()));
        Server {
            address,
            state,
            drain,
        }
    }

    /// POST of JSON, blocking.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_raw(path, "application/json", body.to_string())
    }

    /// POST, blocking.
    pub fn post_raw(&self, path: &str, content_type: &str, body: impl Into<Bytes>) -> Answer {
        let request = Request::post(format!("http://{}{path}", self.address))
            .header("content-type", content_type)
            .header("te", "trailers");
        wait(send(request.body(Full::new(body.into())).unwrap()))
    }

    /// GET, blocking.
    pub fn get(&self, path: &str) -> Answer {
        let request = Request::get(format!("http://{}{path}", self.address));
        wait(send(request.body(Full::default()).unwrap()))
    }

    /// Waits until nothing is spoken any more; at most this long.
    pub fn assert_free(&self, within: Duration) {
        let began = Instant::now();
        while self.get("/status").json()["active"] != 0 {
            assert!(began.elapsed() < within, "still speaking after {within:?}");
        }
    }
}

async fn send(request: Request<Full<Bytes>>) -> Answer {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let exchange = async {
        let response = client.request(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let whole = body.collect().await.expect("a whole body");
        Answer {
            status: parts.status,
            headers: parts.headers,
            trailers: whole.trailers().cloned().unwrap_or_default(),
            body: whole.to_bytes(),
        }
    };
    tokio::time::timeout(PATIENCE, exchange)
        .await
        .expect("an answer in time")
}

/// A WebSocket client.
pub struct Stream {
    pub socket: WebSocketStream<TcpStream>,
}

/// What came over a WebSocket.
#[derive(Debug, Clone)]
pub enum Said {
    Event(Value),
    Sound(Vec<u8>),
    Closed(u16),
}

impl Said {
    /// The type of an event, `sound` or `closed`.
    pub fn kind(&self) -> &str {
        match self {
            Said::Event(event) => event["type"].as_str().unwrap(),
            Said::Sound(_) => "sound",
            Said::Closed(_) => "closed",
        }
    }

    pub fn event(&self) -> &Value {
        match self {
            Said::Event(event) => event,
            other => panic!("{other:?}"),
        }
    }
}

impl Stream {
    pub async fn open(server: &Server, query: &str) -> Stream {
        let socket = TcpStream::connect(server.address).await.unwrap();
        socket.set_nodelay(true).unwrap();
        let url = format!("ws://{}/stream{query}", server.address);
        let (socket, _) = client_async(url, socket).await.unwrap();
        Stream { socket }
    }

    pub async fn send(&mut self, message: Value) {
        self.text(&message.to_string()).await;
    }

    pub async fn text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    pub async fn speak(&mut self, text: &str, id: &str) {
        self.send(json!({"type": "speak", "text": text, "id": id}))
            .await;
    }

    /// The next thing that comes.
    pub async fn next(&mut self) -> Said {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next())
                .await
                .expect("something comes in time");
            return match message {
                Some(Ok(Message::Text(text))) => Said::Event(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Binary(data))) => Said::Sound(data.to_vec()),
                Some(Ok(Message::Close(frame))) => {
                    Said::Closed(frame.map_or(1005, |frame: CloseFrame| frame.code.into()))
                }
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => Said::Closed(1006),
            };
        }
    }

    /// All up to the next event of this type, that included.
    pub async fn until(&mut self, kind: &str) -> Vec<Said> {
        let mut all = Vec::new();
        loop {
            let said = self.next().await;
            let (found, closed) = (said.kind() == kind, said.kind() == "closed");
            all.push(said);
            if found {
                return all;
            }
            assert!(!closed, "closed before {kind}: {:?}", kinds(&all));
        }
    }

    /// The next event of this type.
    pub async fn event(&mut self, kind: &str) -> Value {
        self.until(kind).await.pop().unwrap().event().clone()
    }

    /// The next error's code and id, and whether the stream still speaks afterwards.
    pub async fn error(&mut self) -> (String, Value) {
        let error = self.event("error").await;
        let code = error["error"]["code"].as_str().unwrap().to_owned();
        (code, error["id"].clone())
    }
}

/// The types of what came, without repetitions; other tests may make a text wait.
pub fn kinds(all: &[Said]) -> Vec<&str> {
    let mut kinds: Vec<&str> = all.iter().map(Said::kind).collect();
    kinds.retain(|kind| *kind != "waiting");
    kinds.dedup();
    kinds
}

/// All sound among what came.
pub fn sound(all: &[Said]) -> Vec<u8> {
    let pieces = all.iter().filter_map(|said| match said {
        Said::Sound(bytes) => Some(bytes.as_slice()),
        _ => None,
    });
    pieces.collect::<Vec<_>>().concat()
}

/// Seconds of s16le at 24 kHz.
pub fn seconds(bytes: &[u8]) -> f64 {
    bytes.len() as f64 / 48_000.0
}

/// Loudest sample, 0..1.
pub fn peak(bytes: &[u8]) -> f32 {
    let samples = bytes.as_chunks::<2>().0.iter();
    let loudest = samples
        .map(|pair| i16::from_le_bytes(*pair).unsigned_abs())
        .max();
    f32::from(loudest.unwrap_or(0)) / 32_768.0
}
