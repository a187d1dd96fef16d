//! The client that sends events: to public addresses only, without redirects.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Url};
use service::public_address::{is_public, resolve};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(5);
/// An answer may take this long.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Connections go to the addresses that were checked, so a name that answers differently the
/// second time gains nothing.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = resolve(name.as_str(), 0).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// With `private`, every address may be called.
pub fn client(private: bool) -> Result<Client, reqwest::Error> {
    let mut builder = Client::builder()
        // A proxy would connect to wherever the name leads then.
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT)
        .timeout(TIMEOUT)
        .user_agent(concat!("whissle-gateway/", env!("CARGO_PKG_VERSION")));
    if !private {
        builder = builder.dns_resolver(Arc::new(PublicOnly));
    }
    builder.build()
}

/// `WEBHOOK_URL`, as far as it can be judged before its name is resolved.
pub fn check(url: &str, private: bool) -> Result<Url, String> {
    let url = Url::parse(url).map_err(|error| format!("WEBHOOK_URL is no address: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("WEBHOOK_URL must begin with http:// or https://".into());
    }
    let host = url.host_str().ok_or("WEBHOOK_URL has no host")?;
    let literal = host.trim_matches(['[', ']']).parse::<IpAddr>();
    if !private && literal.is_ok_and(|address| !is_public(address)) {
        return Err(
            "WEBHOOK_URL does not lead to a public address; WEBHOOK_ALLOW_PRIVATE=true allows that"
                .into(),
        );
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_this_network_must_be_allowed() {
        for url in ["http://127.0.0.1/x", "http://[::1]/", "http://0x7f.1/"] {
            assert!(check(url, false).is_err() && check(url, true).is_ok());
        }
        assert!(check("https://example.com/hook", false).is_ok());
        for url in ["", "example.com", "ftp://example.com", "data:,x"] {
            assert!(check(url, true).is_err(), "{url}");
        }
    }
}
