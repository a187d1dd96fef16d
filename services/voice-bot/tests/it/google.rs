//! Signing in with Google, as browsers and those who attack them do it.

mod attacks;
mod provider;

use crate::mail::sign_up;
use crate::support::{Answer, Bot, Visitor};
use provider::Provider;
use reqwest::Method;
use reqwest::header::{LOCATION, SET_COOKIE};
use serde_json::{Value, json};

/// A service and the provider that it asks.
async fn start() -> (Bot, Provider) {
    let provider = Provider::start().await;
    let bot = Bot::with(|config| provider.configure(config)).await;
    (bot, provider)
}

/// Where an answer leads.
fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, 302, "{}", answer.text);
    let location = answer
        .headers
        .get(LOCATION)
        .expect("a redirect says where to");
    location.to_str().expect("addresses are ASCII").to_owned()
}

/// Goes to the provider; the path with which it sends the browser back.
async fn agree(visitor: &Visitor, query: &str) -> String {
    let start = visitor.get(&format!("/api/auth/google/start{query}")).await;
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a plain client");
    let answer = http
        .get(location(&start))
        .send()
        .await
        .expect("the provider answers");
    let back = answer.headers().get(LOCATION).cloned();
    let Some(back) = back else {
        panic!("{}", answer.text().await.unwrap_or_default());
    };
    let back = back.to_str().expect("addresses are ASCII");
    let path = back.strip_prefix("http://localhost:9000/bot");
    path.expect("back to PUBLIC_URL").to_owned()
}

/// The whole way; where it ends at the frontend.
async fn sign_in(visitor: &Visitor, query: &str) -> String {
    let back = agree(visitor, query).await;
    let to = location(&visitor.get(&back).await);
    let path = to.strip_prefix("http://localhost:3000");
    path.expect("to the frontend").to_owned()
}

async fn me(visitor: &Visitor) -> Value {
    visitor.get("/api/auth/me").await.expect(200)
}

async fn verify(bot: &Bot) {
    sqlx::query("UPDATE users SET email_verified_at = now()")
        .execute(&bot.pool().await)
        .await
        .expect("users can be verified");
}

#[tokio::test]
async fn somebody_new_signs_up_and_comes_back_whatever_becomes_of_the_address() {
    let (bot, provider) = start().await;
    let config = bot.visitor().get("/api/auth/config").await.expect(200);
    assert_eq!(config["google_enabled"], true);
    let visitor = bot.visitor();
    let to = sign_in(&visitor, "?return_to=/calls%3Fstatus=missed").await;
    assert_eq!(to, "/calls?status=missed");
    let first = me(&visitor).await;
    assert_eq!(first["user"]["email"], "jane@example.com");
    assert_eq!(first["user"]["name"], "Jane Doe");
    assert_eq!(first["user"]["email_verified"], true);
    assert_eq!(first["user"]["auth_provider"], "google");
    assert_eq!(first["organization"]["role"], "owner");

    provider.claim("email", json!("moved@example.com"));
    provider.claim("email_verified", json!(false));
    let again = bot.visitor();
    assert_eq!(sign_in(&again, "").await, "/");
    assert_eq!(me(&again).await, first);
    let actions: Vec<String> = sqlx::query_scalar("SELECT action FROM audit_logs ORDER BY id")
        .fetch_all(&bot.pool().await)
        .await
        .expect("the audit log can be read");
    assert_eq!(actions, ["signup", "login"]);
}

#[tokio::test]
async fn an_account_is_linked_only_when_both_sides_verified_the_address() {
    let (bot, provider) = start().await;
    let owner = sign_up(&bot, "Jane@example.com").await;
    let visitor = bot.visitor();
    assert_eq!(sign_in(&visitor, "").await, "/?error=email_not_verified");
    visitor
        .get("/api/auth/me")
        .await
        .refused(401, "missing_session");

    verify(&bot).await;
    provider.claim("email_verified", json!(false));
    assert_eq!(sign_in(&visitor, "").await, "/?error=email_not_verified");
    provider.claim("email_verified", Value::Null);
    assert_eq!(sign_in(&visitor, "").await, "/?error=email_not_verified");

    provider.claim("email_verified", json!(true));
    assert_eq!(sign_in(&visitor, "").await, "/");
    assert_eq!(
        me(&visitor).await["user"]["id"],
        me(&owner).await["user"]["id"]
    );
}

