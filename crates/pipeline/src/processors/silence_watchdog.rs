//! Asks after a silence, and hangs up after the second.

use crate::frame::{EndReason, Frame, Part, Time};
use crate::processor::{Context, Processor, Way};
use crate::turn::TurnState;
use crate::wording::Wording;
use std::time::Duration;

/// A voice without pause or words for longer is a noise.
const NOISE: Duration = Duration::from_secs(30);

/// See the module.
#[derive(Debug, Default)]
pub struct SilenceWatchdog {
    /// When something was last heard of either side.
    stirred: Time,
    /// The caller's voice is heard.
    speaks: bool,
    /// The caller was asked in vain.
    asked: bool,
    /// Recognition fails: the silence is ours, not the caller's.
    is_deaf: bool,
    is_over: bool,
    due: Option<Time>,
}

impl SilenceWatchdog {
    /// At the start of a call.
    pub fn new() -> Self {
        SilenceWatchdog::default()
    }

    fn see(&mut self, frame: &Frame, now: Time) {
        match frame {
            Frame::Start
            | Frame::AnswerStarted { .. }
            | Frame::BotStarted { .. }
            | Frame::BotStopped { .. }
            | Frame::Interrupt => {}
            Frame::SpeechStarted { .. } | Frame::SpeechResumed { .. } => self.speaks = true,
            Frame::SpeechPaused { .. } | Frame::EndOfTurn => self.speaks = false,
            // Words, not only a voice, are an answer.
            Frame::UserTurn(_) | Frame::Dtmf(_) => (self.speaks, self.asked) = (false, false),
            Frame::Failed {
                part: Part::Asr, ..
            } => (self.is_deaf, self.speaks) = (true, false),
            Frame::Recovered(Part::Asr) => self.is_deaf = false,
            Frame::End(_) | Frame::HangUp(_) => self.is_over = true,
            _ => return,
        }
        self.stirred = now;
    }

    fn arm(&mut self, context: &Context) {
        let seconds = context.settings.options.silence_seconds;
        let silence = match self.speaks {
            true => NOISE,
            false => Duration::try_from_secs_f32(seconds).unwrap_or(NOISE),
        };
        self.due = (!self.is_over).then(|| self.stirred + silence);
    }

    fn strike(&mut self, context: &mut Context) {
        let wording = Wording::of(&context.settings.language);
        if std::mem::replace(&mut self.asked, true) {
            self.is_over = true;
            context.up(Frame::Say(wording.goodbye.clone()));
            // What is to be said is heard before this counts.
            context.both(Frame::End(EndReason::Silence));
        } else {
            context.up(Frame::Say(wording.still_there.clone()));
        }
    }
}

impl Processor for SilenceWatchdog {
    fn name(&self) -> &'static str {
        "SilenceWatchdog"
    }

    fn process(&mut self, frame: Frame, way: Way, context: &mut Context) {
        self.see(&frame, context.now);
        context.pass(frame, way);
        self.arm(context);
    }

    fn wake_at(&self) -> Option<Time> {
        self.due
    }

    fn wake(&mut self, context: &mut Context) {
        if self.due.is_none_or(|due| context.now < due) {
            return;
        }
        self.stirred = context.now;
        self.speaks = false;
        // It is theirs to speak, and we would hear them.
        if context.state() == TurnState::Listening && !self.is_deaf {
            self.strike(context);
        }
        self.arm(context);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{TurnId, UserTurn};
    use crate::testing::{context, ms};

    struct Call {
        link: SilenceWatchdog,
        context: Context,
    }

    impl Call {
        /// After a greeting that ended at 2 s. The caller is asked after 10 s.
        fn new() -> Self {
            let (link, context) = (SilenceWatchdog::new(), context());
            let mut call = Call { link, context };
            call.sees(0, Frame::Start);
            call.sees(2, Frame::BotStopped { turn: TurnId(1) });
            call
        }

        /// What was sent of its own until then, in seconds.
        fn until(&mut self, at: u64) -> Vec<(Frame, Way)> {
            while let Some(wake) = self.link.wake_at().filter(|wake| *wake <= ms(at * 1000)) {
                self.context.now = wake;
                self.link.wake(&mut self.context);
            }
            self.context.now = ms(at * 1000);
            self.context.take_sent()
        }

        fn sees(&mut self, at: u64, frame: Frame) {
            self.until(at);
            self.link.process(frame, Way::Up, &mut self.context);
            self.context.take_sent();
        }
    }

    fn says(text: &str) -> Vec<(Frame, Way)> {
        vec![(Frame::Say(text.to_owned()), Way::Up)]
    }

    #[test]
    fn a_silent_caller_is_asked_and_then_left() {
        let wording = Wording::of("en");
        let mut call = Call::new();
        assert_eq!(call.until(11), []);
        assert_eq!(call.until(12), says(&wording.still_there));
        call.sees(15, Frame::BotStopped { turn: TurnId(2) });
        assert_eq!(call.until(24), []);
        let mut expected = says(&wording.goodbye);
        let end = Frame::End(EndReason::Silence);
        expected.extend([(end.clone(), Way::Up), (end, Way::Down)]);
        assert_eq!(call.until(25), expected);
        assert_eq!(call.until(100), [], "once");
    }

    #[test]
    fn an_answer_begins_the_count_anew() {
        let mut call = Call::new();
        assert_eq!(call.until(12).len(), 1);
        call.sees(20, Frame::UserTurn(UserTurn::default()));
        call.sees(22, Frame::BotStopped { turn: TurnId(2) });
        let asked = says(&Wording::of("en").still_there);
        assert_eq!(call.until(32), asked);
    }

    #[test]
    fn a_cough_is_no_answer() {
        let mut call = Call::new();
        assert_eq!(call.until(12).len(), 1);
        call.sees(20, Frame::SpeechStarted { at: ms(20_000) });
        call.sees(21, Frame::SpeechPaused { at: ms(21_000) });
        assert_eq!(call.until(30), []);
        assert_eq!(call.until(31).len(), 3);
    }

    #[test]
    fn nobody_is_asked_while_somebody_speaks_or_we_cannot_hear() {
        let mut call = Call::new();
        call.sees(3, Frame::SpeechStarted { at: ms(3000) });
        assert_eq!(call.until(30), []);
        let mut call = Call::new();
        call.context.state = TurnState::Speaking;
        assert_eq!(call.until(100), []);
        let mut call = Call::new();
        let (part, why) = (Part::Asr, String::new());
        call.sees(3, Frame::Failed { part, why });
        assert_eq!(call.until(60), []);
        call.sees(60, Frame::Recovered(Part::Asr));
        assert_eq!(call.until(70).len(), 1);
    }

    #[test]
    fn a_noise_without_end_is_no_caller() {
        let mut call = Call::new();
        call.sees(3, Frame::SpeechStarted { at: ms(3000) });
        assert_eq!(call.until(33).len(), 1);
    }
}
