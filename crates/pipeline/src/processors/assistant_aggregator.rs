//! What the caller really heard of an answer becomes part of the dialogue and the transcript.

use crate::event::{CallEvent, Latency, Segment, Speaker};
use crate::frame::{Frame, Part, Time, TurnId, UserTurn};
use crate::processor::{Context, Processor, Way};
use std::collections::BTreeMap;

/// See the module.
#[derive(Default)]
pub struct AssistantAggregator {
    /// Answers that began and did not end, oldest first.
    answers: Vec<Answer>,
    /// Samples of speech that were surely heard.
    heard: u64,
    /// The caller's turn that the next answer is to.
    asked: Option<Asked>,
}

/// When a turn of the caller was over.
#[derive(Debug, Clone, Copy)]
struct Asked {
    voice_ended: Time,
    decided: Time,
}

/// An answer as far as it is known.
struct Answer {
    turn: TurnId,
    text: String,
    /// Of each word that is said: where it begins, in samples since the first sound, and where in
    /// `text` it ends.
    words: Vec<(u64, usize)>,
    asked: Option<Asked>,
    first_words: Time,
    /// Where its sound begins on the clock of speech, and when it was made.
    placed: Option<(u64, Time)>,
    started: Option<Time>,
}

impl Answer {
    fn say(&mut self, text: &str) {
        let text = text.trim();
        let is_apart = match (self.text.chars().last(), text.chars().next()) {
            (Some(last), Some(first)) => !(is_unspaced(last) && is_unspaced(first)),
            _ => false,
        };
        if is_apart {
            self.text.push(' ');
        }
        self.text.push_str(text);
    }

    fn word(&mut self, text: &str, from: u64) {
        let said = self.words.last().map_or(0, |(_, end)| *end);
        if let Some(at) = self.text[said..].find(text) {
            self.words.push((from, said + at + text.len()));
        }
    }

    /// What of it was heard when so much speech was.
    fn heard(&self, heard: u64) -> &str {
        let Some((at, _)) = self.placed else {
            return "";
        };
        let heard = heard.saturating_sub(at);
        let words = self.words.iter().take_while(|(from, _)| *from < heard);
        match words.last() {
            Some((_, end)) => &self.text[..*end],
            None => "",
        }
    }

    fn latency(&self) -> Option<Latency> {
        let Asked {
            voice_ended,
            decided,
        } = self.asked?;
        let since = |time: Time| time.saturating_sub(voice_ended).as_millis() as u64;
        Some(Latency {
            end_of_turn_ms: since(decided),
            first_words_ms: Some(since(self.first_words)),
            first_sound_ms: self.placed.map(|(_, made)| since(made)),
            voice_to_voice_ms: self.started.map(since),
        })
    }
}

impl AssistantAggregator {
    /// At the start of a call.
    pub fn new() -> Self {
        AssistantAggregator::default()
    }

    fn answer(&mut self, turn: TurnId) -> Option<&mut Answer> {
        self.answers.iter_mut().find(|answer| answer.turn == turn)
    }

    fn asked(&mut self, turn: &UserTurn, now: Time) {
        self.asked = Some(Asked {
            voice_ended: turn.end,
            decided: now,
        });
    }

    fn begin(&mut self, turn: TurnId, now: Time) {
        if self.answer(turn).is_none() {
            self.answers.push(Answer {
                turn,
                text: String::new(),
                words: Vec::new(),
                asked: self.asked.take(),
                first_words: now,
                placed: None,
                started: None,
            });
        }
    }

    fn started(&mut self, turn: TurnId, now: Time) {
        let Some(answer) = self.answer(turn) else {
            return;
        };
        answer.started = Some(now);
        if let Some(asked) = answer.asked {
            let waited = now.saturating_sub(asked.voice_ended);
            metrics::histogram!("call_voice_to_voice_seconds").record(waited.as_secs_f64());
        }
    }

