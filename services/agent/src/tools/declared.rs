//! Tools as a request declares them, checked.

use super::http::{self, HttpTool};
use super::web::Web;
use api::conversation::{ToolSpec, ToolType};
use reqwest::Url;
use serde_json::{Value, json};
use service::ApiError;
use std::time::Duration;

/// Longest description in characters.
const DESCRIPTION: usize = 4000;
/// Largest schema in bytes.
const SCHEMA: usize = 16 * 1024;
/// Most MCP servers of a request.
pub const SERVERS: usize = 4;
/// Most declarations of a request.
pub const DECLARED: usize = 32;

/// A declaration that makes sense.
pub enum Declared {
    /// One of ours.
    Builtin(String),
    /// An endpoint.
    Http {
        /// What the model is told.
        tool: llm::Tool,
        /// Where it is.
        endpoint: Box<HttpTool>,
    },
    /// A server to be asked for its tools.
    Mcp {
        /// Where it is.
        url: Url,
        /// What is sent along.
        headers: ::http::HeaderMap,
    },
}

/// Checks a declaration; `at` is where it stands, such as `tools[0]`.
pub fn check(spec: &ToolSpec, at: &str, web: &Web) -> Result<Declared, ApiError> {
    let wrong = |field: &str, what: String| {
        let param = format!("{at}.{field}");
        let message = format!("`{param}` {what}.");
        ApiError::invalid_parameter(param, message)
    };
    let url = || {
        let url = spec.url.as_deref();
        let url = url.ok_or_else(|| ApiError::missing_parameter(format!("{at}.url")))?;
        web.check(url).map_err(|what| wrong("url", what))
    };
    let headers = || {
        let given = spec.headers.as_ref().map(http::headers).transpose();
        given
            .map(Option::unwrap_or_default)
            .map_err(|what| wrong("headers", what))
    };
    if let Some(seconds) = spec
        .timeout_seconds
        .filter(|seconds| !(1..=60).contains(seconds))
    {
        return Err(wrong(
            "timeout_seconds",
            format!("must be 1 to 60, not {seconds}"),
        ));
    }
    if spec.r#type == ToolType::Mcp {
        return Ok(Declared::Mcp {
            url: url()?,
            headers: headers()?,
        });
    }
    let name = spec.name.as_deref();
    let name = name.ok_or_else(|| ApiError::missing_parameter(format!("{at}.name")))?;
    if !is_name(name) {
        return Err(wrong(
            "name",
            "must be 1 to 64 of a-z, A-Z, 0-9, _ and -".into(),
        ));
    }
    if spec.r#type == ToolType::Builtin {
        return Ok(Declared::Builtin(name.to_owned()));
    }
    let description = spec.description.as_deref().unwrap_or_default();
    if !(1..=DESCRIPTION).contains(&description.chars().count()) {
        return Err(wrong(
            "description",
            format!("must be 1 to {DESCRIPTION} characters"),
        ));
    }
    let parameters = spec.parameters.clone();
    let parameters = parameters.unwrap_or_else(|| json!({"type": "object", "properties": {}}));
    if let Some(what) = schema_fault(&parameters) {
        return Err(wrong("parameters", what));
    }
    let endpoint = HttpTool {
        url: url()?,
        method: http::method(spec.method.as_deref()).map_err(|what| wrong("method", what))?,
        headers: headers()?,
    };
    let tool = llm::Tool {
        name: name.to_owned(),
        description: description.to_owned(),
        parameters,
    };
    Ok(Declared::Http {
        tool,
        endpoint: Box::new(endpoint),
    })
}

/// How long a call of a declared tool may take.
pub fn timeout(spec: &ToolSpec, usual: Duration) -> Duration {
    spec.timeout_seconds.map_or(usual, Duration::from_secs)
}

fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=64).contains(&name.len()) && name.bytes().all(letter)
}

/// What is wrong with a schema, where we can tell; the model's provider may know more.
pub fn schema_fault(schema: &Value) -> Option<String> {
    if schema["type"] != "object" {
        return Some("must be a JSON schema whose `type` is `object`".into());
    }
    if schema.to_string().len() > SCHEMA {
        return Some(format!("must be at most {} KiB", SCHEMA / 1024));
    }
    None
}
