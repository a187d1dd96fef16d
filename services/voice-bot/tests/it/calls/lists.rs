//! Calls by every condition, and the whole of one.

use super::{Office, Row};
use crate::support::Bot;
use api::Role;
use serde_json::{Value, json};

#[tokio::test]
async fn conditions_hold_together() {
    let office = Office::open(Bot::start().await).await;
    let old = office
        .call(Row {
            created: "2026-01-31T23:59:59Z",
            said: &["My parcel is late"],
            ..Row::default()
        })
        .await;
    let mine = office
        .call(Row {
            customer: true,
            created: "2026-02-01T00:00:00Z",
            said: &["The Parcel", "came\nbroken"],
            ..Row::default()
        })
        .await;
    let busy = office
        .call(Row {
            agent: 1,
            status: "busy",
            created: "2026-02-15T10:00:00Z",
            ..Row::default()
        })
        .await;
    let told = office
        .call(Row {
            agent: 1,
            customer: true,
            summary: Some("A refund for the parcel was agreed."),
            ..Row::default()
        })
        .await;
    let [first, second] = &office.agents;
    let customer = &office.customer;
    let all = [&told, &busy, &mine, &old];
    let cases: Vec<(String, Vec<&String>)> = vec![
        (String::new(), all.to_vec()),
        (format!("agent_id={first}"), vec![&mine, &old]),
        (format!("agent_id={second}&status=busy"), vec![&busy]),
        (format!("customer_id={customer}"), vec![&told, &mine]),
        (
            format!("customer_id={customer}&agent_id={first}"),
            vec![&mine],
        ),
        ("status=completed".into(), vec![&told, &mine, &old]),
        ("status=in-progress".into(), vec![]),
        ("from=2026-02-01".into(), vec![&told, &busy, &mine]),
        ("to=2026-01-31".into(), vec![&old]),
        ("to=2026-02-01T00:00:00Z".into(), vec![&old]),
        (
            "from=2026-02-01T01:00:00%2B01:00&to=2026-02-15".into(),
            vec![&busy, &mine],
        ),
        ("q=parcel".into(), vec![&told, &mine, &old]),
        ("q=PARCEL%20-late".into(), vec![&told, &mine]),
        ("q=%22parcel%20is%20late%22".into(), vec![&old]),
        ("q=broken".into(), vec![&mine]),
        ("q=late%20or%20refund".into(), vec![&told, &old]),
        (
            format!("q=parcel&agent_id={second}&status=completed&from=2026-02-20"),
            vec![&told],
        ),
        ("q=nothing".into(), vec![]),
        ("q=%27%3B%20DROP%20TABLE%20calls%3B%20--".into(), vec![]),
        ("q=!!!%20%26%20%7C%20%28".into(), vec![]),
        ("q=&from=&limit=1000".into(), all.to_vec()),
        (
            "unknown=1&organization_id=00000000-0000-0000-0000-000000000001".into(),
            all.to_vec(),
        ),
    ];
    for (query, wanted) in cases {
        assert_eq!(
            office.found(&query).await.iter().collect::<Vec<_>>(),
            wanted,
            "{query}"
        );
    }
    for (param, query) in [
        ("agent_id", "agent_id=1"),
        ("customer_id", "customer_id=x%27%20OR%201=1"),
        ("status", "status=done"),
        ("from", "from=yesterday"),
        ("to", "to=2026-02-30"),
        ("q", "q=a%00b"),
        ("q", &format!("q={}", "x".repeat(257))),
        ("cursor", "q=a&cursor=zzz"),
    ] {
        let refused = office.owner.get(&format!("/api/calls?{query}")).await;
        let refused = refused.refused(422, "invalid_parameter");
        assert_eq!(refused.json()["error"]["param"], param, "{query}");
    }
}

#[tokio::test]
async fn pages_of_a_search_leave_nothing_out() {
    let office = Office::open(Bot::start().await).await;
    let mut made = Vec::new();
    for day in 1..=7 {
        // Two at the same instant: the id decides.
        let created = format!("2026-02-{:02}T00:00:00Z", day / 2 + 1);
        made.push(
            office
                .call(Row {
                    created: &created,
                    said: &["hello there"],
                    ..Row::default()
                })
                .await,
        );
    }
    let newest = office.found("q=hello").await;
    assert_eq!(newest.len(), 7);
    for condition in ["", "&q=hello", "&status=completed"] {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = office
                .owner
                .get(&format!("/api/calls?limit=2{condition}{cursor}"))
                .await
                .expect(200);
            let items = page["data"].as_array().expect("a page").clone();
            found.extend(
                items
                    .iter()
                    .map(|call| call["id"].as_str().unwrap_or_default().to_owned()),
            );
            let Some(next) = page["next_cursor"].as_str() else {
                break;
            };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(found, newest, "{condition}");
    }
}

