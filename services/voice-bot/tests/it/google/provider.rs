//! An OpenID provider that checks what it gets, with an RSA key as Google has one.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as BASE64};
use openidconnect::core::{CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey};
use openidconnect::{JsonWebKeyId, PrivateSigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::process::Command;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};
use voice_bot::Config;

/// The client that is registered here.
pub const CLIENT: &str = "client-id.apps.example";
/// Its secret, with what must be escaped in `Authorization`.
pub const SECRET: &str = "s3cret/+ &:%";

/// How the next ID token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// RS256 with the announced key.
    Right,
    /// RS256 with another one of the same id.
    OtherKey,
    /// `alg: none`.
    None,
    /// HS256 with the client's secret.
    Secret,
}

/// A running provider.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    url: String,
    state: Mutex<Now>,
}

/// What it does now.
pub struct Now {
    /// Claims of the next ID tokens besides the usual ones; null takes one away.
    pub claims: Value,
    /// How they are signed.
    pub signature: Signature,
    /// The id of the key.
    pub kid: String,
    codes: HashMap<String, HashMap<String, String>>,
}

impl Provider {
    /// Somebody called Jane has an account there.
    pub async fn start() -> Provider {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let state = Now {
            claims: json!({"sub": "1234567890", "email": "jane@example.com", "email_verified": true, "name": "Jane Doe"}),
            signature: Signature::Right,
            kid: "first".into(),
            codes: HashMap::new(),
        };
        let provider = Provider(Arc::new(Inner {
            url: format!("http://{address}"),
            state: Mutex::new(state),
        }));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        provider
    }

    /// Makes a service use it.
    pub fn configure(&self, config: &mut Config) {
        config.google_client_id = Some(CLIENT.into());
        config.google_client_secret = Some(service::Secret::new(SECRET));
        config.google_issuer_url = self.0.url.clone();
    }

    /// What it does now.
    pub fn now(&self) -> MutexGuard<'_, Now> {
        self.0.state.lock().expect("nobody panicked with it")
    }

    /// Sets a claim of the next ID tokens.
    pub fn claim(&self, name: &str, value: Value) {
        self.now().claims[name] = value;
    }

    fn id_token(&self, nonce: &str) -> String {
        let now = self.now();
        let time = time::OffsetDateTime::now_utc().unix_timestamp();
        let mut claims = json!({"iss": self.0.url, "aud": CLIENT, "iat": time, "exp": time + 3600, "nonce": nonce});
        let claims = claims.as_object_mut().expect("an object");
        for (name, value) in now.claims.as_object().expect("an object") {
            claims.insert(name.clone(), value.clone());
        }
        claims.retain(|_, value| !value.is_null());
        let algorithm = match now.signature {
            Signature::None => "none",
            Signature::Secret => "HS256",
            _ => "RS256",
        };
        let header = json!({"alg": algorithm, "kid": now.kid, "typ": "JWT"});
        let body = json!(claims);
        let message = format!(
            "{}.{}",
            BASE64.encode(header.to_string()),
            BASE64.encode(body.to_string())
        );
        let rs256 = CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256;
        let signature = match now.signature {
            Signature::Right => KEYS.0.sign(&rs256, message.as_bytes()).expect("it signs"),
            Signature::OtherKey => KEYS.1.sign(&rs256, message.as_bytes()).expect("it signs"),
            Signature::None => Vec::new(),
            Signature::Secret => {
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
                ring::hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
            }
        };
        format!("{message}.{}", BASE64.encode(signature))
    }
}

/// Two keys.
static KEYS: LazyLock<(CoreRsaPrivateSigningKey, CoreRsaPrivateSigningKey)> =
    LazyLock::new(|| (rsa_key(), rsa_key()));

/// A fresh key; an unoptimized build would take half a minute to make one.
fn rsa_key() -> CoreRsaPrivateSigningKey {
    let made = Command::new("openssl")
        .args(["genrsa", "-traditional", "2048"])
        .output();
    let pem = made
        .expect("openssl is installed (PostgreSQL's packages bring it)")
        .stdout;
    let pem = String::from_utf8(pem).expect("PEM is text");
    CoreRsaPrivateSigningKey::from_pem(&pem, None).expect("an RSA key")
}

async fn discovery(State(provider): State<Provider>) -> Json<Value> {
    let url = &provider.0.url;
    Json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
    }))
}

async fn keys(State(provider): State<Provider>) -> Json<Value> {
    let mut key = json!(KEYS.0.as_verification_key());
    key["kid"] = json!(JsonWebKeyId::new(provider.now().kid.clone()));
    key["alg"] = json!("RS256");
    Json(json!({"keys": [key]}))
}

/// Jane is signed in here and agrees at once.
async fn authorize(
    State(provider): State<Provider>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let has = |name: &str, value: &str| query.get(name).is_some_and(|given| given == value);
    let right = has("response_type", "code")
        && has("client_id", CLIENT)
        && has(
            "redirect_uri",
            "http://localhost:9000/bot/api/auth/google/callback",
        )
        && has("code_challenge_method", "S256")
        && has("scope", "openid email profile")
        && ["state", "nonce", "code_challenge"]
            .iter()
            .all(|name| query.get(*name).is_some_and(|text| text.len() >= 43));
    if !right {
        return (StatusCode::BAD_REQUEST, format!("{query:?}")).into_response();
    }
    let code = uuid::Uuid::new_v4().to_string();
    let to = format!(
        "{}?code={code}&state={}",
        query["redirect_uri"], query["state"]
    );
    provider.now().codes.insert(code, query);
    Redirect::to(&to).into_response()
}

async fn token(State(provider): State<Provider>, headers: HeaderMap, form: String) -> Response {
    let form: HashMap<String, String> = serde_urlencoded::from_str(&form).expect("a form");
    let refuse =
        |error: &str| (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response();
    // RFC 6749, 2.3.1: both are form-encoded first.
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b' ' => "+".to_owned(),
                byte if byte.is_ascii_alphanumeric() || b"*-._".contains(&byte) => {
                    char::from(byte).to_string()
                }
                byte => format!("%{byte:02X}"),
            })
            .collect()
    };
    let basic = BASE64_STANDARD.encode(format!("{}:{}", encode(CLIENT), encode(SECRET)));
    if headers
        .get(header::AUTHORIZATION)
        .is_none_or(|given| given != &format!("Basic {basic}"))
    {
        return refuse("invalid_client");
    }
    // A code works once.
    let asked = form
        .get("code")
        .and_then(|code| provider.now().codes.remove(code));
    let Some(asked) = asked else {
        return refuse("invalid_grant");
    };
    let verifier = form
        .get("code_verifier")
        .map(Sha256::digest)
        .map(|hash| BASE64.encode(hash));
    let right = form
        .get("grant_type")
        .is_some_and(|given| given == "authorization_code")
        && form.get("redirect_uri") == asked.get("redirect_uri")
        && verifier.as_ref() == asked.get("code_challenge");
    if !right {
        return refuse("invalid_grant");
    }
    let id_token = provider.id_token(&asked["nonce"]);
    Json(json!({"access_token": "unused", "token_type": "Bearer", "expires_in": 3600, "id_token": id_token})).into_response()
}
