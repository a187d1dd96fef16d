//! Signing up, in and out, as browsers and those who attack them see it.

mod attacks;
mod floods;
mod guests;
mod refresh;
mod sign_in;

use crate::support::{Answer, Bot, Visitor};
use api::ids::UserId;
use reqwest::Method;
use reqwest::header::SET_COOKIE;
use serde_json::{Value, json};

const PASSWORD: &str = "securepass123";

async fn sign_up(bot: &Bot, email: &str) -> (Visitor, Value) {
    let visitor = bot.visitor();
    let body = json!({"email": email, "password": PASSWORD});
    let me = visitor.post("/api/auth/signup", body).await.expect(201);
    (visitor, me)
}

async fn log_in(visitor: &Visitor, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    visitor.post("/api/auth/login", body).await
}

async fn bare(visitor: &Visitor, path: &str) -> Answer {
    visitor.send(Method::POST, path, &[], None).await
}

/// Another browser that has got hold of a refresh token.
fn holder(bot: &Bot, refresh: &str) -> Visitor {
    let visitor = bot.visitor();
    visitor.set_cookie("refresh_token", refresh);
    visitor
}

fn refresh_token(visitor: &Visitor) -> String {
    visitor.cookie("refresh_token").expect("signed in")
}

fn user_id(me: &Value) -> UserId {
    let id = me["user"]["id"].as_str().expect("an id");
    id.parse().expect("a UUID")
}

/// What was recorded of somebody, in order.
async fn actions(bot: &Bot, user: UserId) -> Vec<String> {
    sqlx::query_scalar("SELECT action FROM audit_logs WHERE user_id = $1 ORDER BY id")
        .bind(user.0)
        .fetch_all(&bot.pool().await)
        .await
        .expect("the audit log can be read")
}

/// The line that sets a cookie.
fn cookie_line(answer: &Answer, name: &str) -> String {
    let lines = answer.headers.get_all(SET_COOKIE).iter();
    let mut lines = lines.map(|line| line.to_str().expect("ASCII").to_owned());
    lines
        .find(|line| line.starts_with(&format!("{name}=")))
        .unwrap_or_else(|| panic!("{name} is not set"))
}
