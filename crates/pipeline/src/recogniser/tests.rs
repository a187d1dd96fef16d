//! Against a stand-in for asr-server that drops, delays, refuses and talks nonsense.

use super::{Stretch, Waiting, listen};
use crate::frame::{Frame, Part};
use crate::processor::mailbox;
use crate::testing::{ms, settings};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_async};

const RATE: u32 = 8000;

/// One end of a connection to the stand-in.
struct Server(WebSocketStream<TcpStream>);

impl Server {
    async fn accept(listener: &TcpListener) -> Server {
        let (stream, _) = listener.accept().await.expect("somebody connects");
        Server(accept_async(stream).await.expect("a WebSocket"))
    }

    /// Accepts, and is ready.
    async fn ready(listener: &TcpListener) -> Server {
        let mut server = Server::accept(listener).await;
        server
            .say(
                json!({"type": "ready", "model": "m", "acoustic_model": "a", "language": "en",
                "sample_rate": RATE, "encoding": "s16le", "warnings": ["one"]}),
            )
            .await;
        server
    }

    async fn text(&mut self, text: &str) {
        let _ = self.0.send(Message::text(text)).await;
    }

    async fn say(&mut self, mut message: Value) {
        message["session_id"] = "s".into();
        self.text(&message.to_string()).await;
    }

    async fn transcript(&mut self, text: &str, is_final: bool, start: f64, end: f64) {
        self.say(
            json!({"type": "transcript", "channel": "caller", "text": text,
            "is_final": is_final, "utterance_end": is_final, "start": start, "end": end,
            "language": "en"}),
        )
        .await;
    }

    /// The next samples.
    async fn samples(&mut self) -> Vec<i16> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Binary(bytes))) => {
                    let pairs = bytes.as_chunks::<2>().0.iter();
                    return pairs.map(|pair| i16::from_le_bytes(*pair)).collect();
                }
                Some(Ok(_)) => {}
                end => panic!("no more sound: {end:?}"),
            }
        }
    }

    async fn close(mut self, code: u16) {
        let frame = CloseFrame {
            code: code.into(),
            reason: "for a test".into(),
        };
        let _ = self.0.close(Some(frame)).await;
    }
}

struct Client {
    waiting: Arc<Waiting>,
    frames: mpsc::Receiver<(usize, Frame)>,
    task: JoinHandle<()>,
}

impl Client {
    async fn next(&mut self) -> Frame {
        let next = timeout(Duration::from_secs(10), self.frames.recv()).await;
        next.expect("in time").expect("the task goes on").1
    }

