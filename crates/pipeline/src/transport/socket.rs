//! A call over a WebSocket: paces what is played, carries messages both ways, notices when nobody
//! is there any more. What the messages say is a [`Protocol`]; which library reads them is up to
//! whoever calls [`drive`].

use super::{Clock, Input, Line, Output, TICK};
use crate::frame::{EndReason, Time};
use api::ErrorCode;
use futures::{Sink, SinkExt, Stream, StreamExt};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// Messages that wait for a peer to read: ten seconds of sound. With more, nobody reads.
const UNREAD: usize = 500;
/// How often the peer is asked whether it is there, and after which silence it is not.
const PING: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_secs(15);
/// What was sent is given this long to be played before we close.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// How long saying goodbye may take.
const CLOSING: Duration = Duration::from_millis(800);
/// A caller may send this much more than time has passed; the rest waits.
const AHEAD: Duration = Duration::from_secs(1);

/// Close codes (RFC 6455, section 7.4.1).
pub mod code {
    /// The call is over.
    pub const DONE: u16 = 1000;
    /// A message that cannot be understood or may not come here.
    pub const BAD_MESSAGE: u16 = 1003;
    /// Who speaks may not.
    pub const POLICY: u16 = 1008;
    /// A message over the limit.
    pub const TOO_BIG: u16 = 1009;
    /// We cannot go on.
    pub const SERVER: u16 = 1011;
    /// Too busy, starting or stopping.
    pub const TRY_LATER: u16 = 1013;
}

/// A message that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
    /// A ping or its answer.
    Alive,
    /// The peer closes.
    Closed,
    /// A message that the library refused, such as one that is too big.
    Refused(Fault),
}

/// A message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
    /// Are you there?
    Ping,
    /// The last one.
    Close {
        /// One of [`code`].
        code: u16,
        /// For people, at most 123 bytes.
        reason: String,
    },
}

/// Why a peer is sent away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Of the close frame.
    pub close: u16,
    /// For programs.
    pub code: ErrorCode,
    /// What was wrong, and what would be right.
    pub message: String,
}

impl Fault {
    /// A message that makes no sense here.
    pub fn unexpected(message: impl Into<String>) -> Self {
        Fault {
            close: code::BAD_MESSAGE,
            code: ErrorCode::UnexpectedMessage,
            message: message.into(),
        }
    }

    /// A message with more bytes than this.
    pub fn too_big(most: usize) -> Self {
        Fault {
            close: code::TOO_BIG,
            code: ErrorCode::BodyTooLarge,
            message: format!("A message may have at most {most} bytes."),
        }
    }

    /// The close frame of it.
    pub fn closing(&self) -> Outgoing {
        let mut end = self.message.len().min(120);
        while !self.message.is_char_boundary(end) {
            end -= 1;
        }
        Outgoing::Close {
            code: self.close,
            reason: self.message[..end].to_owned(),
        }
    }
}

/// What the messages of a transport say.
pub trait Protocol: Send {
    /// What is sent first.
    fn begin(&mut self, _send: &mut Vec<Outgoing>) {}

    /// Understands a text; `now` is the time since the line was opened.
    fn text(&mut self, text: &str, now: Time, heard: &mut VecDeque<Input>) -> Result<(), Fault>;

    /// Understands bytes.
    fn bytes(&mut self, bytes: &[u8], now: Time, heard: &mut VecDeque<Input>) -> Result<(), Fault>;

    /// Sends one tick of sound.
    fn sound(&mut self, frame: &[i16], send: &mut Vec<Outgoing>);

    /// Sends what else is to be done; [`Output::Close`] comes last.
    fn output(&mut self, output: &Output, now: Time, send: &mut Vec<Outgoing>);

    /// Says why the peer is sent away.
    fn fault(&mut self, _fault: &Fault, _send: &mut Vec<Outgoing>) {}

    /// Samples between their being sent and being heard, where it is known.
    fn latency(&self) -> Option<u64> {
        None
    }

    /// Whether everything that was sent has been played, as far as can be known.
    fn is_through(&self) -> bool {
        true
    }
}

/// Carries a call over a WebSocket until either side ends it. Returns when the socket is closed.
pub async fn drive<S, K>(mut source: S, mut sink: K, protocol: impl Protocol, line: Line)
where
    S: Stream<Item = Incoming> + Unpin,
    K: Sink<Outgoing> + Unpin,
{
    let (send, mut unread) = mpsc::channel(UNREAD);
    // Apart from the rest, so that a peer that reads slowly holds up nothing but itself.
    let write = async {
        while let Some(message) = unread.recv().await {
            if !matches!(timeout(SILENCE, sink.send(message)).await, Ok(Ok(()))) {
                return;
            }
        }
        let _ = sink.close().await;
    };
    tokio::pin!(write);
    let input = line.input.clone();
    let session = Session::new(protocol, line, send).run(&mut source);
    let (gone, is_written) = tokio::select! {
        biased;
        gone = session => (gone, false),
        () = &mut write => (Some(EndReason::ConnectionLost), true),
    };
    if let Some(reason) = gone {
        let _ = timeout(CLOSING, input.send(Input::Gone(reason))).await;
    }
    drop(input);
    if !is_written && timeout(CLOSING, write).await.is_ok() {
        // Reading on is what receives the answer to our close.
        let closed =
            source.take_while(|message| std::future::ready(!matches!(message, Incoming::Closed)));
        let _ = timeout(CLOSING, closed.for_each(|_| std::future::ready(()))).await;
    }
}

