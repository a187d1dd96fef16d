//! `X-Twilio-Signature`: HMAC-SHA1 with the account's secret over the address that was called and
//! the sorted parameters of the form, in base64 (Twilio, "Webhooks security").

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use service::Secret;
use sha1::Sha1;

/// The signature of a request: `url` as Twilio was given it, and what the form holds.
pub fn signature(token: &Secret, url: &str, form: &[(String, String)]) -> String {
    STANDARD.encode(mac(token, url, form).finalize().into_bytes())
}

/// Whether Twilio signed a request, in a time that does not depend on what the signature says.
pub fn is_signed(token: &Secret, url: &str, form: &[(String, String)], claimed: &str) -> bool {
    let Ok(claimed) = STANDARD.decode(claimed) else {
        return false;
    };
    // Twilio's own libraries take an address with and without the port that its scheme implies.
    let mut right = false;
    for url in spellings(url) {
        right |= mac(token, &url, form).verify_slice(&claimed).is_ok();
    }
    right
}

fn mac(token: &Secret, url: &str, form: &[(String, String)]) -> Hmac<Sha1> {
    let mut pairs: Vec<&(String, String)> = form.iter().collect();
    pairs.sort();
    // Twilio sends some fields twice and signs them once.
    pairs.dedup();
    let mut mac =
        Hmac::new_from_slice(token.expose().as_bytes()).expect("HMAC takes keys of any length");
    mac.update(url.as_bytes());
    for (name, value) in pairs {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    mac
}

/// The address as it is, and with its port left out or spelled out.
fn spellings(url: &str) -> Vec<String> {
    let mut all = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else {
        return all;
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let port = match scheme {
        "https" | "wss" => 443,
        _ => 80,
    };
    match host.rsplit_once(':') {
        Some((name, digits)) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            all.push(format!("{scheme}://{name}{path}"));
        }
        _ => all.push(format!("{scheme}://{host}:{port}{path}")),
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Vec<(String, String)> {
        let pairs = [
            ("Digits", "1234"),
            ("To", "+18005551212"),
            ("From", "+14158675309"),
            ("Caller", "+14158675309"),
            ("CallSid", "CA1234567890ABCDE"),
        ];
        pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec()
    }

    #[test]
    fn the_example_of_the_documentation_is_right() {
        let token = Secret::new("12345");
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        let right = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
        assert_eq!(signature(&token, url, &form()), right);
        assert!(is_signed(&token, url, &form(), right));
        assert!(is_signed(
            &token,
            "https://mycompany.com:443/myapp.php?foo=1&bar=2",
            &form(),
            right
        ));
    }

    #[test]
    fn nothing_else_is() {
        let token = Secret::new("12345");
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        let right = signature(&token, url, &form());
        let mut changed = form();
        changed[0].1 = "1235".into();
        assert!(!is_signed(&token, url, &changed, &right));
        assert!(!is_signed(
            &token,
            "https://mycompany.com/myapp.php?foo=1",
            &form(),
            &right
        ));
        assert!(!is_signed(&Secret::new("12346"), url, &form(), &right));
        for bad in ["", "=", "AAAA", &right[..20], &format!("{right} ")] {
            assert!(!is_signed(&token, url, &form(), bad), "{bad}");
        }
    }
}
