//! The processor with a model that says what a test wants, in virtual time.

use super::*;
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
}

struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Provider for Model {
    fn kind(&self) -> ProviderKind {
        ProviderKind::Openai
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
        let model = Model::default();
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

#[tokio::test(start_paused = true)]
async fn the_greeting_is_said_first() {
    let mut call = Call::new(&[]);
    assert_eq!(call.down(Frame::Start), ["Start", "<1", "Hello.", "1>"]);
    assert!(call.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_turn_becomes_an_answer_in_phrases() {
    let mut call = Call::new(&[Does::Says(
        "We are open until nine, and on Sundays we close at five. Shall I book a table?",
    )]);
    call.context.dialogue.developer("The caller sounds happy.");
    assert_eq!(call.user("When do you close?"), ["turn"]);
    let sent = call.written().await;
    let expected = [
        "<1",
        "We are open until nine,",
        "and on Sundays we close at five.",
        "Shall I book a table?",
        "1>",
    ];
    assert_eq!(sent, expected);
    let asked = &call.asked()[0];
    let system = asked.system.as_deref().unwrap();
    assert!(system.starts_with("You are helpful.") && system.contains("Speak English"));
    assert_eq!(asked.max_tokens, Some(400));
    let last = Message::User("When do you close?".into());
    assert_eq!(asked.messages.last(), Some(&last));
    assert_eq!(asked.messages.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_interruption_ends_the_request_at_the_provider() {
    let mut call = Call::new(&[Does::Stalls("We are open until nine, and ")]);
    call.user("When do you close?");
    assert_eq!(call.written().await, ["<1", "We are open until nine,"]);
    assert_eq!(call.open(), 1);
    assert_eq!(call.down(Frame::Interrupt), ["Interrupt"]);
    tokio::time::sleep(ms(1)).await;
    assert_eq!(call.open(), 0);
    assert_eq!(call.written().await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_ends_leaves_no_request_behind() {
    let mut call = Call::new(&[Does::Stalls(""), Does::Stalls("")]);
    call.user("One.");
    call.down(Frame::Guess(turn("Two.")));
    call.written().await;
    assert_eq!(call.open(), 2);
    let Call {
        model, processor, ..
    } = call;
    drop(processor);
    tokio::time::sleep(ms(1)).await;
    assert_eq!(model.open.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn what_a_cancelled_request_still_sent_is_not_said() {
    let mut call = Call::new(&[
        Does::Says("The first answer."),
        Does::Says("The second one."),
    ]);
    call.user("One?");
    tokio::time::sleep(ms(10)).await;
    call.down(Frame::Interrupt);
    call.user("Two?");
    assert_eq!(call.written().await, ["<1", "The second one.", "1>"]);
}

#[tokio::test(start_paused = true)]
async fn a_guess_that_was_right_is_said_at_once() {
    let mut call = Call::new(&[Does::Says("Until nine.")]);
    assert!(
        call.down(Frame::Guess(turn("when do you close")))
            .is_empty()
    );
    assert!(call.written().await.is_empty());
    let said = call.user("When do you close?");
    assert_eq!(said, ["turn", "<1", "Until nine.", "1>"]);
    assert_eq!(call.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_guess_that_still_streams_goes_on() {
    let mut call = Call::new(&[Does::Stalls("We are open until nine, and")]);
    call.down(Frame::Guess(turn("When do you close?")));
    call.written().await;
    let said = call.user("When do you close?");
    assert_eq!(said, ["turn", "<1", "We are open until nine,"]);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_guess_is_dropped() {
    let mut call = Call::new(&[Does::Stalls("Until nine,"), Does::Says("Until five.")]);
    call.down(Frame::Guess(turn("When do you close?")));
    call.written().await;
    call.user("When do you close on Sunday?");
    assert_eq!(call.written().await, ["<1", "Until five.", "1>"]);
    assert_eq!(call.open(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_turn_has_two_guesses_and_the_next_turn_two_more() {
    let mut call = Call::new(&vec![Does::Says("Yes."); 5]);
    for text in ["a", "a b", "a b c"] {
        call.down(Frame::Guess(turn(text)));
        call.written().await;
    }
    assert_eq!(call.asked().len(), 2);
    call.user("a b c");
    call.written().await;
    call.down(Frame::Guess(turn("d")));
    call.written().await;
    assert_eq!(call.asked().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_guess_that_failed_is_asked_again_as_a_turn() {
    let mut call = Call::new(&[Does::Refuses, Does::Says("Yes.")]);
    call.down(Frame::Guess(turn("a")));
    call.written().await;
    call.user("a");
    assert_eq!(call.written().await, ["<1", "Yes.", "1>"]);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_apologised_for_and_tried_again_after_the_apology() {
    let mut call = Call::new(&[Does::Refuses, Does::Says("Until nine.")]);
    call.user("When do you close?");
    let sent = call.written().await;
    assert_eq!(sent[..3], ["failed Up", "failed Down", "<1"]);
    assert_eq!(sent.last().unwrap(), "1>");
    assert!(sent[3].starts_with("Sorry"));
    assert_eq!(call.asked().len(), 1);
    call.context.now = ms(3000);
    let stopped = Frame::BotStopped { turn: TurnId(1) };
    call.processor.process(stopped, Way::Up, &mut call.context);
    call.sent();
    assert_eq!(call.processor.wake_at(), Some(ms(4000)));
    call.context.now = ms(4000);
    call.processor.wake(&mut call.context);
    let sent = call.written().await;
    assert_eq!(
        sent,
        ["recovered Up", "recovered Down", "<2", "Until nine.", "2>"]
    );
}

#[tokio::test(start_paused = true)]
async fn the_second_failure_in_a_row_ends_the_call() {
    let mut call = Call::new(&[Does::Refuses, Does::Refuses]);
    call.user("One?");
    call.written().await;
    call.user("Two?");
    let sent = call.written().await;
    assert!(sent[3].starts_with("I'm sorry,"), "{sent:?}");
    assert_eq!(sent[sent.len() - 2..], ["end Up", "end Down"]);
    assert_eq!(call.processor.wake_at(), None);
}

#[tokio::test(start_paused = true)]
async fn an_answer_between_two_failures_forgives_the_first() {
    let mut call = Call::new(&[Does::Refuses, Does::Says("Yes."), Does::Refuses]);
    for text in ["One?", "Two?", "Three?"] {
        call.user(text);
        let sent = call.written().await;
        assert!(!sent.contains(&"end Up".to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_breaks_off_ends_in_an_apology_of_the_same_answer() {
    let mut call = Call::new(&[Does::Breaks("We close at nine. And on Sundays we")]);
    call.user("When do you close?");
    let sent = call.written().await;
    let expected = ["<1", "We close at nine.", "failed Up", "failed Down"];
    assert_eq!(sent[..4], expected);
    assert!(sent[4].starts_with("Sorry"), "{sent:?}");
    assert_eq!(sent.last().unwrap(), "1>");
    call.context.dialogue.assistant("We close at nine. Sorry.");
    call.processor.wake(&mut call.context);
    call.model
        .does
        .lock()
        .unwrap()
        .push_back(Does::Says("At five on Sundays."));
    call.written().await;
    let asked = call.asked().pop().unwrap();
    assert!(matches!(asked.messages.last(), Some(Message::Developer(_))));
}

#[tokio::test(start_paused = true)]
async fn why_it_failed_has_no_words_of_the_provider() {
    for does in [Does::Refuses, Does::Breaks("Well. ")] {
        let mut call = Call::new(&[does]);
        call.user("One?");
        while let Ok(Some((_, frame))) = timeout(ms(1000), call.mail.recv()).await {
            call.processor.arrived(frame, &mut call.context);
        }
        for (frame, _) in call.context.take_sent() {
            if let Frame::Failed { why, .. } = frame {
                assert!(!why.contains("secret"), "{why}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_words_is_a_failure() {
    let mut call = Call::new(&[Does::Says("*smiles* \u{1F600}")]);
    call.user("One?");
    let sent = call.written().await;
    assert_eq!(sent[..3], ["<1", "failed Up", "failed Down"]);
    assert!(sent[3].starts_with("Sorry"));
}

#[tokio::test(start_paused = true)]
async fn when_the_turns_say_that_it_is_stuck_the_request_ends() {
    let mut call = Call::new(&[Does::Stalls("")]);
    call.user("One?");
    call.written().await;
    let stuck = Frame::Failed {
        part: Part::Llm,
        why: "nothing".into(),
    };
    let sent = call.down(stuck);
    assert!(
        sent.iter().any(|sent| sent.starts_with("Sorry")),
        "{sent:?}"
    );
    tokio::time::sleep(ms(1)).await;
    assert_eq!(call.open(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_to_be_said_waits_for_the_answer_under_way() {
    let mut call = Call::new(&[Does::Says("Until nine.")]);
    call.user("When do you close?");
    assert!(call.down(Frame::Say("Are you there?".into())).is_empty());
    let expected = ["<1", "Until nine.", "1>", "<2", "Are you there?", "2>"];
    assert_eq!(call.written().await, expected);
    let said = call.down(Frame::Say("Bye.".into()));
    assert_eq!(said, ["<3", "Bye.", "3>"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_once_the_call_closes() {
    let mut call = Call::new(&[]);
    call.context.state = TurnState::Closing;
    assert_eq!(call.user("Wait."), ["turn"]);
    call.down(Frame::Guess(turn("Wait.")));
    assert!(call.written().await.is_empty());
    assert!(call.asked().is_empty());
}
