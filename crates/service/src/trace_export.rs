//! How traces reach the collector: the HTTP client under OpenTelemetry's exporter.

use bytes::Bytes;
use opentelemetry_http::{HttpClient, HttpError};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;

/// For one batch of spans.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What a collector answers is some bytes.
const LONGEST: usize = 64 * 1024;

/// Sends on our runtime for the exporter's thread, which has none. Says once when it fails, and once
/// when it works again.
#[derive(Debug)]
pub(crate) struct Exporter {
    client: reqwest::Client,
    runtime: Handle,
    failing: AtomicBool,
}

impl Exporter {
    /// For the runtime this is called on.
    pub(crate) fn new() -> Result<Self, String> {
        // Fails only when a provider is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Exporter {
            client,
            runtime: Handle::try_current().map_err(|error| error.to_string())?,
            failing: AtomicBool::new(false),
        })
    }

    fn tell(&self, failure: Option<&str>) {
        let failing = failure.is_some();
        if self.failing.swap(failing, Ordering::Relaxed) == failing {
            return;
        }
        match failure {
            Some(reason) => tracing::warn!(reason, "traces cannot be exported; trying on"),
            None => tracing::info!("traces are exported again"),
        }
    }
}

#[async_trait::async_trait]
impl HttpClient for Exporter {
    async fn send_bytes(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sent = self
            .runtime
            .spawn(async move { send(&client, request).await });
        let answer = sent
            .await
            .map_err(HttpError::from)
            .and_then(|answer| answer);
        match &answer {
            Ok(response) if response.status().is_success() => self.tell(None),
            Ok(response) => self.tell(Some(&format!(
                "the collector answers {}",
                response.status()
            ))),
            Err(error) => self.tell(Some(&error.to_string())),
        }
        answer
    }
}

async fn send(
    client: &reqwest::Client,
    request: http::Request<Bytes>,
) -> Result<http::Response<Bytes>, HttpError> {
    let (parts, body) = request.into_parts();
    let sent = client
        .request(parts.method, parts.uri.to_string())
        .headers(parts.headers)
        .body(body);
    let mut answer = sent.send().await?;
    let status = answer.status();
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if bytes.len() + chunk.len() > LONGEST {
            return Err("the collector's answer is too long".into());
        }
        bytes.extend_from_slice(&chunk);
    }
    let mut response = http::Response::new(bytes.into());
    *response.status_mut() = status;
    Ok(response)
}
