//! Signing up, in and out with a password.

use super::{
    PASSWORD, actions, bare, cookie_line, holder, log_in, refresh_token, sign_up, user_id,
};
use crate::support::Bot;
use api::Role;
use api::ids::UserId;
use data_model::{NewSession, Purpose};
use reqwest::header::SET_COOKIE;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn signing_up_signs_in_and_makes_a_space_of_ones_own() {
    let bot = Bot::start().await;
    let (visitor, me) = sign_up(&bot, " Ada.Lovelace@example.com ").await;
    assert_eq!(me["user"]["email"], "Ada.Lovelace@example.com");
    assert_eq!(me["user"]["email_verified"], false);
    assert_eq!(me["user"]["auth_provider"], "password");
    assert_eq!(me["organization"]["role"], "owner");
    assert_eq!(me["organizations"], json!([me["organization"]]));
    let slug = me["organization"]["slug"].as_str().expect("a slug");
    assert!(slug.starts_with("ada-lovelace-"), "{slug}");
    assert_eq!(visitor.get("/api/auth/me").await.expect(200), me);
    let user = user_id(&me);
    assert_eq!(actions(&bot, user).await, ["signup"]);

    let stored: String = sqlx::query_scalar("SELECT password_hash FROM users WHERE id = $1")
        .bind(user.0)
        .fetch_one(&bot.pool().await)
        .await
        .expect("stored");
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

#[tokio::test]
async fn one_signs_in_with_the_address_in_any_case_and_out_for_good() {
    let bot = Bot::start().await;
    let (_, me) = sign_up(&bot, "user@example.com").await;
    let browser = bot.visitor();
    let answer = log_in(&browser, "USER@Example.COM", PASSWORD).await;
    for name in ["access_token", "refresh_token"] {
        let line = cookie_line(&answer, name);
        assert!(line.contains("HttpOnly") && line.contains("SameSite=Lax"));
        assert!(!line.contains("Secure"), "there is no TLS here: {line}");
    }
    assert!(cookie_line(&answer, "refresh_token").contains("Path=/api/auth"));
    assert_eq!(answer.expect(200)["user"], me["user"]);

    let (access, refresh) = (browser.cookie("access_token"), refresh_token(&browser));
    let answer = bare(&browser, "/api/auth/logout").await;
    assert_eq!(answer.status, 204);
    assert!(cookie_line(&answer, "access_token").contains("Max-Age=0"));
    assert!(browser.cookie("access_token").is_none());
    assert!(browser.cookie("refresh_token").is_none());
    browser.set_cookie("access_token", &access.expect("signed in"));
    let stale = browser.get("/api/auth/me").await;
    stale.refused(401, "invalid_session");
    let again = bare(&holder(&bot, &refresh), "/api/auth/refresh").await;
    again.refused(401, "invalid_session");
    assert_eq!(bare(&browser, "/api/auth/logout").await.status, 204);
    assert_eq!(bare(&bot.visitor(), "/api/auth/logout").await.status, 204);
    let expected = ["signup", "login", "logout"];
    assert_eq!(actions(&bot, user_id(&me)).await, expected);
}

#[tokio::test]
async fn an_address_is_taken_in_any_case() {
    let bot = Bot::start().await;
    sign_up(&bot, "user@example.com").await;
    for email in ["user@example.com", "User@EXAMPLE.com", " user@example.com"] {
        let body = json!({"email": email, "password": "another password"});
        let answer = bot.visitor().post("/api/auth/signup", body).await;
        answer.refused(409, "email_taken");
    }
    // Two at once.
    let body = json!({"email": "new@example.com", "password": PASSWORD});
    let (one, other) = (bot.visitor(), bot.visitor());
    let (one, other) = tokio::join!(
        one.post("/api/auth/signup", body.clone()),
        other.post("/api/auth/signup", body)
    );
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_look_the_same() {
    let bot = Bot::with(|config| config.accounts.login_account_rpm = 1000).await;
    let (_, me) = sign_up(&bot, "user@example.com").await;
    // Has an account, but no password.
    let pool = bot.pool().await;
    sqlx::query(
        "INSERT INTO users (id, email, auth_provider) VALUES ($1, 'google@example.com', 'google')",
    )
    .bind(data_model::new_id::<UserId>().0)
    .execute(&pool)
    .await
    .expect("stored");
    let visitor = bot.visitor();
    let mut seen = Vec::new();
    let emails = [
        "user@example.com",
        "nobody@example.com",
        "google@example.com",
    ];
    for email in emails {
        let mut times = Vec::new();
        for _ in 0..7 {
            let start = Instant::now();
            let answer = log_in(&visitor, email, "wrong password").await;
            times.push(start.elapsed());
            let answer = answer.refused(401, "invalid_credentials");
            let mut body = answer.json();
            body["error"]["request_id"] = Value::Null;
            seen.push(body);
            assert!(answer.headers.get(SET_COOKIE).is_none());
        }
        times.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 1, "{seen:?}");
        // An argon2id takes ten times as long as all else; without one it would show.
        assert!(times[3] > Duration::from_millis(8), "{email}: {times:?}");
    }
    assert_eq!(actions(&bot, user_id(&me)).await.len(), 1 + 7);
}

#[tokio::test]
async fn a_password_change_ends_every_other_sign_in() {
    let bot = Bot::start().await;
    let (here, me) = sign_up(&bot, "user@example.com").await;
    let there = bot.visitor();
    log_in(&there, "user@example.com", PASSWORD)
        .await
        .expect(200);
    let user = user_id(&me);
    let family: uuid::Uuid = sqlx::query_scalar(
        "SELECT family_id FROM user_sessions WHERE user_id = $1 ORDER BY created_at LIMIT 1",
    )
    .bind(user.0)
    .fetch_one(&bot.pool().await)
    .await
    .expect("stored");
    let revoked = bot.state.database.revoke_sessions(user, Some(family)).await;
    assert_eq!(revoked.expect("revoked"), 1);
    here.get("/api/auth/me").await.expect(200);
    let answer = there.get("/api/auth/me").await;
    answer.refused(401, "invalid_session");

    // A password that was right when it was checked and is not any more lets nobody in.
    let new = NewSession {
        token_hash: [7; 32],
        life: Duration::from_secs(60),
        ip: None,
        user_agent: None,
    };
    let purpose = Purpose {
        event: None,
        password_hash: Some("the old one".into()),
    };
    let begun = bot.state.database.begin_session(user, &new, &purpose).await;
    assert!(matches!(begun, Err(data_model::Error::NotFound)));
}

#[tokio::test]
async fn one_comes_back_to_where_one_worked_last() {
    let bot = Bot::start().await;
    let (_, me) = sign_up(&bot, "user@example.com").await;
    let (_, _, company) = bot.member(None, Role::Owner).await;
    let pool = bot.pool().await;
    for statement in [
        "INSERT INTO organization_memberships (organization_id, user_id, role) VALUES ($1, $2, 'member')",
        "UPDATE users SET last_organization_id = $1 WHERE id = $2",
    ] {
        sqlx::query(statement)
            .bind(company.0)
            .bind(user_id(&me).0)
            .execute(&pool)
            .await
            .expect("stored");
    }
    let visitor = bot.visitor();
    let there = log_in(&visitor, "user@example.com", PASSWORD)
        .await
        .expect(200);
    assert_eq!(there["organization"]["id"], json!(company));
    assert_eq!(there["organization"]["role"], "member");
    assert_eq!(there["organizations"].as_array().map(Vec::len), Some(2));
    sqlx::query("DELETE FROM organization_memberships WHERE organization_id = $1")
        .bind(company.0)
        .execute(&pool)
        .await
        .expect("removed");
    let here = visitor.get("/api/auth/me").await.expect(200);
    assert_eq!(here["organization"], Value::Null);
    let back = log_in(&visitor, "user@example.com", PASSWORD)
        .await
        .expect(200);
    assert_eq!(back["organization"], me["organization"]);
}

#[tokio::test]
async fn what_is_switched_off_says_so() {
    let bot = Bot::with(|config| {
        config.accounts.signup_enabled = false;
        config.accounts.guest_enabled = false;
    })
    .await;
    let config = bot.visitor().get("/api/auth/config").await.expect(200);
    assert_eq!(config["signup_enabled"], false);
    assert_eq!(config["guest_enabled"], false);
    assert_eq!(config["password"]["min_length"], 8);
    let answer = bare(&bot.visitor(), "/api/auth/guest").await;
    answer.refused(403, "forbidden");
    let body = json!({"email": "user@example.com", "password": PASSWORD});
    let answer = bot.visitor().post("/api/auth/signup", body).await;
    answer.refused(403, "forbidden");
}
