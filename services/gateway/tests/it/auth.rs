//! Who may do what, and how tokens come and go.

use crate::support::{Running, error, send};
use reqwest::Method;
use serde_json::json;

const UNKNOWN: &str = "wh_0000000000000000000000000000000000000000000";

#[tokio::test]
async fn every_address_asks_for_the_right_token() {
    let run = Running::start().await;
    let (token, _) = run.token("app").await;
    for (path, code) in [
        ("/asr/models", 200),
        ("/tts/voices", 503),
        ("/agent/process", 503),
    ] {
        let answer = send(run.request(Method::GET, path)).await;
        assert_eq!(answer.error(), error(401, "missing_token"), "{path}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        assert_eq!(
            run.get(path, UNKNOWN).await.error(),
            error(401, "invalid_token"),
            "{path}"
        );
        assert_eq!(
            run.get(path, "nonsense").await.error(),
            error(401, "invalid_token"),
            "{path}"
        );
        assert_eq!(run.get(path, &token).await.status, code, "{path}");
        assert_eq!(run.get(path, &run.admin).await.status, code, "{path}");
    }
    for path in ["/auth/tokens", "/auth/usage", "/auth/usage/summary"] {
        assert_eq!(
            send(run.request(Method::GET, path)).await.error(),
            error(401, "missing_token"),
            "{path}"
        );
        assert_eq!(
            run.get(path, &token).await.error(),
            error(403, "admin_required"),
            "{path}"
        );
        assert_eq!(run.get(path, &run.admin).await.status, 200, "{path}");
    }
    for path in [
        "/health",
        "/ready",
        "/version",
        "/openapi.json",
        "/docs/",
        "/metrics",
    ] {
        assert_eq!(
            send(run.request(Method::GET, path)).await.status,
            200,
            "{path}"
        );
    }
    assert_eq!(
        send(run.request(Method::GET, "/bot/api/agents"))
            .await
            .status,
        200,
        "checked by the service itself"
    );
}

#[tokio::test]
async fn a_token_in_the_query_is_no_good_for_plain_requests() {
    let run = Running::start().await;
    let path = format!("/asr/models?token={}", run.admin);
    assert_eq!(
        send(run.request(Method::GET, &path)).await.error(),
        error(401, "missing_token")
    );
    let basic = run
        .request(Method::GET, "/asr/models")
        .basic_auth("admin", Some(&run.admin));
    assert_eq!(send(basic).await.error(), error(401, "invalid_token"));
}

#[tokio::test]
async fn a_token_is_shown_once_and_then_only_by_its_beginning() {
    let run = Running::start().await;
    let wish = json!({"user_id": "my-app", "label": "My Application"});
    let answer = run.post("/auth/tokens", &run.admin, wish).await;
    let created = answer.json();
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(
        (created["success"].as_bool(), created["user_id"].as_str()),
        (Some(true), Some("my-app"))
    );
    let token = created["token"].as_str().unwrap();
    assert_eq!((token.len(), &token[..3]), (46, "wh_"));

    let listed = run.get("/auth/tokens?user_id=my-app", &run.admin).await;
    assert!(!listed.text.contains(token));
    let listed = listed.json();
    assert_eq!(listed["tokens"].as_array().unwrap().len(), 1);
    assert_eq!(listed["tokens"][0]["prefix"], token[..7]);
    assert!(listed["tokens"][0].get("last_used_at").is_none());
    run.get("/asr/models", token).await;
    let listed = run
        .get("/auth/tokens?user_id=my-app", &run.admin)
        .await
        .json();
    assert!(listed["tokens"][0]["last_used_at"].is_string());

    let folder = run.stop().await;
    for file in ["tokens.db", "tokens.db-wal"] {
        let bytes = std::fs::read(folder.path().join("auth").join(file)).unwrap_or_default();
        let found = bytes
            .windows(token.len())
            .any(|window| window == token.as_bytes());
        assert!(!found, "{file} holds the token itself");
    }
}

