//! A small local model and nobody else.

use futures::TryStreamExt;
use llm::{Answer, Event, Llm, LlmError, ProviderKind, Request, Settings};
use std::time::Duration;

/// The model of these tests, whatever the environment says.
pub const MODEL: &str = "qwen2-5-coder-0-5b";

/// Only `local`, and time for a busy machine.
pub fn settings() -> Settings {
    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        settings: Settings,
    }
    let mut settings = <Cli as clap::Parser>::parse_from(["test"]).settings;
    settings.anthropic_api_key = None;
    settings.gemini_api_key = None;
    settings.llm_base_url = None;
    settings.llm_provider = Some(ProviderKind::Local);
    settings.llm_fallback = Vec::new();
    settings.llm_retries = 0;
    settings.llm_total_seconds = 280;
    settings.local.local_llm_model = MODEL.into();
    settings.local.local_llm_context = 1024;
    settings
}

/// With the usual settings.
pub fn local() -> Llm {
    Llm::new(&settings()).unwrap()
}

/// A question with a system prompt.
pub fn asked(text: &str) -> Request {
    let mut request = Request::user(text);
    request.system = Some(
        "You are a helpful assistant of a phone service. Answer briefly and truthfully.".into(),
    );
    request.max_tokens = Some(60);
    request
}

/// The whole answer.
pub async fn whole(llm: &Llm, request: &Request) -> Result<Answer, LlmError> {
    soon(llm.complete(request)).await
}

/// All events.
pub async fn events(llm: &Llm, request: &Request) -> Vec<Event> {
    let all = async { llm.stream(request).await?.try_collect().await };
    soon(all).await.unwrap()
}

/// A test that hangs fails.
pub async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(280), future)
        .await
        .expect("an answer within 280 s")
}
