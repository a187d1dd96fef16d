//! The OpenID provider: where to send people, and who it says they are.

use super::attempt::Attempt;
use crate::config::Config;
use data_model::Identity;
use http::Uri;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreIdTokenClaims, CoreJwsSigningAlgorithm,
    CoreProviderMetadata, CoreTokenResponse,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    Scope, SignatureVerificationError, TokenResponse,
};
use service::Secret;
use std::net::IpAddr;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// For each request to the provider.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of an answer at most; Google's are a few thousand.
const MOST: usize = 256 * 1024;
/// How long its addresses and keys are taken to be what they were.
const FRESH: Duration = Duration::from_secs(3600);
/// After an unknown key, or a failure: before it is asked again.
const PAUSE: Duration = Duration::from_secs(1);

/// Signatures that are accepted, whatever the provider announces: none that a secret makes.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 4] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What the provider did wrong. Holds nothing that it said.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum ProviderError {
    #[error("its description or its keys cannot be fetched")]
    Discovery,
    #[error("it sent neither a code nor a reason that we know")]
    NoCode,
    #[error("it does not give tokens for the code: {0}")]
    Exchange(&'static str),
    #[error("its ID token cannot be believed: {0}")]
    Token(String),
    #[error("its ID token lacks {0}")]
    Claim(&'static str),
}

/// An OpenID provider, which is Google but in tests.
pub struct Google {
    id: ClientId,
    secret: ClientSecret,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    http: reqwest::Client,
    known: Mutex<Known>,
}

/// What the provider says of itself, and when it was asked.
#[derive(Default)]
struct Known {
    metadata: Option<CoreProviderMetadata>,
    asked: Option<Instant>,
}

impl Google {
    /// None when it is not set up. Connects to nothing yet.
    ///
    /// # Errors
    /// What is wrong with which setting.
    pub fn new(config: &Config) -> Result<Option<Self>, String> {
        let given = |text: &&str| !text.trim().is_empty();
        let id = config.google_client_id.as_deref().filter(given);
        let secret = config.google_client_secret.as_ref().map(Secret::expose);
        let (id, secret) = match (id, secret.filter(given)) {
            (Some(id), Some(secret)) => (id, secret),
            (None, None) => return Ok(None),
            _ => return Err("GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET belong together".into()),
        };
        let issuer = config.google_issuer_url.trim();
        if !private(issuer) {
            return Err("GOOGLE_ISSUER_URL must be an https address".into());
        }
        let issuer = IssuerUrl::new(issuer.to_owned());
        let base = config.public_url.trim_end_matches('/');
        let redirect = RedirectUrl::new(format!("{base}/bot/api/auth/google/callback"));
        // Fails when somebody installed one before, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build();
        Ok(Some(Google {
            id: ClientId::new(id.to_owned()),
            secret: ClientSecret::new(secret.to_owned()),
            issuer: issuer.map_err(|_| "GOOGLE_ISSUER_URL must be an https address")?,
            redirect: redirect.map_err(|_| "PUBLIC_URL must be an http or https address")?,
            http: http.map_err(|error| format!("no HTTPS client for Google: {error}"))?,
            known: Mutex::default(),
        }))
    }

    /// Where to send somebody who wants to sign in, and what to remember meanwhile.
    pub(super) async fn begin(
        &self,
        return_to: String,
    ) -> Result<(String, Attempt), ProviderError> {
        let client = self.client(false).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new_random_len(32),
                || Nonce::new_random_len(32),
            )
            .add_scope(Scope::new("email".into()))
            .add_scope(Scope::new("profile".into()))
            .set_pkce_challenge(challenge);
        let (url, state, nonce) = request.url();
        let attempt = Attempt {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            return_to,
        };
        Ok((url.into(), attempt))
    }

    /// Who came back with this code.
    pub(super) async fn finish(
        &self,
        code: String,
        attempt: &Attempt,
    ) -> Result<Identity, ProviderError> {
        let client = self.client(false).await?;
        let response = self.exchange(&client, code, attempt).await?;
        let token = response
            .id_token()
            .ok_or(ProviderError::Claim("itself: there is none"))?;
        let nonce = Nonce::new(attempt.nonce.clone());
        let unknown = ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey,
        );
        let result = match verified(&client, token, &response, &nonce) {
            // It may have changed its keys since we asked.
            Err(error) if error == unknown => {
                let client = self.client(true).await?;
                verified(&client, token, &response, &nonce)
            }
            result => result,
        };
        identity(&result.map_err(|error| ProviderError::Token(error.to_string()))?)
    }

    async fn exchange(
        &self,
        client: &Client,
        code: String,
        attempt: &Attempt,
    ) -> Result<CoreTokenResponse, ProviderError> {
        let http = |request| fetch(self.http.clone(), request);
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| ProviderError::Discovery)?
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier.clone()));
        let response = request.request_async(&http).await;
        response.map_err(|error| {
            ProviderError::Exchange(match error {
                RequestTokenError::ServerResponse(_) => "it refuses it",
                RequestTokenError::Request(_) => "it does not answer",
                RequestTokenError::Parse(..) => "it does not answer as it should",
                RequestTokenError::Other(_) => "something is wrong",
            })
        })
    }

    /// A client of the provider as it described itself within the last hour; `anew` when what it
    /// said then was of no use.
    async fn client(&self, anew: bool) -> Result<Client, ProviderError> {
        let mut known = self.known.lock().await;
        // Those who wait in line for the lock need not each wait for the same failure.
        let fresh = match known.metadata {
            Some(_) if !anew => FRESH,
            _ => PAUSE,
        };
        let wanted = known.asked.is_none_or(|asked| asked.elapsed() > fresh);
        if wanted {
            let http = |request| fetch(self.http.clone(), request);
            let found = CoreProviderMetadata::discover_async(self.issuer.clone(), &http).await;
            known.asked = Some(Instant::now());
            match found {
                Ok(metadata) => known.metadata = Some(metadata),
                Err(_) => tracing::warn!("the description or the keys of Google cannot be fetched"),
            }
        }
        let metadata = known.metadata.clone().ok_or(ProviderError::Discovery)?;
        let client = CoreClient::from_provider_metadata(
            metadata,
            self.id.clone(),
            Some(self.secret.clone()),
        );
        Ok(client.set_redirect_uri(self.redirect.clone()))
    }
}

