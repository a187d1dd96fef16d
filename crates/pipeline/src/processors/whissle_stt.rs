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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Part;
    use crate::processor::mailbox;
    use crate::testing::{context, ms};

    /// A recogniser that is not there, and what waits for it.
    struct Ear {
        stt: WhissleStt,
        context: Context,
    }

    impl Ear {
        fn new() -> Ear {
            let context = context();
            let mut settings = (*context.settings).clone();
            settings.asr_url = "http://127.0.0.1:1".into();
            let stt = WhissleStt::new(&Arc::new(settings), mailbox(8).0);
            Ear { stt, context }
        }

        /// Twenty milliseconds of sound that stand at a time of the caller's clock.
        fn hear(&mut self, now: u64, at: u64) {
            self.context.now = ms(now);
            let sound = Sound {
                samples: [1; 480].into(),
                at: at * 24,
            };
            let frame = Frame::Heard(sound);
            self.stt.process(frame, Way::Down, &mut self.context);
        }

        fn until(&mut self, now: u64) {
            while let Some(at) = self.stt.wake_at().filter(|at| *at <= ms(now)) {
                self.context.now = at;
                self.stt.wake(&mut self.context);
            }
        }

        /// Where stretches stand in milliseconds, and how long they are.
        async fn waiting(&self) -> Vec<(u64, usize)> {
            let stretches = self.stt.waiting.take().await.into_iter();
            stretches
                .map(|stretch| (stretch.at / 24, stretch.samples.len() / 24))
                .collect()
        }
    }

    #[tokio::test]
    async fn sound_is_recognised_and_passed_on() {
        let mut ear = Ear::new();
        ear.hear(120, 100);
        ear.hear(140, 120);
        assert_eq!(ear.waiting().await, [(100, 20), (120, 20)]);
        assert_eq!(ear.context.take_sent().len(), 2);
    }

    #[tokio::test]
    async fn what_is_missing_is_silence_but_not_without_end() {
        let mut ear = Ear::new();
        ear.hear(0, 0);
        ear.hear(100, 80);
        ear.hear(110, 60_000);
        let waiting = ear.waiting().await;
        assert_eq!(
            waiting,
            [(0, 20), (20, 60), (80, 20), (59_000, 1000), (60_000, 20)]
        );
    }

    #[tokio::test]
    async fn where_no_sound_comes_silence_is_heard_and_late_sound_is_not_lost() {
        let mut ear = Ear::new();
        ear.until(5000);
        ear.hear(5000, 5000);
        ear.until(5400);
        ear.hear(5410, 5020);
        let waiting = ear.waiting().await;
        let silence: usize = waiting[1..waiting.len() - 1].iter().map(|s| s.1).sum();
        assert_eq!(waiting[0], (5000, 20));
        assert!((180..=260).contains(&silence), "{waiting:?}");
        assert_eq!(waiting.last(), Some(&(5020, 20)));
    }

    #[tokio::test]
    async fn a_call_that_cannot_hear_says_so_and_ends_unless_it_hears_again() {
        for recovers in [true, false] {
            let mut ear = Ear::new();
            let failed = Frame::Failed {
                part: Part::Asr,
                why: "gone".into(),
            };
            ear.stt.arrived(failed, &mut ear.context);
            let sent = ear.context.take_sent();
            assert!(sent.iter().any(|(f, _)| matches!(f, Frame::Say(_))));
            if recovers {
                let recovered = Frame::Recovered(Part::Asr);
                ear.stt.arrived(recovered, &mut ear.context);
                ear.context.take_sent();
            }
            ear.until(30_000);
            let sent = ear.context.take_sent();
            let ends = |(f, _): &(Frame, Way)| matches!(f, Frame::End(EndReason::Failed));
            assert_eq!(sent.iter().any(ends), !recovers);
        }
    }
}