#[tokio::test]
async fn lists_show_how_a_call_begins_and_one_call_shows_all() {
    let office = Office::open(Bot::start().await).await;
    let long = "word ".repeat(100);
    let id = office
        .call(Row {
            customer: true,
            said: &["Hello.", &long, "Bye."],
            summary: Some("Short."),
            ..Row::default()
        })
        .await;
    let list = office.owner.get("/api/calls").await.expect(200);
    let item = &list[0];
    assert!(
        item.get("transcript").is_none() && item.get("summary").is_none(),
        "{item}"
    );
    let excerpt = item["excerpt"].as_str().expect("an excerpt");
    assert!(
        excerpt.starts_with("Hello. word") && excerpt.chars().count() <= 200,
        "{excerpt}"
    );
    let call = office
        .owner
        .get(&format!("/api/calls/{id}"))
        .await
        .expect(200);
    assert_eq!(call["transcript"].as_array().map(Vec::len), Some(3));
    assert_eq!(
        call["transcript"][0]["metadata"]["emotion"],
        "EMOTION_NEUTRAL"
    );
    assert_eq!(
        (&call["summary"], &call["status"], &call["has_recording"]),
        (&json!("Short."), &json!("completed"), &json!(false))
    );
    assert_eq!(call["recording_url"], Value::Null);
    assert!(call.get("recording_path").is_none() && call.get("idempotency_key").is_none());
}

#[tokio::test]
async fn nobody_reads_the_calls_of_another_organization() {
    let office = Office::open(Bot::start().await).await;
    let id = office.recorded("a.wav", b"RIFF").await;
    let (stranger, ..) = office.bot.member(None, Role::Owner).await;
    for path in [
        format!("/api/calls/{id}"),
        format!("/api/calls/{id}/recording"),
    ] {
        stranger.get(&path).await.refused(404, "not_found");
        office
            .bot
            .visitor()
            .get(&path)
            .await
            .refused(401, "missing_session");
    }
    stranger
        .post(&format!("/api/calls/{id}/hangup"), json!({}))
        .await
        .refused(404, "not_found");
    for query in ["", "?q=parcel", &format!("?agent_id={}", office.agents[0])] {
        assert_eq!(
            stranger
                .get(&format!("/api/calls{query}"))
                .await
                .expect(200),
            json!([])
        );
    }
    let (member, ..) = office
        .bot
        .member(Some(office.organization), Role::Member)
        .await;
    member.get(&format!("/api/calls/{id}")).await.expect(200);
}

#[tokio::test]
async fn in_hipaa_mode_every_reading_is_written_down() {
    let office = Office::open(Bot::with(|config| config.common.hipaa_mode = true).await).await;
    let id = office.recorded("a.wav", b"RIFF").await;
    let sought = office.owner.get("/api/calls?q=parcel").await;
    assert_eq!(sought.expect(422)["error"]["param"], "q");
    office
        .owner
        .get("/api/calls?status=completed")
        .await
        .expect(200);
    office
        .owner
        .get(&format!("/api/calls/{id}"))
        .await
        .expect(200);
    let sound = office
        .owner
        .get(&format!("/api/calls/{id}/recording"))
        .await;
    assert_eq!(sound.headers["cache-control"], "private, no-store");
    let log = office.owner.get("/api/audit").await.expect(200);
    let seen: Vec<(&str, &Value)> = log
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| {
            (
                entry["action"].as_str().unwrap_or_default(),
                &entry["details"]["call_id"],
            )
        })
        .collect();
    let id = json!(id);
    assert_eq!(
        seen,
        [
            ("call.recording_read", &id),
            ("call.read", &id),
            ("calls.listed", &Value::Null)
        ]
    );
    // And nothing of what was looked for.
    assert!(!log.to_string().contains("parcel"));
}

#[tokio::test]
async fn a_transcript_of_any_length_can_be_kept_and_searched() {
    let office = Office::open(Bot::start().await).await;
    let words: String = (0..400_000).map(|n| format!("w{n:x} ")).collect();
    let id = office
        .call(Row {
            said: &["unforgettable", &words],
            ..Row::default()
        })
        .await;
    assert_eq!(
        office.found("q=unforgettable").await,
        std::slice::from_ref(&id)
    );
    let call = office
        .owner
        .get(&format!("/api/calls/{id}"))
        .await
        .expect(200);
    assert_eq!(call["transcript"][1]["text"], json!(words));
}
