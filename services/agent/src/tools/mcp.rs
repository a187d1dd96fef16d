//! A client of MCP servers over streamable HTTP: `initialize`, `tools/list`, `tools/call`.
//!
//! Small enough to be our own, so that it goes through [`Web`]'s address rules and reads no answer
//! without a bound.

use super::mcp_wire::{self, Events, VERSION, message};
use super::web::{self, Web};
use super::{Called, TOOLS};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use reqwest::{Method, Response, StatusCode, Url};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
const PROTOCOL: HeaderName = HeaderName::from_static("mcp-protocol-version");
/// Largest answer in bytes.
const ANSWER: usize = 1024 * 1024;
/// Pages of `tools/list` that are read.
const PAGES: usize = 8;
/// How long saying goodbye may take.
const GOODBYE: Duration = Duration::from_secs(3);

/// A session with a server. Dropping it ends it there.
pub struct Session {
    web: Web,
    url: Url,
    headers: HeaderMap,
    next: AtomicU64,
}

/// A tool of a server.
pub struct Offered {
    /// Its name there.
    pub name: String,
    /// What it says of itself.
    pub description: String,
    /// JSON schema of its arguments.
    pub parameters: Value,
}

impl Session {
    /// Greets a server and asks what it has.
    pub async fn open(
        web: &Web,
        url: Url,
        headers: HeaderMap,
    ) -> Result<(Session, Vec<Offered>), String> {
        let mut session = Session {
            web: web.clone(),
            url,
            headers,
            next: AtomicU64::new(1),
        };
        let client = json!({"name": "whissle-gateway", "version": env!("CARGO_PKG_VERSION")});
        let params = json!({"protocolVersion": VERSION, "capabilities": {}, "clientInfo": client});
        let id = session.next.fetch_add(1, Ordering::Relaxed);
        let hello = session
            .send(&message(Some(id), "initialize", params))
            .await?;
        if let Some(known) = hello.headers().get(SESSION) {
            session.headers.insert(SESSION, known.clone());
        }
        let agreed = read(hello, id).await?;
        // A server may answer with an older version; what we use of the protocol is in all of them.
        let version = agreed["protocolVersion"].as_str().unwrap_or(VERSION);
        if let Ok(version) = HeaderValue::from_str(version) {
            session.headers.insert(PROTOCOL, version);
        }
        session
            .send(&message(None, "notifications/initialized", json!({})))
            .await?;
        let tools = session.tools().await?;
        Ok((session, tools))
    }

    async fn tools(&self) -> Result<Vec<Offered>, String> {
        let (mut tools, mut params) = (Vec::new(), json!({}));
        for _ in 0..PAGES {
            let page = self.ask("tools/list", params).await?;
            for tool in page["tools"].as_array().map_or(&[][..], Vec::as_slice) {
                let Some(name) = tool["name"].as_str() else {
                    continue;
                };
                let schema = Some(&tool["inputSchema"]).filter(|schema| schema.is_object());
                tools.push(Offered {
                    name: name.to_owned(),
                    description: tool["description"].as_str().unwrap_or_default().to_owned(),
                    parameters: schema.cloned().unwrap_or_else(|| json!({"type": "object"})),
                });
            }
            match page["nextCursor"].as_str() {
                Some(cursor) if tools.len() < TOOLS => params = json!({ "cursor": cursor }),
                _ => break,
            }
        }
        Ok(tools)
    }

    /// Runs a call; its caller keeps the deadline.
    pub async fn call(&self, name: &str, arguments: &Value) -> Called {
        let params = json!({"name": name, "arguments": arguments});
        mcp_wire::result(&self.ask("tools/call", params).await?)
    }

    async fn ask(&self, method: &str, params: Value) -> Result<Value, String> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        read(self.send(&message(Some(id), method, params)).await?, id).await
    }

    async fn send(&self, message: &Value) -> Result<Response, String> {
        let request = self.web.request(Method::POST, self.url.clone());
        let request = request
            .header(header::ACCEPT, "application/json, text/event-stream")
            .json(message)
            .headers(self.headers.clone());
        let answer = request.send().await.map_err(web::reason)?;
        match answer.status() {
            status if status.is_success() => Ok(answer),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err("the server wants to be authorized; put that into `headers`".into())
            }
            status if status.is_redirection() => Err("redirects are not followed".into()),
            status => Err(format!("status {}", status.as_u16())),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if !self.headers.contains_key(SESSION) {
            return;
        }
        let request = self.web.request(Method::DELETE, self.url.clone());
        let request = request.headers(self.headers.clone()).timeout(GOODBYE);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // Servers need not support it, and nothing depends on it.
            runtime.spawn(async move { request.send().await.is_ok() });
        }
    }
}

/// The answer with this id, from a JSON body or from events.
async fn read(mut response: Response, id: u64) -> Result<Value, String> {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let kind = kind
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let none = || "the server sent no answer".to_owned();
    if !kind.starts_with("text/event-stream") {
        let body = web::body(response, ANSWER).await?;
        let messages = serde_json::from_slice(&body).map_err(|_| none())?;
        return mcp_wire::answer(messages, id).ok_or_else(none)?;
    }
    let (mut events, mut bytes) = (Events::default(), 0);
    while let Some(chunk) = response.chunk().await.map_err(web::reason)? {
        bytes += chunk.len();
        if bytes > ANSWER {
            return Err(format!("the answer is larger than {} KiB", ANSWER / 1024));
        }
        for data in events.feed(&chunk) {
            let messages = serde_json::from_str(&data).unwrap_or_default();
            if let Some(answer) = mcp_wire::answer(messages, id) {
                return answer;
            }
        }
    }
    Err(none())
}
