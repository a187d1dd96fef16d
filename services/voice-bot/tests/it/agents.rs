//! Agents: made, changed and taken away, by whom and from what.

use crate::stand_in::tts_server;
use crate::support::{Bot, Visitor};
use api::Role;
use serde_json::{Value, json};

/// A service whose tts-server knows two voices.
async fn bot() -> Bot {
    let url = tts_server(&["af_heart", "am_adam"]).await;
    Bot::with(|config| config.tts_url = url).await
}

async fn agent(owner: &Visitor, body: Value) -> Value {
    owner.post("/api/agents", body).await.expect(201)
}

fn path(agent: &Value) -> String {
    format!("/api/agents/{}", agent["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn the_example_of_the_reference_works_as_printed() {
    let bot = bot().await;
    let (owner, user, _) = bot.member(None, Role::Owner).await;
    let made = agent(
        &owner,
        json!({
            "name": "Sales Rep",
            "system_prompt": "You are a helpful sales assistant for Acme Corp.",
            "greeting": "Hi there! How can I help you today?",
            "voice": "tara",
            "voice_gender": "female",
            "llm_model": "gemini-2.5-flash"
        }),
    )
    .await;
    let told = made["warnings"][0].as_str().unwrap_or_default();
    assert!(told.contains("tara"), "{made}");
    assert_eq!(made["created_by"], json!(user));
    let read = owner.get(&path(&made)).await.expect(200);
    for (field, value) in [
        ("name", json!("Sales Rep")),
        ("voice", json!("tara")),
        ("voice_gender", json!("female")),
        ("llm_model", json!("gemini-2.5-flash")),
        ("language", json!("en")),
        ("phone_number", Value::Null),
        ("settings", json!({})),
        ("warnings", Value::Null),
    ] {
        assert_eq!(read[field], value, "{field}");
    }
    assert_eq!(owner.get("/api/agents").await.expect(200), json!([read]));
}

#[tokio::test]
async fn only_voices_that_exist_are_taken() {
    let bot = bot().await;
    let (owner, ..) = bot.member(None, Role::Owner).await;
    for good in ["af_heart", "af_heart:0.6+am_adam:0.4", " am_adam ", "TARA"] {
        let made = agent(&owner, json!({"name": "A", "voice": good})).await;
        assert_eq!(made["voice"], json!(good.trim()));
    }
    let plain = agent(&owner, json!({"name": "A"})).await;
    assert_eq!(
        (&plain["voice"], &plain["warnings"]),
        (&json!("af_heart"), &Value::Null)
    );
    for bad in ["xx_nobody", "af_heart:0.5+xx_nobody:0.5"] {
        let answer = owner
            .post("/api/agents", json!({"name": "A", "voice": bad}))
            .await;
        let answer = answer.refused(422, "unknown_voice");
        assert_eq!(answer.json()["error"]["param"], "voice");
    }
    let bad = owner
        .patch(&path(&plain), json!({"voice": "xx_nobody"}))
        .await;
    bad.refused(422, "unknown_voice");
}

#[tokio::test]
async fn while_tts_server_is_away_a_voice_is_taken_with_a_warning() {
    let bot = Bot::with(|config| config.tts_url = "http://127.0.0.1:9".into()).await;
    let (owner, ..) = bot.member(None, Role::Owner).await;
    let made = agent(&owner, json!({"name": "A", "voice": "af_later"})).await;
    let told = made["warnings"][0].as_str().unwrap_or_default();
    assert!(told.contains("not checked"), "{made}");
    let bad = owner
        .post("/api/agents", json!({"name": "A", "voice": "a b"}))
        .await;
    bad.refused(422, "invalid_parameter");
}

#[tokio::test]
async fn what_cannot_be_right_is_refused_with_its_name() {
    let bot = bot().await;
    let (owner, ..) = bot.member(None, Role::Owner).await;
    let made = agent(&owner, json!({"name": "A"})).await;
    let long = |length: usize| "x".repeat(length);
    let cases = [
        ("name", json!("")),
        ("name", json!("  ")),
        ("name", json!(long(129))),
        ("name", json!(long(500_000))),
        ("name", json!("a\u{0}b")),
        ("name", json!("a\nb")),
        ("name", json!(7)),
        ("system_prompt", json!("a\u{0}b")),
        ("system_prompt", json!(long(32769))),
        ("greeting", json!(long(4097))),
        ("voice", json!("a;b")),
        ("voice", json!("af_heart:0+am_adam:1")),
        ("voice_gender", json!("robot")),
        ("language", json!("english please")),
        ("language", json!("e")),
        ("llm_model", json!("gpt 4")),
        ("llm_model", json!(long(129))),
        ("phone_number", json!("555-1234")),
        ("phone_number", json!("+0123456789")),
        ("phone_number", json!("+1415555123 OR 1=1")),
        ("settings", json!("text")),
        ("settings", json!({"a": "b\u{0}"})),
        ("settings", json!({"a": long(20_000)})),
    ];
    for (field, value) in cases {
        let mut body = json!({"name": "A"});
        body[field] = value;
        let refused = owner.post("/api/agents", body.clone()).await;
        let refused = refused.refused(422, "invalid_parameter");
        assert_eq!(refused.json()["error"]["param"], field, "{body}");
        let refused = owner.patch(&path(&made), body).await;
        refused.refused(422, "invalid_parameter");
    }
    let answer = owner.post("/api/agents", json!({})).await;
    answer.refused(422, "missing_parameter");
    let answer = owner
        .post("/api/agents", json!({"name": long(2_000_000)}))
        .await;
    answer.refused(413, "body_too_large");
}

#[tokio::test]
async fn a_number_rings_at_one_agent_only() {
    let bot = bot().await;
    let (owner, ..) = bot.member(None, Role::Owner).await;
    let (other, ..) = bot.member(None, Role::Owner).await;
    let numbered = json!({"name": "A", "phone_number": "+1 (415) 555-1234"});
    let made = agent(&owner, numbered.clone()).await;
    assert_eq!(made["phone_number"], "+14155551234");
    let taken = other.post("/api/agents", numbered.clone()).await;
    let taken = taken.refused(409, "phone_number_taken");
    assert_eq!(taken.json()["error"]["param"], "phone_number");
    let theirs = agent(&other, json!({"name": "B"})).await;
    let taken = other.patch(&path(&theirs), numbered.clone()).await;
    taken.refused(409, "phone_number_taken");
    owner.delete(&path(&made)).await.expect(204);
    agent(&other, numbered).await;
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_null_empties() {
    let bot = bot().await;
    let (owner, _, organization) = bot.member(None, Role::Owner).await;
    let made = agent(
        &owner,
        json!({"name": "A", "greeting": "Hello", "voice_gender": "male", "llm_model": "m-1",
               "phone_number": "+14155551234", "settings": {"a": 1}}),
    )
    .await;
    let foreign = json!("00000000-0000-0000-0000-000000000001");
    let changed = owner
        .patch(
            &path(&made),
            json!({"greeting": "Good day", "voice_gender": null, "phone_number": null,
                   "id": foreign, "organization_id": foreign, "created_by": foreign, "deleted_at": "2020-01-01T00:00:00Z"}),
        )
        .await
        .expect(200);
    let mut wanted = made.clone();
    wanted["greeting"] = json!("Good day");
    wanted["voice_gender"] = Value::Null;
    wanted["phone_number"] = Value::Null;
    wanted["updated_at"] = changed["updated_at"].clone();
    assert_eq!(changed, wanted);
    assert_ne!(changed["updated_at"], made["updated_at"]);
    let (admin, ..) = bot.member(Some(organization), Role::Admin).await;
    let same = admin.patch(&path(&made), json!({})).await.expect(200);
    assert_eq!(same["settings"], json!({"a": 1}));
}

#[tokio::test]
async fn an_agent_with_calls_is_gone_but_its_calls_stay() {
    let bot = bot().await;
    let (owner, _, organization) = bot.member(None, Role::Owner).await;
    let (kept, gone) = (
        agent(&owner, json!({"name": "Kept"})).await,
        agent(&owner, json!({"name": "Gone"})).await,
    );
    let id = kept["id"].as_str().expect("an id");
    sqlx::query("INSERT INTO calls (id, organization_id, agent_id, direction) VALUES ($1, $2, $3::uuid, 'web')")
        .bind(data_model::new_id::<api::ids::CallId>().0)
        .bind(organization.0)
        .bind(id)
        .execute(&bot.pool().await)
        .await
        .expect("a call can be written");
    for agent in [&kept, &gone] {
        owner.delete(&path(agent)).await.expect(204);
        owner.get(&path(agent)).await.refused(404, "not_found");
        owner.delete(&path(agent)).await.refused(404, "not_found");
        let change = owner.patch(&path(agent), json!({"name": "B"})).await;
        change.refused(404, "not_found");
    }
    assert_eq!(owner.get("/api/agents").await.expect(200), json!([]));
    let calls = owner.get("/api/calls").await.expect(200);
    assert_eq!(calls[0]["agent_id"], kept["id"]);
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM agents")
        .fetch_one(&bot.pool().await)
        .await
        .expect("agents can be counted");
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn another_organization_cannot_tell_that_an_agent_exists() {
    let bot = bot().await;
    let (owner, ..) = bot.member(None, Role::Owner).await;
    let (stranger, ..) = bot.member(None, Role::Owner).await;
    let path = path(&agent(&owner, json!({"name": "A"})).await);
    for path in [
        path.as_str(),
        "/api/agents/00000000-0000-0000-0000-000000000001",
        "/api/agents/1%27--",
    ] {
        stranger.get(path).await.refused(404, "not_found");
        stranger.delete(path).await.refused(404, "not_found");
        let change = stranger.patch(path, json!({"name": "B"})).await;
        change.refused(404, "not_found");
    }
    assert_eq!(stranger.get("/api/agents").await.expect(200), json!([]));
    assert_eq!(owner.get(&path).await.expect(200)["name"], "A");
}

#[tokio::test]
async fn members_read_and_admins_write() {
    let bot = bot().await;
    let (owner, _, organization) = bot.member(None, Role::Owner).await;
    let (member, ..) = bot.member(Some(organization), Role::Member).await;
    let (admin, ..) = bot.member(Some(organization), Role::Admin).await;
    let path = path(&agent(&owner, json!({"name": "A"})).await);
    member.get(&path).await.expect(200);
    let new = member.post("/api/agents", json!({"name": "B"})).await;
    new.refused(403, "role_required");
    let change = member.patch(&path, json!({"name": "B"})).await;
    change.refused(403, "role_required");
    member.delete(&path).await.refused(403, "role_required");
    admin.patch(&path, json!({"name": "B"})).await.expect(200);
    admin.delete(&path).await.expect(204);
    bot.visitor()
        .get(&path)
        .await
        .refused(401, "missing_session");
}

#[tokio::test]
async fn agents_come_in_pages_newest_first() {
    let bot = bot().await;
    let (owner, ..) = bot.member(None, Role::Owner).await;
    for name in ["1", "2", "3", "4", "5"] {
        agent(&owner, json!({"name": name})).await;
    }
    let mut names = Vec::new();
    let mut path = "/api/agents?limit=2".to_owned();
    loop {
        let page = owner.get(&path).await.expect(200);
        let items = page["data"].as_array().expect("a page has items");
        names.extend(
            items
                .iter()
                .map(|agent| agent["name"].as_str().unwrap_or_default().to_owned()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/api/agents?limit=2&cursor={cursor}");
    }
    assert_eq!(names, ["5", "4", "3", "2", "1"]);
    for bad in ["limit=0", "limit=1001", "limit=x", "cursor=x", "cursor=%00"] {
        let answer = owner.get(&format!("/api/agents?{bad}")).await;
        answer.refused(422, "invalid_parameter");
    }
}
