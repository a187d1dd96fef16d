//! What is said goes to the caller; says when answers begin and end to sound.

use crate::clips::{Clip, Clips};
use crate::frame::{EndReason, Frame, Part, Phrase, Time, TurnId};
use crate::playback::Playback;
use crate::processor::{Context, Processor, Way};
use crate::transport::Output;
use crate::wording::Wording;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Whether the caller interrupts must be clear within this time.
const LONGEST_HOLD: Duration = Duration::from_secs(4);
/// Synthesis that fails may be back before anybody notices.
const UNNOTICED: Duration = Duration::from_secs(1);
/// With an answer due and no synthesis for this long, the call ends.
const PATIENCE: Duration = Duration::from_secs(15);

/// See the module.
pub struct TransportOutput {
    playback: Arc<Playback>,
    clips: Clips,
    output: mpsc::Sender<Output>,
    /// Answers that begun and have not been heard to their end, oldest first.
    answers: Vec<Answer>,
    /// Samples of speech played, and of these surely heard.
    spoken: u64,
    heard: u64,
    held_since: Option<Time>,
    /// Synthesis fails; what of that was said and done.
    outage: Option<Outage>,
}

/// An answer on its way out. Places are samples on the clock of speech.
#[derive(Debug)]
struct Answer {
    turn: TurnId,
    /// Where its sound begins and, so far, ends; nothing of it was made yet.
    sound: Option<(u64, u64)>,
    /// All of it was made.
    is_whole: bool,
    /// Its first sound left.
    has_begun: bool,
}

#[derive(Debug, Default)]
struct Outage {
    apologised: bool,
    /// Since when an answer waits for it in silence.
    due_since: Option<Time>,
}

impl TransportOutput {
    /// At the start of a call.
    pub fn new(playback: Arc<Playback>, clips: Clips, output: mpsc::Sender<Output>) -> Self {
        TransportOutput {
            playback,
            clips,
            output,
            answers: Vec::new(),
            spoken: 0,
            heard: 0,
            held_since: None,
            outage: None,
        }
    }

    fn answer(&mut self, turn: TurnId) -> Option<&mut Answer> {
        self.answers.iter_mut().find(|answer| answer.turn == turn)
    }

    fn begin(&mut self, turn: TurnId) {
        if self.answer(turn).is_none() {
            self.answers.push(Answer {
                turn,
                sound: None,
                is_whole: false,
                has_begun: false,
            });
        }
    }

    fn speak(&mut self, turn: TurnId, samples: &[i16], context: &mut Context) {
        self.outage = None;
        let at = self.playback.push(samples);
        let end = at + samples.len() as u64;
        self.begin(turn);
        let sound = self.answer(turn).map(|answer| &mut answer.sound);
        match sound {
            Some(Some((_, until))) => *until = end,
            Some(sound) => {
                *sound = Some((at, end));
                context.down(Frame::Placed { turn, at });
            }
            None => {}
        }
    }

    fn whole(&mut self, turn: TurnId, context: &mut Context) {
        if let Some(answer) = self.answer(turn) {
            answer.is_whole = true;
        }
        // Everything is made for now: time to make what is needed beside answers.
        self.clips.make();
        self.follow(context);
    }

    /// Says which answers have begun and ended, now that something was played.
    fn follow(&mut self, context: &mut Context) {
        let (spoken, heard) = (self.spoken, self.heard);
        self.answers.retain_mut(|answer| {
            let turn = answer.turn;
            let starts = answer.sound.is_some_and(|(from, _)| from < spoken);
            if starts && !std::mem::replace(&mut answer.has_begun, true) {
                context.both(Frame::BotStarted { turn });
            }
            let is_heard = answer.sound.is_none_or(|(_, until)| until <= heard);
            if answer.is_whole && is_heard {
                context.both(Frame::BotStopped { turn });
                return false;
            }
            true
        });
        let mut sounding = self.answers.iter().filter(|answer| answer.has_begun);
        self.playback
            .expect(sounding.any(|answer| !answer.is_whole));
    }

