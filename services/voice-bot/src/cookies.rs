//! The two cookies of a session.

use crate::address::Client;
use cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderValue, header};
use time::Duration;

/// Carries the access token, on every request.
pub const ACCESS: &str = "access_token";
/// Carries the refresh token, to the endpoints of accounts only.
pub const REFRESH: &str = "refresh_token";

/// Carries what an attempt to sign in with Google began with, to its endpoints only.
pub const OAUTH: &str = "oauth_attempt";

/// The value of a cookie that came in.
pub fn get<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter();
    let mut pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'));
    pairs.find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name && !value.is_empty()).then_some(value)
    })
}

/// Sets a cookie: not for scripts, not for other sites' forms, and over TLS only where there is TLS.
pub fn set(
    headers: &mut HeaderMap,
    client: &Client,
    name: &'static str,
    value: &str,
    life: Duration,
) {
    let mut cookie = Cookie::new(name, value.to_owned());
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_secure(client.https);
    cookie.set_max_age(life);
    cookie.set_path(match name {
        ACCESS => "/".to_owned(),
        OAUTH => format!("{}/api/auth/google", client.prefix),
        _ => format!("{}/api/auth", client.prefix),
    });
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        headers.append(header::SET_COOKIE, value);
    }
}

/// Takes a cookie away.
pub fn clear(headers: &mut HeaderMap, client: &Client, name: &'static str) {
    set(headers, client, name, "", Duration::ZERO);
}
