//! A request to the language model, in a task of its own.

use crate::dialogue::Dialogue;
use crate::frame::{Frame, ModelPart};
use crate::processor::Mailbox;
use crate::settings::CallSettings;
use crate::wording::Wording;
use futures::StreamExt;
use llm::{Event, Finish, Llm, LlmError, Message, Request};
use tokio::task::JoinHandle;

/// What every agent is told about speaking.
const VOICE: &str = include_str!("../../../data/voice.txt");
/// What follows an answer that broke off.
const GO_ON: &str = "Your last answer broke off for a technical reason, and the caller was asked for \
                     patience. Go on with what is still missing; do not apologise again.";

/// A request under way. Dropping it ends it at the provider.
#[derive(Debug)]
pub(super) struct Asked {
    /// What its frames carry.
    pub id: u64,
    task: JoinHandle<()>,
}

impl Asked {
    /// Asks; what comes arrives in the mailbox as [`Frame::Model`].
    pub fn new(id: u64, llm: &Llm, request: Request, mailbox: &Mailbox) -> Self {
        let (llm, mailbox) = (llm.clone(), mailbox.clone());
        let task = tokio::spawn(async move {
            let part = stream(id, &llm, &request, &mailbox).await;
            mailbox.send(Frame::Model { request: id, part }).await;
        });
        Asked { id, task }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Sends the words on, and gives how it ended.
async fn stream(id: u64, llm: &Llm, request: &Request, mailbox: &Mailbox) -> ModelPart {
    let mut streaming = match llm.stream(request).await {
        Ok(streaming) => streaming,
        Err(error) => return ModelPart::Failed(why(&error)),
    };
    while let Some(event) = streaming.next().await {
        match event {
            Ok(Event::Text(text)) => {
                let part = ModelPart::Text(text);
                if !mailbox.send(Frame::Model { request: id, part }).await {
                    return ModelPart::End;
                }
            }
            Ok(Event::End { finish, .. }) => {
                return match finish {
                    Finish::Declined => ModelPart::Failed("the model declined to answer".into()),
                    _ => ModelPart::End,
                };
            }
            // It was given no tools.
            Ok(Event::Call(_)) => {}
            Err(error) => return ModelPart::Failed(why(&error)),
        }
    }
    ModelPart::Failed("the answer broke off".into())
}

/// Without the provider's own words, which may repeat those of the caller.
fn why(error: &LlmError) -> String {
    match error {
        LlmError::Rejected {
            provider, status, ..
        } => format!("{provider} refuses the request (status {status})"),
        LlmError::Broken { provider, .. } => format!("{provider} broke off its answer"),
        error => error.to_string(),
    }
}

/// What the model is asked after a dialogue: for an answer to the caller's last words, or, once an
/// answer broke off, for the rest of it.
pub(super) fn request(settings: &CallSettings, dialogue: &Dialogue, is_rest: bool) -> Request {
    let mut messages = dialogue.messages().to_vec();
    if let Some(Message::Assistant { .. }) = messages.last() {
        let user = messages.iter().rposition(|m| matches!(m, Message::User(_)));
        match user.filter(|_| !is_rest) {
            // What was heard of an answer that their words cut came in after them.
            Some(user) => messages[user..].rotate_left(1),
            None => messages.push(Message::Developer(GO_ON.into())),
        }
    }
    Request {
        system: Some(system(settings)),
        messages,
        model: settings.llm_model.clone(),
        max_tokens: Some(settings.options.max_tokens),
        temperature: settings.options.temperature,
        ..Request::default()
    }
}

fn system(settings: &CallSettings) -> String {
    let language = match Wording::known(&settings.language) {
        Some(wording) => format!("- Speak {}.\n", wording.name),
        None => "- Speak the language that the caller speaks.\n".to_owned(),
    };
    let prompt = settings.system_prompt.trim();
    format!("{prompt}\n\n{VOICE}{language}")
        .trim_start()
        .to_owned()
}
