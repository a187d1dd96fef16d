//! Messages as Twilio's documentation shows them, and as strangers might write them.

use super::*;
use proptest::prelude::*;

const START: &str = r#"{"event":"start","sequenceNumber":"1","start":{"accountSid":"AC1","streamSid":"MZ1","callSid":"CA1",
    "tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},
    "customParameters":{"token":"t"}},"streamSid":"MZ1"}"#;

fn start() -> Start {
    match Message::read(START) {
        Ok(Message::Start { start, .. }) => start,
        other => panic!("{other:?}"),
    }
}

fn media(chunk: u64, ms: u64, code: u8) -> String {
    let payload = STANDARD.encode([code; 160]);
    json!({"event": "media", "sequenceNumber": "3", "streamSid": "MZ1", "media":
        {"track": "inbound", "chunk": chunk.to_string(), "timestamp": ms.to_string(), "payload": payload}})
    .to_string()
}

fn hear(twilio: &mut Twilio, text: &str, now: Time) -> Vec<Input> {
    let mut heard = VecDeque::new();
    twilio.text(text, now, &mut heard).expect(text);
    heard.into()
}

fn sent(twilio: &mut Twilio, sample: i16) -> Vec<String> {
    let mut send = Vec::new();
    twilio.sound(&[sample; 160], &mut send);
    let text = |message| match message {
        Outgoing::Text(text) => text,
        other => panic!("{other:?}"),
    };
    send.into_iter().map(text).collect()
}

fn mark(name: &str) -> String {
    json!({"event": "mark", "sequenceNumber": "4", "streamSid": "MZ1", "mark": {"name": name}})
        .to_string()
}

#[test]
fn a_start_is_read_and_its_sound_must_be_that_of_telephones() {
    let mut start = start();
    assert_eq!(start.custom_parameters["token"], "t");
    assert_eq!(start.check(), Ok(()));
    start.media_format.sample_rate = 16_000;
    assert!(start.check().is_err());
    assert_eq!(
        Message::read(r#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#),
        Ok(Message::Connected)
    );
    assert_eq!(
        Message::read(r#"{"event":"news","x":1}"#),
        Ok(Message::Other)
    );
}

#[test]
fn sound_stands_where_its_timestamp_says() {
    let mut twilio = Twilio::new(&start());
    let now = Time::from_secs(2);
    let mut ats = Vec::new();
    // 43 ms is jitter; between 60 and 500 ms nothing came.
    for (chunk, ms) in [(1, 0), (2, 20), (3, 43), (4, 500), (5, 520)] {
        for input in hear(&mut twilio, &media(chunk, ms, 0x80), now) {
            match input {
                Input::Sound(sound) => {
                    assert_eq!(&sound.samples[..], [32124; 160]);
                    ats.push(sound.at);
                }
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(ats, [0, 160, 320, 4000, 4160]);
    let [Input::Sound(sound)] = &hear(&mut twilio, &media(6, 1 << 40, 0), now)[..] else {
        panic!("one piece");
    };
    assert_eq!(
        sound.at, 4320,
        "a timestamp of the far future is not believed"
    );
}

#[test]
fn marks_tell_what_was_heard() {
    let mut twilio = Twilio::new(&start());
    let marks: Vec<String> = (0..20)
        .flat_map(|_| sent(&mut twilio, 5000))
        .filter(|text| text.contains("mark"))
        .collect();
    assert_eq!(marks.len(), 2, "every 200 ms");
    assert!(marks[0].contains("0.1600") && marks[1].contains("0.3200"));
    assert_eq!(twilio.latency(), None);
    hear(&mut twilio, &mark("0.1600"), Time::ZERO);
    assert_eq!(twilio.latency(), Some(1600));
    // What is cleared sends its marks back unheard.
    twilio.output(&Output::Clear, Time::ZERO, &mut Vec::new());
    hear(&mut twilio, &mark("0.3200"), Time::ZERO);
    assert_eq!(twilio.latency(), Some(1600));
    for odd in ["", ".", "1.99999999999999999999", "0.-1", "99.5"] {
        hear(&mut twilio, &mark(odd), Time::ZERO);
    }
    assert_eq!(twilio.latency(), Some(1600));
}

#[test]
fn silence_makes_up_for_a_slow_clock_and_words_do_not() {
    let mut twilio = Twilio::new(&start());
    for _ in 0..20 {
        sent(&mut twilio, 5000);
    }
    hear(&mut twilio, &mark("0.640"), Time::ZERO);
    assert_eq!(twilio.latency(), Some(2560));
    assert!(!sent(&mut twilio, 5000).is_empty());
    assert!(sent(&mut twilio, 10).is_empty());
    assert!(!sent(&mut twilio, 10).is_empty());
}

#[test]
fn it_is_through_when_the_last_mark_comes_back() {
    let mut twilio = Twilio::new(&start());
    let mut send = Vec::new();
    twilio.output(
        &Output::Close(EndReason::AgentSaidGoodbye),
        Time::ZERO,
        &mut send,
    );
    assert!(send.contains(&twilio.mark(LAST)) && !twilio.is_through());
    hear(&mut twilio, &mark(LAST), Time::ZERO);
    assert!(twilio.is_through());
}

#[test]
fn keys_and_the_end_are_understood() {
    let mut twilio = Twilio::new(&start());
    let key = r##"{"event":"dtmf","streamSid":"MZ1","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":"#"}}"##;
    assert_eq!(hear(&mut twilio, key, Time::ZERO), [Input::Dtmf('#')]);
    let stop = r#"{"event":"stop","sequenceNumber":"5","stop":{"accountSid":"AC1","callSid":"CA1"},"streamSid":"MZ1"}"#;
    assert_eq!(
        hear(&mut twilio, stop, Time::ZERO),
        [Input::Gone(EndReason::CallerHungUp)]
    );
}

#[test]
fn what_is_wrong_is_refused() {
    let mut twilio = Twilio::new(&start());
    let long = media(1, 0, 0).replace("inbound", &"x".repeat(MAX_MESSAGE));
    let much = media(1, 0, 0).replace(
        &STANDARD.encode([0; 160]),
        &STANDARD.encode(vec![0; MAX_SOUND + 10]),
    );
    let other = media(1, 0, 0).replace("MZ1", "MZ2");
    let bad = media(1, 0, 0).replace("AAAA", "%%%%");
    for text in [
        START,
        &long,
        &much,
        &other,
        &bad,
        "",
        "[]",
        "{}",
        r#"{"event":"media"}"#,
    ] {
        assert!(
            twilio.text(text, Time::ZERO, &mut VecDeque::new()).is_err(),
            "{text:.80}"
        );
    }
    assert!(
        twilio
            .bytes(&[0], Time::ZERO, &mut VecDeque::new())
            .is_err()
    );
}

proptest! {
    #[test]
    fn no_message_is_too_strange(text in ".*", chunk in any::<u64>(), ms in any::<u64>()) {
        let mut twilio = Twilio::new(&start());
        let _ = twilio.text(&text, Time::ZERO, &mut VecDeque::new());
        let _ = twilio.text(&media(chunk, ms, 1), Time::ZERO, &mut VecDeque::new());
        let _ = twilio.text(&mark(&text), Time::ZERO, &mut VecDeque::new());
    }
}
