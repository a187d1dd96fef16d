//! The sound of telephone calls, with a stand-in of Twilio at the other end.

use super::Office;
use super::phone::{Phone, connect, signature, start};
use super::twiml::{ask, form, token};
use futures::SinkExt;
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::{Error, Message};

const SOON: Duration = Duration::from_secs(5);

/// An office whose agent speaks, and a call that came in, with the token of its stream.
async fn called(agent: Value) -> (Office, String) {
    let office = Office::with(agent).await;
    let token = again(&office, "CA01").await;
    (office, token)
}

async fn again(office: &Office, call: &str) -> String {
    let path = format!("/api/twiml/{}", office.agent);
    let (status, text) = ask(
        &office.bot,
        &path,
        &form(call, "+14155551234", "+14155550000"),
    )
    .await;
    assert_eq!(status, 200, "{text}");
    token(&text)
}

/// The only call, once it is over.
async fn over(office: &Office) -> Value {
    for _ in 0..100 {
        let calls = office.owner.get("/api/calls").await.expect(200);
        if calls[0]["ended_at"].is_string() {
            return office.call(&calls[0]["id"]).await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the call is not over");
}

#[tokio::test]
async fn who_calls_hears_the_greeting_at_the_pace_of_telephones() {
    let (office, token) = called(json!({"name": "A", "greeting": "Hello."})).await;
    let mut phone = Phone::started(&office, &token, "CA01").await;
    assert_eq!(phone.talk(Duration::from_secs(3)).await, None);
    assert!(
        (20..40).contains(&phone.loud),
        "half a second of it: {}",
        phone.loud
    );
    assert!(
        (130..=155).contains(&phone.frames),
        "20 ms each: {}",
        phone.frames
    );
    assert!(
        (12..=15).contains(&phone.marks),
        "every 200 ms: {}",
        phone.marks
    );
    let calls = office.owner.get("/api/calls").await.expect(200);
    assert_eq!(
        (&calls[0]["status"], &calls[0]["direction"]),
        (&json!("in-progress"), &json!("inbound"))
    );
    let stop = json!({"event": "stop", "sequenceNumber": "9", "streamSid": super::phone::STREAM,
                      "stop": {"accountSid": super::SID, "callSid": "CA01"}});
    phone.say(&stop).await;
    assert_eq!(phone.closed(SOON).await, Some(1000));
    let call = over(&office).await;
    assert_eq!(call["status"], "completed", "{call}");
    assert_eq!(call["transcript"][0]["text"], "Hello.", "{call}");
}

#[tokio::test]
async fn who_calls_while_all_lines_are_taken_hears_that_they_are() {
    let agent = json!({"name": "A", "greeting": "Hello."});
    let office = Office::set_up(agent, |config| config.live.max_calls = 1).await;
    let token = again(&office, "CA01").await;
    let mut phone = Phone::started(&office, &token, "CA01").await;
    assert_eq!(phone.talk(Duration::from_secs(1)).await, None);
    let path = format!("/api/twiml/{}", office.agent);
    let second = form("CA02", "+14155551235", "+14155550000");
    let (status, text) = ask(&office.bot, &path, &second).await;
    assert!(
        status == 200 && text.contains("<Response><Reject reason=\"busy\"/></Response>"),
        "{text}"
    );
    let calls = office.owner.get("/api/calls").await.expect(200);
    assert_eq!(calls[0]["status"], "busy", "{calls}");
    assert_eq!(
        phone.talk(Duration::from_secs(1)).await,
        None,
        "the first goes on"
    );
}

#[tokio::test]
async fn a_stream_needs_the_signature() {
    let (office, _) = called(json!({"name": "A"})).await;
    for wrong in [None, Some(""), Some("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")] {
        match connect(&office, wrong).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 403),
            other => panic!("{other:?}"),
        }
    }
    connect(&office, Some(&signature()))
        .await
        .expect("it is right");
}

#[tokio::test]
async fn a_stream_needs_a_token_that_is_good_once_and_for_its_call() {
    let (office, token) = called(json!({"name": "A", "greeting": "Hello."})).await;
    for (wrong, call) in [("", "CA01"), ("guess", "CA01"), (token.as_str(), "CA02")] {
        let mut phone = Phone::started(&office, wrong, call).await;
        assert_eq!(phone.closed(SOON).await, Some(1008), "{wrong}");
    }
    let mut phone = Phone::started(&office, &token, "CA01").await;
    assert_eq!(
        phone.closed(SOON).await,
        Some(1008),
        "it was used already, if for another call"
    );
    let token = again(&office, "CA01").await;
    let mut phone = Phone::started(&office, &token, "CA01").await;
    assert_eq!(phone.talk(Duration::from_millis(500)).await, None);
    let mut second = Phone::started(&office, &token, "CA01").await;
    assert_eq!(second.closed(SOON).await, Some(1008));
    // Another token for a call that is talked already.
    let other = again(&office, "CA01").await;
    let mut third = Phone::started(&office, &other, "CA01").await;
    assert_eq!(third.closed(SOON).await, Some(1008));
    assert_eq!(
        phone.talk(Duration::from_millis(500)).await,
        None,
        "the first goes on"
    );
}

