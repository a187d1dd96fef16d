//! The user's own HTTP endpoints.

use super::web::{self, Web};
use super::{Called, cut};
use http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde_json::Value;
use std::collections::BTreeMap;

/// Largest answer in bytes.
const ANSWER: usize = 256 * 1024;
/// Characters of an error's body that the model is told.
const ERROR: usize = 500;
/// Most headers, and the longest value.
const HEADERS: (usize, usize) = (20, 4096);
/// Headers that belong to the connection.
const OURS: [&str; 8] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// An endpoint.
pub struct HttpTool {
    /// Where it is.
    pub url: Url,
    /// How it is asked.
    pub method: Method,
    /// What is sent along.
    pub headers: HeaderMap,
}

/// A method of its name; `POST` without one.
pub fn method(name: Option<&str>) -> Result<Method, String> {
    match name.unwrap_or("POST").to_ascii_uppercase().as_str() {
        "GET" => Ok(Method::GET),
        "POST" => Ok(Method::POST),
        "PUT" => Ok(Method::PUT),
        "PATCH" => Ok(Method::PATCH),
        "DELETE" => Ok(Method::DELETE),
        _ => Err("must be GET, POST, PUT, PATCH or DELETE".into()),
    }
}

/// Headers that may be sent.
pub fn headers(given: &BTreeMap<String, String>) -> Result<HeaderMap, String> {
    let (count, length) = HEADERS;
    if given.len() > count {
        return Err(format!("must be at most {count}"));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let known = HeaderName::try_from(name.as_str());
        let known = known.map_err(|_| "hold a name that is not one".to_owned())?;
        if OURS.contains(&known.as_str()) {
            return Err(format!("must not hold `{known}`"));
        }
        let value = HeaderValue::try_from(value.as_str()).ok();
        let value = value.filter(|value| value.len() <= length);
        let mut value = value.ok_or_else(|| format!("hold a wrong value for `{known}`"))?;
        value.set_sensitive(true);
        headers.insert(known, value);
    }
    Ok(headers)
}

impl HttpTool {
    /// Runs a call; its caller keeps the deadline.
    pub async fn call(&self, arguments: &Value, web: &Web) -> Called {
        let mut url = self.url.clone();
        let in_query = matches!(self.method, Method::GET | Method::DELETE);
        if in_query && let Some(fields) = arguments.as_object().filter(|fields| !fields.is_empty())
        {
            let mut query = url.query_pairs_mut();
            for (name, value) in fields {
                match value {
                    Value::String(text) => query.append_pair(name, text),
                    other => query.append_pair(name, &other.to_string()),
                };
            }
        }
        let mut request = web.request(self.method.clone(), url);
        if !in_query {
            request = request.json(arguments);
        }
        // After the body, so that the user's own content type stands.
        let sent = request.headers(self.headers.clone()).send().await;
        let answer = sent.map_err(web::reason)?;
        let status = answer.status();
        if status.is_redirection() {
            return Err(format!(
                "status {}: redirects are not followed",
                status.as_u16()
            ));
        }
        let body = web::body(answer, ANSWER).await?;
        let text = String::from_utf8(body).map_err(|_| "the answer is not text".to_owned())?;
        if status.is_success() {
            Ok(text)
        } else {
            Err(format!("status {}: {}", status.as_u16(), cut(text, ERROR)))
        }
    }
}
