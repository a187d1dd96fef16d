//! Too many tries at once.

use super::{PASSWORD, bare, log_in, sign_up};
use crate::support::{Bot, INTERNAL};
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_flood_of_sign_ins_has_to_wait() {
    let bot = Bot::with(|config| {
        config.accounts.login_account_rpm = 3;
        config.accounts.login_rpm = 6;
        config.accounts.signup_rpm = 2;
    })
    .await;
    sign_up(&bot, "user@example.com").await;
    let visitor = bot.visitor();
    for _ in 0..3 {
        let answer = log_in(&visitor, "user@example.com", "wrong password").await;
        answer.refused(401, "invalid_credentials");
    }
    // Also the right one, in any case: guessing goes no faster for knowing it.
    let answer = log_in(&visitor, "USER@example.com", PASSWORD).await;
    let answer = answer.refused(429, "rate_limited");
    assert!((1..=20).contains(&answer.retry_after().expect("Retry-After")));
    for name in ["a", "b"] {
        let answer = log_in(&visitor, &format!("{name}@example.com"), PASSWORD).await;
        answer.refused(401, "invalid_credentials");
    }
    let answer = log_in(&visitor, "c@example.com", PASSWORD).await;
    answer.refused(429, "rate_limited");
    // Another address, as far as the gateway vouches for it.
    let elsewhere = [
        ("x-forwarded-for", "192.0.2.7"),
        ("x-internal-secret", INTERNAL),
    ];
    let body = json!({"email": "c@example.com", "password": PASSWORD});
    let answer = visitor.send(
        Method::POST,
        "/api/auth/login",
        &elsewhere,
        Some(body.clone()),
    );
    answer.await.refused(401, "invalid_credentials");
    let claimed = [("x-forwarded-for", "192.0.2.8")];
    let answer = visitor.send(Method::POST, "/api/auth/login", &claimed, Some(body));
    answer.await.refused(429, "rate_limited");

    for _ in 0..2 {
        bare(&bot.visitor(), "/api/auth/guest").await.expect(201);
    }
    let answer = bare(&bot.visitor(), "/api/auth/guest").await;
    answer.refused(429, "rate_limited");
}

#[tokio::test]
async fn sign_ins_do_not_starve_reads() {
    let bot = Bot::with(|config| {
        config.accounts.login_account_rpm = 10_000;
        config.accounts.login_rpm = 10_000;
    })
    .await;
    let (reader, _) = sign_up(&bot, "reader@example.com").await;
    let many = (0..40).map(|_| async {
        let visitor = bot.visitor();
        log_in(&visitor, "reader@example.com", PASSWORD)
            .await
            .status
    });
    let many = futures::future::join_all(many);
    let reads = async {
        let mut times = Vec::new();
        for _ in 0..30 {
            let start = Instant::now();
            reader.get("/api/auth/me").await.expect(200);
            times.push(start.elapsed());
        }
        times.sort_unstable();
        times
    };
    let (statuses, times) = tokio::join!(many, reads);
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    // Forty of them take a second or more.
    assert!(times[15] < Duration::from_millis(250), "{times:?}");
}
