//! Do Twilio's variables fit together?

use crate::{Finding, Settings};
use service::parse_bool;

/// Looks at them; asks nobody.
pub async fn check(settings: &Settings) -> Vec<Finding> {
    let token = settings
        .twilio_auth_token
        .as_ref()
        .map_or("", |token| token.expose());
    let all = [
        ("TWILIO_ACCOUNT_SID", settings.twilio_account_sid.as_str()),
        ("TWILIO_AUTH_TOKEN", token),
        ("TWILIO_PHONE_NUMBER", settings.twilio_phone_number.as_str()),
    ];
    let missing: Vec<&str> = all
        .iter()
        .filter(|(_, value)| value.is_empty())
        .map(|(name, _)| *name)
        .collect();
    if missing.len() == all.len() {
        return vec![Finding::ok("telephone calls are not set up")];
    }
    let mut found = Vec::new();
    if !missing.is_empty() {
        let missing = missing.join(" and ");
        found.push(Finding::fail(
            format!("{missing} is not set, others of Twilio's are"),
            "set all three, or none",
        ));
    }
    let sid = &settings.twilio_account_sid;
    let hex = |text: &str| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !sid.is_empty() && !sid.strip_prefix("AC").is_some_and(hex) {
        found.push(Finding::fail(
            "TWILIO_ACCOUNT_SID is not AC and 32 hexadecimal digits",
            "copy the Account SID (not an API key, SK...) from Twilio's console",
        ));
    }
    let number = &settings.twilio_phone_number;
    let digits = |text: &str| {
        (7..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !number.is_empty() && !number.strip_prefix('+').is_some_and(digits) {
        found.push(Finding::fail(
            "TWILIO_PHONE_NUMBER is not a number in international form",
            "write it as +14155551234",
        ));
    }
    if !settings.is_public() || !settings.public_url.starts_with("https://") {
        found.push(Finding::warn(
            format!(
                "PUBLIC_URL is {}, where Twilio cannot reach us",
                settings.public_url
            ),
            "set PUBLIC_URL to the https:// address of the gateway; Twilio signs webhooks with it",
        ));
    }
    match parse_bool(&settings.twilio_skip_signature) {
        Err(why) => found.push(Finding::fail(
            format!("TWILIO_SKIP_SIGNATURE {why}"),
            "set it to false",
        )),
        Ok(true) if settings.is_public() => found.push(Finding::warn(
            "TWILIO_SKIP_SIGNATURE is on: anybody can pretend to be Twilio",
            "leave it out but for tests on one machine",
        )),
        Ok(_) => {}
    }
    if found.is_empty() {
        found.push(Finding::ok(format!("Twilio is set up with {number}")));
    }
    found
}
