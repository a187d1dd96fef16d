//! Calls over WebRTC with another end in the same process: what is said arrives, and whatever
//! ends the connection ends the call.

#![allow(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod browser;

use browser::Browser;
use pipeline::transport::webrtc::{IceSettings, Peer, WebRtcError, answer};
use pipeline::transport::{Input, Line, Output, line};
use pipeline::{CallEvent, EndReason, Playback};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Our end of a call whose chain is the test.
struct Ours {
    peer: Arc<Peer>,
    input: mpsc::Receiver<Input>,
    output: mpsc::Sender<Output>,
    playback: Arc<Playback>,
    carried: tokio::task::JoinHandle<()>,
}

fn settings() -> IceSettings {
    IceSettings {
        addresses: vec![std::net::Ipv4Addr::LOCALHOST.into()],
        ..IceSettings::default()
    }
}

async fn call() -> (Browser, Ours) {
    let browser = Browser::new().await;
    let offer = browser.offer().await;
    let answered = answer(&settings(), &offer).await.unwrap();
    let playback = Arc::new(Playback::new(24_000));
    let (input, inputs) = mpsc::channel(1000);
    let (output, outputs) = mpsc::channel(100);
    let line = Line {
        input,
        output: outputs,
        playback: playback.clone(),
    };
    let carried = tokio::spawn(answered.carrier.run(line));
    browser.answer(&answered.sdp).await;
    let ours = Ours {
        peer: answered.peer,
        input: inputs,
        output,
        playback,
        carried,
    };
    (browser, ours)
}

fn tone(at: usize) -> i16 {
    ((at as f64 * 0.1).sin() * 8000.0) as i16
}

/// The loudest of the second half of some samples.
fn loudness(samples: &[i16]) -> u16 {
    let half = &samples[samples.len() / 2..];
    half.iter()
        .map(|sample| sample.unsigned_abs())
        .max()
        .unwrap_or(0)
}