/// One call on one socket.
struct Session<P> {
    protocol: P,
    line: Line,
    send: mpsc::Sender<Outgoing>,
    /// What was made and not queued yet.
    made: Vec<Outgoing>,
    /// What came and is not yet due.
    waiting: VecDeque<Input>,
    start: Instant,
    heard_from: Instant,
    pinged: Instant,
    /// Close at this time at the latest.
    closing: Option<Instant>,
}

/// How a session goes on.
enum Next {
    Go,
    /// The call ended it.
    Done,
    /// The peer did.
    Gone(EndReason),
}

impl<P: Protocol> Session<P> {
    fn new(protocol: P, line: Line, send: mpsc::Sender<Outgoing>) -> Self {
        let now = Instant::now();
        Session {
            protocol,
            line,
            send,
            made: Vec::new(),
            waiting: VecDeque::new(),
            start: now,
            heard_from: now,
            pinged: now,
            closing: None,
        }
    }

    /// Why the peer is gone; none when the call ended it.
    async fn run(
        mut self,
        source: &mut (impl Stream<Item = Incoming> + Unpin),
    ) -> Option<EndReason> {
        let rate = u64::from(self.line.playback.rate());
        let tick = rate * TICK.as_millis() as u64 / 1000;
        let mut frame = vec![0; tick as usize];
        let mut clock = Clock::start();
        self.protocol.begin(&mut self.made);
        loop {
            let next = tokio::select! {
                biased;
                () = clock.tick() => self.tick(&mut frame),
                output = self.line.output.recv(), if self.closing.is_none() => self.output(output),
                message = source.next(), if self.waiting.is_empty() => self.receive(message),
            };
            self.pass_on(rate);
            for message in self.made.drain(..) {
                if self.send.try_send(message).is_err() {
                    return Some(EndReason::ConnectionLost);
                }
            }
            match next {
                Next::Go => {}
                Next::Done => return None,
                Next::Gone(reason) => return Some(reason),
            }
        }
    }

    fn tick(&mut self, frame: &mut [i16]) -> Next {
        if let Some(latest) = self.closing {
            return match self.protocol.is_through() || Instant::now() >= latest {
                true => self.close(code::DONE, "the call is over"),
                false => Next::Go,
            };
        }
        if let Some(latency) = self.protocol.latency() {
            self.line.playback.set_latency(latency);
        }
        self.line.playback.take(frame);
        self.protocol.sound(frame, &mut self.made);
        if self.heard_from.elapsed() >= SILENCE {
            return Next::Gone(EndReason::ConnectionLost);
        }
        if self.heard_from.max(self.pinged).elapsed() >= PING {
            self.pinged = Instant::now();
            self.made.push(Outgoing::Ping);
        }
        Next::Go
    }

    fn output(&mut self, output: Option<Output>) -> Next {
        let Some(output) = output else {
            return self.close(code::SERVER, "the call broke off");
        };
        if matches!(output, Output::Close(_)) {
            self.closing = Some(Instant::now() + LAST_WORDS);
        }
        self.protocol
            .output(&output, self.start.elapsed(), &mut self.made);
        Next::Go
    }

    fn receive(&mut self, message: Option<Incoming>) -> Next {
        self.heard_from = Instant::now();
        let now = self.start.elapsed();
        let understood = match message {
            None => return Next::Gone(EndReason::ConnectionLost),
            Some(Incoming::Closed) => return Next::Gone(EndReason::CallerHungUp),
            Some(Incoming::Alive) => Ok(()),
            Some(Incoming::Text(text)) => self.protocol.text(&text, now, &mut self.waiting),
            Some(Incoming::Binary(bytes)) => self.protocol.bytes(&bytes, now, &mut self.waiting),
            Some(Incoming::Refused(fault)) => Err(fault),
        };
        let Err(fault) = understood else {
            return Next::Go;
        };
        tracing::info!(code = ?fault.code, message = fault.message, "a peer was sent away");
        self.protocol.fault(&fault, &mut self.made);
        self.made.push(fault.closing());
        Next::Gone(EndReason::ConnectionLost)
    }

    /// Gives the call what is due. Sound of a call that does not keep up is dropped.
    fn pass_on(&mut self, rate: u64) {
        let due = (self.start.elapsed() + AHEAD).as_millis() as u64 * rate / 1000;
        while let Some(input) = self.waiting.front() {
            let is_sound = match input {
                Input::Sound(sound) if sound.at > due => return,
                Input::Sound(_) => true,
                _ => false,
            };
            if self.line.input.try_send(input.clone()).is_err() && !is_sound {
                return;
            }
            self.waiting.pop_front();
        }
    }

    fn close(&mut self, code: u16, reason: &str) -> Next {
        let reason = reason.to_owned();
        self.made.push(Outgoing::Close { code, reason });
        Next::Done
    }
}

#[cfg(test)]
mod tests;
