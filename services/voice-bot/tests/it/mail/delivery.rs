//! Letters on their way to a mail server.

use super::outbox::files;
use super::sink::{Sink, free_port, url};
use super::{sign_up, token};
use crate::support::Bot;
use serde_json::json;
use service::{Drain, Secret};
use std::path::Path;
use voice_bot::Config;
use voice_bot::mail::{Letter, Mailer, letters};

fn mailer(data: &Path, smtp: Option<Secret>) -> (Mailer, Drain) {
    let mut config = Config::with_data_dir(data);
    config.smtp_url = smtp;
    let drain = Drain::new();
    let mailer = Mailer::start(
        &config,
        &config.common.sealer().expect("no key is needed"),
        &drain,
    )
    .expect("the settings are right");
    (mailer, drain)
}

fn letter(to: &str) -> Letter {
    letters::verification(&Config::with_data_dir("x"), to, "0123")
}

#[tokio::test]
async fn a_letter_arrives_as_text_and_html_and_its_link_works() {
    let mut sink = Sink::start().await;
    let bot = Bot::with(|config| {
        config.smtp_url = sink.url();
        config.mail_from = Some("Stimme <hallo@example.org>".into());
        config.frontend_url = vec!["https://app.example.com".into()];
    })
    .await;
    let visitor = sign_up(&bot, "jane@example.com").await;
    let letter = sink.next().await;
    assert_eq!(letter.from, "hallo@example.org");
    assert_eq!(letter.to, ["jane@example.com"]);
    assert_eq!(letter.headers["from"], "Stimme <hallo@example.org>");
    assert_eq!(letter.headers["to"], "jane@example.com");
    assert_eq!(letter.headers["auto-submitted"], "auto-generated");
    assert!(letter.headers.contains_key("date") && letter.headers.contains_key("message-id"));
    assert!(letter.defects.is_empty(), "{:?}", letter.defects);
    let link = format!(
        "https://app.example.com/verify-email?token={}",
        token(&letter.text)
    );
    assert!(letter.html.contains(&format!("href=\"{link}\"")));
    let body = json!({"token": token(&letter.text)});
    let verify = async || {
        bot.visitor()
            .post("/api/auth/verify-email", body.clone())
            .await
    };
    verify().await.expect(200);
    verify().await.refused(422, "expired_token");
    let me = visitor.get("/api/auth/me").await.expect(200);
    assert_eq!(me["user"]["email_verified"], true);
    files(&bot.data.path().join("outbox/spool"), 0).await;
}

#[tokio::test]
async fn letters_wait_for_a_mail_server_that_is_away() {
    let port = free_port();
    let bot = Bot::with(|config| config.smtp_url = url(port)).await;
    sign_up(&bot, "jane@example.com").await;
    files(&bot.data.path().join("outbox/spool"), 1).await;
    let mut sink = Sink::on(port, &[]).await;
    assert_eq!(sink.next().await.to, ["jane@example.com"]);
    files(&bot.data.path().join("outbox/spool"), 0).await;
    assert!(sink.is_quiet().await);
}

#[tokio::test]
async fn letters_of_a_process_that_died_are_delivered_once_by_the_next() {
    let data = tempfile::tempdir().expect("a temporary folder can be made");
    let port = free_port();
    let (before, drain) = mailer(data.path(), url(port));
    for name in ["a", "b", "c"] {
        let to = format!("{name}@example.com");
        before.send(letter(&to)).await.expect("it is taken");
    }
    drain.start();
    let mut sink = Sink::on(port, &[]).await;
    let (_after, _drain) = mailer(data.path(), url(port));
    for name in ["a", "b", "c"] {
        assert_eq!(sink.next().await.to, [format!("{name}@example.com")]);
    }
    assert!(sink.is_quiet().await);
}

#[tokio::test]
async fn what_is_refused_is_buried_and_what_is_put_off_comes_later() {
    let mut sink = Sink::start().await;
    let data = tempfile::tempdir().expect("a temporary folder can be made");
    let (mailer, _drain) = mailer(data.path(), sink.url());
    let all = [
        "refused@example.com",
        // This server knows no addresses beyond ASCII.
        "用户@例え.jp",
        "later@example.com",
        "now@example.com",
    ];
    for to in all {
        mailer.send(letter(to)).await.expect("it is taken");
    }
    assert_eq!(sink.next().await.to, ["now@example.com"]);
    assert_eq!(sink.next().await.to, ["later@example.com"]);
    files(&data.path().join("outbox/spool"), 0).await;
    let dead = files(&data.path().join("outbox/dead"), 2).await;
    let text = std::fs::read_to_string(&dead[0]).expect("it can be read");
    assert!(text.contains("refused@example.com"));
}

#[tokio::test]
async fn a_wrong_password_loses_no_letter() {
    let mut sink = Sink::on(0, &["jane", "s3cret/p@ss"]).await;
    let data = tempfile::tempdir().expect("a temporary folder can be made");
    let port = sink.port();
    let with = |password: &str| {
        Some(Secret::new(format!(
            "smtp://jane:{password}@127.0.0.1:{port}"
        )))
    };
    let (first, drain) = mailer(data.path(), with("wrong"));
    first
        .send(letter("a@example.com"))
        .await
        .expect("it is taken");
    assert!(sink.is_quiet().await);
    files(&data.path().join("outbox/spool"), 1).await;
    drain.start();
    let (_second, _drain) = mailer(data.path(), with("s3cret%2Fp%40ss"));
    assert_eq!(sink.next().await.to, ["a@example.com"]);
}

#[tokio::test]
async fn nothing_is_sent_in_the_clear_where_encryption_is_demanded() {
    let mut sink = Sink::start().await;
    let data = tempfile::tempdir().expect("a temporary folder can be made");
    let url = format!("starttls://127.0.0.1:{}", sink.port());
    let (mailer, _drain) = mailer(data.path(), Some(Secret::new(url)));
    mailer
        .send(letter("a@example.com"))
        .await
        .expect("it is taken");
    assert!(sink.is_quiet().await);
    files(&data.path().join("outbox/spool"), 1).await;
}

#[tokio::test]
async fn a_subject_from_people_stays_one_header() {
    let mut sink = Sink::start().await;
    let data = tempfile::tempdir().expect("a temporary folder can be made");
    let (mailer, _drain) = mailer(data.path(), sink.url());
    let config = Config::with_data_dir("x");
    let name = "Acme\r\nBcc: victim@example.com\r\n\r\n<script>alert(1)</script> \u{1f600}";
    let letter = letters::invitation(&config, "jane@example.com", "0123", name, name);
    mailer.send(letter).await.expect("it is taken");
    let letter = sink.next().await;
    assert_eq!(letter.to, ["jane@example.com"]);
    assert!(!letter.headers.contains_key("bcc"));
    assert_eq!(
        letter.headers["subject"],
        "Invitation to Acme Bcc: victim@example.com <script>alert(1)</script> \u{1f600}"
    );
    assert!(!letter.html.contains("<script"));
}