impl Ours {
    /// The next thing that is no sound.
    async fn gone(&mut self, within: u64) -> EndReason {
        let wait = async {
            loop {
                match self.input.recv().await {
                    Some(Input::Gone(reason)) => return reason,
                    Some(_) => {}
                    None => panic!("the line was dropped without a word"),
                }
            }
        };
        timeout(Duration::from_secs(within), wait).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_is_heard_on_both_ends() {
    let (mut browser, mut ours) = call().await;
    let said: Vec<i16> = (0..24_000).map(tone).collect();
    ours.playback.push(&said);
    browser.connected().await;
    browser.say(100).await;
    let mut heard = Vec::new();
    let mut ends = 0;
    while heard.len() < 40_000 {
        let Some(Input::Sound(sound)) = timeout(Duration::from_secs(5), ours.input.recv())
            .await
            .unwrap()
        else {
            panic!("the caller is gone");
        };
        assert!(sound.at >= ends, "sound runs forwards");
        ends = sound.at + sound.samples.len() as u64;
        heard.extend_from_slice(&sound.samples);
    }
    assert!(
        (5000..12_000).contains(&loudness(&heard)),
        "{}",
        loudness(&heard)
    );
    let played = browser.heard(Duration::from_secs(2)).await;
    let loud = played.iter().filter(|sample| sample.abs() > 5000).count();
    assert!(loud > 10_000, "{loud} of a second of tone arrived");
    ours.output
        .send(Output::Close(EndReason::AgentSaidGoodbye))
        .await
        .unwrap();
    timeout(Duration::from_secs(5), ours.carried)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_hears_of_the_call_and_hangs_up() {
    let (mut browser, mut ours) = call().await;
    let text = "Good morning.".to_owned();
    let event = CallEvent::Saying { text };
    ours.output.send(Output::Event(event)).await.unwrap();
    browser.connected().await;
    browser.say(5).await;
    let told = browser.told().await;
    assert_eq!(told, r#"{"type":"saying","text":"Good morning."}"#);
    browser.tell("nonsense").await;
    browser.tell(r#"{"type":"hangup"}"#).await;
    assert_eq!(ours.gone(5).await, EndReason::CallerHungUp);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_closes_has_hung_up() {
    let (mut browser, mut ours) = call().await;
    browser.connected().await;
    browser.say(20).await;
    let closed = Instant::now();
    browser.close().await;
    ours.gone(15).await;
    assert!(closed.elapsed() < Duration::from_secs(15));
    // The call says nothing to this: the connection ends all the same.
    timeout(Duration::from_secs(10), ours.carried)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_never_comes_is_given_up() {
    let browser = Browser::new().await;
    let answered = answer(&settings(), &browser.offer().await).await.unwrap();
    browser.close().await;
    let (line, ports) = line(24_000);
    let begun = Instant::now();
    let carried = tokio::spawn(answered.carrier.run(line));
    timeout(Duration::from_secs(25), carried)
        .await
        .unwrap()
        .unwrap();
    assert!(begun.elapsed() > Duration::from_secs(14));
    drop(ports);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_sends_nothing_is_given_up() {
    let (mut browser, mut ours) = call().await;
    browser.connected().await;
    assert_eq!(ours.gone(20).await, EndReason::ConnectionLost);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_offer_and_an_ice_restart_keep_the_call() {
    let (mut browser, mut ours) = call().await;
    browser.connected().await;
    browser.say(10).await;
    for is_restart in [false, true] {
        let offer = browser.offer_again(is_restart).await;
        let sdp = ours.peer.renegotiate(&offer).await.unwrap();
        browser.answer(&sdp).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        while ours.input.try_recv().is_ok() {}
        browser.say(10).await;
        let next = timeout(Duration::from_secs(3), ours.input.recv()).await;
        assert!(matches!(next, Ok(Some(Input::Sound(_)))), "{next:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn candidates_are_read_or_refused_but_not_without_end() {
    let (_browser, ours) = call().await;
    let peer = ours.peer;
    let good = "candidate:1 1 udp 2130706431 127.0.0.1 50000 typ host";
    for fine in [good, &format!("a={good}"), "", &good["candidate:".len()..]] {
        let added = peer.add_candidate(fine, Some("0".into()), Some(0)).await;
        assert!(added.is_ok(), "{fine}: {added:?}");
    }
    for wrong in [
        "hello",
        "candidate:1 1 udp x 127.0.0.1 1 typ host",
        &"x".repeat(9999),
    ] {
        let refused = peer.add_candidate(wrong, None, None).await;
        assert!(matches!(refused, Err(WebRtcError::Candidate(_))), "{wrong}");
    }
    let mut last = Ok(());
    for port in 1..200 {
        let candidate = format!("candidate:1 1 udp 9 127.0.0.1 {port} typ host");
        last = peer.add_candidate(&candidate, None, None).await;
    }
    assert!(matches!(last, Err(WebRtcError::TooManyCandidates(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn offers_that_are_none_are_refused() {
    let browser = Browser::new().await;
    let offer = browser.offer().await;
    let cut = &offer[..offer.len() / 2];
    let silent = offer.replace("m=audio", "m=video");
    for wrong in ["", "garbage", "v=0\r\n", cut, &silent] {
        let refused = answer(&settings(), wrong).await.err();
        assert!(
            matches!(refused, Some(WebRtcError::Sdp(_) | WebRtcError::NoAudio)),
            "{refused:?}: {wrong}"
        );
    }
    // Whatever a line of an offer says, there is an answer or a refusal.
    for (at, _) in offer.lines().enumerate() {
        let lines = offer.lines().enumerate();
        let without: String = lines
            .filter(|(line, _)| *line != at)
            .map(|(_, line)| format!("{line}\r\n"))
            .collect();
        match answer(&settings(), &without).await {
            Ok(answered) => answered.peer.close().await,
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_with_another_certificate_than_it_said_is_given_up() {
    let browser = Browser::new().await;
    let offer = browser.offer().await;
    let at = offer.find("a=fingerprint:sha-256 ").unwrap() + "a=fingerprint:sha-256 ".len();
    let other = match &offer[at..=at] {
        "0" => "1",
        _ => "0",
    };
    let offer = offer.replace(
        &offer[at..at + 32],
        &format!("{other}{}", &offer[at + 1..at + 32]),
    );
    let answered = answer(&settings(), &offer).await.unwrap();
    browser.answer(&answered.sdp).await;
    let (input, mut inputs) = mpsc::channel(100);
    let (_output, outputs) = mpsc::channel(100);
    let line = Line {
        input,
        output: outputs,
        playback: Arc::new(Playback::new(24_000)),
    };
    tokio::spawn(answered.carrier.run(line));
    let gone = timeout(Duration::from_secs(18), inputs.recv()).await;
    let lost = Input::Gone(EndReason::ConnectionLost);
    assert_eq!(gone.unwrap(), Some(lost));
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_leave_nothing_open() {
    let sockets = || {
        let links = std::fs::read_dir("/proc/self/fd").unwrap();
        let paths = links
            .flatten()
            .filter_map(|fd| std::fs::read_link(fd.path()).ok());
        paths
            .filter(|path| path.to_string_lossy().starts_with("socket"))
            .count()
    };
    let before = sockets();
    for _ in 0..20 {
        let (mut browser, ours) = call().await;
        browser.connected().await;
        ours.output
            .send(Output::Close(EndReason::HungUp))
            .await
            .unwrap();
        let carried = timeout(Duration::from_secs(5), ours.carried).await;
        carried.unwrap().unwrap();
        browser.close().await;
    }
    // Other tests run beside this one: they hold a handful, twenty calls would hold forty.
    let after = sockets();
    assert!(
        after < before + 20,
        "{before} sockets before, {after} after"
    );
}
