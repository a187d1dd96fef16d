//! One document for everything, also while a service is down.

use crate::support::{Running, send};
use reqwest::Method;

#[tokio::test]
async fn the_document_has_the_gateways_and_the_services_paths() {
    let run = Running::start().await;
    let document = send(run.request(Method::GET, "/openapi.json")).await.json();
    let paths = &document["paths"];
    for path in [
        "/auth/tokens",
        "/auth/tokens/{id}",
        "/auth/usage",
        "/auth/usage/summary",
        "/asr/transcribe",
    ] {
        assert!(paths.get(path).is_some(), "{path}");
    }
    assert!(paths.get("/asr/health").is_none());
    assert!(
        document["components"]["schemas"]
            .get("ErrorEnvelope")
            .is_some()
    );
}

#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere() {
    let run = Running::start().await;
    let page = send(run.request(Method::GET, "/docs")).await;
    assert!(page.status == 200 && page.text.contains("swagger-ui"));
    assert!(!page.text.contains("//cdn") && !page.text.contains("https://"));
    let script = send(run.request(Method::GET, "/docs/swagger-ui-bundle.js")).await;
    assert!(script.status == 200 && script.text.len() > 100_000);
    let start = send(run.request(Method::GET, "/docs/swagger-initializer.js")).await;
    assert!(start.text.contains("/openapi.json"), "{}", start.text);
}