/// The claims of an ID token: signed by the provider, for us, for this attempt, not expired, and
/// belonging to the access token it came with (OpenID Connect Core, 3.1.3.7).
fn verified(
    client: &Client,
    token: &CoreIdToken,
    response: &CoreTokenResponse,
    nonce: &Nonce,
) -> Result<CoreIdTokenClaims, ClaimsVerificationError> {
    let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS);
    let claims = token.claims(&verifier, nonce)?;
    if let Some(expected) = claims.access_token_hash() {
        let other = |_| ClaimsVerificationError::Other("no access token hash".into());
        let signing = ClaimsVerificationError::SignatureVerification;
        let key = token.signing_key(&verifier).map_err(signing)?;
        let algorithm = token.signing_alg().map_err(|_| other(()))?;
        let made = AccessTokenHash::from_token(response.access_token(), algorithm, key);
        if made.map_err(|_| other(()))? != *expected {
            let message = "it belongs to another access token".into();
            return Err(ClaimsVerificationError::Other(message));
        }
    }
    Ok(claims.clone())
}

fn identity(claims: &CoreIdTokenClaims) -> Result<Identity, ProviderError> {
    let subject = claims.subject().as_str();
    if !(1..=255).contains(&subject.len()) || subject.contains('\0') {
        return Err(ProviderError::Claim("a subject"));
    }
    let email = claims.email().ok_or(ProviderError::Claim("an address"))?;
    let email = crate::input::email("email", email.as_str());
    let name = claims.name().and_then(|name| name.get(None));
    let name = name.and_then(|name| crate::input::line("name", name, 1..=128).ok());
    Ok(Identity {
        subject: subject.to_owned(),
        email: email.map_err(|_| ProviderError::Claim("an address"))?,
        email_verified: claims.email_verified() == Some(true),
        name,
    })
}

/// Why a request to the provider failed.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error("the answer is larger than {MOST} bytes")]
    TooLarge,
}

/// One request, in bounded time and space. Redirects are not followed: an answer with one is an error.
async fn fetch(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, FetchError> {
    let mut response = http.execute(request.try_into()?).await?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MOST {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    let mut answer = HttpResponse::new(body);
    *answer.status_mut() = response.status();
    *answer.headers_mut() = std::mem::take(response.headers_mut());
    Ok(answer)
}

/// Whether nobody can listen: https, or this machine.
fn private(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else {
        return false;
    };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    match uri.scheme_str() {
        Some("https") => true,
        Some("http") => {
            host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
        _ => false,
    }
}
