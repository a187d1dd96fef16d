//! Forgotten passwords and unverified addresses.

use super::sink::Sink;
use super::{PASSWORD, forget, log_in, sign_up, token};
use crate::support::{Answer, Bot};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Instant;

const NEW: &str = "another-pass-456";

/// A service whose letters come here.
async fn start() -> (Bot, Sink) {
    let sink = Sink::start().await;
    let bot = Bot::with(|config| config.smtp_url = sink.url()).await;
    (bot, sink)
}

async fn reset(bot: &Bot, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "password": password});
    bot.visitor().post("/api/auth/reset-password", body).await
}

async fn resend(visitor: &crate::support::Visitor) -> Answer {
    let path = "/api/auth/resend-verification";
    visitor.send(Method::POST, path, &[], None).await
}

async fn expire(bot: &Bot, table: &str) {
    let statement = format!("UPDATE {table} SET expires_at = now() - interval '1 second'");
    sqlx::query(sqlx::AssertSqlSafe(statement))
        .execute(&bot.pool().await)
        .await
        .expect("the table is there");
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_and_every_sign_in_ends() {
    let (bot, mut sink) = start().await;
    let visitor = sign_up(&bot, "Jane@example.com").await;
    sink.next().await;
    let told = forget(&bot, " jane@EXAMPLE.com ").await;
    let letter = sink.next().await;
    assert_eq!(letter.to, ["Jane@example.com"]);
    let link = token(&letter.text);
    reset(&bot, &link, "short")
        .await
        .refused(422, "invalid_parameter");
    reset(&bot, &link, NEW).await.expect(200);
    assert!(sink.next().await.headers["subject"].contains("was changed"));

    visitor
        .get("/api/auth/me")
        .await
        .refused(401, "invalid_session");
    let refresh = visitor.send(Method::POST, "/api/auth/refresh", &[], None);
    refresh.await.refused(401, "invalid_session");
    let old = log_in(&bot, "jane@example.com", PASSWORD).await;
    old.refused(401, "invalid_credentials");
    let me = log_in(&bot, "jane@example.com", NEW).await.expect(200);
    assert_eq!(me["user"]["email_verified"], true, "the letter proved it");
    reset(&bot, &link, NEW).await.refused(422, "expired_token");

    let nobody = forget(&bot, "nobody@example.com").await;
    assert_eq!(nobody, told);
    assert!(sink.is_quiet().await, "nobody gets no letter");
    let actions: Vec<String> = sqlx::query_scalar(
        "SELECT action FROM audit_logs WHERE action LIKE 'password%' AND user_id IS NOT NULL ORDER BY id",
    )
    .fetch_all(&bot.pool().await)
    .await
    .expect("the audit log can be read");
    assert_eq!(actions, ["password.reset_requested", "password.reset"]);
}

#[tokio::test]
async fn the_answer_takes_as_long_for_somebody_as_for_nobody() {
    let bot = Bot::with(|config| config.accounts.emails_per_hour = 1_000_000).await;
    sign_up(&bot, "jane@example.com").await;
    let mut took = [Vec::new(), Vec::new()];
    for _ in 0..60 {
        for (address, took) in ["jane@example.com", "nobody@example.com"]
            .iter()
            .zip(&mut took)
        {
            let began = Instant::now();
            forget(&bot, address).await;
            took.push(began.elapsed());
        }
    }
    let [somebody, nobody] = took.map(|mut took| {
        took.sort_unstable();
        took[took.len() / 2].as_secs_f64()
    });
    let ratio = somebody / nobody;
    assert!((0.5..2.0).contains(&ratio), "{somebody} s, {nobody} s");
}

#[tokio::test]
async fn a_token_works_only_while_it_is_the_newest_and_fresh_and_once() {
    let (bot, mut sink) = start().await;
    sign_up(&bot, "jane@example.com").await;
    sink.next().await;
    forget(&bot, "jane@example.com").await;
    let first = token(&sink.next().await.text);
    forget(&bot, "jane@example.com").await;
    let second = token(&sink.next().await.text);
    reset(&bot, &first, NEW).await.refused(422, "expired_token");
    for wrong in [
        "",
        "x",
        &second.to_uppercase(),
        &"0".repeat(64),
        &"é".repeat(32),
    ] {
        reset(&bot, wrong, NEW).await.refused(422, "expired_token");
    }
    let both = tokio::join!(
        reset(&bot, &second, NEW),
        reset(&bot, &second, "yet-another-789")
    );
    let mut statuses = [both.0.status.as_u16(), both.1.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
    sink.next().await;

    forget(&bot, "jane@example.com").await;
    let late = token(&sink.next().await.text);
    expire(&bot, "password_resets").await;
    reset(&bot, &late, NEW).await.refused(422, "expired_token");
}

#[tokio::test]
async fn a_verification_expires_and_belongs_to_the_address_it_was_sent_to() {
    let (bot, mut sink) = start().await;
    let visitor = sign_up(&bot, "jane@example.com").await;
    let verify = async |link: &str| {
        let body = json!({"token": link});
        bot.visitor().post("/api/auth/verify-email", body).await
    };
    let late = token(&sink.next().await.text);
    expire(&bot, "email_verifications").await;
    verify(&late).await.refused(422, "expired_token");

    resend(&visitor).await.expect(200);
    let moved = token(&sink.next().await.text);
    sqlx::query("UPDATE users SET email = 'june@example.com'")
        .execute(&bot.pool().await)
        .await
        .expect("she has another address");
    verify(&moved).await.refused(422, "expired_token");

    forget(&bot, "june@example.com").await;
    let reset = token(&sink.next().await.text);
    verify(&reset).await.refused(422, "expired_token");
    let me = visitor.get("/api/auth/me").await.expect(200);
    assert_eq!(me["user"]["email_verified"], false);
}

#[tokio::test]
async fn nobody_can_fill_another_mailbox() {
    let (bot, mut sink) = start().await;
    let visitor = sign_up(&bot, "jane@example.com").await;
    for _ in 0..3 {
        resend(&visitor).await.expect(200);
    }
    let refused = resend(&visitor).await.refused(429, "rate_limited");
    assert!(refused.retry_after().is_some_and(|seconds| seconds > 60));
    for _ in 0..4 {
        sink.next().await;
    }
    bot.visitor().post("/api/auth/guest", Value::Null).await;

    for address in ["jo@example.com", "nobody@example.com"] {
        let ask = async || {
            let body = json!({"email": address});
            bot.visitor().post("/api/auth/forgot-password", body).await
        };
        for _ in 0..6 {
            ask().await.expect(200);
        }
        let refused = ask().await.refused(429, "rate_limited");
        assert!(refused.retry_after().is_some());
    }
    assert!(sink.is_quiet().await);
}

#[tokio::test]
async fn a_guest_and_somebody_verified_get_no_verification() {
    let (bot, mut sink) = start().await;
    let guest = bot.visitor();
    guest.send(Method::POST, "/api/auth/guest", &[], None).await;
    resend(&guest).await.refused(403, "account_required");
    resend(&bot.visitor()).await.refused(401, "missing_session");
    let visitor = sign_up(&bot, "jane@example.com").await;
    let body = json!({"token": token(&sink.next().await.text)});
    visitor
        .post("/api/auth/verify-email", body)
        .await
        .expect(200);
    resend(&visitor).await.refused(409, "conflict");
}

#[tokio::test]
async fn a_link_never_leads_where_the_request_says_it_came_from() {
    let (bot, mut sink) = start().await;
    sign_up(&bot, "jane@example.com").await;
    sink.next().await;
    let evil = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example"),
    ];
    let body = json!({"email": "jane@example.com"});
    let path = "/api/auth/forgot-password";
    let visitor = bot.visitor();
    visitor
        .send(Method::POST, path, &evil, Some(body))
        .await
        .expect(200);
    let letter = sink.next().await;
    assert!(
        letter
            .text
            .contains("http://localhost:3000/reset-password?token=")
    );
    assert!(!format!("{letter:?}").contains("evil"));
}

#[tokio::test]
async fn bad_input_is_refused_before_anything_happens() {
    let bot = Bot::start().await;
    let visitor = bot.visitor();
    for bad in [
        json!(""),
        json!("jane"),
        json!("a\u{0}b@example.com"),
        json!("x".repeat(1 << 19)),
        json!(7),
        Value::Null,
    ] {
        let body = json!({"email": bad});
        let answer = visitor.post("/api/auth/forgot-password", body).await;
        assert_eq!(answer.status, 422, "{}", answer.text);
        let body = json!({"token": bad, "password": PASSWORD});
        let answer = visitor.post("/api/auth/reset-password", body).await;
        assert_eq!(answer.status, 422, "{}", answer.text);
    }
    let body = json!({"email": "jane@example.com"});
    let origin = [("origin", "https://evil.example")];
    let path = "/api/auth/forgot-password";
    let answer = visitor.send(Method::POST, path, &origin, Some(body)).await;
    answer.refused(403, "origin_not_allowed");
}
