//! One connection to asr-server, from `ready` until it is lost.

use super::timeline::Timeline;
use super::waiting::{Stretch, Waiting};
use super::words::Words;
use crate::processor::Mailbox;
use api::stream::{ServerMessage, StreamEvent};
use futures::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// A server that is there answers within this time.
const CONNECT: Duration = Duration::from_secs(2);
/// And takes what is sent to it.
const SEND: Duration = Duration::from_secs(3);
/// It is asked whether it is still there so often.
const PING: Duration = Duration::from_secs(3);
/// And taken for gone when nothing came from it for so long.
const SILENT: Duration = Duration::from_secs(10);
/// Its messages are a few kilobytes.
const MAX_MESSAGE: usize = 256 * 1024;
/// Messages that make no sense, in a row, before it is taken for something else.
const MAX_GARBAGE: u32 = 20;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Why a connection ended.
#[derive(Debug, PartialEq)]
pub enum Lost {
    /// The server does not want to listen like that.
    Refused(String),
    /// Anything else.
    Broken(String),
}

fn broken(error: impl std::fmt::Display) -> Lost {
    Lost::Broken(error.to_string())
}

/// An open connection whose server said `ready`.
pub struct Connection {
    socket: Socket,
    timeline: Timeline,
}

impl Connection {
    /// Connects and waits for `ready`. `rate`: samples a second of what will be sent.
    pub async fn open(request: Request, rate: u32) -> Result<Self, Lost> {
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE));
        let connect = connect_async_with_config(request, Some(config), true);
        let (mut socket, _) = timeout(CONNECT, connect)
            .await
            .map_err(|_| broken("no answer in time"))?
            .map_err(broken)?;
        let ready = timeout(CONNECT, async {
            loop {
                match receive(&mut socket).await? {
                    Some(Ok(StreamEvent::Ready { warnings, .. })) => {
                        if !warnings.is_empty() {
                            tracing::debug!(?warnings, "asr-server will not do all");
                        }
                        return Ok(());
                    }
                    Some(Ok(StreamEvent::Error { error })) => {
                        return Err(Lost::Refused(error.message));
                    }
                    Some(Ok(_)) | Some(Err(_)) | None => {}
                }
            }
        });
        ready.await.map_err(|_| broken("not ready in time"))??;
        Ok(Connection {
            socket,
            timeline: Timeline::new(rate),
        })
    }

    /// Sends what waits, and what comes of it to the mailbox. Returns why the connection ended;
    /// `None`: the call is over.
    pub async fn run(
        &mut self,
        waiting: &Waiting,
        words: &mut Words,
        mailbox: &Mailbox,
    ) -> Option<Lost> {
        let mut ping = interval(PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut answered = Instant::now();
        let mut garbage = 0;
        loop {
            let heard = tokio::select! {
                heard = receive(&mut self.socket) => heard,
                stretches = waiting.take() => match self.send(stretches).await {
                    Ok(()) => continue,
                    Err(lost) => return Some(lost),
                },
                _ = ping.tick() => match self.ping(answered).await {
                    Ok(()) => continue,
                    Err(lost) => return Some(lost),
                },
            };
            answered = Instant::now();
            match heard {
                Err(lost) => return Some(lost),
                Ok(None) => {}
                Ok(Some(Err(error))) => {
                    garbage += 1;
                    tracing::debug!(%error, "a message of asr-server is not understood");
                    if garbage >= MAX_GARBAGE {
                        return Some(broken("its messages make no sense"));
                    }
                }
                Ok(Some(Ok(StreamEvent::Error { error }))) => return Some(broken(error.message)),
                Ok(Some(Ok(StreamEvent::End { .. }))) => {
                    return Some(broken("it ended the stream"));
                }
                Ok(Some(Ok(event))) => {
                    garbage = 0;
                    for frame in words.frames(event, &self.timeline) {
                        if !mailbox.send(frame).await {
                            return None;
                        }
                    }
                }
            }
        }
    }

    async fn send(&mut self, stretches: Vec<Stretch>) -> Result<(), Lost> {
        let count = stretches.iter().map(|s| s.samples.len()).sum::<usize>();
        let mut bytes = Vec::with_capacity(2 * count);
        for stretch in stretches {
            self.timeline.sent(stretch.at, stretch.samples.len() as u64);
            bytes.extend(stretch.samples.iter().flat_map(|s| s.to_le_bytes()));
        }
        self.put(Message::Binary(bytes.into())).await
    }

    async fn ping(&mut self, answered: Instant) -> Result<(), Lost> {
        if answered.elapsed() > SILENT {
            return Err(broken("it does not answer"));
        }
        self.put(Message::Ping(Bytes::new())).await?;
        // Before the caller's first sound there is nothing else that it would take for life.
        self.put(Message::text(r#"{"type":"keepalive"}"#)).await
    }

    async fn put(&mut self, message: Message) -> Result<(), Lost> {
        match timeout(SEND, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(broken(error)),
            Err(_) => Err(broken("it takes nothing any more")),
        }
    }
}

/// The next message: `None` for one of the protocol itself. Cancel-safe.
async fn receive(socket: &mut Socket) -> Result<Option<serde_json::Result<StreamEvent>>, Lost> {
    match socket.next().await {
        Some(Ok(Message::Text(text))) => {
            let message = serde_json::from_str::<ServerMessage>(&text);
            Ok(Some(message.map(|message| message.event)))
        }
        Some(Ok(Message::Close(Some(frame)))) => {
            let why = format!("closed with {}: {}", u16::from(frame.code), frame.reason);
            Err(match frame.code {
                CloseCode::Unsupported => Lost::Refused(why),
                _ => Lost::Broken(why),
            })
        }
        Some(Ok(Message::Close(None))) => Err(broken("closed")),
        Some(Ok(_)) => Ok(None),
        Some(Err(error)) => Err(broken(error)),
        None => Err(broken("gone")),
    }
}
