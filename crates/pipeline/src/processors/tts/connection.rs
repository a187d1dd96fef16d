//! The WebSocket to tts-server, configured for a call.

use crate::settings::CallSettings;
use api::synthesis::{Speak, SpeechClientMessage, SpeechConfig, SpeechEvent};
use futures::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// To connect, and to have the configuration taken.
const OPENING: Duration = Duration::from_secs(5);
/// To send a message.
const SENDING: Duration = Duration::from_secs(3);
/// Largest message that is taken; sound comes in pieces of some kilobytes.
const LARGEST: usize = 1 << 20;

/// Why a connection is of no more use; for logs and the call's record.
#[derive(Debug, PartialEq)]
pub(super) struct Broken(pub String);

/// What came.
#[derive(Debug)]
pub(super) enum Incoming {
    /// Samples, s16le.
    Sound(Bytes),
    /// Anything else that was understood.
    Event(Box<SpeechEvent>),
    /// A sign of life.
    Nothing,
}

/// See the module.
pub(super) struct Connection {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Connection {
    /// Connects and has the call's voice, language and rate taken.
    ///
    /// # Errors
    /// What hindered it.
    pub async fn open(settings: &CallSettings) -> Result<Self, Broken> {
        let opened = timeout(OPENING, Self::try_open(settings)).await;
        opened.unwrap_or_else(|_| Err(Broken("tts-server does not answer".into())))
    }

    async fn try_open(settings: &CallSettings) -> Result<Self, Broken> {
        let wrong = |why: &dyn std::fmt::Display| Broken(format!("tts-server: {why}"));
        let url = format!("{}/stream", settings.tts_url.trim_end_matches('/'));
        let url = match url.strip_prefix("http") {
            Some(rest) => format!("ws{rest}"),
            None => url,
        };
        let mut request = url.into_client_request().map_err(|error| wrong(&error))?;
        request.headers_mut().extend(settings.headers.clone());
        let config = WebSocketConfig::default()
            .read_buffer_size(16 * 1024)
            .max_message_size(Some(LARGEST))
            .max_frame_size(Some(LARGEST));
        let connected = connect_async_with_config(request, Some(config), true).await;
        let (socket, _) = connected.map_err(|error| wrong(&error))?;
        let mut connection = Connection { socket };
        connection.configure(settings).await?;
        Ok(connection)
    }

    /// A voice or language that tts-server does not have is no reason to be silent.
    async fn configure(&mut self, settings: &CallSettings) -> Result<(), Broken> {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let least = SpeechConfig {
            format: Some("s16le".into()),
            sample_rate: Some(settings.rate),
            timestamps: Some(true),
            ..SpeechConfig::default()
        };
        let voice = SpeechConfig {
            voice: some(&settings.voice),
            voice_gender: settings.voice_gender.clone(),
            speed: Some(settings.options.speed),
            ..least.clone()
        };
        let all = SpeechConfig {
            language: some(&settings.language),
            ..voice.clone()
        };
        let language = SpeechConfig {
            language: all.language.clone(),
            ..least.clone()
        };
        let mut why = Broken(String::new());
        for config in [all, voice, language, least] {
            // Fields that are null would be wrong, so they are left out.
            self.send_config(&config).await?;
            match self.configured().await? {
                Ok(()) => return Ok(()),
                Err(message) => {
                    tracing::warn!(message, "tts-server does not take the agent's voice");
                    why = Broken(message);
                }
            }
        }
        Err(why)
    }

    async fn send_config(&mut self, config: &SpeechConfig) -> Result<(), Broken> {
        let mut message = serde_json::json!({ "type": "config" });
        if let (Some(message), Ok(serde_json::Value::Object(fields))) =
            (message.as_object_mut(), serde_json::to_value(config))
        {
            message.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
        }
        self.put(Message::text(message.to_string())).await
    }

    async fn configured(&mut self) -> Result<Result<(), String>, Broken> {
        loop {
            match self.next().await? {
                Incoming::Event(event) => match *event {
                    SpeechEvent::Ready { warnings, .. } => {
                        if !warnings.is_empty() {
                            tracing::debug!(?warnings, "tts-server speaks otherwise than asked");
                        }
                        return Ok(Ok(()));
                    }
                    SpeechEvent::Error { error, .. } => return Ok(Err(error.message)),
                    _ => {}
                },
                Incoming::Sound(_) | Incoming::Nothing => {}
            }
        }
    }

    /// Asks for a text.
    ///
    /// # Errors
    /// The connection is of no more use.
    pub async fn speak(&mut self, id: u64, text: &str) -> Result<(), Broken> {
        let speak = Speak {
            text: text.to_owned(),
            id: Some(id.into()),
            instruct: None,
        };
        self.send(&SpeechClientMessage::Speak(Box::new(speak)))
            .await
    }

    /// Sends a message.
    ///
    /// # Errors
    /// The connection is of no more use.
    pub async fn send(&mut self, message: &SpeechClientMessage) -> Result<(), Broken> {
        let text = serde_json::to_string(message).map_err(|error| Broken(error.to_string()))?;
        self.put(Message::text(text)).await
    }

    async fn put(&mut self, message: Message) -> Result<(), Broken> {
        match timeout(SENDING, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Broken(format!("tts-server: {error}"))),
            Err(_) => Err(Broken("tts-server does not read".into())),
        }
    }

    /// What comes next. Nothing is lost when this is dropped while it waits.
    ///
    /// # Errors
    /// The connection is of no more use.
    pub async fn next(&mut self) -> Result<Incoming, Broken> {
        match self.socket.next().await {
            Some(Ok(Message::Binary(sound))) => Ok(Incoming::Sound(sound)),
            Some(Ok(Message::Text(text))) => Ok(match serde_json::from_str(&text) {
                Ok(event) => Incoming::Event(Box::new(event)),
                Err(error) => {
                    tracing::debug!(%error, "tts-server said something unknown");
                    Incoming::Nothing
                }
            }),
            Some(Ok(Message::Close(Some(close)))) => Err(Broken(format!(
                "tts-server closed the connection: {} {}",
                close.code, close.reason
            ))),
            Some(Ok(Message::Close(None))) | None => {
                Err(Broken("tts-server closed the connection".into()))
            }
            Some(Ok(_)) => Ok(Incoming::Nothing),
            Some(Err(error)) => Err(Broken(format!("tts-server: {error}"))),
        }
    }
}
