//! Notes and history, the same in SQLite and in Firestore.

use crate::firestore::Firestore;
use crate::support::{Agent, Provider, SECRET};
use agent::storage::StorageMode;
use serde_json::{Value, json};

async fn in_firestore(firestore: &Firestore, provider: Option<&Provider>) -> Agent {
    let folder = tempfile::tempdir().unwrap();
    let key = firestore.key_file(folder.path());
    Agent::with(provider, |config| {
        config.storage.storage_mode = StorageMode::Firestore;
        config.storage.firestore_url = firestore.url.clone();
        config.storage.google_application_credentials = Some(key);
    })
    .await
}

async fn keep(agent: &Agent, user: &str, text: &str) -> Value {
    let body = json!({"transcript": text, "user_id": user, "mode": "note"});
    agent.post("/process", body).await.1["note"].clone()
}

fn texts(page: &Value) -> Vec<&str> {
    let notes = page["data"].as_array().expect("a page");
    notes
        .iter()
        .map(|note| note["text"].as_str().unwrap())
        .collect()
}

async fn notes_are_kept_found_paged_and_deleted(agent: &Agent) {
    for text in [
        "Buy milk and bread",
        "Diana called about the loan",
        "The loan of Diana is due, says Diana's café",
    ] {
        keep(agent, "u", text).await;
    }
    keep(agent, "other", "a loan of somebody else").await;
    let (_, page) = agent.get("/notes?user_id=u&limit=2").await;
    assert_eq!(
        texts(&page),
        [
            "The loan of Diana is due, says Diana's café",
            "Diana called about the loan"
        ]
    );
    let cursor = page["next_cursor"].as_str().expect("there is more");
    let (_, rest) = agent
        .get(&format!("/notes?user_id=u&limit=2&cursor={cursor}"))
        .await;
    assert_eq!(
        (texts(&rest), &rest["next_cursor"]),
        (vec!["Buy milk and bread"], &Value::Null)
    );
    let (_, found) = agent.get("/notes?user_id=u&q=loan%20due").await;
    assert_eq!(
        texts(&found)[0],
        "The loan of Diana is due, says Diana's café"
    );
    assert_eq!(texts(&found).len(), 2);
    // What FTS5 takes for operators is only words here.
    let (status, found) = agent
        .get("/notes?user_id=u&q=%22milk%20OR%20(NEAR*%20-")
        .await;
    assert_eq!((status, texts(&found)), (200, vec!["Buy milk and bread"]));
    let id = page["data"][0]["id"].as_str().unwrap();
    assert_eq!(
        agent
            .send("DELETE", &format!("/notes/{id}?user_id=other"), &[], None)
            .await
            .0,
        404
    );
    assert_eq!(
        agent
            .send("DELETE", &format!("/notes/{id}?user_id=u"), &[], None)
            .await
            .0,
        204
    );
    assert_eq!(
        agent
            .send("DELETE", &format!("/notes/{id}?user_id=u"), &[], None)
            .await
            .0,
        404
    );
    assert_eq!(
        agent.send("DELETE", "/notes?user_id=u", &[], None).await.1,
        json!({"deleted": 2})
    );
    assert_eq!(
        texts(&agent.get("/notes?user_id=u").await.1),
        Vec::<&str>::new()
    );
    assert_eq!(texts(&agent.get("/notes?user_id=other").await.1).len(), 1);
}

#[tokio::test]
async fn notes_are_kept_found_paged_and_deleted_in_sqlite() {
    let agent = Agent::with(None, |_| ()).await;
    notes_are_kept_found_paged_and_deleted(&agent).await;
    keep(&agent, "zh", "明天三点和王经理开会").await;
    assert_eq!(
        texts(
            &agent
                .get("/notes?user_id=zh&q=%E7%8E%8B%E7%BB%8F%E7%90%86")
                .await
                .1
        )
        .len(),
        1
    );
    let mode = |path: &str| {
        use std::os::unix::fs::PermissionsExt;
        let path = agent.data.path().join(path);
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    };
    assert_eq!((mode("agent"), mode("agent/agent.db")), (0o700, 0o600));
}

