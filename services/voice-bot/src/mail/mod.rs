//! Letters by e-mail. A letter is on disk before [`Mailer::send`] returns, so that none is lost
//! whatever happens to this process or to the mail server.
//!
//! With `SMTP_URL` letters wait in `DATA_DIR/outbox/spool` for [`delivery`]; without it they stay in
//! `DATA_DIR/outbox` as `*.eml` for somebody to read. Their contents are never logged.

mod delivery;
pub mod letters;
mod smtp;
pub(crate) mod spool;

use crate::config::Config;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use sealing::Sealer;
use service::Drain;
use smtp::Relay;
use spool::Spool;
use std::sync::Arc;
use tokio::sync::Notify;
use uuid::Uuid;

/// A message to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Their address, without a name.
    pub to: String,
    /// One line.
    pub subject: String,
    /// For programs that show no HTML.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// Why a letter was not taken.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// No mail server would take this address.
    #[error("the address cannot be written to")]
    Address(#[from] lettre::address::AddressError),
    /// The parts make no message.
    #[error("the letter cannot be put together")]
    Message(#[from] lettre::error::Error),
    /// It could not be written down.
    #[error("DATA_DIR/outbox cannot be written")]
    Outbox(#[from] std::io::Error),
}

/// Takes letters. Cheap to clone.
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    from: Mailbox,
    spool: Spool,
    /// Wakes the delivery; none without a mail server.
    wake: Option<Arc<Notify>>,
}

impl Mailer {
    /// Reads the settings and starts to deliver what waits, where there is a mail server. Must be
    /// called on the runtime; the delivery ends with the drain.
    ///
    /// # Errors
    /// What is wrong with which setting.
    pub fn start(config: &Config, sealer: &Sealer, drain: &Drain) -> Result<Self, String> {
        let from = sender(config)?;
        let spool = Spool::new(config.common.data_dir.join("outbox"), sealer.clone());
        let relay = config.smtp_url.as_ref().map(Relay::new).transpose()?;
        let wake = relay.map(|relay| {
            let wake = Arc::new(Notify::new());
            let delivery = delivery::run(spool.clone(), relay, wake.clone(), drain.clone());
            tokio::spawn(delivery);
            wake
        });
        Ok(Mailer(Arc::new(Inner { from, spool, wake })))
    }

    /// Takes a letter: when this returns, it will be delivered, or lies in the outbox.
    pub async fn send(&self, letter: Letter) -> Result<(), MailError> {
        let message = message(&self.0.from, &letter)?;
        let bytes = message.formatted();
        match &self.0.wake {
            Some(wake) => {
                let envelope = spool::Envelope {
                    from: self.0.from.email.to_string(),
                    to: letter.to,
                };
                self.0.spool.add(envelope, bytes).await?;
                wake.notify_one();
            }
            None => {
                let file = self.0.spool.keep(bytes).await?;
                tracing::warn!(
                    file,
                    "SMTP_URL is not set: a letter was put into DATA_DIR/outbox"
                );
            }
        }
        Ok(())
    }
}

/// `MAIL_FROM`, or `no-reply` at the host of `PUBLIC_URL`.
fn sender(config: &Config) -> Result<Mailbox, String> {
    let wrong = |_| "MAIL_FROM must look like `Name <name@example.com>`".to_owned();
    if let Some(given) = &config.mail_from {
        return given.parse().map_err(wrong);
    }
    let uri: Option<http::Uri> = config.public_url.parse().ok();
    let host = uri
        .as_ref()
        .and_then(http::Uri::host)
        .unwrap_or("localhost");
    let address = Address::new("no-reply", host).or_else(|_| Address::new("no-reply", "localhost"));
    let address = address.map_err(|_| wrong(lettre::address::AddressError::InvalidInput))?;
    Ok(Mailbox::new(Some("Whissle Gateway".into()), address))
}

/// The message as it travels. What came from people is encoded: no line of theirs becomes a header.
fn message(from: &Mailbox, letter: &Letter) -> Result<Message, MailError> {
    let to: Address = letter.to.parse()?;
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    let message = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(letters::line(&letter.subject))
        .message_id(Some(format!(
            "<{}@{}>",
            Uuid::new_v4().simple(),
            from.email.domain()
        )))
        .raw_header(HeaderValue::new(automatic, "auto-generated".into()))
        .multipart(MultiPart::alternative_plain_html(
            letter.text.clone(),
            letter.html.clone(),
        ))?;
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(to: &str, subject: &str) -> Letter {
        Letter {
            to: to.into(),
            subject: subject.into(),
            text: "text".into(),
            html: "<p>html</p>".into(),
        }
    }

    fn headers(letter: &Letter) -> Result<String, MailError> {
        let from = "Whissle <no-reply@example.com>".parse().unwrap();
        let bytes = message(&from, letter)?.formatted();
        let text = String::from_utf8(bytes).unwrap();
        Ok(text.split("\r\n\r\n").next().unwrap().to_owned())
    }

    #[test]
    fn no_subject_and_no_address_becomes_a_header() {
        for line in ["\r\n", "\n", "\r", "\u{2028}", "\u{85}", "\0"] {
            let subject = format!("Hello{line}Bcc: all@example.com");
            let made = headers(&letter("to@example.com", &subject)).unwrap();
            assert!(!made.lines().any(|line| line.starts_with("Bcc")), "{made}");
            let to = format!("to@example.com{line}Bcc: all@example.com");
            assert!(headers(&letter(&to, "Hello")).is_err(), "{to:?}");
        }
        for to in [
            "",
            "a",
            "a@b@c",
            "a@b, c@d",
            "<a@b>",
            "a@b>\r\nRCPT TO:<c@d",
        ] {
            assert!(headers(&letter(to, "Hello")).is_err(), "{to:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_people_write_the_headers_are_ours(
            organization in "(?s).{0,200}",
            inviter in "([ -~\r\n\t]|\\PC){0,100}",
        ) {
            let config = Config::with_data_dir("x");
            let letter = letters::invitation(&config, "to@example.com", "t", &organization, &inviter);
            let made = headers(&letter).unwrap();
            let names = made.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
            let names: Vec<_> = names.map(|line| line.split(':').next().unwrap()).collect();
            let ours = ["From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version", "Date", "Content-Type"];
            proptest::prop_assert_eq!(names, ours);
            proptest::prop_assert!(!made.contains('\0'));
            // Lone line ends, which some servers take for line ends.
            proptest::prop_assert!(!made.replace("\r\n", "").contains(['\r', '\n']));
        }
    }

    #[test]
    fn the_sender_follows_the_public_address_unless_it_is_set() {
        let mut config = Config::with_data_dir("x");
        let address = |config: &Config| sender(config).unwrap().email.to_string();
        assert_eq!(address(&config), "no-reply@localhost");
        config.public_url = "https://voice.example.com".into();
        assert_eq!(address(&config), "no-reply@voice.example.com");
        config.mail_from = Some("Voice <hello@example.com>".into());
        assert_eq!(address(&config), "hello@example.com");
        config.mail_from = Some("nobody\r\nBcc: x@y".into());
        assert!(sender(&config).is_err());
    }
}
