//! The processor with a model that says what a test wants, in virtual time.

mod answers;
mod failures;
mod guesses;

use super::*;
use crate::frame::UserTurn;
use crate::processor::mailbox;
use crate::testing::{ms, settings};
use clap::Parser;
use futures::stream::{BoxStream, StreamExt};
use llm::{Event, Events, Finish, Llm, LlmError, Message, Provider, ProviderKind, Request, Usage};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// What the model does with a request.
#[derive(Clone)]
enum Does {
    Says(&'static str),
    /// Says this and then nothing more, ever.
    Stalls(&'static str),
    /// Says this and breaks off.
    Breaks(&'static str),
    Refuses,
}

#[derive(Clone, Default)]
struct Model {
    does: Arc<Mutex<VecDeque<Does>>>,
    asked: Arc<Mutex<Vec<Request>>>,
    /// Streams that are alive.
    open: Arc<AtomicUsize>,
    is_local: bool,
}

struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Provider for Model {
    fn kind(&self) -> ProviderKind {
        match self.is_local {
            true => ProviderKind::Local,
            false => ProviderKind::Openai,
        }
    }

    fn model<'a>(&'a self, _: &'a Request) -> &'a str {
        "stand-in"
    }

    fn stream(&self, request: &Request) -> Events {
        self.asked.lock().unwrap().push(request.clone());
        let does = self.does.lock().unwrap().pop_front().unwrap();
        self.open.fetch_add(1, Ordering::SeqCst);
        let open = Open(self.open.clone());
        let words = |text: &'static str| {
            let words = text
                .split_inclusive(' ')
                .map(|w| Ok(Event::Text(w.to_owned())));
            futures::stream::iter(words.collect::<Vec<_>>())
        };
        let end = Event::End {
            usage: Usage::default(),
            finish: Finish::Complete,
        };
        let last = |item| futures::stream::iter([item]);
        let refused = LlmError::Rejected {
            provider: ProviderKind::Openai,
            status: 400,
            message: "the caller said secret".into(),
        };
        let broken = LlmError::Broken {
            provider: ProviderKind::Openai,
            reason: "the caller said secret".into(),
        };
        let events: BoxStream<'static, _> = match does {
            Does::Says(text) => words(text).chain(last(Ok(end))).boxed(),
            Does::Stalls(text) => words(text).chain(futures::stream::pending()).boxed(),
            Does::Breaks(text) => words(text).chain(last(Err(broken))).boxed(),
            Does::Refuses => last(Err(refused)).boxed(),
        };
        events
            .inspect(move |_| {
                let _ = &open;
            })
            .boxed()
    }
}

#[derive(Parser)]
struct Defaults {
    #[command(flatten)]
    llm: llm::Settings,
}

/// A processor with its model, its mail and its context.
struct Call {
    model: Model,
    processor: LlmProcessor,
    mail: mpsc::Receiver<(usize, Frame)>,
    context: Context,
}

impl Call {
    fn new(does: &[Does]) -> Self {
        Call::with(does, false)
    }

    fn with(does: &[Does], is_local: bool) -> Self {
        let model = Model {
            is_local,
            ..Model::default()
        };
        model.does.lock().unwrap().extend(does.iter().cloned());
        let defaults = Defaults::parse_from(["test"]).llm;
        let settings = Arc::new(settings());
        let (mailbox, mail) = mailbox(512);
        let llm = Llm::of(vec![Box::new(model.clone())], &defaults);
        Call {
            model,
            processor: LlmProcessor::new(llm, &settings, mailbox),
            mail,
            context: Context::new(settings),
        }
    }

    fn down(&mut self, frame: Frame) -> Vec<String> {
        self.processor.process(frame, Way::Down, &mut self.context);
        self.sent()
    }

    fn wake(&mut self) -> Vec<String> {
        self.processor.wake(&mut self.context);
        self.sent()
    }

    fn user(&mut self, text: &str) -> Vec<String> {
        self.context.dialogue.user(text, false);
        self.down(Frame::UserTurn(turn(text)))
    }

    /// Lets the model write for a second, and gives what came of it.
    async fn written(&mut self) -> Vec<String> {
        let mut sent = Vec::new();
        while let Ok(Some((_, frame))) = timeout(ms(1000), self.mail.recv()).await {
            self.processor.arrived(frame, &mut self.context);
            sent.extend(self.sent());
        }
        sent
    }

    /// What was sent, short.
    fn sent(&mut self) -> Vec<String> {
        let short = |(frame, way): (Frame, Way)| match frame {
            Frame::AnswerStarted { turn } => format!("<{}", turn.0),
            Frame::AnswerEnded { turn } => format!("{}>", turn.0),
            Frame::Phrase(phrase) => phrase.text,
            Frame::Failed { .. } => format!("failed {way:?}"),
            Frame::Recovered(_) => format!("recovered {way:?}"),
            Frame::End(_) => format!("end {way:?}"),
            Frame::UserTurn(_) => "turn".into(),
            frame => format!("{frame:?}"),
        };
        self.context.take_sent().into_iter().map(short).collect()
    }

    fn asked(&self) -> Vec<Request> {
        self.model.asked.lock().unwrap().clone()
    }

    fn open(&self) -> usize {
        self.model.open.load(Ordering::SeqCst)
    }
}

fn turn(text: &str) -> UserTurn {
    UserTurn {
        text: text.into(),
        ..UserTurn::default()
    }
}
