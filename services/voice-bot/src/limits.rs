//! How often strangers may try: by address, so that one machine cannot try many accounts, and by
//! account, so that many machines cannot try one.

use crate::accounts::settings::AccountSettings;
use crate::address::Client;
use api::ErrorCode;
use service::rate::{Rates, network};
use service::{ApiError, ApiResult};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
/// Addresses, and accounts, that are remembered for each endpoint.
const REMEMBERED: usize = 50_000;
/// Tries of an account that does not exist yet, a minute.
const SIGNUP_ACCOUNT_RPM: u32 = 10;

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// Passwords.
    Login,
    /// Making accounts.
    Signup,
    /// Making guests.
    Guest,
    /// Refresh tokens.
    Refresh,
    /// Sign-ins through others, such as Google.
    Oauth,
    /// Asking for an e-mail; counted by the hour.
    Email,
    /// Tokens that came by e-mail.
    Token,
}

/// Counts what strangers try.
pub struct Limits([Limit; 7]);

struct Limit {
    endpoint: Endpoint,
    by_address: Rates<IpAddr>,
    by_account: Rates<[u8; 16]>,
}

impl Limits {
    /// Nothing tried yet.
    pub fn new(settings: &AccountSettings) -> Self {
        let limit = |endpoint, period, address, account| Limit {
            endpoint,
            by_address: Rates::per(address, period, REMEMBERED),
            by_account: Rates::per(account, period, REMEMBERED),
        };
        let (login, account) = (settings.login_rpm, settings.login_account_rpm);
        let (signup, refresh) = (settings.signup_rpm, settings.refresh_rpm);
        let emails = settings.emails_per_hour;
        Limits([
            limit(Endpoint::Login, MINUTE, login, account),
            limit(Endpoint::Signup, MINUTE, signup, SIGNUP_ACCOUNT_RPM),
            limit(Endpoint::Guest, MINUTE, signup, signup),
            limit(Endpoint::Refresh, MINUTE, refresh, refresh),
            limit(Endpoint::Oauth, MINUTE, login, account),
            // Offices share an address, people do not share a mailbox.
            limit(Endpoint::Email, HOUR, emails.saturating_mul(10), emails),
            limit(Endpoint::Token, MINUTE, login, account),
        ])
    }

    /// Counts a try; 429 when there were too many from this address or for this account, which is
    /// an e-mail address.
    pub fn check(
        &self,
        endpoint: Endpoint,
        client: &Client,
        account: Option<&str>,
    ) -> ApiResult<()> {
        let limits = self.0.iter().filter(|limit| limit.endpoint == endpoint);
        for limit in limits {
            if let Some(ip) = client.ip {
                let taken = limit.by_address.take(&network(ip));
                taken.map_err(|(_, wait)| refused("from this address", wait))?;
            }
            if let Some(account) = account {
                let taken = limit.by_account.take(&key(account));
                taken.map_err(|(_, wait)| refused("for this account", wait))?;
            }
        }
        Ok(())
    }
}

/// What is remembered of an account.
fn key(account: &str) -> [u8; 16] {
    let digest = Sha256::digest(account.trim().to_lowercase());
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    key
}

fn refused(whose: &str, wait: Duration) -> ApiError {
    let message = format!("Too many tries {whose}; wait as long as Retry-After says.");
    ApiError::new(ErrorCode::RateLimited, message).with_retry_after(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_counted_over_all_addresses_and_an_address_over_all_accounts() {
        let settings = AccountSettings {
            login_rpm: 3,
            login_account_rpm: 2,
            ..AccountSettings::default()
        };
        let limits = Limits::new(&settings);
        let from = |text: &str| Client {
            ip: text.parse().ok(),
            ..Client::default()
        };
        let login = |ip, account| limits.check(Endpoint::Login, &from(ip), Some(account));
        assert!(login("192.0.2.1", "a@example.com").is_ok());
        assert!(login("192.0.2.2", "A@Example.com").is_ok());
        assert!(login("192.0.2.3", "a@example.com").is_err());
        assert!(login("192.0.2.1", "b@example.com").is_ok());
        assert!(login("192.0.2.1", "c@example.com").is_ok());
        assert!(login("192.0.2.1", "d@example.com").is_err());
        let elsewhere = limits.check(Endpoint::Guest, &from("192.0.2.1"), None);
        assert!(elsewhere.is_ok(), "every endpoint counts for itself");
    }
}
