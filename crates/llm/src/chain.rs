//! Who is asked, how often, and for how long.

use crate::breaker::Breaker;
use crate::error::{LlmError, Result};
use crate::provider::{Event, Events, Finish, Provider, Usage};
use crate::remote::Remote;
use crate::request::{Request, ToolCall};
use crate::settings::{ProviderKind, Settings};
use futures::{Stream, StreamExt, stream};
use rand::Rng;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Before the first retry; doubled for each further one, and then drawn between nothing and that.
const BACKOFF: Duration = Duration::from_millis(400);
/// A provider that wants longer than this is not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The language models that are set up. Cheap to clone.
#[derive(Clone)]
pub struct Llm(Arc<Inner>);

struct Inner {
    providers: Vec<Asked>,
    silence: Duration,
    total: Duration,
    retries: u32,
}

struct Asked {
    provider: Box<dyn Provider>,
    breaker: Breaker,
}

/// An answer as it comes. Dropping it ends the request.
pub struct Streaming {
    /// Who answers.
    pub provider: ProviderKind,
    /// With which model.
    pub model: String,
    events: Events,
}

impl Stream for Streaming {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.events.poll_next_unpin(context)
    }
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Its words.
    pub text: String,
    /// What the model wants called.
    pub calls: Vec<ToolCall>,
    /// What it cost.
    pub usage: Usage,
    /// Why it ended.
    pub finish: Finish,
    /// Who answered.
    pub provider: ProviderKind,
    /// With which model.
    pub model: String,
}

impl Llm {
    /// The providers of the settings, in the order in which they are asked. None is asked yet.
    ///
    /// # Errors
    /// A setting makes no sense. That nobody is set up is no error here, but of each request.
    pub fn new(settings: &Settings) -> Result<Self> {
        if let Some(kind) = settings.llm_provider.filter(|kind| !settings.has(*kind)) {
            let missing = match kind {
                ProviderKind::Openai => "LLM_BASE_URL is not set",
                ProviderKind::Local => "this program was built without the feature `local`",
                ProviderKind::Claude => "ANTHROPIC_API_KEY is not set",
                ProviderKind::Gemini => "GEMINI_API_KEY is not set",
            };
            return Err(LlmError::NotConfigured(format!(
                "LLM_PROVIDER is {kind}, but {missing}"
            )));
        }
        let order = settings.order();
        let providers = order.into_iter().map(|kind| {
            let provider: Box<dyn Provider> = match kind {
                #[cfg(feature = "local")]
                ProviderKind::Local => Box::new(crate::local::Local::new(settings)),
                kind => Box::new(Remote::new(kind, settings)?),
            };
            Ok(provider)
        });
        Ok(Llm::of(providers.collect::<Result<_>>()?, settings))
    }

    /// These providers, with the deadlines of the settings.
    pub fn of(providers: Vec<Box<dyn Provider>>, settings: &Settings) -> Self {
        let asked = |provider| Asked {
            provider,
            breaker: Breaker::default(),
        };
        Llm(Arc::new(Inner {
            providers: providers.into_iter().map(asked).collect(),
            silence: settings.silence(),
            total: settings.total(),
            retries: settings.llm_retries,
        }))
    }

    /// Who is asked first.
    pub fn first(&self) -> Option<ProviderKind> {
        self.0.providers.first().map(|asked| asked.provider.kind())
    }

    /// Everybody who is set up.
    pub(crate) fn providers(&self) -> impl Iterator<Item = &dyn Provider> {
        self.0.providers.iter().map(|asked| &*asked.provider)
    }

    /// Asks, and gives the answer as it comes: its first part is there when this returns. Until
    /// then, what fails is tried again and then elsewhere; afterwards nothing can be.
    pub async fn stream(&self, request: &Request) -> Result<Streaming> {
        let deadline = Instant::now() + self.0.total;
        let mut failed = LlmError::NotConfigured(
            "set ANTHROPIC_API_KEY, GEMINI_API_KEY, or LLM_BASE_URL and LLM_MODEL".into(),
        );
        for asked in self.candidates(request) {
            if !asked.breaker.allows() {
                failed = LlmError::Unreachable(asked.provider.kind());
                continue;
            }
            let kind = asked.provider.kind().as_str();
            let began = Instant::now();
            let answered = self.ask(asked, request, deadline).await;
            let result = if answered.is_ok() {
                "answered"
            } else {
                "failed"
            };
            metrics::counter!("llm_requests_total", "provider" => kind, "result" => result)
                .increment(1);
            match answered {
                Ok(streaming) => {
                    metrics::histogram!("llm_first_token_seconds", "provider" => kind)
                        .record(began.elapsed().as_secs_f64());
                    return Ok(streaming);
                }
                Err(error) => {
                    tracing::warn!(provider = %asked.provider.kind(), error = %error, "a language model did not answer");
                    failed = error;
                }
            }
        }
        Err(failed)
    }

