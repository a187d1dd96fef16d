//! Whether providers take our keys, asked by listing one model, which costs nothing.

use crate::chain::Llm;
use crate::error::{LlmError, Result};
use crate::settings::ProviderKind;
use futures::future::join_all;
use std::time::Duration;

/// A provider that takes longer is not waited for.
const TIMEOUT: Duration = Duration::from_secs(15);

impl Llm {
    /// Asks every provider whether it takes its key, and logs those that do not with the variable to
    /// mend; who they are. For the background: whether it works out never decides anything.
    pub async fn check_keys(&self) -> Vec<ProviderKind> {
        let asked = self.check_each().await;
        let refused = asked.into_iter().filter_map(|(kind, outcome)| {
            let error = outcome.err()?;
            match error {
                LlmError::BadKey(_) => {
                    tracing::error!(provider = %kind, "{error}; requests to it will fail");
                    Some(kind)
                }
                error => {
                    tracing::info!(provider = %kind, %error, "its key could not be checked");
                    None
                }
            }
        });
        refused.collect()
    }

    /// Asks every provider whether it takes its key: [`LlmError::BadKey`] where it does not, another
    /// error where it could not be asked.
    pub async fn check_each(&self) -> Vec<(ProviderKind, Result<()>)> {
        let asked = self
            .providers()
            .map(|provider| async move { (provider.kind(), provider.check().await) });
        join_all(asked).await
    }
}

/// Lists one model. A key that may not do so but is known is none that is refused: only 401 is, and
/// what Gemini says instead of it.
pub(crate) fn key(
    kind: ProviderKind,
    http: &reqwest::Client,
    url: &str,
    key: &str,
) -> impl Future<Output = Result<()>> + Send + 'static {
    let models = format!("{url}models");
    let request = match kind {
        ProviderKind::Claude => http
            .get(format!("{models}?limit=1"))
            .header("x-api-key", key)
            .header("anthropic-version", "2023-06-01"),
        ProviderKind::Gemini => http
            .get(format!("{models}?pageSize=1"))
            .header("x-goog-api-key", key),
        _ if key.is_empty() => http.get(models),
        _ => http.get(models).bearer_auth(key),
    };
    async move {
        let answer = request.timeout(TIMEOUT).send().await;
        let answer = answer.map_err(|_| LlmError::Unreachable(kind))?;
        match answer.status().as_u16() {
            401 => Err(LlmError::BadKey(kind)),
            400 if kind == ProviderKind::Gemini && told(answer).await => {
                Err(LlmError::BadKey(kind))
            }
            _ => Ok(()),
        }
    }
}

/// Whether the beginning of the body names the key.
async fn told(mut answer: reqwest::Response) -> bool {
    let mut body = Vec::new();
    while let Ok(Some(part)) = answer.chunk().await {
        body.extend_from_slice(&part);
        if body.len() > 16_384 {
            break;
        }
    }
    String::from_utf8_lossy(&body).contains("API_KEY_INVALID")
}