#[tokio::test]
async fn notes_are_kept_found_paged_and_deleted_in_firestore() {
    let firestore = Firestore::new().await;
    let agent = in_firestore(&firestore, None).await;
    notes_are_kept_found_paged_and_deleted(&agent).await;
    assert_eq!(firestore.tokens(), 1);
    assert!(
        firestore.names().iter().all(|name| !name.contains("other")),
        "names tell users"
    );
}

#[tokio::test]
async fn history_is_kept_in_firestore_and_a_refused_token_is_replaced() {
    let firestore = Firestore::new().await;
    let provider = Provider::saying(&["Paris.", "Two million."]).await;
    let agent = in_firestore(&firestore, Some(&provider)).await;
    agent
        .post(
            "/process",
            json!({"transcript": "Capital of France?", "user_id": "u"}),
        )
        .await;
    firestore.revoke();
    agent
        .post(
            "/process",
            json!({"transcript": "How many people?", "user_id": "u"}),
        )
        .await;
    let told = provider.asked()[1]["messages"].clone();
    assert_eq!(
        (&told[1]["content"], &told[2]["content"]),
        (&json!("Capital of France?"), &json!("Paris."))
    );
    let (_, gone) = agent.send("DELETE", "/history?user_id=u", &[], None).await;
    assert_eq!(gone, json!({"deleted": 4}));
}

#[tokio::test]
async fn trouble_with_firestore_costs_the_memory_but_not_the_answer() {
    let firestore = Firestore::new().await;
    let provider = Provider::saying(&["Paris."]).await;
    let agent = Agent::with(Some(&provider), |config| {
        let folder = tempfile::tempdir().unwrap();
        config.storage.google_application_credentials = Some(firestore.key_file(folder.path()));
        // Read at the start, so the folder may go.
        std::mem::forget(folder);
        config.storage.storage_mode = StorageMode::Firestore;
        config.storage.firestore_url = "http://127.0.0.1:9".into();
    })
    .await;
    let (status, answer) = agent
        .post("/process", json!({"transcript": "Capital of France?"}))
        .await;
    assert_eq!((status, &answer["processed_text"]), (200, &json!("Paris.")));
    assert_eq!(answer["warnings"].as_array().unwrap().len(), 2);
    let (status, body) = agent.get("/notes").await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (424, &json!("upstream_failed"))
    );
}

#[tokio::test]
async fn one_tokens_user_never_sees_anothers_data() {
    let agent = Agent::with(None, |_| ()).await;
    let of = |user: &'static str| [("x-internal-secret", SECRET), ("x-internal-user", user)];
    let note = json!({"transcript": "the secret of acme", "user_id": "u", "mode": "note"});
    agent
        .send("POST", "/process", &of("acme"), Some(note))
        .await;
    for headers in [
        of("rival").to_vec(),
        of("local").to_vec(),
        of("").to_vec(),
        Vec::new(),
    ] {
        let (_, page) = agent.send("GET", "/notes?user_id=u", &headers, None).await;
        assert_eq!(texts(&page), Vec::<&str>::new());
    }
    let (_, page) = agent
        .send("GET", "/notes?user_id=u", &of("acme"), None)
        .await;
    assert_eq!(texts(&page), ["the secret of acme"]);
}

#[tokio::test]
async fn old_turns_are_dropped() {
    let agent = Agent::with(None, |_| ()).await;
    for _ in 0..105 {
        agent
            .post("/process", json!({"transcript": "stop", "user_id": "u"}))
            .await;
    }
    let (_, gone) = agent.send("DELETE", "/history?user_id=u", &[], None).await;
    assert_eq!(gone, json!({"deleted": 200}));
}

#[tokio::test]
async fn wrong_requests_for_notes_name_their_field() {
    let agent = Agent::with(None, |_| ()).await;
    for (path, param) in [
        ("/notes?limit=0", "limit"),
        ("/notes?limit=201", "limit"),
        ("/notes?cursor=../x", "cursor"),
        ("/notes?user_id=", "user_id"),
    ] {
        let (status, body) = agent.get(path).await;
        assert_eq!(
            (status, &body["error"]["param"]),
            (422, &json!(param)),
            "{body}"
        );
    }
    assert_eq!(
        agent.send("DELETE", "/notes/not-an-id", &[], None).await.0,
        404
    );
}
