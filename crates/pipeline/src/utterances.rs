//! What the caller said in several utterances, as one: for the language model, and for the record.

use crate::event::{Segment, Speaker};
use crate::frame::{UserTurn, Utterance};
use crate::settings::CallSettings;
use crate::wording::Wording;
use std::time::Duration;

/// The wording for what was heard: that of the call's language, or where that is left open, of the
/// language that was recognised.
pub fn wording(settings: &CallSettings, heard: &Utterance) -> &'static Wording {
    let heard = || Wording::known(heard.language.as_deref()?);
    Wording::known(&settings.language)
        .or_else(heard)
        .unwrap_or_else(|| Wording::of(""))
}

/// Utterances as a turn.
pub fn turn(utterances: Vec<Utterance>, goes_on: bool) -> UserTurn {
    UserTurn {
        text: text(&utterances),
        start: utterances
            .first()
            .map(|first| first.start)
            .unwrap_or_default(),
        end: utterances.last().map(|last| last.end).unwrap_or_default(),
        utterances,
        goes_on,
    }
}

/// Their words, with spaces between them where the script has any.
pub fn text(utterances: &[Utterance]) -> String {
    let mut text = String::new();
    for utterance in utterances {
        let is_unspaced = |c: char| u32::from(c) >= 0x2E80;
        let joins = text.ends_with(is_unspaced) && utterance.text.starts_with(is_unspaced);
        if !text.is_empty() && !joins {
            text.push(' ');
        }
        text.push_str(&utterance.text);
    }
    text
}

/// As the record of the call keeps them; none for none.
pub fn segment(utterances: &[Utterance]) -> Option<Segment> {
    let (first, last) = (utterances.first()?, utterances.last()?);
    let mut metadata = first.tags.clone();
    for utterance in &utterances[1..] {
        metadata.extend(utterance.tags.clone());
    }
    Some(Segment {
        speaker: Speaker::Customer,
        text: text(utterances),
        start: first.start.as_secs_f64(),
        end: last.end.as_secs_f64(),
        confidence: confidence(utterances),
        metadata,
        interrupted: false,
        latency: None,
    })
}

/// The mean, each counting as long as it took.
fn confidence(utterances: &[Utterance]) -> Option<f32> {
    let (mut sum, mut seconds) = (0.0, 0.0);
    for utterance in utterances {
        let took = utterance.end.saturating_sub(utterance.start);
        let took = took.max(Duration::from_millis(100)).as_secs_f32();
        sum += utterance.confidence? * took;
        seconds += took;
    }
    (seconds > 0.0).then(|| sum / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ms;

    fn said(text: &str, start: u64, end: u64, confidence: f32) -> Utterance {
        Utterance {
            text: text.into(),
            start: ms(start),
            end: ms(end),
            confidence: Some(confidence),
            ..Utterance::default()
        }
    }

    #[test]
    fn a_segment_has_the_words_times_and_confidence_of_all() {
        let all = [
            said("Two", 1000, 1300, 0.5),
            said("tickets.", 2000, 2900, 0.9),
        ];
        let segment = segment(&all).expect("there are some");
        assert_eq!(segment.text, "Two tickets.");
        assert_eq!((segment.start, segment.end), (1.0, 2.9));
        assert!((segment.confidence.unwrap_or(0.0) - 0.8).abs() < 1e-6);
    }

    #[test]
    fn where_the_language_is_left_open_the_recognised_one_counts() {
        let mut settings = crate::testing::settings();
        let mut heard = said("Ja.", 0, 1, 1.0);
        heard.language = Some("de".into());
        assert_eq!(wording(&settings, &heard).name, "English");
        settings.language = "auto".into();
        assert_eq!(wording(&settings, &heard).name, "German");
        heard.language = None;
        assert_eq!(wording(&settings, &heard).name, "English");
    }

    #[test]
    fn scripts_without_spaces_get_none() {
        let all = [said("你好。", 0, 1, 1.0), said("再见。", 0, 1, 1.0)];
        assert_eq!(text(&all), "你好。再见。");
    }
}
