//! Subtitles read by parsers that others wrote: PyPI's `srt` and `webvtt-py`.

use e2e::live::python;
use e2e::{Stack, recording_named};

const LONGEST_LINE: usize = 42;
/// Seconds a cue is shown.
const SHOWN: std::ops::RangeInclusive<f64> = 1.0..=7.0;

#[test]
fn subtitles_parse_and_can_be_read_in_time() {
    let stack = Stack::shared();
    let folder = tempfile::tempdir().unwrap();
    for format in ["srt", "vtt"] {
        let answer = stack.transcribe(
            &recording_named("two_cities.wav"),
            &[&format!("format={format}"), "language=en"],
        );
        assert_eq!(answer.status, 200, "{}", answer.body);
        let path = folder.path().join(format!("two_cities.{format}"));
        std::fs::write(&path, &answer.body).unwrap();
        let cues = python("subtitles.py", &[path.to_str().unwrap()], "").stdout;
        let cues: Vec<(f64, f64, String)> = serde_json::from_slice(&cues).unwrap();

        assert!(cues.len() >= 6, "{}", answer.body);
        let mut previous = 0.0;
        for (start, end, text) in &cues {
            assert!(
                previous <= *start + 1e-6,
                "{start} before {previous}:\n{}",
                answer.body
            );
            assert!(
                SHOWN.contains(&(((end - start) * 1000.0).round() / 1000.0)),
                "{start}-{end} {text}"
            );
            let lines: Vec<&str> = text.lines().collect();
            assert!((1..=2).contains(&lines.len()), "{text}");
            assert!(
                lines
                    .iter()
                    .all(|line| line.chars().count() <= LONGEST_LINE),
                "{text}"
            );
            previous = *end;
        }
        let text: Vec<&str> = cues.iter().map(|(_, _, text)| text.as_str()).collect();
        let text = text.join(" ").replace('\n', " ").to_lowercase();
        assert!(
            text.contains("best of times") && text.contains("winter of despair"),
            "{text}"
        );
    }
}
