//! From the events of asr-server to frames.

use super::timeline::Timeline;
use crate::frame::{Frame, Time, Utterance};
use api::stream::{StreamEvent, StreamTranscript};

/// What is open: so that whoever is told that speech began is told how it ended, even when the
/// recogniser found no words in it or was lost in the middle of it.
#[derive(Debug, Default)]
pub struct Words {
    /// When it began.
    open: Option<Time>,
    /// The last interim of it.
    said: Option<Utterance>,
}

impl Words {
    /// What an event means. Times are put on the call's clock.
    pub fn frames(&mut self, event: StreamEvent, timeline: &Timeline) -> Vec<Frame> {
        match event {
            StreamEvent::SpeechStarted { start } => {
                let at = timeline.time(start);
                self.open = Some(at);
                vec![Frame::SpeechStarted { at }]
            }
            StreamEvent::SpeechPaused { end } => {
                let at = timeline.time(end);
                vec![Frame::SpeechPaused { at }]
            }
            StreamEvent::SpeechResumed { start } => {
                let at = timeline.time(start);
                vec![Frame::SpeechResumed { at }]
            }
            StreamEvent::Transcript(transcript) => {
                let is_final = transcript.is_final;
                let utterance = utterance(*transcript, timeline);
                if is_final {
                    (self.open, self.said) = (None, None);
                    vec![Frame::Final(utterance)]
                } else {
                    self.said = Some(utterance.clone());
                    vec![Frame::Interim(utterance)]
                }
            }
            StreamEvent::UtteranceEnd { end } => {
                let at = timeline.time(end);
                let mut frames = Vec::new();
                if self.open.take().is_some() {
                    self.said = None;
                    let nothing = Utterance {
                        start: at,
                        end: at,
                        is_complete: true,
                        ..Utterance::default()
                    };
                    frames.push(Frame::Final(nothing));
                }
                frames.push(Frame::UtteranceEnded { at });
                frames
            }
            StreamEvent::Ready { .. }
            | StreamEvent::Finalized { .. }
            | StreamEvent::Error { .. }
            | StreamEvent::SpeakerMap { .. }
            | StreamEvent::End { .. } => Vec::new(),
        }
    }

    /// The recogniser is lost: what was said so far is all there will be of it.
    pub fn lost(&mut self) -> Vec<Frame> {
        let (open, said) = (self.open.take(), self.said.take());
        let Some(at) = said.as_ref().map(|said| said.end).or(open) else {
            return Vec::new();
        };
        let nothing = Utterance {
            start: at,
            end: at,
            ..Utterance::default()
        };
        let said = said.unwrap_or(nothing);
        vec![Frame::SpeechPaused { at }, Frame::Final(said)]
    }
}

fn utterance(transcript: StreamTranscript, timeline: &Timeline) -> Utterance {
    let tags = transcript.metadata.unwrap_or_default();
    let start = timeline.time(transcript.start);
    Utterance {
        text: transcript.text.trim().to_owned(),
        start,
        end: timeline.time(transcript.end).max(start),
        language: Some(transcript.language).filter(|language| !language.is_empty()),
        confidence: transcript.confidence,
        tags: tags
            .into_iter()
            .filter_map(|(category, tag)| Some((category, tag?)))
            .collect(),
        is_complete: transcript.utterance_end,
        process_ms: transcript.process_ms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ms;

    fn transcript(text: &str, is_final: bool) -> StreamEvent {
        StreamEvent::Transcript(Box::new(StreamTranscript {
            channel: "caller".into(),
            text: text.into(),
            is_final,
            utterance_end: is_final,
            start: 1.0,
            end: 2.0,
            language: "en".into(),
            metadata: Some([("emotion".to_owned(), None)].into()),
            ..StreamTranscript::default()
        }))
    }

    fn timeline() -> Timeline {
        let mut timeline = Timeline::new(8000);
        timeline.sent(8000, 80_000);
        timeline
    }

    #[test]
    fn an_utterance_stands_on_the_clock_of_the_call_with_the_tags_that_are_known() {
        let frames = Words::default().frames(transcript("Hello. ", true), &timeline());
        let [Frame::Final(utterance)] = &frames[..] else {
            panic!("{frames:?}");
        };
        assert_eq!(utterance.text, "Hello.");
        assert_eq!((utterance.start, utterance.end), (ms(2000), ms(3000)));
        assert!(utterance.is_complete && utterance.tags.is_empty());
    }

    #[test]
    fn speech_without_words_has_an_empty_final() {
        let mut words = Words::default();
        words.frames(StreamEvent::SpeechStarted { start: 1.0 }, &timeline());
        let frames = words.frames(StreamEvent::UtteranceEnd { end: 2.0 }, &timeline());
        assert!(matches!(&frames[..],
            [Frame::Final(nothing), Frame::UtteranceEnded { at }]
                if nothing.text.is_empty() && *at == ms(3000)));
        let frames = words.frames(StreamEvent::UtteranceEnd { end: 2.0 }, &timeline());
        assert_eq!(frames.len(), 1);
    }

    #[test]
    fn what_was_said_before_the_recogniser_was_lost_is_kept() {
        let mut words = Words::default();
        assert_eq!(words.lost(), []);
        words.frames(StreamEvent::SpeechStarted { start: 1.0 }, &timeline());
        words.frames(transcript("I want to", false), &timeline());
        let lost = words.lost();
        let [Frame::SpeechPaused { .. }, Frame::Final(utterance)] = &lost[..] else {
            panic!("{lost:?}");
        };
        assert_eq!(utterance.text, "I want to");
        assert!(!utterance.is_complete);
        assert_eq!(words.lost(), []);
    }
}
