//! The processor against a stand-in for tts-server.

mod chain;
mod server;

use super::*;
use crate::frame::Part;
use crate::processor::mailbox;
use crate::testing::{context, settings};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use server::{PATIENCE, Server};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Bytes, Message};

/// The processor with its mailbox, driven as the chain would.
struct Call {
    link: Tts,
    context: Context,
    mail: mpsc::Receiver<(usize, Frame)>,
    playback: Arc<Playback>,
    listener: TcpListener,
}

impl Call {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut settings = settings();
        settings.tts_url = format!("http://{address}");
        let secret = reqwest::header::HeaderValue::from_static("secret");
        settings.headers.insert("x-internal-secret", secret);
        let playback = Arc::new(Playback::new(24_000));
        let (mailbox, mail) = mailbox(512);
        let link = Tts::new(&Arc::new(settings), playback.clone(), mailbox);
        let context = context();
        Call {
            link,
            context,
            mail,
            playback,
            listener,
        }
    }

    async fn server(&self) -> Server {
        let mut server = Server::accept(&self.listener).await;
        server.ready().await;
        server
    }

    fn sees(&mut self, frame: Frame) {
        self.link.process(frame, Way::Down, &mut self.context);
        self.context.take_sent();
    }

    fn says(&mut self, turn: TurnId, text: &str) {
        self.sees(Frame::Phrase(Phrase {
            turn,
            text: text.into(),
            spoken: None,
        }));
    }

    /// A whole answer.
    fn answers(&mut self, phrases: &[&str]) -> TurnId {
        let turn = self.context.new_turn();
        for text in phrases {
            self.says(turn, text);
        }
        self.sees(Frame::AnswerEnded { turn });
        turn
    }

    async fn next(&mut self) -> Frame {
        let (_, frame) = timeout(PATIENCE, self.mail.recv())
            .await
            .expect("nothing comes")
            .expect("the task lives");
        self.link.arrived(frame.clone(), &mut self.context);
        frame
    }

    /// What comes up to the end of an answer: its words with their places, and its samples.
    async fn heard(&mut self, turn: TurnId) -> (Vec<(String, u64)>, usize) {
        let (mut words, mut samples) = (Vec::new(), 0);
        loop {
            match self.next().await {
                Frame::Word { text, from, .. } => words.push((text, from)),
                Frame::Speech { samples: more, .. } => {
                    assert!(more.len() <= 2400);
                    samples += more.len();
                }
                Frame::SpeechEnded { turn: ended } if ended == turn => return (words, samples),
                Frame::Failed { .. } | Frame::Recovered(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

fn at(words: &[(&str, u64)]) -> Vec<(String, u64)> {
    let words = words.iter();
    words.map(|(word, at)| ((*word).to_owned(), *at)).collect()
}

#[tokio::test]
async fn phrases_are_said_one_after_the_other_on_one_clock() {
    let mut call = Call::new().await;
    let turn = call.answers(&["Hello.", "You."]);
    let mut server = call.server().await;
    assert_eq!(server.speaks().await, "Hello.");
    assert_eq!(server.speaks().await, "You.");
    let (words, samples) = call.heard(turn).await;
    assert_eq!(words, at(&[("Hello.", 0), ("You.", 2400)]));
    assert_eq!(samples, 4800);
    let turn = call.answers(&["Again."]);
    server.speaks().await;
    assert_eq!(call.heard(turn).await.0, at(&[("Again.", 0)]));
}

#[tokio::test]
async fn sentences_are_apart_where_sound_still_waits() {
    let mut call = Call::new().await;
    call.playback.push(&[1; 2400]);
    let turn = call.answers(&["Hello.", "You."]);
    let mut server = call.server().await;
    server.speaks().await;
    server.speaks().await;
    let (words, samples) = call.heard(turn).await;
    assert_eq!(words, at(&[("Hello.", 0), ("You.", 2400 + 4800)]));
    assert_eq!(samples, 4800 + 4800);
}

#[tokio::test]
async fn a_voice_that_is_not_there_is_no_reason_for_silence() {
    let mut call = Call::new().await;
    let turn = call.answers(&["Hello."]);
    let mut server = Server::accept(&call.listener).await;
    for refused in ["voice", "language"] {
        let config = server.next().await;
        assert!(config.get("voice_gender").is_none(), "null would be wrong");
        let error = json!({"type": "error", "error": {"type": "invalid_request_error", "code": "invalid_parameter",
            "message": refused, "param": refused, "request_id": "r"}});
        server.text(error).await;
    }
    let config = server.ready().await;
    assert_eq!(
        (config["language"].as_str(), config.get("voice")),
        (Some("en"), None)
    );
    server.speaks().await;
    call.heard(turn).await;
}

#[tokio::test]
async fn an_interrupted_answer_is_cancelled_and_the_next_one_is_said() {
    let mut call = Call::new().await;
    let first = call.answers(&["One two three.", "Never said."]);
    let mut server = call.server().await;
    let (_, id) = server.asked().await;
    server.starts(&id).await;
    server.says(&id, "One", 0, (0, 3)).await;
    assert!(matches!(call.next().await, Frame::Word { .. }));
    call.sees(Frame::Interrupt);
    assert_eq!(server.next().await["type"], "cancel");
    // What was on its way belongs to nobody.
    server.sound(100, 7).await;
    server.text(json!({"type": "cancelled", "ids": [id]})).await;
    let second = call.answers(&["Four."]);
    assert_eq!(server.speaks().await, "Four.");
    let mut ended = false;
    while !ended {
        match call.next().await {
            Frame::Speech { turn, samples } => assert!(turn == first || samples[0] == 1000),
            Frame::SpeechEnded { turn } => ended = turn == second,
            _ => {}
        }
    }
}

#[tokio::test]
async fn after_a_break_the_rest_is_said_and_nobody_is_told_of_a_short_one() {
    let mut call = Call::new().await;
    let turn = call.answers(&["One two three."]);
    let mut server = call.server().await;
    let (_, id) = server.asked().await;
    server.starts(&id).await;
    server.says(&id, "One", 0, (0, 3)).await;
    drop(server);
    let mut server = call.server().await;
    let (text, id) = server.asked().await;
    assert_eq!(text, "two three.");
    server.starts(&id).await;
    server.says(&id, "two", 0, (0, 3)).await;
    server.says(&id, "three", 100, (4, 9)).await;
    server.done(&id).await;
    let (words, samples) = call.heard(turn).await;
    assert_eq!(words, at(&[("One", 0), ("two", 2400), ("three.", 4800)]));
    assert_eq!(samples, 7200);
    let failures = call.context.take_sent();
    assert!(
        !failures
            .iter()
            .any(|(frame, _)| matches!(frame, Frame::Failed { .. }))
    );
}

#[tokio::test]
async fn an_outage_is_told_and_so_is_its_end() {
    let mut call = Call::new().await;
    let turn = call.answers(&["Hello."]);
    for _ in 0..3 {
        drop(Server::accept(&call.listener).await);
    }
    let Frame::Failed { part, .. } = call.next().await else {
        panic!("nobody is told");
    };
    assert_eq!(part, Part::Tts);
    let ways: Vec<Way> = call
        .context
        .take_sent()
        .iter()
        .map(|(_, way)| *way)
        .collect();
    assert_eq!(ways, [Way::Up, Way::Down]);
    let mut server = call.server().await;
    server.speaks().await;
    let mut recovered = false;
    loop {
        match call.next().await {
            Frame::Recovered(part) => recovered = part == Part::Tts,
            Frame::SpeechEnded { turn: ended } => {
                assert_eq!(ended, turn);
                break;
            }
            _ => {}
        }
    }
    assert!(recovered);
}

fn error(id: &Value, code: &str) -> Value {
    json!({"type": "error", "id": id, "error": {"type": "invalid_request_error", "code": code,
        "message": "no", "request_id": "r"}})
}

#[tokio::test]
async fn a_phrase_that_cannot_be_said_is_left_out() {
    let mut call = Call::new().await;
    let turn = call.answers(&["Bad.", "Worse.", "Good."]);
    let mut server = call.server().await;
    let (_, id) = server.asked().await;
    server.text(error(&id, "invalid_parameter")).await;
    for _ in 0..4 {
        let (text, id) = server.asked().await;
        assert_eq!(text, "Worse.", "an error that may pass is tried again");
        server.text(error(&id, "overloaded")).await;
    }
    assert_eq!(server.speaks().await, "Good.");
    assert_eq!(call.heard(turn).await.0, at(&[("Good.", 0)]));
}

#[tokio::test]
async fn an_interruption_ends_tries_too() {
    let mut call = Call::new().await;
    call.answers(&["Bad."]);
    let mut server = call.server().await;
    for _ in 0..3 {
        let (text, id) = server.asked().await;
        assert_eq!(text, "Bad.");
        server.text(error(&id, "overloaded")).await;
    }
    call.sees(Frame::Interrupt);
    let turn = call.answers(&["Good."]);
    let next = server.next().await;
    if next["type"] == "cancel" {
        // It was quicker than the error.
        server.speaks().await;
    } else {
        assert_eq!(next["text"], "Good.");
        server.starts(&next["id"]).await;
        server.done(&next["id"]).await;
    }
    call.heard(turn).await;
}

#[tokio::test]
async fn nothing_is_made_far_ahead_of_what_is_played() {
    let mut call = Call::new().await;
    call.playback.push(&vec![1; 24_000 * 4]);
    let turn = call.answers(&["Hello."]);
    let mut server = call.server().await;
    let asked = timeout(Duration::from_millis(300), server.asked()).await;
    assert!(asked.is_err(), "four seconds wait");
    call.playback.clear();
    server.speaks().await;
    call.heard(turn).await;
}

#[tokio::test]
async fn garbage_harms_nothing() {
    let mut call = Call::new().await;
    let turn = call.answers(&["Hello."]);
    let mut server = call.server().await;
    server.sound(40, 5).await;
    server.text(json!({"type": "song", "id": []})).await;
    server.text(json!([1, 2])).await;
    server
        .text(json!({"type": "done", "id": 77, "audio_ms": 1, "ttfb_ms": 1, "characters": 1}))
        .await;
    let (_, id) = server.asked().await;
    server.starts(&id).await;
    let sent = server
        .0
        .send(Message::Binary(Bytes::from_static(&[1])))
        .await;
    sent.expect("sent");
    server.done(&id).await;
    assert_eq!(call.heard(turn).await, (vec![], 0));
}

#[tokio::test]
async fn an_answer_without_words_ends_at_once() {
    let mut call = Call::new().await;
    let turn = call.answers(&["...", "😀"]);
    let _server = call.server().await;
    assert_eq!(call.heard(turn).await, (vec![], 0));
}

#[tokio::test]
async fn the_end_of_the_call_closes_the_connection() {
    let call = Call::new().await;
    let mut server = call.server().await;
    drop(call);
    let end = timeout(PATIENCE, server.0.next())
        .await
        .expect("it stays open");
    assert!(!matches!(end, Some(Ok(Message::Text(_)))));
}
