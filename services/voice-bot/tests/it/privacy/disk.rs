//! What is on the disk of a call that was led in HIPAA mode.

use super::{cluster, holding, is_sealed};
use crate::live::{Office, over, turns};
use api::calls::Direction;
use reqwest::Method;
use serde_json::json;
use voice_bot::live::Beginning;

#[tokio::test]
async fn what_people_say_and_are_cannot_be_read_on_the_disk_and_comes_back_whole() {
    let office = Office::with(|config| config.common.hipaa_mode = true).await;
    let made = office.owner.post(
        "/api/customers",
        json!({"name": "Wilhelmine Quarkstrudel", "phone_number": "+4915550123987",
               "email": "quarkstrudel@example.com", "metadata": {"illness": "Zipperlein"}}),
    );
    let made = made.await.expect(201);
    let beginning = Beginning {
        direction: Direction::Inbound,
        from_number: Some("+4915550123987".into()),
        ..office.beginning()
    };
    let (call, caller) = office.calls(beginning).await.expect("a call begins");
    office.when(call, turns(1)).await;
    office.ears.hear("My Rhabarberkompott hurts.");
    office.when(call, turns(3)).await;
    // While it goes on, what was said is on disk before the database has it.
    assert!(office.journal(call).exists());
    let data = office.bot.data.path();
    let words = [
        "Quarkstrudel",
        "quarkstrudel",
        "Zipperlein",
        "15550123987",
        "Rhabarberkompott",
    ];
    for word in words {
        let files = holding(&[data], word);
        assert!(files.is_empty(), "{word} is in {files:?}");
    }
    caller.goes().await;
    let ended = office
        .when(call, |call| over(call) && call["summary"].is_string())
        .await;

    assert_eq!(ended["transcript"][1]["text"], "My Rhabarberkompott hurts.");
    assert_eq!(
        ended["customer_id"], made["id"],
        "the number was recognised"
    );
    assert_eq!(ended["from_number"], "+4915550123987");
    assert_eq!(ended["metadata"]["end_reason"], "caller_hung_up");
    let list = office.owner.get("/api/calls").await.expect(200);
    let excerpt = list[0]["excerpt"].as_str().unwrap_or_default().to_owned();
    assert!(excerpt.contains("Rhabarberkompott"), "{excerpt}");
    let id = made["id"].as_str().unwrap_or_default();
    let customer = office
        .owner
        .get(&format!("/api/customers/{id}"))
        .await
        .expect(200);
    assert_eq!(customer["email"], "quarkstrudel@example.com");
    assert_eq!(customer["metadata"]["illness"], "Zipperlein");
    let twice = json!({"name": "Another", "phone_number": "+4915550123987"});
    let twice = office.owner.post("/api/customers", twice).await;
    twice.refused(409, "phone_number_taken");

    assert!(is_sealed(&office.bot, "calls").await && is_sealed(&office.bot, "customers").await);
    let [rows, log] = cluster(&office.bot).await;
    for word in words {
        let files = holding(&[data, &rows, &log], word);
        assert!(files.is_empty(), "{word} is in {files:?}");
    }
    assert!(holding(&[&data.join("recordings")], "RIFF").is_empty());
    recording_in_parts(&office, &format!("/api/calls/{call}/recording")).await;
}

async fn recording_in_parts(office: &Office, path: &str) {
    let owner = &office.owner;
    let whole = owner.bytes(path, &[]).await;
    assert!(whole.starts_with(b"RIFF") && whole.len() > 20_000);
    let said = u32::from_le_bytes([whole[40], whole[41], whole[42], whole[43]]) as usize;
    assert_eq!(said, whole.len() - 44, "the header has the length");
    let last = whole.len() - 1;
    for (range, wanted) in [
        ("bytes=0-43", &whole[..44]),
        ("bytes=16300-16500", &whole[16_300..=16_500]),
        ("bytes=5-20000", &whole[5..=20_000]),
        ("bytes=-7", &whole[whole.len() - 7..]),
        (&format!("bytes={last}-"), &whole[last..]),
    ] {
        let part = owner.bytes(path, &[("range", range)]).await;
        assert!(part == wanted, "{range}");
    }
    let outside = owner.send(Method::GET, path, &[("range", "bytes=999999999-")], None);
    outside.await.refused(416, "range_not_satisfiable");
}

#[tokio::test]
async fn letters_cannot_be_read_on_the_disk_but_by_who_has_the_key() {
    let bot = crate::support::Bot::with(|config| config.common.hipaa_mode = true).await;
    crate::mail::sign_up(&bot, "heribert@example.com").await;
    let letters = crate::mail::outbox::files(&bot.data.path().join("outbox"), 1).await;
    assert!(holding(&[bot.data.path()], "heribert").is_empty());
    let mut text = Vec::new();
    voice_bot::vault::unseal(&bot.state.config, &letters[0], &mut text).expect("we have the key");
    let text = String::from_utf8(text).expect("a letter is text");
    assert!(text.contains("\r\nTo: heribert@example.com\r\n"), "{text}");
}

#[tokio::test]
async fn every_reading_of_customers_is_on_record() {
    let office = Office::with(|config| config.common.hipaa_mode = true).await;
    let made = office
        .owner
        .post("/api/customers", json!({"name": "Jane"}))
        .await;
    let id = made.expect(201)["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let path = format!("/api/customers/{id}");
    office.owner.get("/api/customers").await.expect(200);
    office.owner.get(&path).await.expect(200);
    office
        .owner
        .patch(&path, json!({"name": "Joan"}))
        .await
        .expect(200);
    office.owner.get("/api/calls/active").await.expect(200);
    let log = office.owner.get("/api/audit").await.expect(200);
    let log = log.as_array().expect("a list");
    let actions: Vec<_> = log.iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(
        actions,
        [
            "calls.listed",
            "customer.read",
            "customer.read",
            "customers.listed"
        ]
    );
    assert_eq!(log[1]["details"]["customer_id"], json!(id));
}
