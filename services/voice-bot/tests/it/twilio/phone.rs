//! Twilio's end of a media stream: sends 20 ms of sound every 20 ms, plays what comes at the same
//! pace, gives marks back when what was before them is played, and checks every message it gets.

use super::{Office, PUBLIC, TOKEN, library};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Of every stream here.
pub const STREAM: &str = "MZ00000000000000000000000000000001";
/// Mu-law of silence.
const SILENCE: u8 = 0xff;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Something that waits to be played.
enum Waiting {
    Sound(Vec<u8>),
    Mark(String),
}

/// See the module.
pub struct Phone {
    /// For messages that Twilio would not send.
    pub socket: Socket,
    waiting: VecDeque<Waiting>,
    chunk: u64,
    sequence: u64,
    /// Frames that came, and those that were not silent, as they were played.
    pub frames: usize,
    pub loud: usize,
    pub marks: usize,
    pub clears: usize,
}

/// The handshake of a stream with this signature.
pub async fn connect(office: &Office, signature: Option<&str>) -> Result<Socket, Error> {
    let url = format!("{}/ws/twilio", office.bot.url.replacen("http", "ws", 1));
    let mut request = url.into_client_request()?;
    if let Some(signature) = signature {
        let value = signature.parse().expect("a header");
        request.headers_mut().insert("x-twilio-signature", value);
    }
    connect_async(request).await.map(|(socket, _)| socket)
}

/// How Twilio's library signs the handshake.
pub fn signature() -> String {
    let address = format!("{}/ws/twilio", PUBLIC.replacen("https", "wss", 1));
    library(&json!([[TOKEN, address, []]])).remove(0)
}

/// What a stream says first.
pub fn start(token: &str, call: &str) -> Value {
    json!({"event": "start", "sequenceNumber": "1", "streamSid": STREAM, "start": {
        "accountSid": super::SID, "streamSid": STREAM, "callSid": call, "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"token": token}}})
}

impl Phone {
    /// A stream whose handshake was signed; nothing was said yet.
    pub async fn open(office: &Office) -> Phone {
        let socket = connect(office, Some(&signature())).await;
        Phone {
            socket: socket.expect("the signature is right"),
            waiting: VecDeque::new(),
            chunk: 0,
            sequence: 1,
            frames: 0,
            loud: 0,
            marks: 0,
            clears: 0,
        }
    }

    /// One that has started.
    pub async fn started(office: &Office, token: &str, call: &str) -> Phone {
        let mut phone = Phone::open(office).await;
        let connected = json!({"event": "connected", "protocol": "Call", "version": "1.0.0"});
        phone.say(&connected).await;
        phone.say(&start(token, call)).await;
        phone
    }

    /// Sends a message.
    pub async fn say(&mut self, message: &Value) {
        let sent = self.socket.send(Message::text(message.to_string())).await;
        sent.expect("the stream is open");
    }

    /// A piece of silence, as Twilio sends it.
    pub fn media(&mut self) -> Value {
        self.chunk += 1;
        self.sequence += 1;
        let payload = STANDARD.encode([SILENCE; 160]);
        json!({"event": "media", "sequenceNumber": self.sequence.to_string(), "streamSid": STREAM,
               "media": {"track": "inbound", "chunk": self.chunk.to_string(),
                         "timestamp": ((self.chunk - 1) * 20).to_string(), "payload": payload}})
    }

    /// Telephones for a time, or until the stream is closed: the close code.
    pub async fn talk(&mut self, time: Duration) -> Option<u16> {
        let end = Instant::now() + time;
        let mut tick = Instant::now();
        while tick < end {
            tokio::select! {
                () = sleep_until(tick) => {
                    tick += Duration::from_millis(20);
                    let media = self.media();
                    // It may be closing already, which is read next.
                    let _ = self.socket.send(Message::text(media.to_string())).await;
                    self.play().await;
                }
                message = self.socket.next() => match message {
                    Some(Ok(Message::Text(text))) => self.take(&text),
                    Some(Ok(Message::Close(close))) => return Some(close.map_or(1005, |close| close.code.into())),
                    Some(Ok(Message::Ping(_))) => {}
                    other => panic!("Twilio does not understand {other:?}"),
                },
            }
        }
        None
    }

    /// The close code, when the stream is closed within a time.
    pub async fn closed(&mut self, patience: Duration) -> Option<u16> {
        let closed = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Close(close))) => return close.map(|close| close.code.into()),
                    Some(Ok(_)) => {}
                    _ => return None,
                }
            }
        };
        timeout(patience, closed).await.expect("it is closed")
    }

    fn take(&mut self, text: &str) {
        let message: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(message["streamSid"], STREAM, "{message}");
        let mut keys: Vec<&String> = message.as_object().expect("an object").keys().collect();
        keys.sort();
        match message["event"].as_str().expect("an event") {
            "media" => {
                assert_eq!(keys, ["event", "media", "streamSid"]);
                let payload = message["media"]["payload"].as_str().expect("a payload");
                let sound = STANDARD.decode(payload).expect("base64");
                assert_eq!(sound.len(), 160, "20 ms");
                self.frames += 1;
                self.waiting.push_back(Waiting::Sound(sound));
            }
            "mark" => {
                assert_eq!(keys, ["event", "mark", "streamSid"]);
                let name = message["mark"]["name"].as_str().expect("a name");
                self.marks += 1;
                self.waiting.push_back(Waiting::Mark(name.to_owned()));
            }
            "clear" => {
                assert_eq!(keys, ["event", "streamSid"]);
                self.clears += 1;
                self.waiting
                    .retain(|waiting| matches!(waiting, Waiting::Mark(_)));
            }
            other => panic!("Twilio knows no {other}"),
        }
    }

    /// Plays 20 ms.
    async fn play(&mut self) {
        let mut played = false;
        while let Some(next) = self.waiting.pop_front() {
            match next {
                Waiting::Sound(sound) if played => {
                    self.waiting.push_front(Waiting::Sound(sound));
                    return;
                }
                Waiting::Sound(sound) => {
                    played = true;
                    let loud = |code: &u8| code & 0x7f < 0x40;
                    self.loud += usize::from(sound.iter().any(loud));
                }
                Waiting::Mark(name) => {
                    self.sequence += 1;
                    let mark = json!({"event": "mark", "sequenceNumber": self.sequence.to_string(),
                                      "streamSid": STREAM, "mark": {"name": name}});
                    let _ = self.socket.send(Message::text(mark.to_string())).await;
                }
            }
        }
    }
}
