//! What the caller says in words, from asr-server over a WebSocket.
//!
//! Sound goes to a task of its own, `recogniser/`; its frames come back to the chain as they are.
//! Where no sound comes (lost packets, a transport that is silent in silence), silence is heard, so
//! that an utterance ends.

use crate::event::CallEvent;
use crate::frame::{EndReason, Frame, Sound, Time};
use crate::processor::{Context, Mailbox, Processor, Way};
use crate::recogniser::{Stretch, Waiting, listen};
use crate::settings::CallSettings;
use crate::wording::Wording;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Without sound for so long, silence is heard instead.
const PATIENCE: Duration = Duration::from_millis(200);
/// And goes on in pieces of this.
const PIECE: Duration = Duration::from_millis(60);
/// Longest silence that is heard for sound that is missing between two frames.
const LONGEST_GAP: Duration = Duration::from_secs(1);
/// A call without recognition ends after this.
const HOPELESS: Duration = Duration::from_secs(20);

/// See the module.
pub struct WhissleStt {
    waiting: Arc<Waiting>,
    task: JoinHandle<()>,
    /// Where the clock stands after what was heard; none: nothing was heard yet.
    next: Option<u64>,
    /// When silence is heard.
    silent_at: Option<Time>,
    piece: Arc<[i16]>,
    gap: u64,
    /// When a call without recognition ends.
    hopeless_at: Option<Time>,
    dropped: u64,
}

impl WhissleStt {
    /// At the start of a call.
    pub fn new(settings: &Arc<CallSettings>, mailbox: Mailbox) -> Self {
        let waiting = Arc::new(Waiting::new(settings.rate));
        let task = tokio::spawn(listen(settings.clone(), waiting.clone(), mailbox));
        WhissleStt {
            waiting,
            task,
            next: None,
            silent_at: None,
            piece: vec![0; settings.samples(PIECE) as usize].into(),
            gap: settings.samples(LONGEST_GAP),
            hopeless_at: None,
            dropped: 0,
        }
    }

    fn hear(&mut self, sound: &Sound, now: Time) {
        if let Some(next) = self.next {
            let missing = sound.at.saturating_sub(next);
            if missing > 0 {
                let heard = missing.min(self.gap);
                self.put(sound.at - heard, vec![0; heard as usize].into());
            }
        }
        self.put(sound.at, sound.samples.clone());
        self.silent_at = Some(now + PATIENCE);
    }

    fn put(&mut self, at: u64, samples: Arc<[i16]>) {
        self.next = Some(at + samples.len() as u64);
        let dropped = self.waiting.push(Stretch { at, samples });
        if dropped > 0 && self.dropped == 0 {
            tracing::warn!("asr-server does not keep up: sound of the caller is lost");
        }
        self.dropped += dropped;
    }
}

impl Drop for WhissleStt {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Processor for WhissleStt {
    fn name(&self) -> &'static str {
        "WhissleSTT"
    }

    fn process(&mut self, frame: Frame, way: Way, context: &mut Context) {
        if let Frame::Heard(sound) = &frame {
            self.hear(sound, context.now);
        }
        context.pass(frame, way);
    }

    fn arrived(&mut self, frame: Frame, context: &mut Context) {
        match frame {
            Frame::Failed { part, why } => {
                self.hopeless_at = Some(context.now + HOPELESS);
                let event = why.clone();
                context.tell(CallEvent::Failed { part, why: event });
                context.failed(part, why);
                let wording = Wording::of(&context.settings.language);
                context.down(Frame::Say(wording.apology.clone()));
            }
            Frame::Recovered(part) => {
                self.hopeless_at = None;
                context.tell(CallEvent::Recovered { part });
                context.both(Frame::Recovered(part));
            }
            frame => context.down(frame),
        }
    }

    fn wake_at(&self) -> Option<Time> {
        self.silent_at.into_iter().chain(self.hopeless_at).min()
    }

    fn wake(&mut self, context: &mut Context) {
        if self.hopeless_at.is_some_and(|at| at <= context.now) {
            self.hopeless_at = None;
            let wording = Wording::of(&context.settings.language);
            context.down(Frame::Say(wording.failure.clone()));
            context.both(Frame::End(EndReason::Failed));
        }
        if let (Some(at), Some(next)) = (self.silent_at, self.next)
            && at <= context.now
        {
            self.put(next, self.piece.clone());
            self.silent_at = Some((at + PIECE).max(context.now));
        }
    }
}
