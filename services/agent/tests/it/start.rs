//! The service with and without a provider.

use crate::support::{Agent, Provider};
use serde_json::json;

#[tokio::test]
async fn it_starts_without_a_provider_and_says_who_is_set_up() {
    let (status, models) = Agent::with(None, |_| ()).await.get("/models").await;
    let local: &[&str] = if cfg!(feature = "local") {
        &["local"]
    } else {
        &[]
    };
    assert_eq!((status, models), (200, json!({"providers": local})));
    let provider = Provider::saying(&["Hello"]).await;
    let (_, models) = Agent::asking(&provider).await.get("/models").await;
    assert_eq!(models, json!({"providers": ["openai"]}));
}
