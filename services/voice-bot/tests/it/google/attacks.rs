//! Tokens, states and addresses that are not what they should be.

use super::provider::{CLIENT, Provider, Signature};
use super::{agree, location, sign_in, start};
use crate::support::{Bot, Visitor};
use serde_json::{Value, json};

async fn is_out(visitor: &Visitor) {
    visitor
        .get("/api/auth/me")
        .await
        .refused(401, "missing_session");
}

/// Where a callback ends.
async fn back(visitor: &Visitor, path: &str) -> String {
    location(&visitor.get(path).await)
}

const INVALID_STATE: &str = "http://localhost:3000/?error=invalid_state";
const PROVIDER_FAILED: &str = "http://localhost:3000/?error=provider_failed";

#[tokio::test]
async fn an_id_token_that_is_not_for_us_now_signs_nobody_in() {
    let (bot, provider) = start().await;
    let usual = provider.now().claims.clone();
    let cases = [
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("aud", json!("another-client")),
        ("aud", json!([CLIENT, "another-client"])),
        ("aud", Value::Null),
        ("iss", json!("https://accounts.google.com")),
        ("exp", json!(1_700_000_000)),
        ("exp", Value::Null),
        ("sub", Value::Null),
        ("sub", json!("")),
        ("email", Value::Null),
        ("email", json!("no address")),
        ("email", json!("a\u{0}@example.com")),
        ("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
    ];
    for (name, value) in cases {
        provider.claim(name, value.clone());
        let visitor = bot.visitor();
        let to = sign_in(&visitor, "").await;
        assert_eq!(to, "/?error=provider_failed", "{name}: {value}");
        is_out(&visitor).await;
        provider.now().claims = usual.clone();
    }
    assert_eq!(sign_in(&bot.visitor(), "").await, "/");
}

#[tokio::test]
async fn an_id_token_that_the_provider_did_not_sign_signs_nobody_in() {
    let (bot, provider) = start().await;
    for signature in [Signature::OtherKey, Signature::None, Signature::Secret] {
        provider.now().signature = signature;
        let visitor = bot.visitor();
        let to = sign_in(&visitor, "").await;
        assert_eq!(to, "/?error=provider_failed", "{signature:?}");
        is_out(&visitor).await;
    }
}

#[tokio::test]
async fn only_the_browser_that_began_an_attempt_ends_it_and_once() {
    let (bot, _provider) = start().await;
    let (jane, eve) = (bot.visitor(), bot.visitor());
    let path = agree(&jane, "").await;
    assert_eq!(back(&eve, &path).await, INVALID_STATE, "no attempt");
    agree(&eve, "").await;
    assert_eq!(back(&eve, &path).await, INVALID_STATE, "another attempt");
    is_out(&eve).await;

    let kept = jane.cookie("oauth_attempt").expect("an attempt");
    let wrong = format!("{path}x");
    let other = bot.visitor();
    other.set_cookie("oauth_attempt", &kept);
    assert_eq!(back(&other, &wrong).await, INVALID_STATE);
    let stateless = path.split("&state=").next().expect("it begins somehow");
    other.set_cookie("oauth_attempt", &kept);
    assert_eq!(back(&other, stateless).await, INVALID_STATE);

    assert_eq!(back(&jane, &path).await, "http://localhost:3000/");
    assert_eq!(jane.cookie("oauth_attempt"), None);
    assert_eq!(
        back(&jane, &path).await,
        INVALID_STATE,
        "the attempt is over"
    );
    // Whoever stole both finds that the code was used.
    let thief = bot.visitor();
    thief.set_cookie("oauth_attempt", &kept);
    assert_eq!(back(&thief, &path).await, PROVIDER_FAILED);
    is_out(&thief).await;
}

#[tokio::test]
async fn tokens_of_ours_and_of_others_are_no_attempts_and_attempts_no_sessions() {
    let (bot, _provider) = start().await;
    let elsewhere = Provider::start().await;
    let elsewhere = Bot::with(|config| elsewhere.configure(config)).await;
    let visitor = bot.visitor();
    let path = agree(&visitor, "").await;
    let attempt = visitor.cookie("oauth_attempt").expect("an attempt");
    let foreign = elsewhere.visitor();
    foreign.set_cookie("oauth_attempt", &attempt);
    assert_eq!(back(&foreign, &path).await, INVALID_STATE);
    let confused = bot.visitor();
    confused.set_cookie("access_token", &attempt);
    confused
        .get("/api/auth/me")
        .await
        .refused(401, "invalid_session");
    assert_eq!(back(&visitor, &path).await, "http://localhost:3000/");
    let access = visitor.cookie("access_token").expect("a session");
    let confused = bot.visitor();
    confused.set_cookie("oauth_attempt", &access);
    assert_eq!(back(&confused, &path).await, INVALID_STATE);
}

#[tokio::test]
async fn who_says_no_at_google_comes_back_signed_out() {
    let (bot, _provider) = start().await;
    let visitor = bot.visitor();
    let path = agree(&visitor, "").await;
    let state = path.split("&state=").nth(1).expect("a state");
    let path = format!("/api/auth/google/callback?error=access_denied&state={state}");
    assert_eq!(
        back(&visitor, &path).await,
        "http://localhost:3000/?error=access_denied"
    );
    is_out(&visitor).await;
}

#[tokio::test]
async fn nobody_is_sent_to_another_site() {
    let (bot, _provider) = start().await;
    for to in [
        "https://evil.example",
        "//evil.example",
        "/%5Cevil.example",
        "/%09/evil.example",
        "%0d%0aset-cookie:a=b",
        "evil.example",
        "javascript:alert(1)",
    ] {
        let path = format!("/api/auth/google/start?return_to={to}");
        bot.visitor()
            .get(&path)
            .await
            .refused(422, "invalid_parameter");
    }
    let visitor = bot.visitor();
    let evil = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
    ];
    let path = "/api/auth/google/start";
    let answer = visitor.send(reqwest::Method::GET, path, &evil, None).await;
    assert!(!location(&answer).contains("evil"));
}
