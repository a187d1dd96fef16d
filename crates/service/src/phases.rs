//! What a request spent its time on: handlers note it, the slow-request log tells it.

use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// More are not kept: a batch of files has the same phases many times, which are added up.
const MOST: usize = 16;

/// Times by name, in the order in which they were first noted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Phases(Arc<Mutex<Vec<(&'static str, Duration)>>>);

tokio::task_local! {
    static CURRENT: Phases;
}

/// Adds to a phase of the request that this task works for; nothing outside of one.
pub fn note(name: &'static str, time: Duration) {
    let _ = CURRENT.try_with(|phases| phases.add(name, time));
}

/// Runs a future whose notes are kept in `phases`.
pub(crate) async fn scope<F: Future>(phases: Phases, future: F) -> F::Output {
    CURRENT.scope(phases, future).await
}

impl Phases {
    fn add(&self, name: &'static str, time: Duration) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.iter().position(|(known, _)| *known == name);
        match known {
            Some(at) => all[at].1 += time,
            None if all.len() < MOST => all.push((name, time)),
            None => {}
        }
    }

    /// What was noted.
    pub(crate) fn all(&self) -> Vec<(&'static str, Duration)> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.clone()
    }

    /// `decode=12ms vad=3ms`; none when nothing was noted.
    pub(crate) fn text(&self) -> Option<String> {
        let mut text = String::new();
        for (name, time) in self.all() {
            let space = if text.is_empty() { "" } else { " " };
            // Writing to a string does not fail.
            let _ = write!(text, "{space}{name}={}ms", time.as_millis());
        }
        (!text.is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_phase_noted_twice_is_added_up() {
        let phases = Phases::default();
        note("lost", Duration::from_millis(1));
        scope(phases.clone(), async {
            note("decode", Duration::from_millis(10));
            note("vad", Duration::from_millis(2));
            note("decode", Duration::from_millis(5));
        })
        .await;
        assert_eq!(phases.text().as_deref(), Some("decode=15ms vad=2ms"));
        assert_eq!(Phases::default().text(), None);
    }
}
