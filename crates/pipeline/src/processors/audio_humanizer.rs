//! Room tone and breaths.
//!
//! The room is there all the time, so it belongs to the playback. A breath goes before an answer of
//! more than a few words, and not before each; it moves the words of the answer.

use crate::frame::{Frame, TurnId};
use crate::playback::Playback;
use crate::processor::{Context, Processor, Way};
use crate::room;
use rand::Rng;
use std::sync::Arc;

/// Answers of fewer letters need no breath.
const LONG: usize = 60;
/// Of the long ones, so many have one.
const SHARE: f64 = 0.6;

/// See the module.
pub struct AudioHumanizer {
    playback: Arc<Playback>,
    is_on: bool,
    /// The answer that is being spoken, its letters so far, and the samples of its breath, once that
    /// is decided.
    turn: TurnId,
    letters: usize,
    breath: Option<u64>,
}

impl AudioHumanizer {
    /// At the start of a call.
    pub fn new(playback: Arc<Playback>) -> Self {
        AudioHumanizer {
            playback,
            is_on: false,
            turn: TurnId(0),
            letters: 0,
            breath: None,
        }
    }

    fn begin(&mut self, turn: TurnId) {
        if turn != self.turn {
            self.turn = turn;
            self.letters = 0;
            self.breath = None;
        }
    }

    /// Samples by which the words of an answer move; breathes when it is decided here.
    fn breathe(&mut self, turn: TurnId, context: &mut Context) -> u64 {
        self.begin(turn);
        if let Some(samples) = self.breath {
            return samples;
        }
        let mut random = rand::rng();
        let breathes = self.is_on && self.letters >= LONG && random.random_bool(SHARE);
        let mut samples = Vec::new();
        if breathes {
            samples = room::breath(random.random(), context.settings.rate);
        }
        let length = samples.len() as u64;
        if breathes {
            let samples = samples.into();
            context.down(Frame::Speech { turn, samples });
        }
        self.breath = Some(length);
        length
    }
}

impl Processor for AudioHumanizer {
    fn name(&self) -> &'static str {
        "AudioHumanizer"
    }

    fn process(&mut self, frame: Frame, way: Way, context: &mut Context) {
        match frame {
            Frame::Start => {
                self.is_on = context.settings.options.humanize;
                if self.is_on {
                    let tone = room::tone(rand::rng().random(), context.settings.rate);
                    self.playback.set_tone(Some(Box::new(tone)));
                }
                context.pass(frame, way);
            }
            Frame::Phrase(phrase) => {
                self.begin(phrase.turn);
                self.letters += phrase.text.chars().count();
                context.pass(Frame::Phrase(phrase), way);
            }
            Frame::Word {
                turn,
                text,
                from,
                to,
            } => {
                let moved = self.breathe(turn, context);
                let (from, to) = (from + moved, to + moved);
                context.down(Frame::Word {
                    turn,
                    text,
                    from,
                    to,
                });
            }
            Frame::Speech { turn, .. } => {
                self.breathe(turn, context);
                context.pass(frame, way);
            }
            frame => context.pass(frame, way),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Phrase;
    use crate::settings::{CallSettings, Options};

    fn spoken(humanize: bool) -> (Vec<Frame>, Arc<Playback>) {
        let settings = CallSettings {
            options: Options {
                humanize,
                ..Options::default()
            },
            ..CallSettings::default()
        };
        let playback = Arc::new(Playback::new(settings.rate));
        let mut context = Context::new(Arc::new(settings));
        let mut humanizer = AudioHumanizer::new(playback.clone());
        let turn = context.new_turn();
        humanizer.process(Frame::Start, Way::Down, &mut context);
        let text = "An answer that is long enough for somebody to take a breath before it.";
        let phrase = Phrase {
            turn,
            text: text.into(),
            spoken: None,
        };
        humanizer.process(Frame::Phrase(phrase), Way::Down, &mut context);
        let word = Frame::Word {
            turn,
            text: "An".into(),
            from: 0,
            to: 100,
        };
        humanizer.process(word, Way::Down, &mut context);
        let samples: Arc<[i16]> = vec![1000; 480].into();
        for _ in 0..3 {
            let samples = samples.clone();
            humanizer.process(Frame::Speech { turn, samples }, Way::Down, &mut context);
        }
        let sent = context.take_sent().into_iter().map(|(frame, _)| frame);
        (sent.collect(), playback)
    }

    #[test]
    fn a_breath_moves_the_words_by_its_length() {
        let mut breaths = 0;
        for _ in 0..40 {
            let (sent, _) = spoken(true);
            let lengths: Vec<usize> = sent
                .iter()
                .filter_map(|frame| match frame {
                    Frame::Speech { samples, .. } => Some(samples.len()),
                    _ => None,
                })
                .collect();
            let from = sent.iter().find_map(|frame| match frame {
                Frame::Word { from, .. } => Some(*from as usize),
                _ => None,
            });
            match lengths.len() {
                3 => assert_eq!(from, Some(0)),
                4 => {
                    assert_eq!(from, Some(lengths[0]));
                    breaths += 1;
                }
                other => panic!("{other} pieces of sound"),
            }
        }
        assert!((5..=39).contains(&breaths), "{breaths} of 40");
    }

    #[test]
    fn without_it_nothing_is_added() {
        let (sent, playback) = spoken(false);
        let sounds = sent
            .iter()
            .filter(|frame| matches!(frame, Frame::Speech { .. }));
        assert_eq!(sounds.count(), 3);
        let mut frame = [1; 480];
        playback.take(&mut frame);
        assert_eq!(frame, [0; 480]);
    }
}