    /// All of it was heard.
    fn stopped(&mut self, turn: TurnId, context: &mut Context) {
        let at = self.answers.iter().position(|answer| answer.turn == turn);
        if let Some(at) = at {
            let answer = self.answers.remove(at);
            if answer.placed.is_some() {
                keep(&answer, &answer.text, context);
            }
        }
    }

    /// Nothing more of what was begun will be heard.
    fn cut(&mut self, context: &mut Context) {
        for answer in std::mem::take(&mut self.answers) {
            keep(&answer, answer.heard(self.heard), context);
        }
    }
}

/// Puts what was heard into the dialogue and the transcript.
fn keep(answer: &Answer, text: &str, context: &mut Context) {
    let (Some(started), false) = (answer.started, text.is_empty()) else {
        return;
    };
    context.dialogue.assistant(text);
    context.tell(CallEvent::Segment {
        segment: Segment {
            speaker: Speaker::Agent,
            text: text.to_owned(),
            start: started.as_secs_f64(),
            end: context.now.as_secs_f64(),
            confidence: None,
            metadata: BTreeMap::new(),
            interrupted: text.len() < answer.text.len(),
            latency: answer.latency(),
        },
    });
}

/// Scripts that have no spaces between words, with their punctuation.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{2FFFF}')
}

