//! Letters and what their links do, with a mail server that others wrote.

mod delivery;
pub mod outbox;
mod recovery;
pub mod sink;

use crate::support::{Bot, Visitor};
use serde_json::{Value, json};

const PASSWORD: &str = "securepass123";

/// Somebody who signed up with a password, and is signed in.
pub async fn sign_up(bot: &Bot, email: &str) -> Visitor {
    let visitor = bot.visitor();
    let body = json!({"email": email, "password": PASSWORD});
    visitor.post("/api/auth/signup", body).await.expect(201);
    visitor
}

async fn log_in(bot: &Bot, email: &str, password: &str) -> crate::support::Answer {
    let body = json!({"email": email, "password": password});
    bot.visitor().post("/api/auth/login", body).await
}

async fn forget(bot: &Bot, email: &str) -> Value {
    let body = json!({"email": email});
    let answer = bot.visitor().post("/api/auth/forgot-password", body).await;
    answer.expect(200)
}

/// The token of the link that the text of a letter has.
pub fn token(text: &str) -> String {
    let (_, rest) = text.split_once("?token=").expect("the letter has a link");
    let token: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    assert_eq!(token.len(), 64);
    token
}
