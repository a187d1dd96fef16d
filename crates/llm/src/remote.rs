//! Claude, Gemini and OpenAI-compatible servers, through `genai`.

use crate::check;
use crate::error::{LlmError, Result};
use crate::failure::failure;
use crate::provider::{Event, Events, Finish, Provider, Usage};
use crate::request::{Message, Output, Request, Tool, ToolCall};
use crate::settings::{ProviderKind, Settings};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use genai::adapter::AdapterKind;
use genai::chat::{
    ChatMessage, ChatOptions, ChatRequest, ChatStreamEvent, JsonSpec, MessageContent, StopReason,
    StreamEnd, ToolResponse,
};
use genai::resolver::{AuthData, Endpoint};
use genai::{Client, Headers, ModelIden, ServiceTarget};
use service::Secret;
use std::time::Duration;

/// Longest answer when a request does not say, in tokens: providers' own defaults differ widely.
const MAX_TOKENS: u32 = 4096;
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// A provider somewhere else.
pub(crate) struct Remote {
    kind: ProviderKind,
    adapter: AdapterKind,
    http: reqwest::Client,
    /// Its address, with the slash at the end.
    url: String,
    key: String,
    client: Client,
    endpoint: Endpoint,
    auth: AuthData,
    model: String,
}

impl Remote {
    /// One that [`Settings::has`].
    pub fn new(kind: ProviderKind, settings: &Settings) -> Result<Self> {
        // Fails when somebody was first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .tcp_keepalive(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| LlmError::NotConfigured(error.to_string()))?;
        let key = |secret: &Option<Secret>| {
            secret
                .as_ref()
                .map_or("", |key| key.expose().trim())
                .to_owned()
        };
        let (adapter, url, key, model) = match kind {
            ProviderKind::Claude => (
                AdapterKind::Anthropic,
                settings.anthropic_base_url.as_str(),
                key(&settings.anthropic_api_key),
                settings.anthropic_model.clone(),
            ),
            ProviderKind::Gemini => (
                AdapterKind::Gemini,
                settings.gemini_base_url.as_str(),
                key(&settings.gemini_api_key),
                settings.gemini_model.clone(),
            ),
            ProviderKind::Openai => (
                AdapterKind::OpenAI,
                settings.base_url().unwrap_or_default(),
                key(&settings.llm_api_key),
                settings.llm_model.clone().ok_or_else(|| {
                    LlmError::NotConfigured(
                        "LLM_BASE_URL needs LLM_MODEL, the name of a model there".into(),
                    )
                })?,
            ),
            ProviderKind::Local => {
                return Err(LlmError::NotConfigured("`local` is no server".into()));
            }
        };
        let url = checked(kind, url)?;
        Ok(Remote {
            kind,
            adapter,
            http: http.clone(),
            key: key.clone(),
            client: Client::builder()
                .with_reqwest(http)
                .build()
                .map_err(|error| LlmError::NotConfigured(error.to_string()))?,
            endpoint: Endpoint::from_owned(url.clone()),
            url,
            // Servers without keys ignore it.
            auth: AuthData::from_single(if key.is_empty() {
                "none".to_owned()
            } else {
                key
            }),
            model,
        })
    }

    fn target(&self, request: &Request) -> ServiceTarget {
        ServiceTarget {
            endpoint: self.endpoint.clone(),
            auth: self.auth.clone(),
            model: ModelIden::new(self.adapter, self.model(request).to_owned()),
        }
    }
}

impl Provider for Remote {
    fn kind(&self) -> ProviderKind {
        self.kind
    }

    fn model<'a>(&'a self, request: &'a Request) -> &'a str {
        let own = request.model.as_deref();
        own.filter(|name| ProviderKind::of_model(name) == Some(self.kind))
            .unwrap_or(&self.model)
    }

    fn check(&self) -> BoxFuture<'static, Result<()>> {
        check::key(self.kind, &self.http, &self.url, &self.key).boxed()
    }

    fn stream(&self, request: &Request) -> Events {
        let kind = self.kind;
        let (client, target) = (self.client.clone(), self.target(request));
        let (chat, options) = (chat(request), options(request));
        let answer = async move {
            let answer = client.exec_chat_stream(target, chat, Some(&options)).await;
            let answer = answer.map_err(|error| failure(kind, error))?;
            let events = answer.stream.map_err(move |error| failure(kind, error));
            Ok(whole(kind, events.boxed()))
        };
        stream::once(answer).try_flatten().boxed()
    }
}