impl Processor for AssistantAggregator {
    fn name(&self) -> &'static str {
        "AssistantAgg"
    }

    fn process(&mut self, frame: Frame, way: Way, context: &mut Context) {
        let now = context.now;
        match &frame {
            Frame::UserTurn(turn) => self.asked(turn, now),
            Frame::AnswerStarted { turn } => self.begin(*turn, now),
            Frame::Phrase(phrase) => {
                self.begin(phrase.turn, now);
                if let Some(answer) = self.answer(phrase.turn) {
                    answer.say(&phrase.text);
                }
            }
            Frame::Word {
                turn, text, from, ..
            } => {
                if let Some(answer) = self.answer(*turn) {
                    answer.word(text, *from);
                }
            }
            Frame::Placed { turn, at } => {
                if let Some(answer) = self.answer(*turn) {
                    answer.placed = Some((*at, now));
                }
            }
            Frame::Played { heard, .. } => self.heard = *heard,
            Frame::BotStarted { turn } => self.started(*turn, now),
            Frame::BotStopped { turn } => self.stopped(*turn, context),
            Frame::Interrupt | Frame::HangUp(_) => self.cut(context),
            Frame::Dtmf(digit) => context.tell(CallEvent::Dtmf { digit: *digit }),
            // STT tells of itself.
            Frame::Failed { part, why } if *part != Part::Asr => {
                let (part, why) = (*part, why.clone());
                context.tell(CallEvent::Failed { part, why });
            }
            Frame::Recovered(part) if *part != Part::Asr => {
                context.tell(CallEvent::Recovered { part: *part });
            }
            _ => {}
        }
        context.pass(frame, way);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{EndReason, Phrase, Sound};
    use crate::testing::{context, ms};

    const TURN: TurnId = TurnId(1);

    struct Call {
        link: AssistantAggregator,
        context: Context,
    }

    impl Call {
        /// An answer of three words, a second each, made 1.5 s after the caller's voice ended.
        fn answering() -> Self {
            let (link, context) = (AssistantAggregator::new(), context());
            let mut call = Call { link, context };
            let asked = UserTurn {
                end: ms(1000),
                ..UserTurn::default()
            };
            call.sees(1600, Frame::UserTurn(asked));
            call.sees(2000, Frame::AnswerStarted { turn: TURN });
            call.says("Hello, my");
            call.says("friend.");
            let words = [("Hello,", 0), ("my", 24_000), ("friend.", 48_000)];
            for (text, from) in words {
                let to = from + 24_000;
                let (turn, text) = (TURN, text.to_owned());
                call.sees(
                    2400,
                    Frame::Word {
                        turn,
                        text,
                        from,
                        to,
                    },
                );
            }
            call.sees(
                2500,
                Frame::Placed {
                    turn: TURN,
                    at: 5000,
                },
            );
            call.sees(2520, Frame::BotStarted { turn: TURN });
            call
        }

        fn sees(&mut self, at: u64, frame: Frame) {
            self.context.now = ms(at);
            self.link.process(frame, Way::Down, &mut self.context);
        }

        fn says(&mut self, text: &str) {
            let phrase = Phrase {
                turn: TURN,
                text: text.into(),
                spoken: Some("otherwise".into()),
            };
            self.sees(2100, Frame::Phrase(phrase));
        }

        fn played(&mut self, heard: u64) {
            let samples = vec![0; 480].into();
            let (sound, spoken) = (Sound { samples, at: 0 }, heard);
            self.sees(
                4000,
                Frame::Played {
                    sound,
                    spoken,
                    heard,
                },
            );
        }

        fn segments(&mut self) -> Vec<Segment> {
            let told = self.context.take_told().into_iter();
            told.filter_map(|event| match event {
                CallEvent::Segment { segment } => Some(segment),
                _ => None,
            })
            .collect()
        }

        fn dialogue(&self) -> Vec<String> {
            let messages = self.context.dialogue.messages().iter();
            messages.map(|message| format!("{message:?}")).collect()
        }
    }

    #[test]
    fn an_answer_that_was_heard_is_kept_whole_with_its_latencies() {
        let mut call = Call::answering();
        call.played(5000 + 72_000);
        call.sees(6000, Frame::BotStopped { turn: TURN });
        let [segment] = call.segments().try_into().expect("one segment");
        assert_eq!(segment.text, "Hello, my friend.");
        assert_eq!((segment.start, segment.end), (2.52, 6.0));
        assert!(!segment.interrupted);
        let latency = Latency {
            end_of_turn_ms: 600,
            first_words_ms: Some(1000),
            first_sound_ms: Some(1500),
            voice_to_voice_ms: Some(1520),
        };
        assert_eq!(segment.latency, Some(latency));
        assert!(call.dialogue()[0].contains("Hello, my friend."));
    }

    #[test]
    fn an_interrupted_answer_ends_with_the_last_word_that_was_heard() {
        let mut call = Call::answering();
        call.played(5000 + 24_100);
        call.sees(4000, Frame::Interrupt);
        call.sees(4000, Frame::BotStopped { turn: TURN });
        let [segment] = call.segments().try_into().expect("one segment");
        assert_eq!(segment.text, "Hello, my");
        assert!(segment.interrupted);
        assert_eq!(call.dialogue().len(), 1);
        assert!(!call.dialogue()[0].contains("friend"));
    }

    #[test]
    fn an_answer_of_which_nothing_was_heard_was_not_said() {
        let mut call = Call::answering();
        call.played(4000);
        call.sees(2600, Frame::Interrupt);
        assert_eq!(call.segments(), []);
        assert_eq!(call.dialogue().len(), 0);
    }

    #[test]
    fn what_was_heard_before_the_end_of_the_call_is_kept() {
        let mut call = Call::answering();
        call.played(5000 + 1);
        call.sees(2600, Frame::HangUp(EndReason::CallerHungUp));
        assert_eq!(call.segments()[0].text, "Hello,");
    }

    #[test]
    fn only_the_first_answer_to_a_turn_has_latencies() {
        let mut call = Call::answering();
        call.sees(3000, Frame::AnswerStarted { turn: TurnId(2) });
        assert!(
            call.link
                .answer(TurnId(2))
                .expect("begun")
                .latency()
                .is_none()
        );
    }

    #[test]
    fn scripts_without_spaces_get_none() {
        let (mut link, mut context) = (AssistantAggregator::new(), context());
        for text in ["你好。", "再见。"] {
            let phrase = Phrase {
                turn: TURN,
                text: text.into(),
                spoken: None,
            };
            link.process(Frame::Phrase(phrase), Way::Down, &mut context);
        }
        assert_eq!(link.answers[0].text, "你好。再见。");
    }
}