    fn hear(&self, at: u64, samples: &[i16]) {
        self.waiting.push(Stretch {
            at,
            samples: samples.into(),
        });
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pair() -> (Client, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let mut settings = settings();
    settings.rate = RATE;
    settings.options.asr_model = Some("nobody has it".into());
    let port = listener.local_addr().expect("bound").port();
    settings.asr_url = format!("http://127.0.0.1:{port}");
    let (mailbox, frames) = mailbox(64);
    let waiting = Arc::new(Waiting::new(RATE));
    let task = tokio::spawn(listen(Arc::new(settings), waiting.clone(), mailbox));
    let client = Client {
        waiting,
        frames,
        task,
    };
    (client, listener)
}

#[tokio::test]
async fn sound_goes_out_as_it_comes_and_words_come_back_on_the_clock_of_the_call() {
    let (mut client, listener) = pair().await;
    client.hear(16_000, &[1, -2, 300]);
    let mut server = Server::ready(&listener).await;
    assert_eq!(server.samples().await, [1, -2, 300]);
    client.hear(16_003, &[-32768, 32767]);
    assert_eq!(server.samples().await, [-32768, 32767]);
    server
        .say(json!({"type": "speech_started", "start": 0.5}))
        .await;
    assert_eq!(client.next().await, Frame::SpeechStarted { at: ms(2500) });
    server
        .say(json!({"type": "speech_paused", "end": 1.0}))
        .await;
    assert_eq!(client.next().await, Frame::SpeechPaused { at: ms(3000) });
    server.transcript("Hello.", true, 0.5, 1.0).await;
    let Frame::Final(utterance) = client.next().await else {
        panic!("a final");
    };
    assert_eq!(utterance.text, "Hello.");
    assert_eq!((utterance.start, utterance.end), (ms(2500), ms(3000)));
    server
        .say(json!({"type": "utterance_end", "end": 1.0}))
        .await;
    assert_eq!(client.next().await, Frame::UtteranceEnded { at: ms(3000) });
}

#[tokio::test]
async fn a_short_loss_is_not_spoken_of_and_nothing_heard_is_lost() {
    let (mut client, listener) = pair().await;
    let mut server = Server::ready(&listener).await;
    client.hear(0, &[7; 80]);
    server.samples().await;
    server
        .say(json!({"type": "speech_started", "start": 0.0}))
        .await;
    server.transcript("I want to", false, 0.0, 0.9).await;
    client.next().await;
    assert!(matches!(client.next().await, Frame::Interim(_)));
    drop(server);
    assert!(matches!(client.next().await, Frame::SpeechPaused { .. }));
    let Frame::Final(utterance) = client.next().await else {
        panic!("what was said so far is final");
    };
    assert_eq!(utterance.text, "I want to");
    client.hear(80_000, &[9; 80]);
    let mut server = Server::ready(&listener).await;
    assert_eq!(server.samples().await, [9; 80], "the sound of meanwhile");
    server
        .say(json!({"type": "speech_started", "start": 0.0}))
        .await;
    assert_eq!(
        client.next().await,
        Frame::SpeechStarted { at: ms(10_000) },
        "and no word of the loss"
    );
}

#[tokio::test]
async fn a_long_loss_is_told_once_and_so_is_the_return() {
    let (mut client, listener) = pair().await;
    let address = listener.local_addr().expect("bound");
    let server = Server::ready(&listener).await;
    drop(listener);
    server.close(1011).await;
    let Frame::Failed { part, .. } = client.next().await else {
        panic!("the loss is told");
    };
    assert_eq!(part, Part::Asr);
    for second in 0..5 {
        client.hear(second * 8000, &[0; 8000]);
    }
    let listener = TcpListener::bind(address).await.expect("the same port");
    let mut server = Server::ready(&listener).await;
    assert_eq!(client.next().await, Frame::Recovered(Part::Asr));
    let kept = server.samples().await.len() as u32;
    assert_eq!(kept, 2 * RATE, "the last two seconds");
    server
        .say(json!({"type": "speech_started", "start": 1.0}))
        .await;
    let at = Frame::SpeechStarted { at: ms(4000) };
    assert_eq!(client.next().await, at);
}

#[tokio::test]
async fn what_a_server_does_not_have_is_not_asked_for_again() {
    let (mut client, listener) = pair().await;
    let mut server = Server::accept(&listener).await;
    server
        .say(
            json!({"type": "error", "error": {"type": "invalid_request", "code": "model_not_loaded",
            "message": "no such model", "request_id": "r"}}),
        )
        .await;
    server.close(1003).await;
    let (stream, _) = listener.accept().await.expect("the next try");
    let mut head = [0; 600];
    stream.readable().await.expect("it asks");
    let length = stream.peek(&mut head).await.expect("it asks");
    let head = String::from_utf8_lossy(&head[..length]).into_owned();
    assert!(!head.contains("model="), "{head}");
    let mut server = Server(accept_async(stream).await.expect("a WebSocket"));
    server
        .say(
            json!({"type": "ready", "model": "m", "acoustic_model": "a", "language": "auto",
            "sample_rate": RATE, "encoding": "s16le"}),
        )
        .await;
    server
        .say(json!({"type": "speech_started", "start": 0.0}))
        .await;
    assert!(matches!(client.next().await, Frame::SpeechStarted { .. }));
}

#[tokio::test]
async fn nonsense_is_passed_over_and_too_much_of_it_is_the_end_of_a_connection() {
    let (mut client, listener) = pair().await;
    let mut server = Server::ready(&listener).await;
    for garbage in [
        "",
        "{",
        "[]",
        r#"{"type":"new thing"}"#,
        r#"{"type":"transcript"}"#,
    ] {
        server.text(garbage).await;
    }
    let _ = server.0.send(Message::binary(vec![1, 2, 3])).await;
    server
        .say(json!({"type": "speech_started", "start": -1e300}))
        .await;
    assert_eq!(client.next().await, Frame::SpeechStarted { at: ms(0) });
    for _ in 0..30 {
        server.text("nonsense").await;
    }
    let again = timeout(Duration::from_secs(5), Server::ready(&listener)).await;
    assert!(again.is_ok(), "another connection");
}

#[tokio::test]
async fn the_connection_ends_with_the_call() {
    let (client, listener) = pair().await;
    let mut server = Server::ready(&listener).await;
    drop(client);
    let end = timeout(Duration::from_secs(2), async {
        while let Some(Ok(_)) = server.0.next().await {}
    });
    assert!(end.await.is_ok());
}
