//! The services behind the gateway: where they are and whether they answer.

use crate::config::Config;
use crate::error::GatewayError;
use api::health::Readiness;
use axum::body::Body;
use clap::ValueEnum;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::time::Duration;

/// A service that does not accept within this is down; the client hears of it within a second.
pub const CONNECT_TIMEOUT: Duration = Duration::from_millis(600);
/// Read at once of an answer.
const READ_BUFFER: usize = 128 * 1024;
/// How long `/ready` waits for an upstream.
const READY_TIMEOUT: Duration = Duration::from_millis(1500);
/// Shorter than the services' own idle timeout, so that no request meets a closing connection.
const IDLE: Duration = Duration::from_secs(15);

/// The client all requests to the services go through.
pub type Upstream = Client<HttpConnector, Body>;

/// A service behind the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Service {
    /// Speech recognition.
    Asr,
    /// Speech synthesis.
    Tts,
    /// Voice calling.
    Bot,
    /// Language models.
    Agent,
}

impl Service {
    /// All of them, in the order of the documentation.
    pub const ALL: [Service; 4] = [Service::Asr, Service::Tts, Service::Bot, Service::Agent];

    /// Name in logs, usage and `/ready`.
    pub fn name(self) -> &'static str {
        match self {
            Service::Asr => "asr",
            Service::Tts => "tts",
            Service::Bot => "bot",
            Service::Agent => "agent",
        }
    }

    /// Where its addresses begin at the gateway; removed before forwarding.
    pub fn prefix(self) -> &'static str {
        match self {
            Service::Asr => "/asr",
            Service::Tts => "/tts",
            Service::Bot => "/bot",
            Service::Agent => "/agent",
        }
    }

    /// Route template in usage.
    pub fn route(self) -> &'static str {
        match self {
            Service::Asr => "/asr/{path}",
            Service::Tts => "/tts/{path}",
            Service::Bot => "/bot/api/{path}",
            Service::Agent => "/agent/{path}",
        }
    }
}

/// Where the services are.
#[derive(Debug, Clone)]
pub struct Upstreams {
    authorities: [Authority; 4],
    hosts: [HeaderValue; 4],
    client: Upstream,
}

impl Upstreams {
    /// Reads the addresses of the configuration.
    pub fn new(config: &Config) -> Result<Self, GatewayError> {
        let authorities = [
            authority("ASR_URL", &config.asr_url)?,
            authority("TTS_URL", &config.tts_url)?,
            authority("BOT_URL", &config.bot_url)?,
            authority("AGENT_URL", &config.agent_url)?,
        ];
        let hosts = authorities.clone().map(|authority| {
            HeaderValue::from_str(authority.as_str()).expect("an authority is visible ASCII")
        });
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        connector.set_nodelay(true);
        connector.set_keepalive(Some(Duration::from_secs(60)));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(64)
            .http1_max_buf_size(READ_BUFFER)
            .build(connector);
        Ok(Upstreams {
            authorities,
            hosts,
            client,
        })
    }

    /// The client with its pool of connections.
    pub fn client(&self) -> &Upstream {
        &self.client
    }

    /// `host:port` of a service.
    pub fn authority(&self, service: Service) -> &Authority {
        &self.authorities[service as usize]
    }

    /// The `Host` header for a service.
    pub fn host(&self, service: Service) -> &HeaderValue {
        &self.hosts[service as usize]
    }

    /// The address of a path at a service.
    pub fn uri(&self, service: Service, path: PathAndQuery) -> Uri {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Some(self.authority(service).clone());
        parts.path_and_query = Some(path);
        Uri::from_parts(parts).expect("scheme, authority and path are all there")
    }

    /// A small GET with a deadline: status and body of at most `limit` bytes.
    pub async fn get(
        &self,
        service: Service,
        path: &'static str,
        secret: &HeaderValue,
        deadline: Duration,
        limit: usize,
    ) -> Result<(StatusCode, bytes::Bytes), String> {
        let fetch = async {
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = self.uri(service, PathAndQuery::from_static(path));
            request
                .headers_mut()
                .insert(service::INTERNAL_SECRET, secret.clone());
            let response = self
                .client
                .request(request)
                .await
                .map_err(|_| "does not answer".to_owned())?;
            let status = response.status();
            let body = Limited::new(response.into_body(), limit).collect().await;
            Ok((
                status,
                body.map_err(|_| "broke off its answer".to_owned())?
                    .to_bytes(),
            ))
        };
        tokio::time::timeout(deadline, fetch)
            .await
            .unwrap_or_else(|_| Err("does not answer in time".into()))
    }

    /// A line of `/ready`.
    pub async fn check(&self, service: Service, secret: &HeaderValue) -> Result<(), String> {
        match self
            .get(service, "/ready", secret, READY_TIMEOUT, 64 * 1024)
            .await?
        {
            (StatusCode::OK, _) => Ok(()),
            (StatusCode::SERVICE_UNAVAILABLE, body) => Err(not_ready(&body)),
            (status, _) => Err(format!("answers {}", status.as_u16())),
        }
    }
}

/// Names what a service says it lacks. Not why: that may hold what strangers need not know.
fn not_ready(body: &[u8]) -> String {
    let lacking: Vec<String> = serde_json::from_slice::<Readiness>(body)
        .map(|answer| answer.checks)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(name, how)| (how != "ok").then_some(name))
        .collect();
    if lacking.is_empty() {
        return "not ready".into();
    }
    format!("not ready: {}", lacking.join(", "))
}

/// `http://host:port` and nothing else.
fn authority(name: &str, url: &str) -> Result<Authority, GatewayError> {
    let wrong = || {
        GatewayError::Setting(format!(
            "{name} must look like http://127.0.0.1:8001, not `{url}`"
        ))
    };
    let uri: Uri = url.trim_end_matches('/').parse().map_err(|_| wrong())?;
    let plain = uri.scheme() == Some(&Scheme::HTTP) && uri.path() == "/" && uri.query().is_none();
    uri.authority()
        .filter(|authority| plain && !authority.as_str().contains('@'))
        .cloned()
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_address_is_taken() {
        assert!(authority("ASR_URL", "http://asr:8001/").is_ok());
        for bad in [
            "asr:8001",
            "https://asr",
            "http://asr/base",
            "http://u:p@asr",
            "",
        ] {
            assert!(
                authority("ASR_URL", bad)
                    .unwrap_err()
                    .to_string()
                    .contains("ASR_URL"),
                "{bad}"
            );
        }
    }

    #[test]
    fn what_a_service_lacks_is_named_without_the_reason() {
        let body = br#"{"ready":false,"checks":{"database":"no such host db","models":"ok"}}"#;
        assert_eq!(not_ready(body), "not ready: database");
        assert_eq!(not_ready(b"oops"), "not ready");
    }

    #[test]
    fn services_are_kept_in_the_order_of_all() {
        for (index, service) in Service::ALL.into_iter().enumerate() {
            assert_eq!(service as usize, index);
        }
    }
}