#[tokio::test]
async fn a_stream_that_makes_no_sense_is_closed_and_others_go_on() {
    let (office, token) = called(json!({"name": "A", "greeting": "Hello."})).await;
    let mut good = Phone::started(&office, &token, "CA01").await;
    let mut strange = start("x", "CA01");
    strange["start"]["mediaFormat"]["sampleRate"] = json!(16_000);
    let early = Phone::open(&office).await.media();
    let long = json!({"event": "connected", "x": "x".repeat(100_000)});
    for (first, code) in [
        (early, 1003),
        (strange, 1003),
        (json!({}), 1003),
        (long, 1009),
    ] {
        let mut phone = Phone::open(&office).await;
        phone.say(&first).await;
        assert_eq!(phone.closed(SOON).await, Some(code), "{first:.80}");
    }
    let mut phone = Phone::open(&office).await;
    let bytes = phone.socket.send(Message::binary(vec![0; 160])).await;
    bytes.expect("it is open");
    assert_eq!(phone.closed(SOON).await, Some(1003));
    for n in 2..5 {
        let call = format!("CA0{n}");
        let token = again(&office, &call).await;
        let mut phone = Phone::started(&office, &token, &call).await;
        assert_eq!(phone.talk(Duration::from_millis(200)).await, None);
        let (message, code) = match n {
            2 => (phone.media().to_string().replace("MZ0", "MZ9"), 1003),
            3 => (
                phone
                    .media()
                    .to_string()
                    .replace("media", &"media".repeat(20_000)),
                1009,
            ),
            _ => ("\u{0}".to_owned(), 1003),
        };
        phone
            .socket
            .send(Message::text(message))
            .await
            .expect("it is open");
        assert_eq!(phone.closed(SOON).await, Some(code), "{n}");
    }
    assert_eq!(good.talk(Duration::from_millis(500)).await, None);
}

#[tokio::test]
async fn a_stream_that_never_starts_is_closed_after_ten_seconds() {
    let (office, _) = called(json!({"name": "A"})).await;
    let mut phone = Phone::open(&office).await;
    let began = std::time::Instant::now();
    assert_eq!(phone.closed(Duration::from_secs(15)).await, Some(1003));
    assert!(began.elapsed() > Duration::from_secs(9));
}

#[tokio::test]
async fn sound_out_of_order_and_with_gaps_disturbs_nothing() {
    let (office, token) = called(json!({"name": "A", "greeting": "Hello."})).await;
    let mut phone = Phone::started(&office, &token, "CA01").await;
    let mut all: Vec<Value> = (0..60).map(|_| phone.media()).collect();
    all.swap(10, 12);
    all.swap(20, 21);
    all.truncate(55);
    all.drain(30..40);
    all.push(all[3].clone());
    for media in &all {
        phone.say(media).await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(phone.talk(Duration::from_secs(1)).await, None);
    assert!(phone.loud > 20, "{}", phone.loud);
}

/// A call that we made and that was answered; its row.
async fn answered(office: &Office) -> (Value, Phone) {
    let call = office
        .start(json!({"to": "+14155551234"}), None)
        .await
        .expect(201);
    let asked = office.twilio.asked();
    let says = office
        .owner
        .get(&format!("/api/agents/{}", office.agent))
        .await
        .expect(200);
    let detection = match says["settings"]["voicemail_message"].is_string() {
        true => "DetectMessageEnd",
        false => "Enable",
    };
    assert_eq!(asked[0].values("MachineDetection"), [detection]);
    let path = asked[0].values("Url")[0].replace("https://voice.example.com/bot", "");
    let sid = call["provider_call_id"].as_str().expect("a sid");
    let (status, text) = ask(
        &office.bot,
        &path,
        &form(sid, "+14155550000", "+14155551234"),
    )
    .await;
    assert_eq!(status, 200, "{text}");
    let phone = Phone::started(office, &token(&text), sid).await;
    (call, phone)
}

async fn machine(office: &Office, call: &Value) {
    let sid = call["provider_call_id"].as_str().expect("a sid");
    let fields = [("CallSid", sid), ("AnsweredBy", "machine_start")];
    let path = format!(
        "/api/calls/twilio-amd?call={}",
        call["id"].as_str().expect("an id")
    );
    assert_eq!(office.hook(&path, &fields).await, 204);
}

#[tokio::test]
async fn a_machine_that_answers_gets_the_message_and_no_more() {
    let settings = json!({"voicemail_message": "Please call us back."});
    let office =
        Office::with(json!({"name": "A", "greeting": "Hello.", "settings": settings})).await;
    let (call, mut phone) = answered(&office).await;
    assert_eq!(phone.talk(Duration::from_millis(2000)).await, None);
    let (greeting, clears) = (phone.loud, phone.clears);
    machine(&office, &call).await;
    assert_eq!(phone.talk(Duration::from_secs(8)).await, Some(1000));
    assert!(
        phone.loud >= greeting + 20 && phone.clears > clears,
        "{} {}",
        phone.loud,
        greeting
    );
    let row = over(&office).await;
    assert_eq!(
        (&row["status"], &row["direction"]),
        (&json!("completed"), &json!("outbound"))
    );
    assert_eq!(row["metadata"]["end_reason"], "voicemail", "{row}");
    assert_eq!(row["answered_by"], "machine_start");
}

#[tokio::test]
async fn a_machine_is_hung_up_on_where_there_is_no_message() {
    let office = Office::with(json!({"name": "A", "greeting": "Hello."})).await;
    let (call, mut phone) = answered(&office).await;
    assert_eq!(phone.talk(Duration::from_millis(1500)).await, None);
    let before = phone.loud;
    machine(&office, &call).await;
    assert_eq!(phone.talk(Duration::from_secs(5)).await, Some(1000));
    assert!(phone.loud <= before + 1);
    assert_eq!(over(&office).await["metadata"]["end_reason"], "voicemail");
}
