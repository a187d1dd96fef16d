//! Short sounds of attention while the caller speaks at length.
//!
//! Whoever says "mm-hmm" as the other one ends seems not to have listened. So it is said only where
//! the caller surely has more to say: as the voice comes back after a short pause, or in a pause
//! whose words are not done.

use super::smart_endpointer::is_unfinished;
use crate::clips::{Clip, Clips};
use crate::frame::{Frame, Time, Utterance};
use crate::processor::{Context, Processor, Way};
use crate::turn::TurnState;
use crate::wording::{Wording, plain};
use std::sync::Arc;
use std::time::Duration;

/// Speech of the caller before the first.
const AT_LENGTH: Duration = Duration::from_millis(3500);
/// Between two.
const APART: Duration = Duration::from_secs(7);
/// A pause that is heard as one.
const PAUSE: Duration = Duration::from_millis(150);
/// How far into a pause amid a sentence.
const INTO_PAUSE: Duration = Duration::from_millis(250);
/// After a longer pause, the caller begins anew.
const LONG_PAUSE: Duration = Duration::from_millis(1500);
/// Below the voice of an answer.
const GAIN: f32 = 0.6;

/// See the module.
pub struct Backchannel {
    clips: Clips,
    /// Since when the caller speaks, short pauses included.
    since: Option<Time>,
    paused_at: Option<Time>,
    /// When to say it, unless the voice comes back before.
    due: Option<Time>,
    is_unfinished: bool,
    last: Option<Time>,
    count: usize,
}

impl Backchannel {
    /// At the start of a call.
    pub fn new(clips: Clips) -> Self {
        Backchannel {
            clips,
            since: None,
            paused_at: None,
            due: None,
            is_unfinished: false,
            last: None,
            count: 0,
        }
    }

    fn started(&mut self, at: Time) {
        let goes_on = self
            .paused_at
            .is_some_and(|paused| at.saturating_sub(paused) < LONG_PAUSE);
        if self.since.is_none() || !goes_on {
            self.since = Some(at);
        }
        self.resumed();
    }

    fn resumed(&mut self) {
        (self.paused_at, self.due) = (None, None);
    }

    fn hears(&mut self, utterance: &Utterance, context: &Context) {
        let wording = Wording::of(&context.settings.language);
        self.is_unfinished = is_unfinished(&plain(&utterance.text), wording);
        if self.is_unfinished
            && let Some(paused) = self.paused_at
        {
            self.due = Some(context.now.max(paused + INTO_PAUSE));
        }
    }

    fn attend(&mut self, context: &mut Context) {
        self.due = None;
        let now = context.now;
        let spoke = self.since.map(|since| {
            let until = self.paused_at.unwrap_or(now);
            until.saturating_sub(since)
        });
        let is_time = spoke.is_some_and(|spoke| spoke >= AT_LENGTH)
            && self.last.is_none_or(|last| now >= last + APART)
            && context.state() == TurnState::Listening
            && context.settings.options.backchannel;
        let index = self.count.checked_rem(self.clips.backchannels());
        if !is_time {
            return;
        }
        if let Some(clip) = index.and_then(|index| self.clips.get(Clip::Backchannel(index))) {
            self.count += 1;
            self.last = Some(now);
            context.down(Frame::Clip(soft(&clip)));
        }
    }
}

fn soft(clip: &[i16]) -> Arc<[i16]> {
    clip.iter()
        .map(|sample| (f32::from(*sample) * GAIN) as i16)
        .collect()
}

