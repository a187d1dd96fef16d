//! What is tried against accounts.

use super::{PASSWORD, bare, cookie_line, holder, log_in, refresh_token, sign_up, user_id};
use crate::support::{Bot, INTERNAL};
use api::Role;
use api::ids::UserId;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn what_cannot_be_right_is_refused_with_its_field() {
    let bot = Bot::start().await;
    let visitor = bot.visitor();
    let huge = "x".repeat(1_000_000);
    let long = format!("{}@example.com", "a".repeat(250));
    let cases = [
        ("email", json!({"email": "nobody", "password": PASSWORD})),
        (
            "email",
            json!({"email": "a@b@example.com", "password": PASSWORD}),
        ),
        (
            "email",
            json!({"email": "a@localhost", "password": PASSWORD}),
        ),
        (
            "email",
            json!({"email": "a\u{0}@example.com", "password": PASSWORD}),
        ),
        (
            "email",
            json!({"email": "a@example.com\r\nBcc: b@example.com", "password": PASSWORD}),
        ),
        ("email", json!({"email": long, "password": PASSWORD})),
        ("email", json!({"email": huge, "password": PASSWORD})),
        ("email", json!({"email": 1, "password": PASSWORD})),
        ("email", json!({"password": PASSWORD})),
        ("password", json!({"email": "a@example.com"})),
        (
            "password",
            json!({"email": "a@example.com", "password": "short"}),
        ),
        (
            "password",
            json!({"email": "a@example.com", "password": "Password"}),
        ),
        (
            "password",
            json!({"email": "a@example.com", "password": "x".repeat(129)}),
        ),
        (
            "password",
            json!({"email": "a@example.com", "password": huge}),
        ),
        (
            "name",
            json!({"email": "a@example.com", "password": PASSWORD, "name": huge}),
        ),
        (
            "name",
            json!({"email": "a@example.com", "password": PASSWORD, "name": "a\u{0}b"}),
        ),
        (
            "name",
            json!({"email": "a@example.com", "password": PASSWORD, "name": "  "}),
        ),
        (
            "name",
            json!({"email": "a@example.com", "password": PASSWORD, "name": ["a"]}),
        ),
    ];
    for (param, body) in cases {
        let answer = visitor.post("/api/auth/signup", body.clone()).await;
        assert_eq!(answer.status, 422, "{param}: {}", answer.text);
        assert_eq!(answer.json()["error"]["param"], param, "{}", answer.text);
    }
    for password in ["", &huge] {
        let answer = log_in(&visitor, "a@example.com", password).await;
        answer.refused(422, "invalid_parameter");
    }
    let answer = log_in(&visitor, "\u{0}", PASSWORD).await;
    answer.refused(422, "invalid_parameter");
    let body = json!({"device_id": "a\u{0}"});
    let answer = visitor.post("/api/auth/guest", body).await;
    answer.refused(422, "invalid_parameter");
    let users: i64 = sqlx::query_scalar("SELECT count(*) FROM users")
        .fetch_one(&bot.pool().await)
        .await
        .expect("counted");
    assert_eq!(users, 0);
}

