//! The one client that calls addresses users give: public ones only, without redirects, and no
//! answer larger than it may be.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Method, Response, Url};
use service::public_address::{AddressError, is_public, resolve};
use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(5);
/// Longest address.
const URL: usize = 2048;

/// Cheap to clone.
#[derive(Clone)]
pub struct Web {
    client: Client,
    private: bool,
}

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

impl Web {
    /// With `private`, every address may be called.
    pub fn new(private: bool) -> Result<Self, reqwest::Error> {
        // Fails when somebody was first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            // A proxy would connect to wherever the name leads then.
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .pool_idle_timeout(Duration::from_secs(30))
            .user_agent(concat!("whissle-gateway/", env!("CARGO_PKG_VERSION")));
        if !private {
            builder = builder.dns_resolver(Arc::new(PublicOnly));
        }
        Ok(Web {
            client: builder.build()?,
            private,
        })
    }

    /// An address that may be called, as far as that can be said before its name is resolved.
    pub fn check(&self, url: &str) -> Result<Url, String> {
        if url.len() > URL {
            return Err(format!("is longer than {URL} characters"));
        }
        let url = Url::parse(url).map_err(|error| format!("is not an address: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("must begin with http:// or https://".into());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not hold a name or a password; use `headers`".into());
        }
        let host = url.host_str().ok_or("has no host")?;
        // The parser has written every spelling of an address, such as 0x7f.1, as the address.
        let literal = host.trim_matches(['[', ']']).parse::<IpAddr>();
        match literal {
            Ok(address) if !self.private && !is_public(address) => {
                Err(AddressError::NotPublic(host.to_owned()).to_string())
            }
            _ => Ok(url),
        }
    }

    /// A request to an address that [`Web::check`] gave.
    pub fn request(&self, method: Method, url: Url) -> reqwest::RequestBuilder {
        self.client.request(method, url)
    }
}

/// The body, or an error when it is larger than `limit` bytes.
pub async fn body(mut response: Response, limit: usize) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(reason)? {
        if body.len() + chunk.len() > limit {
            return Err(format!("the answer is larger than {} KiB", limit / 1024));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What went wrong, without the address: it may hold keys.
pub fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if let Some(address) = inner.downcast_ref::<AddressError>() {
            return address.to_string();
        }
        cause = inner.source();
    }
    if error.is_timeout() {
        "no answer in time".into()
    } else if error.is_connect() {
        "no connection".into()
    } else {
        "the connection broke off".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_addresses_are_refused_in_every_spelling() {
        let web = Web::new(false).unwrap();
        for url in [
            "http://127.0.0.1/",
            "http://0x7f.1/",
            "http://2130706433/",
            "http://017700000001:80/x",
            "http://[::1]/",
            "http://[::ffff:169.254.169.254]/latest",
            "http://169.254.169.254/",
            "https://10.0.0.1:8443/",
        ] {
            assert!(web.check(url).unwrap_err().contains("public"), "{url}");
        }
        for url in [
            "ftp://example.com/",
            "file:///etc/passwd",
            "http://a:b@example.com/",
            "x",
        ] {
            assert!(web.check(url).is_err(), "{url}");
        }
        assert!(web.check("https://api.example.com/v1?x=1").is_ok());
        assert!(Web::new(true).unwrap().check("http://127.0.0.1/").is_ok());
    }

    #[tokio::test]
    async fn a_name_that_leads_here_is_refused_when_it_is_resolved() {
        let web = Web::new(false).unwrap();
        let url = web.check("http://localhost:9/").unwrap();
        let error = web.request(Method::GET, url).send().await.unwrap_err();
        assert_eq!(
            reason(error),
            "`localhost` does not lead to a public address"
        );
    }
}