impl Processor for Backchannel {
    fn name(&self) -> &'static str {
        "Backchannel"
    }

    fn process(&mut self, frame: Frame, way: Way, context: &mut Context) {
        let mut attends = false;
        match &frame {
            Frame::SpeechStarted { at } => self.started(*at),
            Frame::SpeechPaused { at } => {
                self.paused_at = Some(*at);
                if self.is_unfinished {
                    self.due = Some((*at + INTO_PAUSE).max(context.now));
                }
            }
            Frame::SpeechResumed { at } => {
                attends = self
                    .paused_at
                    .is_some_and(|paused| at.saturating_sub(paused) >= PAUSE);
                self.resumed();
            }
            Frame::Interim(utterance) => self.hears(utterance, context),
            Frame::Final(utterance) if utterance.text.is_empty() => self.due = None,
            Frame::Final(utterance) => {
                self.paused_at.get_or_insert(utterance.end);
                self.hears(utterance, context);
                // By its sound it is not done either.
                attends = !utterance.is_complete && self.is_unfinished;
            }
            Frame::EndOfTurn | Frame::BotStarted { .. } => {
                (self.since, self.due) = (None, None);
            }
            _ => {}
        }
        context.pass(frame, way);
        if attends {
            self.attend(context);
        }
    }

    fn wake_at(&self) -> Option<Time> {
        self.due
    }

    fn wake(&mut self, context: &mut Context) {
        if self.due.is_some_and(|due| due <= context.now) {
            self.attend(context);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{context, http, ms, settings};

    struct Call {
        link: Backchannel,
        context: Context,
    }

    impl Call {
        fn new() -> Self {
            let clips = Clips::default().prepare(&Arc::new(settings()), &http());
            clips.put(Clip::Backchannel(0), &[1000; 10]);
            clips.put(Clip::Backchannel(1), &[2000; 10]);
            clips.put(Clip::Backchannel(2), &[3000; 10]);
            let link = Backchannel::new(clips);
            let context = context();
            Call { link, context }
        }

        /// Clips up to and with this frame.
        fn sees(&mut self, at: u64, frame: Frame) -> usize {
            let mut clips = self.until(at);
            self.link.process(frame, Way::Down, &mut self.context);
            clips += self.clips().len();
            clips
        }

        fn until(&mut self, at: u64) -> usize {
            let mut count = 0;
            while let Some(wake) = self.link.wake_at().filter(|wake| *wake <= ms(at)) {
                self.context.now = wake.max(self.context.now);
                self.link.wake(&mut self.context);
                count += self.clips().len();
            }
            self.context.now = ms(at);
            count
        }

        fn clips(&mut self) -> Vec<Arc<[i16]>> {
            let sent = self.context.take_sent().into_iter();
            sent.filter_map(|(frame, _)| match frame {
                Frame::Clip(clip) => Some(clip),
                _ => None,
            })
            .collect()
        }

        /// The caller pauses so long, after words.
        fn pauses(&mut self, at: u64, until: u64, text: &str) -> usize {
            self.sees(at, interim(text))
                + self.sees(at + 60, Frame::SpeechPaused { at: ms(at) })
                + self.sees(until, Frame::SpeechResumed { at: ms(until) })
        }
    }

    fn interim(text: &str) -> Frame {
        Frame::Interim(Utterance {
            text: text.into(),
            ..Utterance::default()
        })
    }

    fn said(text: &str, end: u64) -> Frame {
        Frame::Final(Utterance {
            text: text.into(),
            end: ms(end),
            is_complete: true,
            ..Utterance::default()
        })
    }

    #[test]
    fn whoever_speaks_at_length_hears_that_we_listen_as_they_go_on() {
        let mut call = Call::new();
        call.sees(0, Frame::SpeechStarted { at: ms(0) });
        assert_eq!(call.pauses(2000, 2300, "It was late."), 0, "not long yet");
        assert_eq!(call.pauses(4000, 4300, "It was late. I went"), 1);
        assert_eq!(
            call.pauses(6000, 6300, "It was late. I went"),
            0,
            "just did"
        );
        assert_eq!(call.pauses(12_000, 12_300, "It was late. I went"), 1);
    }

    #[test]
    fn a_pause_amid_a_sentence_is_enough() {
        let mut call = Call::new();
        call.sees(0, Frame::SpeechStarted { at: ms(0) });
        call.sees(4000, interim("I would like to know about the"));
        call.sees(4060, Frame::SpeechPaused { at: ms(4000) });
        assert_eq!(call.until(4300), 1);
        assert_eq!(call.link.wake_at(), None);
    }

    #[test]
    fn the_end_of_a_turn_hears_nothing() {
        let mut call = Call::new();
        call.sees(0, Frame::SpeechStarted { at: ms(0) });
        call.sees(4000, interim("That is all I know."));
        call.sees(4060, Frame::SpeechPaused { at: ms(4000) });
        assert_eq!(call.sees(4500, said("That is all I know.", 4000)), 0);
        assert_eq!(call.sees(4500, Frame::EndOfTurn), 0);
        assert_eq!(call.until(10_000), 0);
    }

    #[test]
    fn nobody_hears_it_while_we_speak_or_when_it_is_not_wanted() {
        let mut call = Call::new();
        call.context.state = TurnState::Speaking;
        call.sees(0, Frame::SpeechStarted { at: ms(0) });
        assert_eq!(call.pauses(4000, 4300, "I went"), 0);
        let mut call = Call::new();
        let mut settings = settings();
        settings.options.backchannel = false;
        call.context.settings = Arc::new(settings);
        call.sees(0, Frame::SpeechStarted { at: ms(0) });
        assert_eq!(call.pauses(4000, 4300, "I went"), 0);
    }

    #[test]
    fn it_is_softer_than_an_answer_and_not_always_the_same() {
        let mut call = Call::new();
        call.sees(0, Frame::SpeechStarted { at: ms(0) });
        let mut heard = Vec::new();
        for at in [4000, 12_000, 20_000, 28_000] {
            call.sees(at, Frame::SpeechPaused { at: ms(at) });
            call.context.now = ms(at + 200);
            let resumed = Frame::SpeechResumed { at: ms(at + 200) };
            call.link.process(resumed, Way::Down, &mut call.context);
            heard.extend(call.clips().iter().map(|clip| clip[0]));
        }
        assert_eq!(heard, [600, 1200, 1800, 600]);
    }
}
