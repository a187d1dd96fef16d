//! Prometheus text of several services joined into one: every series labelled with its service,
//! every family in one piece, as the format wants it (version 0.0.4).

use std::collections::BTreeMap;
use std::fmt::Write;

/// What each metric means: name, a tab, one sentence. `docs/operating.md` has the same list.
const MEANINGS: &str = include_str!("metrics.tsv");

/// Families by name.
#[derive(Debug, Default)]
pub struct Exposition(BTreeMap<String, Family>);

#[derive(Debug, Default)]
struct Family {
    kind: String,
    lines: Vec<String>,
}

impl Exposition {
    /// Adds what a service told. A line that is none of the format, or names a service itself, is
    /// left out.
    pub fn add(&mut self, service: &str, text: &str) {
        let mut family = String::new();
        for line in text.lines().map(str::trim) {
            if let Some((name, kind)) = line
                .strip_prefix("# TYPE ")
                .and_then(|rest| rest.split_once(' '))
            {
                family = name.to_owned();
                let known = self.0.entry(family.clone()).or_default();
                if is_name(name) && known.kind.is_empty() {
                    known.kind = kind.trim().to_owned();
                }
            } else if let Some((name, labelled)) = labelled(service, line) {
                let name = if belongs(name, &family) {
                    &family
                } else {
                    name
                };
                let family = self.0.entry(name.to_owned()).or_default();
                family.lines.push(labelled);
            }
        }
    }

    /// Says whether a service could be asked.
    pub fn up(&mut self, service: &str, up: bool) {
        let family = self.0.entry("up".to_owned()).or_default();
        family.kind = "gauge".to_owned();
        let line = format!("up{{service=\"{service}\"}} {}", u8::from(up));
        family.lines.push(line);
    }

    /// Everything as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (name, family) in &self.0 {
            if family.lines.is_empty() {
                continue;
            }
            // Writing to a string does not fail.
            if let Some(meaning) = meaning(name) {
                let _ = writeln!(text, "# HELP {name} {meaning}");
            }
            if !family.kind.is_empty() {
                let _ = writeln!(text, "# TYPE {name} {}", family.kind);
            }
            for line in &family.lines {
                let _ = writeln!(text, "{line}");
            }
        }
        text
    }
}

/// A sample's name, and its line with the service as the first label.
fn labelled<'a>(service: &str, line: &'a str) -> Option<(&'a str, String)> {
    let end = line.find(['{', ' '])?;
    let (name, rest) = line.split_at(end);
    if !is_name(name) {
        return None;
    }
    let line = match rest.strip_prefix('{') {
        Some(labels) if labels.starts_with("service=\"") || labels.contains(",service=\"") => {
            return None;
        }
        Some(labels) => {
            let comma = if labels.starts_with('}') { "" } else { "," };
            format!("{name}{{service=\"{service}\"{comma}{labels}")
        }
        None => format!("{name}{{service=\"{service}\"}}{rest}"),
    };
    Some((name, line))
}

/// Whether a sample is one of a family: its own name, or that of a part of a histogram.
fn belongs(name: &str, family: &str) -> bool {
    let part = name.strip_prefix(family);
    !family.is_empty() && part.is_some_and(|part| ["", "_bucket", "_sum", "_count"].contains(&part))
}

fn is_name(name: &str) -> bool {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':';
    let first = name.bytes().next();
    first.is_some_and(|first| !first.is_ascii_digit()) && name.bytes().all(part)
}

fn meaning(name: &str) -> Option<&'static str> {
    let lines = MEANINGS.lines().filter_map(|line| line.split_once('\t'));
    lines
        .into_iter()
        .find(|(known, _)| *known == name)
        .map(|(_, meaning)| meaning)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn families_of_two_services_become_one_and_each_series_names_its_service() {
        let mut all = Exposition::default();
        all.add(
            "asr",
            "# TYPE http_requests_total counter\nhttp_requests_total{route=\"/a,b\"} 2\n\n# TYPE x_seconds histogram\nx_seconds_bucket{le=\"1\"} 1\nx_seconds_sum 0.5\nx_seconds_count 1\n",
        );
        all.add(
            "tts",
            "# HELP x ours\n# TYPE http_requests_total counter\nhttp_requests_total{} 3\nnonsense\n5x 1\n",
        );
        all.up("asr", true);
        all.up("tts", false);
        let text = all.text();
        assert!(
            text.contains("# TYPE http_requests_total counter\nhttp_requests_total{service=\"asr\",route=\"/a,b\"} 2\nhttp_requests_total{service=\"tts\"} 3\n"),
            "{text}"
        );
        assert!(
            text.contains("# TYPE x_seconds histogram\nx_seconds_bucket{service=\"asr\",le=\"1\"} 1\nx_seconds_sum{service=\"asr\"} 0.5\n"),
            "{text}"
        );
        assert!(
            text.contains("up{service=\"asr\"} 1\nup{service=\"tts\"} 0\n"),
            "{text}"
        );
        assert!(!text.contains("nonsense") && !text.contains("5x"), "{text}");
    }

    #[test]
    fn a_service_cannot_speak_for_another() {
        let mut all = Exposition::default();
        all.add(
            "asr",
            "a{service=\"tts\"} 1\nb{x=\"1\",service=\"tts\"} 1\n",
        );
        assert_eq!(all.text(), "");
    }

    proptest! {
        #[test]
        fn any_text_does_no_harm(text in "(# TYPE |[a-z_{}=\" 0-9\n]|.)*") {
            let mut all = Exposition::default();
            all.add("asr", &text);
            for line in all.text().lines().filter(|line| !line.starts_with('#')) {
                prop_assert!(line.contains("{service=\"asr\""), "{}", line);
            }
        }
    }
}
