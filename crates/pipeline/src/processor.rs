//! What a processor is, and what it may do.

use crate::dialogue::Dialogue;
use crate::echo::Said;
use crate::event::CallEvent;
use crate::frame::{Frame, Part, Time, TurnId};
use crate::settings::CallSettings;
use crate::turn::TurnState;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Where a frame is going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From the caller's sound to ours.
    Down,
    /// Back.
    Up,
}

/// A link of the chain. All links of a call run in one task and are called one at a time, so they
/// must be quick and never block; what waits for others (STT, LLM, TTS) runs in a task of its own
/// and answers through the processor's [`Mailbox`]. Time comes from the [`Context`] only.
pub trait Processor: Send {
    /// As the API reference names it.
    fn name(&self) -> &'static str;

    /// Takes a frame that comes by. Whatever is not passed on ends here.
    fn process(&mut self, frame: Frame, way: Way, context: &mut Context) {
        context.pass(frame, way);
    }

    /// Takes a frame from this processor's own task.
    fn arrived(&mut self, frame: Frame, context: &mut Context) {
        context.down(frame);
    }

    /// When to be woken, if ever; asked after every frame.
    fn wake_at(&self) -> Option<Time> {
        None
    }

    /// The time it asked for has come, or is past.
    fn wake(&mut self, _context: &mut Context) {}
}

/// What a processor sees of the call, and how it passes frames on.
pub struct Context {
    /// Time since the call began.
    pub now: Time,
    /// How this call is to be led.
    pub settings: Arc<CallSettings>,
    /// What was said so far, as the language model sees it.
    pub dialogue: Dialogue,
    /// What the caller hears of us.
    pub said: Said,
    pub(crate) state: TurnState,
    pub(crate) last_turn: TurnId,
    pub(crate) void: TurnId,
    pub(crate) sent: Vec<(Frame, Way)>,
    pub(crate) told: Vec<CallEvent>,
}

impl Context {
    /// A context at the beginning of a call.
    pub fn new(settings: Arc<CallSettings>) -> Self {
        Context {
            now: Time::ZERO,
            dialogue: Dialogue::default(),
            said: Said::default(),
            settings,
            state: TurnState::Listening,
            last_turn: TurnId(0),
            void: TurnId(0),
            sent: Vec::new(),
            told: Vec::new(),
        }
    }

    /// Whose turn it is.
    pub fn state(&self) -> TurnState {
        self.state
    }

    /// Sends a frame on in the direction it came.
    pub fn pass(&mut self, frame: Frame, way: Way) {
        self.sent.push((frame, way));
    }

    /// Sends a frame down from here.
    pub fn down(&mut self, frame: Frame) {
        self.pass(frame, Way::Down);
    }

    /// Sends a frame up from here.
    pub fn up(&mut self, frame: Frame) {
        self.pass(frame, Way::Up);
    }

    /// Sends a frame both ways from here.
    pub fn both(&mut self, frame: Frame) {
        self.up(frame.clone());
        self.down(frame);
    }

    /// Says both ways that a part fails.
    pub fn failed(&mut self, part: Part, why: impl Into<String>) {
        self.both(Frame::Failed {
            part,
            why: why.into(),
        });
    }

    /// The id of a new answer.
    pub fn new_turn(&mut self) -> TurnId {
        self.last_turn.0 += 1;
        self.last_turn
    }

    /// Whether an answer was interrupted, so that nothing of it counts any more.
    pub fn is_void(&self, turn: TurnId) -> bool {
        turn <= self.void
    }

    /// Tells whoever follows the call.
    pub fn tell(&mut self, event: CallEvent) {
        self.told.push(event);
    }

    /// Takes what was told since the last time.
    pub fn take_told(&mut self) -> Vec<CallEvent> {
        std::mem::take(&mut self.told)
    }

    /// Takes what was sent since the last time. For tests of a single processor.
    pub fn take_sent(&mut self) -> Vec<(Frame, Way)> {
        std::mem::take(&mut self.sent)
    }
}

/// How the task of a processor answers it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Mailbox {
    index: usize,
    sender: mpsc::Sender<(usize, Frame)>,
}

impl Mailbox {
    pub(crate) fn new(index: usize, sender: mpsc::Sender<(usize, Frame)>) -> Self {
        Mailbox { index, sender }
    }

    /// Sends a frame to the processor; waits while the chain is busy. False: the call is over.
    pub async fn send(&self, frame: Frame) -> bool {
        self.sender.send((self.index, frame)).await.is_ok()
    }

    /// Sends a frame, or drops it where the chain is far behind.
    pub fn try_send(&self, frame: Frame) -> bool {
        self.sender.try_send((self.index, frame)).is_ok()
    }
}

/// A mailbox with both ends, for tests of a single processor.
pub fn mailbox(capacity: usize) -> (Mailbox, mpsc::Receiver<(usize, Frame)>) {
    let (sender, receiver) = mpsc::channel(capacity);
    (Mailbox::new(0, sender), receiver)
}