#[tokio::test]
async fn an_address_that_google_did_not_verify_makes_no_account() {
    let (bot, provider) = start().await;
    provider.claim("email_verified", json!(false));
    let to = sign_in(&bot.visitor(), "").await;
    assert_eq!(to, "/?error=email_not_verified");
    let users: i64 = sqlx::query_scalar("SELECT count(*) FROM users")
        .fetch_one(&bot.pool().await)
        .await
        .expect("users can be counted");
    assert_eq!(users, 0);
}

#[tokio::test]
async fn a_guest_becomes_the_account_and_keeps_their_space() {
    let (bot, _provider) = start().await;
    let visitor = bot.visitor();
    visitor
        .send(Method::POST, "/api/auth/guest", &[], None)
        .await
        .expect(201);
    let guest = me(&visitor).await;
    assert_eq!(sign_in(&visitor, "").await, "/");
    let now = me(&visitor).await;
    assert_eq!(now["user"]["id"], guest["user"]["id"]);
    assert_eq!(now["user"]["is_guest"], false);
    assert_eq!(now["organization"]["id"], guest["organization"]["id"]);
}

#[tokio::test]
async fn where_signing_up_is_switched_off_only_those_who_have_an_account_come_in() {
    let provider = Provider::start().await;
    let bot = Bot::with(|config| {
        provider.configure(config);
        config.accounts.signup_enabled = false;
    })
    .await;
    let to = sign_in(&bot.visitor(), "").await;
    assert_eq!(to, "/?error=signup_disabled");
}

#[tokio::test]
async fn two_tabs_that_sign_up_at_once_make_one_account() {
    let (bot, _provider) = start().await;
    let visitors: Vec<Visitor> = (0..4).map(|_| bot.visitor()).collect();
    let ends = futures::future::join_all(visitors.iter().map(|visitor| sign_in(visitor, ""))).await;
    assert!(ends.iter().all(|end| end == "/"), "{ends:?}");
    let people = futures::future::join_all(visitors.iter().map(me)).await;
    assert!(
        people
            .iter()
            .all(|one| one["user"]["id"] == people[0]["user"]["id"])
    );
}

#[tokio::test]
async fn the_cookie_of_an_attempt_is_short_lived_and_goes_nowhere_else() {
    let (bot, _provider) = start().await;
    let answer = bot.visitor().get("/api/auth/google/start").await;
    let line = answer.headers.get(SET_COOKIE).expect("a cookie is set");
    let line = line.to_str().expect("cookies are ASCII");
    for part in [
        "HttpOnly",
        "SameSite=Lax",
        "Path=/api/auth/google",
        "Max-Age=600",
    ] {
        assert!(line.contains(part), "{line}");
    }
    assert_eq!(answer.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn a_provider_that_changed_its_keys_is_asked_again() {
    let (bot, provider) = start().await;
    assert_eq!(sign_in(&bot.visitor(), "").await, "/");
    provider.now().kid = "second".into();
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    assert_eq!(sign_in(&bot.visitor(), "").await, "/");
}

#[tokio::test]
async fn without_google_the_endpoints_say_what_is_missing() {
    let bot = Bot::start().await;
    let visitor = bot.visitor();
    for path in ["start", "callback?code=x&state=y"] {
        let answer = visitor.get(&format!("/api/auth/google/{path}")).await;
        answer.refused(424, "not_configured");
    }
    let config = visitor.get("/api/auth/config").await.expect(200);
    assert_eq!(config["google_enabled"], false);
}

#[tokio::test]
async fn a_provider_that_is_away_is_told_of() {
    let bot = Bot::with(|config| {
        config.google_client_id = Some("x".into());
        config.google_client_secret = Some(service::Secret::new("y"));
        config.google_issuer_url = format!("http://127.0.0.1:{}", crate::mail::sink::free_port());
    })
    .await;
    let answer = bot.visitor().get("/api/auth/google/start").await;
    answer.refused(424, "upstream_failed");
}
