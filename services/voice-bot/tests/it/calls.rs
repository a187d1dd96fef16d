//! Calls as they are read: lists by every condition, the whole of one, its recording.

use crate::support::{Answer, Bot, Visitor};
use api::Role;
use api::ids::{CallId, OrganizationId};
use reqwest::Method;
use serde_json::{Value, json};

/// An organization with calls.
struct Office {
    bot: Bot,
    owner: Visitor,
    organization: OrganizationId,
    agents: [String; 2],
    customer: String,
}

/// What differs from a completed web call of today.
struct Row<'a> {
    agent: usize,
    customer: bool,
    status: &'a str,
    created: &'a str,
    said: &'a [&'a str],
    summary: Option<&'a str>,
    recording: Option<String>,
}

impl Default for Row<'_> {
    fn default() -> Self {
        Row {
            agent: 0,
            customer: false,
            status: "completed",
            created: "2026-03-01T12:00:00Z",
            said: &[],
            summary: None,
            recording: None,
        }
    }
}

impl Office {
    async fn open(bot: Bot) -> Office {
        let (owner, _, organization) = bot.member(None, Role::Owner).await;
        let mut ids = Vec::new();
        for (path, name) in [("agents", "A"), ("agents", "B"), ("customers", "Jane")] {
            let made = owner
                .post(&format!("/api/{path}"), json!({"name": name}))
                .await
                .expect(201);
            ids.push(made["id"].as_str().expect("an id").to_owned());
        }
        let customer = ids.pop().expect("three were made");
        let agents = [ids.remove(0), ids.remove(0)];
        Office {
            bot,
            owner,
            organization,
            agents,
            customer,
        }
    }

    async fn call(&self, row: Row<'_>) -> String {
        let id: CallId = data_model::new_id();
        let segments = row.said.iter().enumerate().map(|(at, text)| {
            json!({"speaker": "customer", "text": text, "start": at, "end": at + 1,
                   "metadata": {"emotion": "EMOTION_NEUTRAL"}})
        });
        sqlx::query(
            "INSERT INTO calls (id, organization_id, agent_id, customer_id, direction, status, created_at, transcript, summary, recording_path)
             VALUES ($1, $2, $3::uuid, $4::uuid, 'web', $5, $6::text::timestamptz, $7, $8, $9)",
        )
        .bind(id.0)
        .bind(self.organization.0)
        .bind(&self.agents[row.agent])
        .bind(row.customer.then_some(&self.customer))
        .bind(row.status)
        .bind(row.created)
        .bind(segments.collect::<Value>())
        .bind(row.summary)
        .bind(row.recording)
        .execute(&self.bot.pool().await)
        .await
        .expect("a call can be written");
        id.to_string()
    }

    async fn found(&self, query: &str) -> Vec<String> {
        let list = self
            .owner
            .get(&format!("/api/calls?{query}"))
            .await
            .expect(200);
        let items = list.as_array().or_else(|| list["data"].as_array());
        let ids = items
            .expect("a list")
            .iter()
            .map(|call| call["id"].as_str().unwrap_or_default().to_owned());
        ids.collect()
    }

