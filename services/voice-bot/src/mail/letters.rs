//! What the letters say: short, plain, the same as text and as HTML.

use super::Letter;
use crate::config::Config;
use std::fmt::Write;

/// Asks somebody who signed up whether the address is theirs.
pub fn verification(config: &Config, to: &str, token: &str) -> Letter {
    let link = config.frontend_link("/verify-email", token);
    compose(
        to,
        "Verify your e-mail address",
        &[
            "Somebody, probably you, signed up to Whissle Gateway with this e-mail address. Follow this link to verify it:",
        ],
        &link,
        "The link works for 24 hours. If it was not you, ignore this letter.",
    )
}

/// Lets somebody choose a new password.
pub fn password_reset(config: &Config, to: &str, token: &str) -> Letter {
    let link = config.frontend_link("/reset-password", token);
    compose(
        to,
        "Choose a new password",
        &[
            "Somebody, probably you, asked for a new password for this account of Whissle Gateway. Follow this link to choose one:",
        ],
        &link,
        "The link works once, for an hour, and choosing a password signs you out everywhere. If it was not you, ignore this letter: your password stays as it is.",
    )
}

/// Tells somebody that their password was changed through a letter.
pub fn password_changed(config: &Config, to: &str) -> Letter {
    compose(
        to,
        "Your password was changed",
        &[
            "The password of this account of Whissle Gateway was changed with a link from a letter, and every sign-in was ended. You can sign in here:",
        ],
        config.frontend(),
        "If it was not you, somebody reads your e-mail: secure your mailbox, then choose a new password.",
    )
}

/// Invites somebody to an organization. `inviter` is their name or address.
pub fn invitation(
    config: &Config,
    to: &str,
    token: &str,
    organization: &str,
    inviter: &str,
) -> Letter {
    let link = config.frontend_link("/invitations/accept", token);
    let (organization, inviter) = (line(organization), line(inviter));
    compose(
        to,
        &format!("Invitation to {organization}"),
        &[&format!(
            "{inviter} invites you to work in \u{201c}{organization}\u{201d} on Whissle Gateway. Follow this link to accept:"
        )],
        &link,
        "The link works once, for 7 days. If you do not know who invites you, ignore this letter.",
    )
}

fn compose(to: &str, subject: &str, before: &[&str], link: &str, after: &str) -> Letter {
    let before = before.join("\n\n");
    let text = format!("{before}\n\n{link}\n\n{after}\n");
    let (heading, before, href, after) = (
        escape(subject),
        escape(&before),
        escape(link),
        escape(after),
    );
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{heading}</title></head>\n\
         <body style=\"font-family:sans-serif;max-width:36em\">\n<p>{before}</p>\n\
         <p><a href=\"{href}\">{href}</a></p>\n<p>{after}</p>\n</body></html>\n"
    );
    Letter {
        to: to.to_owned(),
        subject: line(subject),
        text,
        html,
    }
}

/// One line: control characters and line breaks of any kind become single spaces.
pub(super) fn line(text: &str) -> String {
    let breaks = |c: char| c.is_control() || c.is_whitespace();
    let words = text.split(breaks).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Text inside HTML, attributes included.
fn escape(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, c| {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' | '>' | '"' | '\'' => {
                let _ = write!(escaped, "&#{};", c as u32);
            }
            c => escaped.push(c),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        let mut config = Config::with_data_dir("x");
        config.frontend_url = vec![
            "https://app.example.com/".into(),
            "https://b.example".into(),
        ];
        config
    }

    #[test]
    fn links_lead_to_the_first_frontend() {
        let letter = verification(&config(), "a@b.example", "t0ken");
        let link = "https://app.example.com/verify-email?token=t0ken";
        assert!(letter.text.contains(&format!("\n{link}\n")));
        assert!(letter.html.contains(&format!("<a href=\"{link}\">")));
        let reset = password_reset(&config(), "a@b.example", "t").text;
        assert!(reset.contains("https://app.example.com/reset-password?token=t\n"));
    }

    #[test]
    fn names_that_people_choose_stay_text() {
        let letter = invitation(
            &config(),
            "a@b.example",
            "t",
            "Acme <script>\r\nBcc: x",
            "\"Eve\" & 'Co'",
        );
        assert!(letter.text.contains("\u{201c}Acme <script> Bcc: x\u{201d}"));
        assert!(!letter.html.contains("<script"));
        assert!(letter.html.contains("&#34;Eve&#34; &amp; &#39;Co&#39;"));
        assert_eq!(letter.subject, "Invitation to Acme <script> Bcc: x");
    }
}
