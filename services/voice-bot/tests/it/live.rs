//! Calls as they are led: real PostgreSQL, our pipeline, stand-ins for what hears, speaks and thinks.

mod follow;
mod limits;
mod outage;
mod record;
mod stand_ins;
mod webhook;

use crate::support::{Bot, Visitor};
use api::Role;
use api::calls::Direction;
use api::ids::{AgentId, CallId, OrganizationId, UserId};
use pipeline::EndReason;
use pipeline::frame::Sound;
use pipeline::transport::{Clock, Input, Line, Output, line};
use serde_json::{Value, json};
use service::ApiResult;
use stand_ins::Ears;
use std::time::Duration;
use tokio::sync::mpsc;
use voice_bot::Config;
use voice_bot::address::Client;
use voice_bot::live::Beginning;

/// Samples a second of all lines.
const RATE: u32 = 24_000;
/// What the agent always answers.
const ANSWER: &str = "We open at nine.";

/// An organization with an agent who can be called.
pub struct Office {
    pub bot: Bot,
    pub ears: Ears,
    pub owner: Visitor,
    pub user: UserId,
    pub organization: OrganizationId,
    pub agent: AgentId,
}

impl Office {
    pub async fn open() -> Office {
        Office::with(|_| ()).await
    }

    pub async fn with(change: impl FnOnce(&mut Config)) -> Office {
        let (ears, asr_url) = Ears::start().await;
        let (tts_url, llm_url) = (stand_ins::voice().await, stand_ins::thoughts(ANSWER).await);
        let agent_url = stand_ins::agent().await;
        let bot = Bot::with(|config| {
            config.live.asr_url = asr_url;
            config.tts_url = tts_url;
            config.live.agent_url = agent_url;
            config.live.llm.llm_base_url = Some(llm_url);
            config.live.llm.llm_model = Some("stand-in".into());
            change(config);
        })
        .await;
        let (owner, user, organization) = bot.member(None, Role::Owner).await;
        let made = owner
            .post(
                "/api/agents",
                json!({"name": "Ada", "system_prompt": "You are Ada.", "greeting": "Hello, this is Ada.",
                       "voice": "af_heart", "language": "en",
                       "settings": {"backchannel": false, "humanize": false}}),
            )
            .await
            .expect(201);
        let agent: uuid::Uuid = serde_json::from_value(made["id"].clone()).expect("an id");
        Office {
            bot,
            ears,
            owner,
            user,
            organization,
            agent: AgentId(agent),
        }
    }

    /// How a call from a browser begins.
    pub fn beginning(&self) -> Beginning {
        Beginning {
            agent: self.agent,
            organization: self.organization,
            customer: None,
            started_by: None,
            direction: Direction::Web,
            from_number: None,
            to_number: None,
            call: None,
            provider_call_id: None,
            rate: RATE,
            client: Client::default(),
        }
    }

    /// Calls; the call and the caller.
    pub async fn call(&self) -> (CallId, Caller) {
        self.calls(self.beginning()).await.expect("a call begins")
    }

    pub async fn calls(&self, beginning: Beginning) -> ApiResult<(CallId, Caller)> {
        let (line, ports) = line(RATE);
        let state = &self.bot.state;
        let call = state.live.begin(state, beginning, ports).await?;
        Ok((call, Caller::on(line)))
    }

    pub async fn read(&self, call: CallId) -> Value {
        let path = format!("/api/calls/{call}");
        self.owner.get(&path).await.expect(200)
    }

    /// The call, once this holds of it.
    pub async fn when(&self, call: CallId, holds: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..400 {
            let read = self.read(call).await;
            if holds(&read) {
                return read;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it never came: {}", self.read(call).await);
    }

    /// The journal of a call.
    pub fn journal(&self, call: CallId) -> std::path::PathBuf {
        let name = format!("outbox/calls/{}.jsonl", call.0.simple());
        self.bot.data.path().join(name)
    }
}

/// Somebody at the other end of a line, who is silent and listens.
pub struct Caller {
    input: mpsc::Sender<Input>,
    /// Why the call was ended.
    pub closed: tokio::task::JoinHandle<Option<EndReason>>,
    ticking: tokio::task::JoinHandle<()>,
}

impl Caller {
    fn on(line: Line) -> Self {
        let Line {
            input,
            mut output,
            playback,
        } = line;
        let sound = input.clone();
        let ticking = tokio::spawn(async move {
            let mut clock = Clock::start();
            let mut frame = vec![0; RATE as usize / 50];
            for tick in 0.. {
                clock.tick().await;
                playback.take(&mut frame);
                let samples = vec![0; frame.len()].into();
                let at = tick * frame.len() as u64;
                let _ = sound.try_send(Input::Sound(Sound { samples, at }));
            }
        });
        let closed = tokio::spawn(async move {
            while let Some(output) = output.recv().await {
                if let Output::Close(reason) = output {
                    return Some(reason);
                }
            }
            None
        });
        Caller {
            input,
            closed,
            ticking,
        }
    }

    /// Hangs up.
    pub async fn goes(&self) {
        let gone = Input::Gone(EndReason::CallerHungUp);
        self.input.send(gone).await.expect("the call goes on");
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.ticking.abort();
    }
}

/// Whether a call has so many turns.
pub fn turns(count: usize) -> impl Fn(&Value) -> bool {
    move |call| {
        call["transcript"]
            .as_array()
            .is_some_and(|t| t.len() >= count)
    }
}

/// Whether a call is over.
pub fn over(call: &Value) -> bool {
    !call["ended_at"].is_null()
}
