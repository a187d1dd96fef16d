//! A model and its tools: asked, told what its calls came to, and asked again, within bounds.

use crate::tools::{Outcome, Toolbox};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use llm::{Event, Llm, LlmError, Message, Request, Streaming, ToolCall, Usage};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How often the model may call tools before it has to answer.
pub const ROUNDS: u32 = 6;
/// Calls of one round that are run.
pub const CALLS: usize = 8;

/// A part of what happens.
pub enum Part<'a> {
    /// More words.
    Text(String),
    /// A call that is about to be run.
    Call(&'a ToolCall),
    /// What it came to.
    Result(&'a ToolCall, &'a Outcome),
}

/// Somebody who is told each part as it happens.
pub trait Listener: Send {
    /// A part. The next one waits for this to be taken.
    fn hear(&mut self, part: Part<'_>) -> impl Future<Output = ()> + Send;
}

/// Nobody.
pub struct Unheard;

impl Listener for Unheard {
    async fn hear(&mut self, _: Part<'_>) {}
}

/// A conversation that is going on.
pub struct Talk {
    /// Who is asked.
    pub llm: Llm,
    /// What.
    pub request: Request,
    /// What may be called.
    pub toolbox: Toolbox,
    /// Tools that are not ours to run: their call ends the talk.
    pub last_words: Vec<llm::Tool>,
    /// How long all of it may take.
    pub total: Duration,
}

/// How a talk ended.
#[derive(Debug)]
pub struct Ending {
    /// The words of the last round.
    pub text: String,
    /// Tokens of all rounds.
    pub usage: Usage,
    /// How often the model was asked.
    pub rounds: u32,
    /// Who answered.
    pub provider: &'static str,
    /// With which model.
    pub model: String,
    /// The call that ended it.
    pub call: Option<ToolCall>,
}

/// One answer of the model.
struct Round {
    text: String,
    calls: Vec<ToolCall>,
}

impl Talk {
    /// Asks; the first part of the answer is there when this returns.
    pub async fn begin(&mut self) -> Result<Streaming, LlmError> {
        self.request.tools = self.toolbox.declarations();
        self.request.tools.extend(self.last_words.iter().cloned());
        self.llm.stream(&self.request).await
    }

    /// Goes on to the end.
    pub async fn finish(
        mut self,
        first: Streaming,
        listener: &mut impl Listener,
    ) -> Result<Ending, LlmError> {
        let deadline = Instant::now() + self.total;
        let provider = first.provider;
        let ended = timeout_at(deadline, self.rounds(first, listener)).await;
        ended.unwrap_or(Err(LlmError::Timeout {
            provider,
            what: "finish",
        }))
    }

    async fn rounds(
        &mut self,
        first: Streaming,
        listener: &mut impl Listener,
    ) -> Result<Ending, LlmError> {
        let mut ending = Ending {
            text: String::new(),
            usage: Usage::default(),
            rounds: 0,
            provider: first.provider.as_str(),
            model: String::new(),
            call: None,
        };
        let mut answer = first;
        loop {
            let provider = answer.provider;
            ending.rounds += 1;
            ending.provider = provider.as_str();
            ending.model.clone_from(&answer.model);
            let round = hear(answer, &mut ending.usage, listener).await?;
            if round.calls.is_empty() {
                ending.text = round.text;
                return Ok(ending);
            }
            let of_last_words =
                |call: &&ToolCall| self.last_words.iter().any(|tool| tool.name == call.name);
            if let Some(call) = round.calls.iter().find(of_last_words) {
                ending.call = Some(call.clone());
                ending.text = round.text;
                return Ok(ending);
            }
            if ending.rounds > ROUNDS + 1 {
                return Err(LlmError::Broken {
                    provider,
                    reason: format!("it called tools {} times without answering", ending.rounds),
                });
            }
            let results = self
                .run(&round.calls, ending.rounds <= ROUNDS, listener)
                .await;
            self.request.messages.push(Message::Assistant {
                text: round.text,
                calls: round.calls,
            });
            self.request.messages.extend(results);
            answer = self.llm.stream(&self.request).await?;
        }
    }

    /// Runs the calls of a round beside each other; results in the order of the calls.
    async fn run(
        &self,
        calls: &[ToolCall],
        allowed: bool,
        listener: &mut impl Listener,
    ) -> Vec<Message> {
        let mut outcomes: Vec<Option<Outcome>> = vec![None; calls.len()];
        for call in calls {
            listener.hear(Part::Call(call)).await;
        }
        let mut running: FuturesUnordered<_> = calls
            .iter()
            .enumerate()
            .map(|(at, call)| async move {
                if !allowed || at >= CALLS {
                    return (at, refused());
                }
                (at, self.toolbox.call(call).await)
            })
            .collect();
        while let Some((at, outcome)) = running.next().await {
            listener.hear(Part::Result(&calls[at], &outcome)).await;
            outcomes[at] = Some(outcome);
        }
        let results = calls
            .iter()
            .zip(outcomes)
            .map(|(call, outcome)| Message::ToolResult {
                id: call.id.clone(),
                name: call.name.clone(),
                content: outcome.map(|outcome| outcome.content).unwrap_or_default(),
            });
        results.collect()
    }
}

fn refused() -> Outcome {
    Outcome {
        content: "error: no more calls may be made now; answer with what you know".into(),
        is_error: true,
        took: Duration::ZERO,
    }
}

async fn hear(
    mut answer: Streaming,
    usage: &mut Usage,
    listener: &mut impl Listener,
) -> Result<Round, LlmError> {
    let mut round = Round {
        text: String::new(),
        calls: Vec::new(),
    };
    while let Some(event) = answer.next().await {
        match event? {
            Event::Text(text) => {
                round.text.push_str(&text);
                listener.hear(Part::Text(text)).await;
            }
            Event::Call(call) => round.calls.push(call),
            Event::End { usage: more, .. } => {
                usage.input += more.input;
                usage.cached += more.cached;
                usage.output += more.output;
            }
        }
    }
    Ok(round)
}
