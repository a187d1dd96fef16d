//! `/openapi.json`: one document for the gateway and the services behind it.

use crate::state::{Gateway, Shared};
use crate::upstreams::Service;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use utoipa::OpenApi;

/// How long a merged document is given out.
const FRESH: Duration = Duration::from_secs(5);
/// How long a service may take for its document, and how large it may be.
const DEADLINE: Duration = Duration::from_millis(800);
const LIMIT: usize = 4 * 1024 * 1024;
/// What every service has and the gateway answers for itself.
const OWN: [&str; 6] = [
    "/health",
    "/ready",
    "/version",
    "/metrics",
    "/docs",
    "/openapi.json",
];

/// What the gateway answers to whoever may not ask, or asks too often.
const REFUSED: [(&str, &str); 3] = [
    ("401", "`missing_token`, `invalid_token`"),
    ("403", "`forbidden`: the token is not for this service"),
    ("429", "`rate_limited`: come back after `Retry-After`"),
];
/// What it answers for a service that does not.
const AWAY: (&str, &str) = (
    "503",
    "`upstream_unavailable`: come back after `Retry-After`",
);

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Whissle Gateway",
        description = "Speech recognition, synthesis, calls and agents behind one door.\n\nWebSockets, which this document cannot describe: `/listen` and `/asr/stream` (recognition), `/tts/stream` (synthesis), `/ws/twilio` (Twilio Media Streams), `/bot/api/calls/socket` (a call as plain sound, for who is signed in). The first three take the API token also as `?token=` or as `Sec-WebSocket-Protocol: token, wh_...`."
    ),
    paths(
        crate::tokens::create,
        crate::tokens::list,
        crate::tokens::revoke,
        crate::usage::list,
        crate::usage::summary,
        crate::status::status
    ),
    components(schemas(api::ErrorEnvelope)),
    tags((name = "tokens", description = "API tokens and their usage; admin token only"))
)]
struct Own;

/// The merged document and the last good one of each service.
#[derive(Debug, Default)]
pub struct Docs {
    merged: Mutex<Option<(Instant, Arc<str>)>>,
    seen: Mutex<[Option<Value>; 4]>,
    merging: tokio::sync::Mutex<()>,
}

impl Docs {
    /// The document as JSON text. Services that are down appear as they were last seen.
    pub async fn merged(&self, gateway: &Gateway) -> Arc<str> {
        if let Some(text) = self.fresh() {
            return text;
        }
        let _merging = self.merging.lock().await;
        if let Some(text) = self.fresh() {
            return text;
        }
        let fetched =
            futures::future::join_all(Service::ALL.map(|service| fetch(gateway, service))).await;
        let mut document = own();
        {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            for (service, fetched) in Service::ALL.into_iter().zip(fetched) {
                let last = &mut seen[service as usize];
                *last = fetched.or(last.take());
                if let Some(theirs) = last {
                    merge(&mut document, service, theirs.clone());
                }
            }
        }
        let text: Arc<str> = document.to_string().into();
        *self.merged.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), text.clone()));
        text
    }

    fn fresh(&self) -> Option<Arc<str>> {
        let merged = self.merged.lock().unwrap_or_else(PoisonError::into_inner);
        merged
            .as_ref()
            .filter(|(made, _)| made.elapsed() < FRESH)
            .map(|(_, text)| text.clone())
    }
}

/// `GET /openapi.json`
pub async fn serve(State(gateway): State<Shared>) -> Response {
    let text = gateway.docs.merged(&gateway).await;
    (
        [(header::CONTENT_TYPE, "application/json")],
        text.to_string(),
    )
        .into_response()
}

/// Our own part.
fn own() -> Value {
    let mut document = serde_json::to_value(Own::openapi()).unwrap_or_else(|_| json!({}));
    document["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    document["components"]["securitySchemes"] = json!({
        "token": { "type": "http", "scheme": "bearer", "bearerFormat": "wh_...", "description": "API token" }
    });
    document
}

async fn fetch(gateway: &Gateway, service: Service) -> Option<Value> {
    let fetched = gateway
        .upstreams
        .get(service, "/openapi.json", &gateway.secret, DEADLINE, LIMIT)
        .await;
    let (status, body) = fetched.ok()?;
    (status == StatusCode::OK).then(|| serde_json::from_slice(&body).ok())?
}

