//! The mail server of `SMTP_URL`.

use super::spool::{self, Waiting};
use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use service::Secret;
use std::net::IpAddr;
use std::time::Duration;

/// For each command and answer.
const STEP: Duration = Duration::from_secs(15);
/// For a whole letter.
const WHOLE: Duration = Duration::from_secs(90);

const WRONG: &str =
    "SMTP_URL must look like smtp://user:password@host:587, starttls://... or smtps://...";

/// A mail server that takes our letters.
pub struct Relay(AsyncSmtpTransport<Tokio1Executor>);

/// Why a letter was not delivered. Holds nothing that the server said: it may repeat addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The server will never take this letter; its code, or 0 when there was none.
    Refused(u16),
    /// The server does not take this letter now; its code, or 0 when there was none.
    Deferred(u16),
    /// There is no talking to the server.
    Down(&'static str),
}

impl Relay {
    /// Connects to nothing yet.
    pub fn new(url: &Secret) -> Result<Self, String> {
        let url = explicit(url.expose()).ok_or(WRONG)?;
        // What the parser says may quote the URL.
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url).map_err(|_| WRONG)?;
        Ok(Relay(builder.timeout(Some(STEP)).build()))
    }

    /// Gives one letter to the server.
    pub async fn deliver(&self, letter: &Waiting<spool::Envelope>) -> Result<(), Failure> {
        let address = |text: &str| text.parse().map_err(|_| Failure::Refused(0));
        let from = address(&letter.envelope.from)?;
        let to = address(&letter.envelope.to)?;
        let envelope = Envelope::new(Some(from), vec![to]).map_err(|_| Failure::Refused(0))?;
        let sending = self.0.send_raw(&envelope, &letter.message);
        let error = match tokio::time::timeout(WHOLE, sending).await {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => error,
            // It listened; others need not wait for a letter that it chokes on.
            Err(_) => return Err(Failure::Deferred(0)),
        };
        // The same codes refuse a connection or a password; then no letter is at fault.
        if !self.takes_connections().await {
            return Err(Failure::Down(kind(&error)));
        }
        let code = error.status().map_or(0, u16::from);
        // Ours: the server lacks what this letter needs, such as addresses beyond ASCII.
        match error.is_permanent() || error.is_client() {
            true => Err(Failure::Refused(code)),
            false => Err(Failure::Deferred(code)),
        }
    }

    async fn takes_connections(&self) -> bool {
        let test = tokio::time::timeout(WHOLE, self.0.test_connection()).await;
        matches!(test, Ok(Ok(true)))
    }
}

fn kind(error: &Error) -> &'static str {
    match () {
        () if error.is_response() => "it does not speak SMTP",
        () if error.status().is_some() => "connection or password refused",
        () if error.is_tls() => "TLS failed; is its certificate known to this system?",
        () if error.is_timeout() => "no answer in time",
        () if error.is_client() => "it lacks what we need, such as STARTTLS or a way to sign in",
        () => "no connection",
    }
}

/// The URL with its encryption said: a password never travels in the clear to another machine.
fn explicit(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    let said = query.split('&').any(|pair| pair.starts_with("tls="));
    let add = |tls: &str| {
        let mark = if !query.is_empty() { '&' } else { '?' };
        Some(format!("smtp://{rest}{mark}tls={tls}"))
    };
    match scheme {
        "smtps" => Some(url.to_owned()),
        "starttls" if !said => add("required"),
        "smtp" if said => Some(url.to_owned()),
        "smtp" => {
            // A scheme that the parser of HTTP addresses knows.
            let uri: http::Uri = format!("http://{rest}").parse().ok()?;
            let host = uri.host()?.trim_matches(['[', ']']);
            let here = host == "localhost"
                || host
                    .parse()
                    .is_ok_and(|address: IpAddr| address.is_loopback());
            match (here, rest.contains('@')) {
                (true, _) => Some(url.to_owned()),
                (false, true) => add("required"),
                (false, false) => add("opportunistic"),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_goes_in_the_clear_to_this_machine_only() {
        let cases = [
            ("smtp://u:p@localhost:25", "smtp://u:p@localhost:25"),
            ("smtp://u:p@[::1]:25", "smtp://u:p@[::1]:25"),
            (
                "smtp://u:p@mail.example:25",
                "smtp://u:p@mail.example:25?tls=required",
            ),
            (
                "smtp://mail.example",
                "smtp://mail.example?tls=opportunistic",
            ),
            (
                "starttls://u:p@localhost",
                "smtp://u:p@localhost?tls=required",
            ),
            ("smtps://u:p@mail.example", "smtps://u:p@mail.example"),
        ];
        for (given, made) in cases {
            assert_eq!(explicit(given).as_deref(), Some(made));
        }
        // An `@` in the name of the host would hide where the password goes.
        assert_eq!(
            explicit("smtp://u:p@localhost@evil.example").as_deref(),
            Some("smtp://u:p@localhost@evil.example?tls=required")
        );
    }

    #[test]
    fn a_wrong_url_is_refused_without_repeating_it() {
        for url in [
            "hunter2",
            "http://u:hunter2@host",
            "smtp://",
            "starttls://u:hunter2@h?tls=no",
        ] {
            let error = Relay::new(&Secret::new(url)).map(|_| ()).unwrap_err();
            assert_eq!(error, WRONG, "{url}");
        }
    }
}
