//! One stream from its first message to its end: texts wait, are spoken one after the other, and
//! can be stopped at any moment.

use super::messages::{self, Control};
use super::outbox::Outbox;
use super::voice::{Text, Voice};
use crate::fields::Fields;
use crate::settings::{LIVE, Settings};
use crate::state::AppState;
use crate::texts;
use api::ErrorCode;
use api::synthesis::SpeechEvent;
use axum::extract::ws::WebSocket;
use futures::StreamExt;
use futures::stream::SplitStream;
use metrics::counter;
use serde_json::{Map, Value};
use service::socket::{Broken, Failure};
use service::{ApiError, ApiResult};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use synthesis::Urgency;
use tokio::time::{sleep, sleep_until};

/// Texts that may wait.
const TEXTS: usize = 200;
/// Bytes of texts that may wait.
const BYTES: usize = 4 * 1024 * 1024;
/// Kept of the drain for saying goodbye.
const GOODBYE: Duration = Duration::from_secs(3);

/// See the module.
pub struct Session {
    state: AppState,
    id: String,
    fields: Fields,
    /// `None` until the first message.
    settings: Option<Arc<Settings>>,
    queue: VecDeque<Text>,
    voice: Option<Voice>,
    count: u64,
    /// When somebody last said something, on either side.
    stirred: Instant,
    ending: bool,
}

impl Session {
    /// Nothing is said yet.
    pub fn new(state: AppState, id: String) -> Self {
        Session {
            state,
            id,
            fields: Fields::default(),
            settings: None,
            queue: VecDeque::new(),
            voice: None,
            count: 0,
            stirred: Instant::now(),
            ending: false,
        }
    }

    /// Runs until the client wants no more. Dropping the future frees everything.
    pub async fn run(
        &mut self,
        query: &str,
        source: &mut SplitStream<WebSocket>,
        outbox: &mut Outbox,
    ) -> Result<(), Broken> {
        let (fields, warnings) = Fields::from_query(query)?;
        if !fields.is_empty() || !warnings.is_empty() {
            self.configure(fields, warnings, outbox)?;
        }
        let idle = Duration::from_secs(self.state.config.tts_idle_seconds);
        let drain = self.state.drain.clone();
        let time = Duration::from_secs(self.state.config.common.drain_seconds);
        let mut leaving = drain.is_draining();
        let leave = async {
            drain.started().await;
            sleep(time.saturating_sub(GOODBYE.min(time / 2))).await;
        };
        tokio::pin!(leave);
        loop {
            let quiet = self.voice.is_none() && outbox.is_empty();
            if quiet && self.ending {
                return Ok(());
            }
            if quiet && leaving {
                return Err(shutting_down().into());
            }
            tokio::select! {
                biased;
                message = source.next(), if outbox.takes_events() => {
                    self.stirred = Instant::now();
                    if let Some(control) = messages::receive(message)?
                        && self.obey(control, outbox)?
                    {
                        return Ok(());
                    }
                }
                sent = outbox.send_next(), if !outbox.is_empty() => {
                    sent?;
                    self.stirred = Instant::now();
                }
                event = heard(&mut self.voice), if outbox.takes_sound() => {
                    self.hear(event, outbox);
                }
                () = sleep_until((self.stirred + idle).into()), if quiet => {
                    let message = format!(
                        "Nothing was said for {} seconds; send {{\"type\":\"keepalive\"}} to keep a connection for later.",
                        idle.as_secs()
                    );
                    return Err(ApiError::new(ErrorCode::IdleTimeout, message).into());
                }
                () = drain.started(), if !leaving => leaving = true,
                () = &mut leave => return Err(shutting_down().into()),
            }
        }
    }

    /// Does what a message says; true when it says that all is over.
    fn obey(&mut self, control: Control, outbox: &mut Outbox) -> Result<bool, Broken> {
        match control {
            Control::Keepalive => {}
            Control::Close => return Ok(true),
            Control::End => self.ending = true,
            Control::Cancel(id) => self.cancel(id, outbox),
            Control::Config(fields) => {
                if let Err(error) = self.reconfigure(fields, outbox) {
                    tell(None, &error, outbox);
                }
            }
            Control::Speak(_) if self.ending => {
                return Err(Failure::unexpected("After `end`, nothing more can be spoken.").into());
            }
            Control::Speak(mut fields) => {
                let given = fields.remove("id");
                match messages::id(given, self.count + 1) {
                    Ok(id) => {
                        self.count += 1;
                        if let Err(error) = self.queue(id.clone(), fields, outbox) {
                            tell(Some(id), &error, outbox);
                        }
                    }
                    Err(error) => tell(None, &error, outbox),
                }
            }
        }
        Ok(false)
    }

    fn reconfigure(&mut self, fields: Map<String, Value>, outbox: &mut Outbox) -> ApiResult<()> {
        let mut all = self.fields.clone();
        let warnings = all.merge(fields)?;
        self.configure(all, warnings, outbox)
    }

