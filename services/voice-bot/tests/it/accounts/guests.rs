//! Visitors without an account.

use super::{PASSWORD, actions, bare, holder, log_in, refresh_token, sign_up, user_id};
use crate::support::Bot;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_guest_needs_nothing_and_owns_a_space() {
    let bot = Bot::start().await;
    let visitor = bot.visitor();
    let me = bare(&visitor, "/api/auth/guest").await.expect(201);
    assert_eq!(me["user"]["is_guest"], true);
    assert_eq!(me["user"]["email"], Value::Null);
    assert_eq!(me["organization"]["role"], "owner");
    assert_eq!(visitor.get("/api/auth/me").await.expect(200), me);
    assert_eq!(actions(&bot, user_id(&me)).await, ["guest"]);
    // Asking again, also when the access token has expired, makes no second guest.
    visitor.set_cookie("access_token", "expired");
    let again = bare(&visitor, "/api/auth/guest").await.expect(200);
    assert_eq!(again, me);

    let device = json!({"device_id": "phone 7"});
    let other = bot.visitor();
    let known = other.post("/api/auth/guest", device.clone()).await;
    let known = known.expect(201);
    let stranger = bot.visitor().post("/api/auth/guest", device).await;
    let stranger = stranger.expect(201);
    assert_ne!(
        user_id(&known),
        user_id(&stranger),
        "a device id opens no door"
    );
    let null = bot.visitor().post("/api/auth/guest", Value::Null).await;
    null.expect(201);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let empty = bot.visitor();
    let empty = empty.send(Method::POST, "/api/auth/guest", &form, None);
    empty.await.expect(201);
}

#[tokio::test]
async fn a_guest_who_signs_up_keeps_what_is_theirs() {
    let bot = Bot::start().await;
    let visitor = bot.visitor();
    let guest = bare(&visitor, "/api/auth/guest").await.expect(201);
    let before = refresh_token(&visitor);
    let access = visitor.cookie("access_token").expect("signed in");
    // In vain at first: the address is taken.
    sign_up(&bot, "taken@example.com").await;
    let body = json!({"email": "taken@example.com", "password": PASSWORD});
    let answer = visitor.post("/api/auth/signup", body).await;
    answer.refused(409, "email_taken");
    visitor.get("/api/auth/me").await.expect(200);

    let body = json!({"email": "user@example.com", "password": PASSWORD, "name": "Ada"});
    let me = visitor.post("/api/auth/signup", body).await.expect(201);
    assert_eq!(user_id(&me), user_id(&guest));
    assert_eq!(me["organization"]["id"], guest["organization"]["id"]);
    assert_eq!(me["organization"]["name"], "Ada's space");
    assert_eq!(me["user"]["is_guest"], false);
    assert_eq!(visitor.get("/api/auth/me").await.expect(200), me);
    // Whoever had the guest's cookies does not get the account with them.
    let thief = holder(&bot, &before);
    thief.set_cookie("access_token", &access);
    let answer = thief.get("/api/auth/me").await;
    answer.refused(401, "invalid_session");
    let answer = bare(&thief, "/api/auth/refresh").await;
    answer.refused(401, "invalid_session");
    assert_eq!(actions(&bot, user_id(&me)).await, ["guest", "signup"]);
    // An account does not turn into another one.
    let body = json!({"email": "second@example.com", "password": PASSWORD});
    let second = visitor.post("/api/auth/signup", body).await.expect(201);
    assert_ne!(user_id(&second), user_id(&me));
    let browser = bot.visitor();
    log_in(&browser, "user@example.com", PASSWORD)
        .await
        .expect(200);
}

#[tokio::test]
async fn guests_who_stay_away_are_removed_with_everything_of_theirs() {
    let bot = Bot::start().await;
    let (idle, busy) = (bot.visitor(), bot.visitor());
    let gone = bare(&idle, "/api/auth/guest").await.expect(201);
    let stays = bare(&busy, "/api/auth/guest").await.expect(201);
    let (account, _) = sign_up(&bot, "user@example.com").await;
    let pool = bot.pool().await;
    for statement in [
        "UPDATE users SET created_at = created_at - interval '31 days'",
        "UPDATE user_sessions SET created_at = created_at - interval '31 days'",
        "INSERT INTO agents (id, organization_id, name, voice) SELECT id, id, 'A', 'af_heart' FROM organizations",
        "INSERT INTO calls (id, organization_id, agent_id, direction) SELECT id, id, id, 'web' FROM organizations",
    ] {
        sqlx::query(statement)
            .execute(&pool)
            .await
            .expect(statement);
    }
    bare(&busy, "/api/auth/refresh").await.expect(200);
    let cleaned = voice_bot::accounts::cleanup::clean(&bot.state).await;
    cleaned.expect("the database answers");
    let answer = idle.get("/api/auth/me").await;
    answer.refused(401, "invalid_session");
    let still = busy.get("/api/auth/me").await.expect(200);
    assert_eq!(still["organization"], stays["organization"]);
    account.get("/api/auth/me").await.expect(200);
    let space = gone["organization"]["id"].as_str().expect("an id");
    let calls: i64 =
        sqlx::query_scalar("SELECT count(*) FROM calls WHERE organization_id::text = $1")
            .bind(space)
            .fetch_one(&pool)
            .await
            .expect("counted");
    assert_eq!(calls, 0);
}
