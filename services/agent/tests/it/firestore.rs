//! A stand-in for Firestore and Google's token service: it checks the signed grant, keeps typed
//! documents, and answers `runQuery` and `commit` as the REST API v1 does.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// Made for these tests; it opens nothing.
const KEY: &str = include_str!("fixtures/made-up-account.pem");

/// A running stand-in.
pub struct Firestore {
    /// For `FIRESTORE_URL`.
    pub url: String,
    state: Arc<Kept>,
}

#[derive(Default)]
struct Kept {
    url: Mutex<String>,
    documents: Mutex<BTreeMap<String, Value>>,
    tokens: Mutex<u32>,
}

impl Firestore {
    pub async fn new() -> Firestore {
        let state = Arc::new(Kept::default());
        let app = Router::new()
            .route("/token", post(token))
            .fallback(post(documents))
            .with_state(state.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        state.url.lock().unwrap().clone_from(&url);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Firestore { url, state }
    }

    /// Writes the key file of a service account.
    pub fn key_file(&self, folder: &Path) -> PathBuf {
        let path = folder.join("account.json");
        let key = json!({
            "type": "service_account", "project_id": "made-up", "private_key_id": "k1", "private_key": KEY,
            "client_email": "gateway@made-up.iam.gserviceaccount.com", "token_uri": format!("{}/token", self.url),
        });
        std::fs::write(&path, key.to_string()).unwrap();
        path
    }

    /// Names of the documents, without the project.
    pub fn names(&self) -> Vec<String> {
        self.state
            .documents
            .lock()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    }

    /// How many tokens were granted.
    pub fn tokens(&self) -> u32 {
        *self.state.tokens.lock().unwrap()
    }

    /// Refuses the tokens granted so far.
    pub fn revoke(&self) {
        *self.state.tokens.lock().unwrap() += 1;
    }
}

async fn token(State(state): State<Arc<Kept>>, body: String) -> Response {
    let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    let jwt = body.strip_prefix(grant).expect("the grant of RFC 7523");
    let parts: Vec<&str> = jwt.split('.').collect();
    let read = |part: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    assert_eq!(read(parts[0])["alg"], "RS256");
    let claims = read(parts[1]);
    assert_eq!(
        claims["aud"],
        format!("{}/token", state.url.lock().unwrap())
    );
    assert_eq!(claims["scope"], "https://www.googleapis.com/auth/datastore");
    assert!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap() <= 3600);
    let der: String = KEY
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let key = RsaKeyPair::from_pkcs8(&STANDARD.decode(der).unwrap()).unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref());
    let signed = format!("{}.{}", parts[0], parts[1]);
    public
        .verify(
            signed.as_bytes(),
            &URL_SAFE_NO_PAD.decode(parts[2]).unwrap(),
        )
        .expect("signed with the key");
    let mut tokens = state.tokens.lock().unwrap();
    *tokens += 1;
    axum::Json(json!({"access_token": format!("token-{tokens}"), "expires_in": 3600, "token_type": "Bearer"})).into_response()
}

async fn documents(
    State(state): State<Arc<Kept>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let wanted = format!("Bearer token-{}", state.tokens.lock().unwrap());
    if headers
        .get("authorization")
        .is_none_or(|sent| sent != wanted.as_str())
    {
        return (
            StatusCode::UNAUTHORIZED,
            axum::Json(json!({"error": {"code": 401, "status": "UNAUTHENTICATED"}})),
        )
            .into_response();
    }
    let body: Value = serde_json::from_slice(&body).unwrap();
    let path = uri
        .path()
        .strip_prefix("/v1/projects/made-up/databases/(default)/documents")
        .expect("our database");
    let mut kept = state.documents.lock().unwrap();
    if path == ":commit" {
        return commit(&mut kept, &body["writes"]);
    }
    let parent = path
        .strip_suffix(":runQuery")
        .expect("one of the two methods")
        .trim_start_matches('/');
    axum::Json(query(&kept, parent, &body["structuredQuery"])).into_response()
}

fn short(name: &Value) -> String {
    let name = name.as_str().expect("a name");
    name.strip_prefix("projects/made-up/databases/(default)/documents/")
        .expect("a full name")
        .to_owned()
}

fn commit(kept: &mut BTreeMap<String, Value>, writes: &Value) -> Response {
    for write in writes.as_array().expect("writes") {
        let name = short(if write["delete"].is_string() {
            &write["delete"]
        } else {
            &write["update"]["name"]
        });
        let exists = write["currentDocument"]["exists"].as_bool();
        if exists.is_some_and(|exists| exists != kept.contains_key(&name)) {
            return (
                StatusCode::NOT_FOUND,
                axum::Json(json!({"error": {"code": 404, "status": "NOT_FOUND"}})),
            )
                .into_response();
        }
        if write["delete"].is_string() {
            kept.remove(&name);
        } else {
            for (_, value) in write["update"]["fields"].as_object().expect("fields") {
                assert!(
                    value["stringValue"].is_string() || value["arrayValue"]["values"].is_array(),
                    "{value}"
                );
            }
            kept.insert(name, write["update"]["fields"].clone());
        }
    }
    axum::Json(json!({"writeResults": [], "commitTime": "2026-01-01T00:00:00Z"})).into_response()
}

fn query(kept: &BTreeMap<String, Value>, parent: &str, query: &Value) -> Value {
    let folder = format!(
        "{parent}/{}/",
        query["from"][0]["collectionId"].as_str().unwrap()
    );
    let mut found: Vec<(&String, &Value)> = kept
        .iter()
        .filter(|(name, _)| name.starts_with(&folder))
        .collect();
    let filter = &query["where"]["fieldFilter"];
    if !filter.is_null() {
        assert_eq!(filter["op"], "ARRAY_CONTAINS_ANY");
        let wanted = filter["value"]["arrayValue"]["values"].as_array().unwrap();
        assert!((1..=30).contains(&wanted.len()));
        let field = filter["field"]["fieldPath"].as_str().unwrap();
        found.retain(|(_, fields)| {
            let values = fields[field]["arrayValue"]["values"].as_array().unwrap();
            values.iter().any(|value| wanted.contains(value))
        });
    }
    if let Some(order) = query["orderBy"].as_array() {
        assert_eq!(order[0]["direction"], "DESCENDING");
        let field = order[0]["field"]["fieldPath"].as_str().unwrap();
        let key = |fields: &Value| fields[field]["stringValue"].as_str().unwrap().to_owned();
        found.sort_by_key(|(_, fields)| std::cmp::Reverse(key(fields)));
        if let Some(start) = query["startAt"]["values"][0]["stringValue"].as_str() {
            assert_eq!(query["startAt"]["before"], false);
            found.retain(|(_, fields)| key(fields).as_str() < start);
        }
    }
    let offset = query["offset"].as_u64().unwrap_or(0) as usize;
    let limit = query["limit"].as_u64().unwrap() as usize;
    let rows = found.into_iter().skip(offset).take(limit).map(|(name, fields)| {
        let name = format!("projects/made-up/databases/(default)/documents/{name}");
        json!({"document": {"name": name, "fields": fields}, "readTime": "2026-01-01T00:00:00Z"})
    });
    let rows: Vec<Value> = rows.collect();
    if rows.is_empty() {
        json!([{"readTime": "2026-01-01T00:00:00Z"}])
    } else {
        rows.into()
    }
}