    /// Takes a configuration, unless it is wrong; the one before holds then.
    fn configure(
        &mut self,
        fields: Fields,
        mut warnings: Vec<String>,
        outbox: &mut Outbox,
    ) -> ApiResult<()> {
        let (settings, more) = Settings::read(&fields, &self.state, &LIVE)?;
        warnings.extend(more);
        outbox.event(SpeechEvent::Ready {
            session_id: self.id.clone(),
            voice: settings.voice_name(),
            language: settings.spoken().code().to_owned(),
            sample_rate: settings.rate_hz,
            format: settings.encoding().to_owned(),
            warnings,
        });
        self.fields = fields;
        self.settings = Some(Arc::new(settings));
        Ok(())
    }

    fn queue(
        &mut self,
        id: Value,
        mut fields: Map<String, Value>,
        outbox: &mut Outbox,
    ) -> ApiResult<()> {
        let settings = match &self.settings {
            Some(settings) => settings.clone(),
            None => {
                self.configure(Fields::default(), Vec::new(), outbox)?;
                let settings = self.settings.clone();
                settings.ok_or_else(|| ApiError::internal("a configuration was not kept"))?
            }
        };
        let waiting: usize = self.queue.iter().map(|text| text.text.len()).sum();
        if self.queue.len() >= TEXTS || waiting > BYTES {
            let message = format!(
                "{} texts wait already; wait for a `done`.",
                self.queue.len()
            );
            return Err(ApiError::new(ErrorCode::QueueFull, message));
        }
        let text = texts::take("text", &mut fields, self.state.config.max_tts_characters)?;
        let instruct = texts::take_short("instruct", &mut fields)?;
        let unknown = fields.keys().map(|name| {
            let name: String = name.chars().take(64).collect();
            format!("The field `{name}` is not known and was ignored.")
        });
        self.queue.push_back(Text {
            number: self.count,
            id,
            text,
            instruct,
            settings,
            received: Instant::now(),
            warnings: unknown.take(10).collect(),
        });
        self.speak_next(outbox);
        Ok(())
    }

    /// Starts the first text that waits and can be spoken, when nobody speaks.
    fn speak_next(&mut self, outbox: &mut Outbox) {
        while self.voice.is_none()
            && let Some(text) = self.queue.pop_front()
        {
            let id = text.id.clone();
            match self.start(text) {
                Ok(voice) => self.voice = Some(voice),
                Err(error) => tell(Some(id), &error, outbox),
            }
        }
    }

    fn start(&self, mut text: Text) -> ApiResult<Voice> {
        let source: Arc<str> = text.text.as_str().into();
        let words = std::mem::take(&mut text.text);
        let (request, warnings) =
            text.settings
                .request(words, text.instruct.as_deref(), Urgency::Live);
        text.warnings.extend(warnings);
        Voice::new(text, source, self.state.speak(request)?)
    }

    /// Takes what the engine gave. The next text begins as soon as this one is made, while its
    /// sound is still being sent.
    fn hear(&mut self, event: Option<ApiResult<synthesis::Event>>, outbox: &mut Outbox) {
        let Some(voice) = &mut self.voice else { return };
        match voice.take(event, outbox) {
            Ok(false) => return,
            Ok(true) => {}
            Err(error) => tell(Some(voice.id.clone()), &error, outbox),
        }
        self.voice = None;
        self.speak_next(outbox);
    }

    /// Stops all texts, or the one with this id.
    fn cancel(&mut self, which: Option<Value>, outbox: &mut Outbox) {
        let meant = |id: &Value| which.as_ref().is_none_or(|which| which == id);
        let spoken = self.voice.take_if(|voice| meant(&voice.id));
        let number = spoken.as_ref().map(|voice| voice.number);
        let mut ids = outbox.forget(|text, id| Some(text) == number || id.is_some_and(meant));
        ids.extend(spoken.map(|voice| voice.id));
        self.queue.retain(|text| {
            let stays = !meant(&text.id);
            if !stays {
                ids.push(text.id.clone());
            }
            stays
        });
        counter!("tts_texts_cancelled_total").increment(ids.len() as u64);
        outbox.event(SpeechEvent::Cancelled { ids });
        self.speak_next(outbox);
    }
}

/// What the engine gives next; never anything while nobody speaks.
async fn heard(voice: &mut Option<Voice>) -> Option<ApiResult<synthesis::Event>> {
    match voice {
        Some(voice) => voice.next().await,
        None => std::future::pending().await,
    }
}

/// Tells of an error that ends nothing but the text.
fn tell(id: Option<Value>, error: &ApiError, outbox: &mut Outbox) {
    error.log();
    let error = error.envelope().error;
    outbox.event(SpeechEvent::Error { id, error });
}

fn shutting_down() -> ApiError {
    ApiError::not_ready("The server is shutting down.")
}
