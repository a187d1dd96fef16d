//! Speaking as a whole: TTS, output and AssistantAgg in a chain, ticks of a transport, words of a
//! server.

use super::server::{PATIENCE, Server};
use crate::chain::Chain;
use crate::clips::Clips;
use crate::frame::{Frame, Phrase, Time, TurnId, UserTurn};
use crate::playback::Playback;
use crate::processor::{Context, Mailbox, Processor, Way};
use crate::processors::{AssistantAggregator, TransportOutput, Tts};
use crate::testing::{ms, settings};
use crate::{CallEvent, Segment, TurnState};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

const TICK: usize = 480;
const OUTPUT: usize = 2;

/// Answers every turn of the caller in two phrases.
struct Answers;

impl Processor for Answers {
    fn name(&self) -> &'static str {
        "answers"
    }

    fn process(&mut self, frame: Frame, way: Way, context: &mut Context) {
        let is_asked = matches!(frame, Frame::UserTurn(_));
        context.pass(frame, way);
        if !is_asked {
            return;
        }
        let turn = context.new_turn();
        context.down(Frame::AnswerStarted { turn });
        for text in ["One two", "three."] {
            let (text, spoken) = (text.to_owned(), None);
            context.down(Frame::Phrase(Phrase { turn, text, spoken }));
        }
        context.down(Frame::AnswerEnded { turn });
    }
}

struct Call {
    chain: Chain,
    mail: mpsc::Receiver<(usize, Frame)>,
    playback: Arc<Playback>,
    now: Time,
}

impl Call {
    /// The caller has asked something, and the server has said three words of 100 ms.
    async fn answering() -> (Self, Server) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let mut settings = settings();
        let address = listener.local_addr().expect("an address");
        settings.tts_url = format!("http://{address}");
        let settings = Arc::new(settings);
        let playback = Arc::new(Playback::new(settings.rate));
        let (sender, mail) = mpsc::channel(512);
        let mailbox = |index| Mailbox::new(index, sender.clone());
        playback.attach(mailbox(OUTPUT));
        let (output, _) = mpsc::channel(8);
        let links: Vec<Box<dyn Processor>> = vec![
            Box::new(Answers),
            Box::new(Tts::new(&settings, playback.clone(), mailbox(1))),
            Box::new(TransportOutput::new(
                playback.clone(),
                Clips::default(),
                output,
            )),
            Box::new(AssistantAggregator::new()),
        ];
        let chain = Chain::new(links, Context::new(settings));
        let now = ms(1000);
        let mut call = Call {
            chain,
            mail,
            playback,
            now,
        };
        call.push(Frame::UserTurn(UserTurn {
            end: ms(600),
            ..UserTurn::default()
        }));
        let mut server = Server::accept(&listener).await;
        server.ready().await;
        for words in [&["One", "two"][..], &["three."]] {
            let (_, id) = server.asked().await;
            server.starts(&id).await;
            let mut at = 0;
            for (count, word) in (0..).zip(words) {
                let chars = (at, at + word.len());
                server.says(&id, word, count * 100, chars).await;
                at = chars.1 + 1;
            }
            server.done(&id).await;
        }
        call.until(|frame| matches!(frame, Frame::SpeechEnded { .. }))
            .await;
        (call, server)
    }

    fn push(&mut self, frame: Frame) {
        self.chain.push(frame, self.now);
    }

    /// Takes what the tasks send, up to such a frame.
    async fn until(&mut self, is_last: impl Fn(&Frame) -> bool) {
        loop {
            let received = timeout(PATIENCE, self.mail.recv()).await;
            let (link, frame) = received.expect("nothing comes").expect("open");
            let ends = is_last(&frame);
            self.chain.arrived(link, frame, self.now);
            if ends {
                return;
            }
        }
    }

    async fn ticks(&mut self, count: usize) {
        for _ in 0..count {
            self.playback.take(&mut [0; TICK]);
            self.now += ms(20);
            self.until(|frame| matches!(frame, Frame::Played { .. }))
                .await;
        }
    }

    fn segments(&mut self) -> Vec<Segment> {
        let told = self.chain.take_told().into_iter();
        told.filter_map(|event| match event {
            CallEvent::Segment { segment } => Some(segment),
            _ => None,
        })
        .collect()
    }

    fn state(&self) -> TurnState {
        self.chain.context().state()
    }
}

#[tokio::test]
async fn an_answer_is_heard_whole_and_the_turn_goes_back() {
    let (mut call, _server) = Call::answering().await;
    assert_eq!(call.state(), TurnState::Thinking);
    call.ticks(1).await;
    assert_eq!(call.state(), TurnState::Speaking);
    call.ticks(14).await;
    assert_eq!(call.state(), TurnState::Listening);
    let [segment] = call.segments().try_into().expect("one segment");
    assert_eq!(segment.text, "One two three.");
    let latency = segment.latency.expect("of an answer");
    assert_eq!(latency.voice_to_voice_ms, Some(420));
    assert_eq!(call.playback.underruns(), 0);
}

#[tokio::test]
async fn an_interruption_leaves_what_was_heard_and_nothing_else() {
    let (mut call, _server) = Call::answering().await;
    call.ticks(7).await;
    call.push(Frame::Interrupt);
    assert_eq!(call.state(), TurnState::Interrupted);
    let [segment] = call.segments().try_into().expect("one segment");
    assert_eq!(segment.text, "One two");
    assert!(segment.interrupted);
    let messages = call.chain.context().dialogue.messages();
    assert!(
        format!("{messages:?}").contains("\"One two\""),
        "{messages:?}"
    );
    // Late words of it change nothing.
    let late = Frame::Speech {
        turn: TurnId(1),
        samples: vec![9; TICK].into(),
    };
    call.chain.arrived(1, late, call.now);
    call.ticks(2).await;
    assert!(call.playback.is_still() && call.segments().is_empty());
}
