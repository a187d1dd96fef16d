//! What is counted in a call, for its record.

use pipeline::{CallEvent, EndReason, Latency, Part, Speaker};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// See the module.
#[derive(Debug, Default)]
pub struct Tally {
    latencies: Vec<Latency>,
    turns: BTreeMap<&'static str, u32>,
    failures: BTreeMap<String, u32>,
    underruns: Option<u64>,
}

impl Tally {
    /// Counts what happened.
    pub fn note(&mut self, event: &CallEvent) {
        match event {
            CallEvent::Segment { segment } => {
                let whose = match segment.speaker {
                    Speaker::Agent => "agent",
                    Speaker::Customer => "customer",
                };
                *self.turns.entry(whose).or_default() += 1;
                self.latencies.extend(segment.latency);
            }
            CallEvent::Failed { part, .. } => *self.failures.entry(name(*part)).or_default() += 1,
            CallEvent::Ended { underruns, .. } => self.underruns = *underruns,
            _ => {}
        }
    }

    /// For the call's `metadata`.
    pub fn metadata(&self, reason: Option<EndReason>) -> Map<String, Value> {
        let mut latency = Map::new();
        let mut add = |name: &str, values: Vec<u64>| {
            if let Some(spread) = spread(values) {
                latency.insert(name.to_owned(), spread);
            }
        };
        let all = &self.latencies;
        add(
            "end_of_turn",
            all.iter().map(|l| l.end_of_turn_ms).collect(),
        );
        let some = |of: fn(&Latency) -> Option<u64>| all.iter().filter_map(of).collect();
        add("first_words", some(|l| l.first_words_ms));
        add("first_sound", some(|l| l.first_sound_ms));
        add("voice_to_voice", some(|l| l.voice_to_voice_ms));
        let mut metadata = Map::new();
        metadata.insert("end_reason".into(), json!(reason));
        metadata.insert("turns".into(), json!(self.turns));
        metadata.insert("latency_ms".into(), latency.into());
        if let Some(underruns) = self.underruns {
            metadata.insert("underruns".into(), underruns.into());
        }
        if !self.failures.is_empty() {
            metadata.insert("failures".into(), json!(self.failures));
        }
        metadata
    }
}

fn name(part: Part) -> String {
    let name = serde_json::to_value(part).unwrap_or_default();
    name.as_str().unwrap_or("other").to_owned()
}

/// Median, 95th percentile (nearest rank) and largest.
fn spread(mut values: Vec<u64>) -> Option<Value> {
    values.sort_unstable();
    let at = |share: usize| {
        let rank = (values.len() * share).div_ceil(100).max(1);
        values.get(rank - 1)
    };
    Some(json!({"p50": at(50)?, "p95": at(95)?, "max": values.last()?}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pipeline::Segment;

    #[test]
    fn latencies_become_percentiles_and_failures_are_counted() {
        let mut tally = Tally::default();
        for ms in [100, 300, 200] {
            let latency = Latency {
                end_of_turn_ms: ms,
                voice_to_voice_ms: Some(ms * 2),
                ..Latency::default()
            };
            let segment = Segment {
                speaker: Speaker::Agent,
                text: "Hello.".into(),
                start: 0.0,
                end: 1.0,
                confidence: None,
                metadata: BTreeMap::new(),
                interrupted: false,
                latency: Some(latency),
            };
            tally.note(&CallEvent::Segment { segment });
        }
        let why = "gone".to_owned();
        tally.note(&CallEvent::Failed {
            part: Part::Tts,
            why,
        });
        tally.note(&CallEvent::Ended {
            reason: EndReason::CallerHungUp,
            duration: 3.0,
            underruns: Some(2),
        });
        let metadata = tally.metadata(Some(EndReason::CallerHungUp));
        assert_eq!(
            Value::from(metadata),
            json!({"end_reason": "caller_hung_up", "turns": {"agent": 3}, "failures": {"tts": 1}, "underruns": 2,
                   "latency_ms": {"end_of_turn": {"p50": 200, "p95": 300, "max": 300},
                                  "voice_to_voice": {"p50": 400, "p95": 600, "max": 600}}})
        );
    }

    #[test]
    fn a_call_without_answers_has_no_latencies() {
        let metadata = Tally::default().metadata(None);
        assert_eq!(metadata["latency_ms"], json!({}));
    }
}
