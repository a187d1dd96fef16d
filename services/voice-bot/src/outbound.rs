//! The client with which this service asks others.

use reqwest::{Client, Response};
use std::time::Duration;

/// Connecting may take this long.
const CONNECT: Duration = Duration::from_secs(5);
/// An answer may take this long, unless the request says otherwise.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Why an answer was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It broke off.
    #[error(transparent)]
    Broken(#[from] reqwest::Error),
    /// It is longer than anything we expect.
    #[error("the answer is too long")]
    TooLong,
}

/// A client that follows no redirects; certificates are checked against the system's store.
pub fn client() -> Result<Client, reqwest::Error> {
    // Fails only when a provider is installed already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .connect_timeout(CONNECT)
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

/// The body of an answer, up to `most` bytes.
pub async fn read(mut response: Response, most: usize) -> Result<Vec<u8>, ReadError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > most {
            return Err(ReadError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