/// Adds a service's paths under its prefix. Schemas that mean something else than one of ours
/// with the same name are renamed.
fn merge(document: &mut Value, service: Service, mut theirs: Value) {
    let mut renamed = Vec::new();
    if let Some(schemas) = take(&mut theirs, &["components", "schemas"]) {
        let ours = object(&mut document["components"]["schemas"]);
        let clashes = schemas
            .iter()
            .filter(|(name, schema)| ours.get(*name).is_some_and(|own| own != *schema));
        renamed
            .extend(clashes.map(|(name, _)| (name.clone(), format!("{}_{name}", service.name()))));
        let mut schemas = Value::Object(schemas);
        rename(&mut schemas, &renamed);
        for (name, schema) in std::mem::take(object(&mut schemas)) {
            let name = renamed
                .iter()
                .find(|(old, _)| *old == name)
                .map_or(name, |(_, new)| new.clone());
            ours.entry(name).or_insert(schema);
        }
    }
    if let Some(schemes) = take(&mut theirs, &["components", "securitySchemes"]) {
        object(&mut document["components"]["securitySchemes"]).extend(schemes);
    }
    if let Some(paths) = take(&mut theirs, &["paths"]) {
        let outside = match service {
            // Its addresses begin with /api themselves.
            Service::Bot => "/bot",
            other => other.prefix(),
        };
        let ours = object(&mut document["paths"]);
        for (path, mut operations) in paths {
            if OWN.contains(&path.as_str()) {
                continue;
            }
            rename(&mut operations, &renamed);
            each(&mut operations, |operation| {
                // Calling has sessions of its own.
                if service != Service::Bot {
                    operation.insert("security".into(), json!([{ "token": [] }]));
                    refuse(operation, &REFUSED);
                }
                refuse(operation, &[AWAY]);
            });
            ours.insert(format!("{outside}{path}"), operations);
        }
    }
    if let (Some(ours), Some(Value::Array(tags))) = (
        document["tags"].as_array_mut(),
        theirs.get_mut("tags").map(Value::take),
    ) {
        for tag in tags {
            if !ours.iter().any(|own| own["name"] == tag["name"]) {
                ours.push(tag);
            }
        }
    }
}

fn take(document: &mut Value, path: &[&str]) -> Option<Map<String, Value>> {
    let found = path
        .iter()
        .try_fold(document, |value, key| value.get_mut(*key))?;
    match found.take() {
        Value::Object(map) => Some(map),
        _ => None,
    }
}

/// The object at a place, made if something else is there.
fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = json!({});
    }
    value.as_object_mut().expect("made an object just above")
}

/// Does something to every operation of a path.
fn each(operations: &mut Value, change: impl FnMut(&mut Map<String, Value>)) {
    let operations = operations.as_object_mut().into_iter();
    let operations = operations.flat_map(Map::values_mut);
    operations.filter_map(Value::as_object_mut).for_each(change);
}

/// Adds what the gateway answers instead of the service, where the service has no such answer itself.
fn refuse(operation: &mut Map<String, Value>, refusals: &[(&str, &str)]) {
    let responses = object(operation.entry("responses").or_insert(Value::Null));
    for &(status, description) in refusals {
        let schema = json!({ "$ref": "#/components/schemas/ErrorEnvelope" });
        let content = json!({ "application/json": { "schema": schema } });
        let response = json!({ "description": description, "content": content });
        responses.entry(status).or_insert(response);
    }
}

/// Follows renamed schemas through `$ref`.
fn rename(value: &mut Value, renamed: &[(String, String)]) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "$ref" => {
                        let name = text.rsplit('/').next().unwrap_or_default();
                        if let Some((_, new)) = renamed.iter().find(|(old, _)| old == name) {
                            *text = format!("#/components/schemas/{new}");
                        }
                    }
                    value => rename(value, renamed),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| rename(value, renamed)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_services_paths_appear_under_its_prefix_and_its_clashing_schemas_are_renamed() {
        let mut document = own();
        let theirs = json!({
            "paths": {
                "/models": { "get": { "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/TokenInfo" } } } } } } },
                "/health": {}
            },
            "components": { "schemas": {
                "TokenInfo": { "type": "string" },
                "ErrorEnvelope": document["components"]["schemas"]["ErrorEnvelope"].clone()
            } }
        });
        merge(&mut document, Service::Asr, theirs);
        let operation = &document["paths"]["/asr/models"]["get"];
        let reference =
            &operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
        assert_eq!(reference, "#/components/schemas/asr_TokenInfo");
        assert_eq!(
            document["components"]["schemas"]["asr_TokenInfo"]["type"],
            "string"
        );
        assert!(
            document["components"]["schemas"]
                .get("asr_ErrorEnvelope")
                .is_none()
        );
        assert_eq!(operation["security"], json!([{ "token": [] }]));
        let refused = &operation["responses"]["401"]["content"]["application/json"]["schema"];
        assert_eq!(refused["$ref"], "#/components/schemas/ErrorEnvelope");
        assert!(document["paths"].get("/asr/health").is_none());
        assert!(document["paths"].get("/auth/tokens").is_some());
    }

    #[test]
    fn a_document_of_any_shape_does_no_harm() {
        for odd in [
            json!(null),
            json!([]),
            json!({"paths": 1, "components": {"schemas": []}, "tags": 3}),
        ] {
            let mut document = own();
            merge(&mut document, Service::Tts, odd);
            assert!(document["paths"].get("/auth/usage").is_some());
        }
    }
}
