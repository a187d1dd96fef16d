//! Access tokens of a Google service account: a JWT signed with its key, exchanged for a token
//! (RFC 7523; "Using OAuth 2.0 for Server to Server Applications").

use super::{Result, StorageError};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde::Deserialize;
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

const SCOPE: &str = "https://www.googleapis.com/auth/datastore";
/// A token is replaced when it has less than this left.
const MARGIN: Duration = Duration::from_secs(120);

/// A key file as Google hands it out.
#[derive(Deserialize)]
struct KeyFile {
    project_id: String,
    client_email: String,
    private_key: String,
    private_key_id: String,
    token_uri: String,
}

/// A service account that can get tokens.
pub struct ServiceAccount {
    /// Its project.
    pub project: String,
    email: String,
    key_id: String,
    token_uri: String,
    key: RsaKeyPair,
    token: Mutex<Option<(String, Instant)>>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u64,
}

impl ServiceAccount {
    /// Reads a key file.
    pub fn read(path: &Path) -> Result<Self> {
        let wrong = |what: &str| {
            StorageError::Settings(format!(
                "GOOGLE_APPLICATION_CREDENTIALS ({}): {what}",
                path.display()
            ))
        };
        let text = std::fs::read(path).map_err(|error| wrong(&error.to_string()))?;
        // Its own words would quote the file.
        let file: KeyFile = serde_json::from_slice(&text)
            .map_err(|_| wrong("this is not the JSON key of a service account"))?;
        let body: String = file
            .private_key
            .lines()
            .filter(|line| !line.starts_with("-----"))
            .map(str::trim)
            .collect();
        let der = STANDARD.decode(body).ok();
        let key = der.and_then(|der| RsaKeyPair::from_pkcs8(&der).ok());
        Ok(ServiceAccount {
            project: file.project_id,
            email: file.client_email,
            key_id: file.private_key_id,
            token_uri: file.token_uri,
            key: key.ok_or_else(|| wrong("`private_key` is not an RSA key in PKCS#8"))?,
            token: Mutex::new(None),
        })
    }

    /// A token that holds for a while yet. Callers that come together wait for one exchange.
    pub async fn token(&self, http: &reqwest::Client) -> Result<String> {
        let mut token = self.token.lock().await;
        if let Some((known, until)) = &*token
            && Instant::now() < *until
        {
            return Ok(known.clone());
        }
        let granted = self.exchange(http).await?;
        let holds = Duration::from_secs(granted.expires_in).saturating_sub(MARGIN);
        *token = Some((granted.access_token.clone(), Instant::now() + holds));
        Ok(granted.access_token)
    }

    /// Forgets a token that was refused.
    pub async fn forget(&self) {
        *self.token.lock().await = None;
    }

    async fn exchange(&self, http: &reqwest::Client) -> Result<Granted> {
        let failed = |what: String| StorageError::Remote(format!("is out of reach: {what}"));
        // Both parts are plain base64 and ASCII: nothing to escape but the grant type.
        let form = format!(
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={}",
            self.assertion()?
        );
        let request = http
            .post(&self.token_uri)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        let answer = request
            .send()
            .await
            .map_err(|_| failed("the token service does not answer".into()))?;
        let status = answer.status();
        if !status.is_success() {
            return Err(failed(format!(
                "the token service refuses the service account (status {status})"
            )));
        }
        answer
            .json()
            .await
            .map_err(|_| failed("the token service sent no token".into()))
    }

    fn assertion(&self) -> Result<String> {
        let now = jiff::Timestamp::now().as_second();
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": self.key_id});
        let claims = json!({
            "iss": self.email, "scope": SCOPE, "aud": self.token_uri, "iat": now, "exp": now + 3600,
        });
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .map_err(|_| StorageError::Settings("the service account's key cannot sign".into()))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