/// Our events of theirs; an answer without an end is a broken one.
fn whole(
    kind: ProviderKind,
    events: stream::BoxStream<'static, Result<ChatStreamEvent>>,
) -> Events {
    let parts = stream::unfold((events, false), move |(mut events, ended)| async move {
        if ended {
            return None;
        }
        loop {
            let parts = match events.next().await {
                Some(Ok(ChatStreamEvent::Chunk(chunk))) if !chunk.content.is_empty() => {
                    vec![Ok(Event::Text(chunk.content))]
                }
                Some(Ok(ChatStreamEvent::End(end))) => {
                    return Some((last(kind, end), (events, true)));
                }
                Some(Ok(_)) => continue,
                Some(Err(error)) => return Some((vec![Err(error)], (events, true))),
                None => {
                    let reason = "the connection ended before the answer did".to_owned();
                    return Some((
                        vec![Err(LlmError::Broken {
                            provider: kind,
                            reason,
                        })],
                        (events, true),
                    ));
                }
            };
            return Some((parts, (events, false)));
        }
    });
    parts.flat_map(stream::iter).boxed()
}

/// The calls and the end.
fn last(kind: ProviderKind, mut end: StreamEnd) -> Vec<Result<Event>> {
    let usage = end.captured_usage.take().unwrap_or_default();
    let tokens = |count: Option<i32>| count.unwrap_or(0).max(0) as u64;
    let usage = Usage {
        input: tokens(usage.prompt_tokens),
        cached: tokens(
            usage
                .prompt_tokens_details
                .and_then(|details| details.cached_tokens),
        ),
        output: tokens(usage.completion_tokens),
    };
    let finish = match end.captured_stop_reason {
        Some(StopReason::MaxTokens(_)) => Finish::Length,
        Some(StopReason::ToolCall(_)) => Finish::Calls,
        Some(StopReason::ContentFilter(_)) => Finish::Declined,
        _ => Finish::Complete,
    };
    if finish == Finish::Declined {
        return vec![Err(LlmError::Declined(kind))];
    }
    let calls = end.captured_into_tool_calls().unwrap_or_default();
    let calls = calls.into_iter().map(|call| {
        Ok(Event::Call(ToolCall {
            id: call.call_id,
            name: call.fn_name,
            arguments: call.fn_arguments,
            signatures: call.thought_signatures.unwrap_or_default(),
        }))
    });
    let mut parts: Vec<_> = calls.collect();
    let finish = if parts.is_empty() {
        finish
    } else {
        Finish::Calls
    };
    parts.push(Ok(Event::End { usage, finish }));
    parts
}

fn chat(request: &Request) -> ChatRequest {
    let mut chat = ChatRequest::new(request.messages.iter().map(message).collect());
    chat.system = request.system.clone();
    if !request.tools.is_empty() {
        chat.tools = Some(request.tools.iter().map(tool).collect());
    }
    chat
}

fn message(message: &Message) -> ChatMessage {
    match message {
        Message::User(text) => ChatMessage::user(text.as_str()),
        // Claude and Gemini have no such role in the middle of a conversation, and a system message
        // there would be moved to its beginning: so it is marked, as the system prompt can explain.
        Message::Developer(text) => ChatMessage::user(format!("<developer>{text}</developer>")),
        Message::Assistant { text, calls } => {
            let mut content = MessageContent::default();
            if !text.is_empty() {
                content.push(text.clone());
            }
            for call in calls {
                content.push(genai::chat::ToolCall {
                    call_id: call.id.clone(),
                    fn_name: call.name.clone(),
                    fn_arguments: call.arguments.clone(),
                    thought_signatures: (!call.signatures.is_empty())
                        .then(|| call.signatures.clone()),
                });
            }
            ChatMessage::assistant(content)
        }
        Message::ToolResult { id, name, content } => {
            ToolResponse::new(id.as_str(), content.as_str())
                .with_fn_name(name.as_str())
                .into()
        }
    }
}

fn tool(tool: &Tool) -> genai::chat::Tool {
    genai::chat::Tool::new(tool.name.clone())
        .with_description(tool.description.as_str())
        .with_schema(tool.parameters.clone())
}

fn options(request: &Request) -> ChatOptions {
    let mut options = ChatOptions::default()
        .with_capture_usage(true)
        .with_capture_tool_calls(true)
        .with_max_tokens(request.max_tokens.unwrap_or(MAX_TOKENS))
        .with_stop_sequences(request.stop.clone());
    options.temperature = request.temperature;
    if let Output::Json { name, schema } = &request.output {
        options = options.with_response_format(JsonSpec::new(*name, schema.clone()));
    }
    options.extra_headers = Some(Headers::from(vec![(
        "accept".to_owned(),
        "text/event-stream".to_owned(),
    )]));
    options
}

/// `http(s)://host/path/`, with the slash that paths are joined at.
fn checked(kind: ProviderKind, url: &str) -> Result<String> {
    let parsed = reqwest::Url::parse(url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    match parsed {
        Some(url) if url.as_str().ends_with('/') => Ok(url.into()),
        Some(url) => Ok(format!("{url}/")),
        None => Err(LlmError::NotConfigured(format!(
            "the address of {kind} must look like https://host/v1/, not `{url}`"
        ))),
    }
}