    /// A call with a recording of these bytes.
    async fn recorded(&self, name: &str, bytes: &[u8]) -> String {
        let folder = self
            .bot
            .data
            .path()
            .join("recordings")
            .join(self.organization.to_string());
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        std::fs::write(folder.join(name), bytes).expect("a file can be written");
        let recording = Some(format!("{}/{name}", self.organization));
        self.call(Row {
            recording,
            ..Row::default()
        })
        .await
    }
}

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
async fn a_recording_is_given_whole_or_in_parts() {
    let office = Office::open(Bot::start().await).await;
    // Longer than a block.
    let sound: String = (0..200_000)
        .map(|at| char::from(b'a' + (at % 26) as u8))
        .collect();
    let id = office.recorded("call.wav", sound.as_bytes()).await;
    let path = &format!("/api/calls/{id}/recording");
    let call = office
        .owner
        .get(&format!("/api/calls/{id}"))
        .await
        .expect(200);
    assert_eq!(call["recording_url"], json!(path));
    let header = |answer: &Answer, name: &str| {
        answer
            .headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default().to_owned())
    };

    let whole = office.owner.get(path).await;
    assert_eq!((whole.status.as_u16(), whole.text == sound), (200, true));
    for (name, value) in [
        ("content-type", "audio/wav"),
        ("content-length", "200000"),
        ("accept-ranges", "bytes"),
        ("cache-control", "private, no-cache"),
    ] {
        assert_eq!(header(&whole, name).as_deref(), Some(value), "{name}");
    }
    let etag = header(&whole, "etag").expect("an entity tag");

    for (range, wanted, told) in [
        ("bytes=0-9", &sound[..10], "bytes 0-9/200000"),
        (
            "bytes=70000-139999",
            &sound[70_000..140_000],
            "bytes 70000-139999/200000",
        ),
        (
            "bytes=199990-",
            &sound[199_990..],
            "bytes 199990-199999/200000",
        ),
        ("bytes=-5", &sound[199_995..], "bytes 199995-199999/200000"),
    ] {
        let part = office
            .owner
            .send(Method::GET, path, &[("range", range)], None)
            .await;
        assert_eq!(
            (part.status.as_u16(), part.text.as_str()),
            (206, wanted),
            "{range}"
        );
        assert_eq!(header(&part, "content-range").as_deref(), Some(told));
    }
    let outside = office
        .owner
        .send(Method::GET, path, &[("range", "bytes=200000-")], None)
        .await;
    let outside = outside.refused(416, "range_not_satisfiable");
    assert_eq!(
        header(&outside, "content-range").as_deref(),
        Some("bytes */200000")
    );
    for (if_range, status) in [
        (etag.as_str(), 206),
        ("\"other\"", 200),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 200),
    ] {
        let part = office
            .owner
            .send(
                Method::GET,
                path,
                &[("range", "bytes=0-9"), ("if-range", if_range)],
                None,
            )
            .await;
        assert_eq!(part.status.as_u16(), status, "{if_range}");
    }
    let known = office
        .owner
        .send(Method::GET, path, &[("if-none-match", &etag)], None)
        .await;
    assert_eq!((known.status.as_u16(), known.text.as_str()), (304, ""));
    let head = office
        .owner
        .send(Method::HEAD, path, &[("range", "bytes=0-9")], None)
        .await;
    assert_eq!(
        (
            head.status.as_u16(),
            header(&head, "content-length").as_deref()
        ),
        (200, Some("200000"))
    );
}

#[tokio::test]
async fn a_recording_lies_in_the_folder_of_its_organization_or_nowhere() {
    let office = Office::open(Bot::start().await).await;
    let folder = office
        .bot
        .data
        .path()
        .join("recordings")
        .join(office.organization.to_string());
    office.recorded("real.opus", b"OggS").await;
    let secret = office.bot.data.path().join("secret.wav");
    std::fs::write(&secret, b"secret").expect("a file can be written");
    std::os::unix::fs::symlink(&secret, folder.join("link.wav")).expect("a link can be made");
    for name in ["gone.wav", "link.wav", "."] {
        let recording = Some(format!("{}/{name}", office.organization));
        let id = office
            .call(Row {
                recording,
                ..Row::default()
            })
            .await;
        let answer = office
            .owner
            .get(&format!("/api/calls/{id}/recording"))
            .await;
        answer.refused(404, "not_found");
    }
    let without = office.call(Row::default()).await;
    let answer = office
        .owner
        .get(&format!("/api/calls/{without}/recording"))
        .await;
    answer.refused(404, "not_found");
    // The schema itself takes no other path.
    let pool = office.bot.pool().await;
    let organization = office.organization;
    for bad in [
        format!("{organization}/../x.wav"),
        "/etc/passwd".into(),
        "other/x.wav".into(),
        format!("/{organization}/x.wav"),
    ] {
        let written = sqlx::query("UPDATE calls SET recording_path = $1")
            .bind(&bad)
            .execute(&pool)
            .await;
        assert!(written.is_err(), "{bad}");
    }
    let id = office.recorded("x.opus", b"OggS").await;
    let sound = office
        .owner
        .get(&format!("/api/calls/{id}/recording"))
        .await;
    assert_eq!(sound.headers["content-type"], "audio/ogg");
}

#[tokio::test]
async fn in_hipaa_mode_every_reading_is_written_down() {
    let office = Office::open(Bot::with(|config| config.common.hipaa_mode = true).await).await;
    let id = office.recorded("a.wav", b"RIFF").await;
    office.owner.get("/api/calls?q=parcel").await.expect(200);
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
