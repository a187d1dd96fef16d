//! What goes wrong with language models, as clients hear of it: 424, whoever's fault it is, since
//! the request itself was right; `not_configured` where something has to be set first.

use api::ErrorCode;
use llm::{Llm, LlmError};
use service::{ApiError, ApiResult};

/// An error of the language models as an answer. Keys and addresses are not in it.
pub fn of(error: LlmError) -> ApiError {
    let retry_after = error.retry_after();
    let code = match error {
        LlmError::NotConfigured(_) => ErrorCode::NotConfigured,
        _ => ErrorCode::UpstreamFailed,
    };
    let failed = ApiError::new(code, format!("{error}."));
    match retry_after {
        Some(after) => failed.with_retry_after(after),
        None => failed,
    }
}

/// 424 that says what to set, where no language model is set up.
pub fn needs_model(llm: &Llm) -> ApiResult<()> {
    match llm.first() {
        Some(_) => Ok(()),
        None => Err(of(LlmError::NotConfigured(
            "set ANTHROPIC_API_KEY, GEMINI_API_KEY, or LLM_BASE_URL and LLM_MODEL".into(),
        ))),
    }
}
