//! A peer made of channels, on a clock of our own.

use super::*;
use crate::event::CallEvent;
use crate::frame::{EndReason, Sound};
use crate::transport::pcm::Pcm;
use crate::transport::{Ports, line};
use crate::turn::TurnState;
use futures::channel::mpsc as pipe;
use tokio::task::JoinHandle;

struct Peer {
    say: pipe::Sender<Incoming>,
    hear: pipe::Receiver<Outgoing>,
    ports: Ports,
    task: JoinHandle<()>,
}

/// A call whose peer has room for this many messages.
fn call(room: usize) -> Peer {
    let (line, ports) = line(24_000);
    let (say, source) = pipe::channel(1000);
    let (sink, hear) = pipe::channel(room);
    let sink = sink.sink_map_err(|_| ());
    let task = tokio::spawn(drive(source, sink, Pcm::new("c", 24_000, "r"), line));
    Peer {
        say,
        hear,
        ports,
        task,
    }
}

impl Peer {
    fn say(&mut self, message: Incoming) {
        self.say.try_send(message).expect("there is room");
    }

    async fn text(&mut self) -> String {
        loop {
            match self.hear.next().await.expect("the line is open") {
                Outgoing::Text(text) => return text,
                _ => continue,
            }
        }
    }

    async fn closed(&mut self) -> (u16, Vec<String>) {
        let mut texts = Vec::new();
        loop {
            match self.hear.next().await.expect("it is closed first") {
                Outgoing::Text(text) => texts.push(text),
                Outgoing::Close { code, .. } => return (code, texts),
                _ => continue,
            }
        }
    }

    async fn heard(&mut self) -> Input {
        self.ports.input.recv().await.expect("the line is open")
    }
}

#[tokio::test(start_paused = true)]
async fn sound_leaves_every_20_ms_and_events_beside_it() {
    let mut peer = call(1000);
    let start = Instant::now();
    peer.ports.playback.push(&[1000; 4800]);
    assert!(peer.text().await.contains(r#""type":"started""#));
    let state = TurnState::Thinking;
    peer.ports
        .output
        .send(Output::Event(CallEvent::State { state }))
        .await
        .expect("it is open");
    assert_eq!(peer.text().await, r#"{"type":"state","state":"thinking"}"#);
    peer.ports
        .output
        .send(Output::Clear)
        .await
        .expect("it is open");
    let (mut frames, mut cleared) = (0, false);
    while frames < 50 {
        match peer.hear.next().await {
            Some(Outgoing::Binary(bytes)) => {
                assert_eq!(bytes.len(), 960);
                frames += 1;
            }
            Some(Outgoing::Text(text)) => cleared |= text == r#"{"type":"clear"}"#,
            other => panic!("{other:?}"),
        }
    }
    assert!(cleared);
    assert!(
        (980..=1020).contains(&start.elapsed().as_millis()),
        "{:?}",
        start.elapsed()
    );
    peer.ports
        .output
        .send(Output::Close(EndReason::HungUp))
        .await
        .expect("it is open");
    let (code, texts) = peer.closed().await;
    assert_eq!(code, code::DONE);
    assert!(texts[0].contains(r#""reason":"hung_up""#), "{texts:?}");
    peer.say(Incoming::Closed);
    peer.task.await.expect("no panic");
}

#[tokio::test(start_paused = true)]
async fn a_file_sent_at_once_is_heard_at_the_pace_of_speech() {
    let mut peer = call(10_000);
    let start = Instant::now();
    for _ in 0..5 {
        peer.say(Incoming::Binary(vec![1; 48_000]));
    }
    let mut at = 0;
    while at < 4 * 24_000 {
        if let Input::Sound(Sound { samples, at: from }) = peer.heard().await {
            assert_eq!(from, at);
            at += samples.len() as u64;
            let time = start.elapsed().as_secs_f64();
            assert!(
                (at as f64) < (time + 1.1) * 24_000.0,
                "{at} samples after {time} s"
            );
        }
    }
    assert!(
        start.elapsed() >= Duration::from_millis(2900),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn who_says_nonsense_is_told_so_and_gone() {
    let mut peer = call(1000);
    peer.say(Incoming::Text("hello".into()));
    let (code, texts) = peer.closed().await;
    assert_eq!(code, code::BAD_MESSAGE);
    assert!(
        texts
            .last()
            .is_some_and(|text| text.contains("unexpected_message")),
        "{texts:?}"
    );
    assert_eq!(peer.heard().await, Input::Gone(EndReason::ConnectionLost));
    peer.task.await.expect("no panic");
}

#[tokio::test(start_paused = true)]
async fn who_hangs_up_hung_up() {
    let mut peer = call(1000);
    peer.say(Incoming::Closed);
    assert_eq!(peer.heard().await, Input::Gone(EndReason::CallerHungUp));
    let mut peer = call(1000);
    drop(peer.say);
    assert_eq!(
        peer.ports.input.recv().await,
        Some(Input::Gone(EndReason::ConnectionLost))
    );
    peer.task.await.expect("no panic");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_says_nothing_is_pinged_and_after_15_s_gone() {
    let mut peer = call(10_000);
    let start = Instant::now();
    assert_eq!(peer.heard().await, Input::Gone(EndReason::ConnectionLost));
    assert!((15..16).contains(&start.elapsed().as_secs()));
    let mut pings = 0;
    while let Some(message) = peer.hear.next().await {
        pings += usize::from(message == Outgoing::Ping);
    }
    assert_eq!(pings, 2);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_reads_nothing_is_gone_and_keeps_nothing() {
    let mut peer = call(0);
    let start = Instant::now();
    let gone = loop {
        if let Ok(Some(input)) = timeout(Duration::from_secs(1), peer.ports.input.recv()).await {
            break input;
        }
        peer.say(Incoming::Alive);
    };
    assert_eq!(gone, Input::Gone(EndReason::ConnectionLost));
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
    peer.task.await.expect("no panic");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_breaks_off_closes_the_line() {
    let mut peer = call(1000);
    drop(peer.ports);
    let code = loop {
        match peer.hear.next().await.expect("it is closed first") {
            Outgoing::Close { code, .. } => break code,
            _ => continue,
        }
    };
    assert_eq!(code, code::SERVER);
}
