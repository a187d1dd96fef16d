//! Refresh tokens and their families.

use super::{
    PASSWORD, actions, bare, cookie_line, holder, log_in, refresh_token, sign_up, user_id,
};
use crate::support::Bot;
use serde_json::json;

#[tokio::test]
async fn two_tabs_that_refresh_at_once_both_stay_in() {
    let bot = Bot::start().await;
    let (visitor, me) = sign_up(&bot, "user@example.com").await;
    for _ in 0..5 {
        let refresh = refresh_token(&visitor);
        let (one, other) = (holder(&bot, &refresh), holder(&bot, &refresh));
        let (first, second) = tokio::join!(
            bare(&one, "/api/auth/refresh"),
            bare(&other, "/api/auth/refresh")
        );
        assert_eq!(first.expect(200), me);
        assert_eq!(second.expect(200), me);
        assert_ne!(refresh_token(&one), refresh_token(&other));
        for tab in [&one, &other] {
            tab.get("/api/auth/me").await.expect(200);
            bare(tab, "/api/auth/refresh").await.expect(200);
        }
        visitor.set_cookie("refresh_token", &refresh_token(&other));
    }
    assert_eq!(actions(&bot, user_id(&me)).await, ["signup"]);
}

#[tokio::test]
async fn a_reused_refresh_token_revokes_its_family_and_nothing_else() {
    let bot = Bot::start().await;
    let (victim, me) = sign_up(&bot, "user@example.com").await;
    let telephone = bot.visitor();
    log_in(&telephone, "user@example.com", PASSWORD)
        .await
        .expect(200);
    let stolen = refresh_token(&victim);
    let tab = holder(&bot, &stolen);
    bare(&victim, "/api/auth/refresh").await.expect(200);
    bare(&tab, "/api/auth/refresh").await.expect(200);
    bare(&victim, "/api/auth/refresh").await.expect(200);
    let pool = bot.pool().await;
    sqlx::query("UPDATE user_sessions SET replaced_at = replaced_at - interval '11 seconds' WHERE replaced_at IS NOT NULL")
        .execute(&pool)
        .await
        .expect("time can be turned back");

    let thief = holder(&bot, &stolen);
    let answer = bare(&thief, "/api/auth/refresh").await;
    let answer = answer.refused(401, "invalid_session");
    assert!(cookie_line(&answer, "access_token").contains("Max-Age=0"));
    assert!(cookie_line(&answer, "refresh_token").contains("Max-Age=0"));
    for descendant in [&victim, &tab] {
        let answer = descendant.get("/api/auth/me").await;
        answer.refused(401, "invalid_session");
        let answer = bare(descendant, "/api/auth/refresh").await;
        answer.refused(401, "invalid_session");
    }
    telephone.get("/api/auth/me").await.expect(200);
    bare(&telephone, "/api/auth/refresh").await.expect(200);
    // Once, however often it is tried.
    let again = holder(&bot, &stolen);
    let answer = bare(&again, "/api/auth/refresh").await;
    answer.refused(401, "invalid_session");
    let expected = ["signup", "login", "session.reuse_detected"];
    assert_eq!(actions(&bot, user_id(&me)).await, expected);
}

#[tokio::test]
async fn a_family_that_is_revoked_while_it_grows_does_not_survive() {
    let bot = Bot::start().await;
    let (visitor, me) = sign_up(&bot, "user@example.com").await;
    let user = user_id(&me);
    for _ in 0..10 {
        log_in(&visitor, "user@example.com", PASSWORD)
            .await
            .expect(200);
        let refresh = refresh_token(&visitor);
        let tabs = [holder(&bot, &refresh), holder(&bot, &refresh)];
        let (_, _, revoked) = tokio::join!(
            bare(&tabs[0], "/api/auth/refresh"),
            bare(&tabs[1], "/api/auth/refresh"),
            bot.state.database.revoke_sessions(user, None)
        );
        assert!(revoked.expect("revoked") > 0);
        for tab in tabs {
            assert_eq!(tab.get("/api/auth/me").await.status, 401);
            assert_eq!(bare(&tab, "/api/auth/refresh").await.status, 401);
        }
    }
}

#[tokio::test]
async fn an_expired_refresh_token_is_refused_and_forgotten() {
    let bot = Bot::start().await;
    let (visitor, _) = sign_up(&bot, "user@example.com").await;
    let pool = bot.pool().await;
    sqlx::query("UPDATE user_sessions SET expires_at = now() - interval '1 second'")
        .execute(&pool)
        .await
        .expect("time can be turned forward");
    let answer = bare(&visitor, "/api/auth/refresh").await;
    answer.refused(401, "invalid_session");
    // Cleaning skips rows that are locked, as this one is until the refusal is rolled back.
    for _ in 0..100 {
        let cleaned = voice_bot::accounts::cleanup::clean(&bot.state).await;
        cleaned.expect("the database answers");
        let left: i64 = sqlx::query_scalar("SELECT count(*) FROM user_sessions")
            .fetch_one(&pool)
            .await
            .expect("counted");
        if left == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the session is still there");
}

#[tokio::test]
async fn in_hipaa_mode_a_sign_in_ends_within_the_hour() {
    let bot = Bot::with(|config| config.common.hipaa_mode = true).await;
    let (visitor, _) = sign_up(&bot, "user@example.com").await;
    let pool = bot.pool().await;
    sqlx::query("UPDATE user_sessions SET expires_at = now() + interval '5 minutes'")
        .execute(&pool)
        .await
        .expect("time can be turned forward");
    let answer = bare(&visitor, "/api/auth/refresh").await;
    for name in ["access_token", "refresh_token"] {
        let line = cookie_line(&answer, name);
        let age = line.split("Max-Age=").nth(1).expect("an age");
        let age: u32 = age
            .split(';')
            .next()
            .unwrap_or_default()
            .parse()
            .expect("seconds");
        assert!((1..=300).contains(&age), "{line}");
    }
    let longest: f64 = sqlx::query_scalar(
        "SELECT extract(epoch FROM max(expires_at) - now())::float8 FROM user_sessions",
    )
    .fetch_one(&pool)
    .await
    .expect("stored");
    assert!(longest <= 300.0);
}

#[tokio::test]
async fn whoever_switches_while_a_tab_refreshes_is_where_they_switched_to() {
    let bot = Bot::start().await;
    let (visitor, me) = sign_up(&bot, "user@example.com").await;
    let company = visitor.post("/api/orgs", json!({"name": "Company"})).await;
    let company = company.expect(201);
    let both = [me["organization"]["id"].clone(), company["id"].clone()];
    for round in 0..20 {
        let tab = holder(&bot, &refresh_token(&visitor));
        let there = &both[(round + 1) % 2];
        let (refreshed, switched) = tokio::join!(
            bare(&tab, "/api/auth/refresh"),
            visitor.post("/api/orgs/switch", json!({"organization_id": there}))
        );
        refreshed.expect(200);
        switched.expect(200);
        for one in [&tab, &visitor] {
            let me = one.get("/api/auth/me").await.expect(200);
            assert_eq!(&me["organization"]["id"], there);
        }
        for cookie in ["access_token", "refresh_token"] {
            visitor.set_cookie(cookie, &tab.cookie(cookie).expect("signed in"));
        }
    }
}