#[tokio::test]
async fn nobody_makes_themselves_more_than_they_are() {
    let bot = Bot::start().await;
    let (_, _, organization) = bot.member(None, Role::Owner).await;
    let chosen = data_model::new_id::<UserId>();
    let visitor = bot.visitor();
    let body = json!({
        "email": "user@example.com", "password": PASSWORD, "name": "'; DROP TABLE users; --",
        "id": chosen, "role": "owner", "organization_id": organization, "email_verified": true,
        "email_verified_at": "2020-01-01T00:00:00Z", "auth_provider": "google", "is_admin": true,
        "last_organization_id": organization, "user": {"id": chosen},
    });
    let me = visitor.post("/api/auth/signup", body).await.expect(201);
    assert_ne!(user_id(&me), chosen);
    assert_eq!(me["user"]["email_verified"], false);
    assert_eq!(me["user"]["auth_provider"], "password");
    assert_eq!(me["user"]["name"], "'; DROP TABLE users; --");
    assert_ne!(me["organization"]["id"], json!(organization));
    assert_eq!(me["organizations"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn tokens_that_are_not_ours_open_nothing() {
    let (bot, elsewhere) = (Bot::start().await, Bot::start().await);
    let (visitor, _) = sign_up(&bot, "user@example.com").await;
    let (foreign, _) = sign_up(&elsewhere, "user@example.com").await;
    let ours = visitor.cookie("access_token").expect("signed in");
    let theirs = foreign.cookie("access_token").expect("signed in");
    let parts: Vec<&str> = ours.split('.').collect();
    let forged = [
        // {"alg":"none"} and {"alg":"none","typ":"JWT"}
        format!("eyJhbGciOiJub25lIn0.{}.", parts[1]),
        format!(
            "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.{}",
            parts[1], parts[2]
        ),
        // {"alg":"HS256"}
        format!("eyJhbGciOiJIUzI1NiJ9.{}.{}", parts[1], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.e30.{}", parts[0], parts[2]),
        format!("{ours}x"),
        theirs,
        refresh_token(&visitor),
        "x".repeat(7000),
        "\"".into(),
    ];
    for token in forged {
        let thief = bot.visitor();
        thief.set_cookie("access_token", &token);
        let answer = thief.get("/api/auth/me").await;
        answer.refused(401, "invalid_session");
    }
    let mine = refresh_token(&visitor);
    let wrong = [
        refresh_token(&foreign),
        ours,
        "0".repeat(64),
        "x".into(),
        mine.to_uppercase(),
    ];
    for token in wrong {
        let answer = bare(&holder(&bot, &token), "/api/auth/refresh").await;
        answer.refused(401, "invalid_session");
    }
    let answer = bare(&bot.visitor(), "/api/auth/refresh").await;
    answer.refused(401, "missing_session");
    bare(&visitor, "/api/auth/refresh").await.expect(200);
}

#[tokio::test]
async fn other_sites_can_change_nothing() {
    let bot = Bot::start().await;
    let (visitor, _) = sign_up(&bot, "user@example.com").await;
    let body = || Some(json!({"email": "user@example.com", "password": PASSWORD}));
    let paths = ["signup", "login", "logout", "refresh", "guest"];
    for origin in [
        "https://evil.example",
        "null",
        "http://localhost:3000.evil.example",
    ] {
        for path in paths {
            let path = format!("/api/auth/{path}");
            let headers = [("origin", origin)];
            let answer = visitor.send(Method::POST, &path, &headers, body()).await;
            answer.refused(403, "origin_not_allowed");
        }
    }
    visitor.get("/api/auth/me").await.expect(200);
    // What a form can send.
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ] {
        let login = reqwest::Client::new()
            .post(format!("{}/api/auth/login", bot.url))
            .header("content-type", kind)
            .body(body().expect("a body").to_string());
        let status = login.send().await.expect("an answer").status();
        assert_eq!(status, 415);
    }
    let ours = [("origin", "http://localhost:3000")];
    let answer = visitor.send(Method::POST, "/api/auth/login", &ours, body());
    answer.await.expect(200);
}

#[tokio::test]
async fn cookies_are_secure_only_where_the_gateway_says_that_there_is_tls() {
    let bot = Bot::start().await;
    let login = async |headers: &[(&str, &str)]| {
        let guest = bot.visitor();
        let answer = guest.send(Method::POST, "/api/auth/guest", headers, None);
        let answer = answer.await;
        assert_eq!(answer.status, 201);
        cookie_line(&answer, "refresh_token")
    };
    let https = ("x-forwarded-proto", "https");
    let vouched = ("x-internal-secret", INTERNAL);
    assert!(
        !login(&[https]).await.contains("Secure"),
        "anybody can say so"
    );
    assert!(!login(&[vouched]).await.contains("Secure"));
    let line = login(&[https, vouched]).await;
    assert!(line.contains("Secure"), "{line}");
    assert!(line.contains("Path=/bot/api/auth"), "{line}");
}