    /// Asks, and gives the whole answer.
    pub async fn complete(&self, request: &Request) -> Result<Answer> {
        self.stream(request).await?.whole().await
    }

    /// In the order of the settings, but who has the request's own model first.
    fn candidates(&self, request: &Request) -> impl Iterator<Item = &Asked> {
        let wanted = request.model.as_deref().and_then(ProviderKind::of_model);
        let is_wanted = move |asked: &&Asked| Some(asked.provider.kind()) == wanted;
        let first = self.0.providers.iter().filter(is_wanted);
        first.chain(
            self.0
                .providers
                .iter()
                .filter(move |asked| !is_wanted(asked)),
        )
    }

    /// One provider, as often as the settings say.
    async fn ask(&self, asked: &Asked, request: &Request, deadline: Instant) -> Result<Streaming> {
        let mut tries = 0;
        loop {
            let error = match self.once(asked, request, deadline).await {
                Ok(streaming) => {
                    asked.breaker.succeeded();
                    return Ok(streaming);
                }
                Err(error) => error,
            };
            if !error.passes() {
                return Err(error);
            }
            // The model on this machine is never down: it is busy, and says so at once.
            if asked.provider.kind() != ProviderKind::Local {
                asked.breaker.failed();
            }
            let wait = error.retry_after().unwrap_or_else(|| {
                let most = BACKOFF * 2u32.saturating_pow(tries);
                most.mul_f64(rand::rng().random_range(0.2..1.0))
            });
            if tries == self.0.retries || wait > LONGEST_WAIT || Instant::now() + wait >= deadline {
                return Err(error);
            }
            tries += 1;
            tokio::time::sleep(wait).await;
        }
    }

    /// One request, up to its first part.
    async fn once(&self, asked: &Asked, request: &Request, deadline: Instant) -> Result<Streaming> {
        let provider = asked.provider.kind();
        let mut events = asked.provider.stream(request);
        let silence = asked.provider.silence(self.0.silence);
        let begun = timeout_at(deadline.min(Instant::now() + silence), events.next()).await;
        let first = match begun {
            Ok(Some(first)) => first?,
            Ok(None) => {
                return Err(LlmError::Broken {
                    provider,
                    reason: "an empty answer".into(),
                });
            }
            Err(_) => {
                return Err(LlmError::Timeout {
                    provider,
                    what: "begin its answer",
                });
            }
        };
        let rest = within(provider, events, silence, deadline);
        Ok(Streaming {
            provider,
            model: asked.provider.model(request).to_owned(),
            events: stream::once(std::future::ready(Ok(first)))
                .chain(rest)
                .boxed(),
        })
    }
}

impl Streaming {
    /// Waits for the rest.
    pub async fn whole(mut self) -> Result<Answer> {
        let mut answer = Answer {
            text: String::new(),
            calls: Vec::new(),
            usage: Usage::default(),
            finish: Finish::Complete,
            provider: self.provider,
            model: std::mem::take(&mut self.model),
        };
        while let Some(event) = self.next().await {
            match event? {
                Event::Text(text) => answer.text.push_str(&text),
                Event::Call(call) => answer.calls.push(call),
                Event::End { usage, finish } => (answer.usage, answer.finish) = (usage, finish),
            }
        }
        Ok(answer)
    }
}

/// The rest of an answer, ended with an error when it stalls or takes too long.
fn within(provider: ProviderKind, events: Events, silence: Duration, deadline: Instant) -> Events {
    stream::unfold(Some(events), move |events| async move {
        let mut events = events?;
        let next = timeout_at(deadline.min(Instant::now() + silence), events.next()).await;
        match next {
            Ok(Some(Ok(event))) => Some((Ok(event), Some(events))),
            Ok(Some(Err(error))) => Some((Err(error), None)),
            Ok(None) => None,
            Err(_) => {
                let what = if Instant::now() >= deadline {
                    "finish"
                } else {
                    "go on"
                };
                Some((Err(LlmError::Timeout { provider, what }), None))
            }
        }
    })
    .boxed()
}
