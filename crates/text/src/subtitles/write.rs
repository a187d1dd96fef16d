//! SubRip (SRT) and WebVTT (W3C Recommendation, 2019) as text.

use super::{Utterance, cues::cues};
use std::fmt::Write;

/// An SRT file. Without utterances it is empty.
pub fn srt(utterances: &[Utterance]) -> String {
    let mut out = String::new();
    for (i, cue) in cues(utterances, true).iter().enumerate() {
        let label = cue
            .label
            .as_ref()
            .map(|l| format!("{l}: "))
            .unwrap_or_default();
        // SRT has no escapes; only the arrow could be taken for a line of times.
        let text = (label + &cue.lines.join("\n")).replace("-->", "→");
        let (start, end) = (clock(cue.start_ms, ','), clock(cue.end_ms, ','));
        push(
            &mut out,
            format_args!("{}\n{start} --> {end}\n{text}\n\n", i + 1),
        );
    }
    out
}

/// A WebVTT file. Without utterances it is the header alone.
pub fn vtt(utterances: &[Utterance]) -> String {
    let mut out = String::from("WEBVTT\n\n");
    for cue in cues(utterances, false) {
        let voice = cue
            .label
            .as_ref()
            .map(|l| format!("<v {}>", escape(l)))
            .unwrap_or_default();
        let text = cue
            .lines
            .iter()
            .map(|l| escape(l))
            .collect::<Vec<_>>()
            .join("\n");
        let (start, end) = (clock(cue.start_ms, '.'), clock(cue.end_ms, '.'));
        push(
            &mut out,
            format_args!("{start} --> {end}\n{voice}{text}\n\n"),
        );
    }
    out
}

fn push(out: &mut String, text: std::fmt::Arguments) {
    out.write_fmt(text)
        .expect("writing to a String cannot fail");
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// `HH:MM:SS` and milliseconds.
fn clock(ms: u64, point: char) -> String {
    let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!("{h:02}:{m:02}:{s:02}{point}{:03}", ms % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(text: &str, start: f64, end: f64) -> Utterance {
        Utterance {
            text: text.into(),
            start,
            end,
            ..Default::default()
        }
    }

    #[test]
    fn srt_has_numbers_and_commas() {
        let out = srt(&[said("Hello.", 1.0, 2.5), said("Bye.", 3661.25, 3662.5)]);
        assert_eq!(
            out,
            "1\n00:00:01,000 --> 00:00:02,500\nHello.\n\n2\n01:01:01,250 --> 01:01:02,500\nBye.\n\n"
        );
    }

    #[test]
    fn vtt_has_a_header_and_escapes_markup() {
        let out = vtt(&[said("a <b> & c --> d", 0.0, 2.0)]);
        assert_eq!(
            out,
            "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\na &lt;b&gt; &amp; c --&gt; d\n\n"
        );
    }

    #[test]
    fn nothing_said_is_an_empty_file() {
        assert_eq!(srt(&[]), "");
        assert_eq!(vtt(&[said("  ", 0.0, 1.0)]), "WEBVTT\n\n");
    }

    #[test]
    fn labels_are_shown() {
        let mut one = said("Hi.", 0.0, 1.0);
        one.label = Some("Channel 1".into());
        assert!(srt(std::slice::from_ref(&one)).contains("\nChannel 1: Hi.\n"));
        assert!(vtt(&[one]).contains("\n<v Channel 1>Hi.\n"));
    }

    proptest! {
        /// Whatever the text, no line of it can be read as times or end its cue early.
        #[test]
        fn text_cannot_break_the_format(text in "\\PC{0,80}|[->\n\r 0-9:,]{0,40}") {
            let file = srt(&[said(&text, 0.0, 3.0)]);
            prop_assert_eq!(file.matches("-->").count(), file.split_terminator("\n\n").count());
            let file = vtt(&[said(&text, 0.0, 3.0)]);
            prop_assert_eq!(file.matches("-->").count() + 1, file.split_terminator("\n\n").count());
        }
    }
}