    fn interrupt(&mut self, context: &mut Context) {
        self.playback.clear();
        self.held_since = None;
        let _ = self.output.try_send(Output::Clear);
        context.down(Frame::Interrupt);
        for answer in std::mem::take(&mut self.answers) {
            let turn = answer.turn;
            context.both(Frame::BotStopped { turn });
        }
    }

    fn hold(&mut self, is_held: bool, now: Time) {
        self.playback.hold(is_held);
        self.held_since = is_held.then_some(now);
    }

    /// Without synthesis, what was made before the call has to do.
    fn make_do(&mut self, now: Time) {
        let Some(outage) = &mut self.outage else {
            return;
        };
        let is_due = self.answers.iter().any(|answer| !answer.is_whole);
        if !is_due || !self.playback.is_still() {
            outage.due_since = None;
            return;
        }
        let since = *outage.due_since.get_or_insert(now);
        if now >= since + UNNOTICED
            && !std::mem::replace(&mut outage.apologised, true)
            && let Some(apology) = self.clips.get(Clip::Apology)
        {
            self.playback.clip(&apology);
        }
    }

    /// It does not come back: the last words are a clip, and stand for all answers.
    fn give_up(&mut self, context: &mut Context) {
        self.outage = None;
        let answers = std::mem::take(&mut self.answers);
        context.both(Frame::End(EndReason::Failed));
        let Some(failure) = self.clips.get(Clip::Failure) else {
            for Answer { turn, .. } in answers {
                context.both(Frame::BotStopped { turn });
            }
            return;
        };
        let turn = context.new_turn();
        let text = Wording::of(&context.settings.language).failure.clone();
        context.down(Frame::AnswerStarted { turn });
        context.down(Frame::Phrase(Phrase {
            turn,
            text,
            spoken: None,
        }));
        self.speak(turn, &failure, context);
        context.down(Frame::SpeechEnded { turn });
        self.whole(turn, context);
    }
}

impl Processor for TransportOutput {
    fn name(&self) -> &'static str {
        "transport.output"
    }

    fn process(&mut self, frame: Frame, way: Way, context: &mut Context) {
        match &frame {
            Frame::Start if context.settings.greeting.is_empty() => self.clips.make(),
            Frame::AnswerStarted { turn } => self.begin(*turn),
            Frame::Speech { turn, samples } => return self.speak(*turn, samples, context),
            Frame::Clip(samples) => return self.playback.clip(samples),
            Frame::Interrupt => return self.interrupt(context),
            Frame::Hold => self.hold(true, context.now),
            Frame::Release => self.hold(false, context.now),
            Frame::Failed {
                part: Part::Tts, ..
            } => {
                self.outage.get_or_insert_default();
            }
            Frame::Recovered(Part::Tts) => self.outage = None,
            _ => {}
        }
        let ended = match &frame {
            Frame::SpeechEnded { turn } => Some(*turn),
            _ => None,
        };
        context.pass(frame, way);
        if let Some(turn) = ended {
            self.whole(turn, context);
        }
        self.make_do(context.now);
    }

    /// From the playback: what was played.
    fn arrived(&mut self, frame: Frame, context: &mut Context) {
        if let Frame::Played { spoken, heard, .. } = &frame {
            (self.spoken, self.heard) = (*spoken, *heard);
        }
        context.down(frame);
        self.follow(context);
        self.make_do(context.now);
    }

    fn wake_at(&self) -> Option<Time> {
        let held = self.held_since.map(|since| since + LONGEST_HOLD);
        let due = self.outage.as_ref().and_then(|outage| {
            let wait = if outage.apologised {
                PATIENCE
            } else {
                UNNOTICED
            };
            Some(outage.due_since? + wait)
        });
        [held, due].into_iter().flatten().min()
    }

    fn wake(&mut self, context: &mut Context) {
        let now = context.now;
        if self
            .held_since
            .is_some_and(|since| now >= since + LONGEST_HOLD)
        {
            self.hold(false, now);
        }
        self.make_do(now);
        let due = self.outage.as_ref().and_then(|outage| outage.due_since);
        if due.is_some_and(|since| now >= since + PATIENCE) {
            self.give_up(context);
        }
    }
}

#[cfg(test)]
mod tests;