#[tokio::test]
async fn a_wrong_wish_names_its_field() {
    let run = Running::start().await;
    for (wish, code, param) in [
        (json!({}), "missing_parameter", "user_id"),
        (json!({"user_id": ""}), "invalid_parameter", "user_id"),
        (
            json!({"user_id": "x".repeat(129)}),
            "invalid_parameter",
            "user_id",
        ),
        (json!({"user_id": "a\nb"}), "invalid_parameter", "user_id"),
        (json!({"user_id": 7}), "invalid_parameter", "user_id"),
        (
            json!({"user_id": "a", "label": "x".repeat(257)}),
            "invalid_parameter",
            "label",
        ),
        (
            json!({"user_id": "a", "rate_limit_rpm": 0}),
            "invalid_parameter",
            "rate_limit_rpm",
        ),
        (
            json!({"user_id": "a", "rate_limit_streams": -1}),
            "invalid_parameter",
            "rate_limit_streams",
        ),
    ] {
        let answer = run.post("/auth/tokens", &run.admin, wish.clone()).await;
        assert_eq!(answer.error(), error(422, code), "{wish}");
        assert_eq!(answer.json()["error"]["param"], param, "{wish}");
    }
    let broken = run
        .request(Method::POST, "/auth/tokens")
        .bearer_auth(&run.admin);
    let answer = send(broken.header("content-type", "application/json").body("{")).await;
    assert_eq!(answer.error(), error(400, "malformed_json"));
    let answer = send(
        run.request(Method::POST, "/auth/tokens")
            .bearer_auth(&run.admin)
            .body("{}"),
    )
    .await;
    assert_eq!(answer.error(), error(415, "unsupported_media_type"));
}

#[tokio::test]
async fn a_revoked_token_stops_working_at_once() {
    let run = Running::start().await;
    let (token, id) = run.token("app").await;
    assert_eq!(run.get("/asr/models", &token).await.status, 200);
    let path = format!("/auth/tokens/{id}");
    assert_eq!(
        run.delete(&path, &token).await.error(),
        error(403, "admin_required")
    );
    let revoked = run.delete(&path, &run.admin).await.json();
    assert_eq!(revoked, json!({"success": true, "id": id}));
    assert_eq!(
        run.get("/asr/models", &token).await.error(),
        error(401, "invalid_token")
    );
    assert_eq!(
        run.delete(&path, &run.admin).await.error(),
        error(404, "not_found")
    );
}

#[tokio::test]
async fn the_only_admin_token_cannot_be_revoked() {
    let run = Running::start().await;
    let tokens = run.get("/auth/tokens", &run.admin).await.json();
    let path = format!(
        "/auth/tokens/{}",
        tokens["tokens"][0]["id"].as_str().unwrap()
    );
    assert_eq!(
        run.delete(&path, &run.admin).await.error(),
        error(409, "conflict")
    );
}

#[tokio::test]
async fn tokens_survive_a_restart() {
    let run = Running::start().await;
    let (kept, _) = run.token("kept").await;
    let (gone, id) = run.token("gone").await;
    run.delete(&format!("/auth/tokens/{id}"), &run.admin).await;
    let admin = run.admin.clone();
    let folder = run.stop().await;
    let run = Running::again(folder, |_| {}).await;
    assert_eq!(run.admin, admin);
    assert_eq!(run.get("/asr/models", &kept).await.status, 200);
    assert_eq!(
        run.get("/asr/models", &gone).await.error(),
        error(401, "invalid_token")
    );
}

#[tokio::test]
async fn unknown_addresses_and_methods_have_the_envelope() {
    let run = Running::start().await;
    assert_eq!(
        run.get("/nowhere", &run.admin).await.error(),
        error(404, "not_found")
    );
    let answer = send(
        run.request(Method::PUT, "/auth/usage")
            .bearer_auth(&run.admin),
    )
    .await;
    assert_eq!(answer.error(), error(405, "method_not_allowed"));
    assert!(answer.header("allow").contains("GET"));
}
