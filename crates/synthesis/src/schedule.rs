//! Whose turn it is, and whether one speaker more can be kept ahead of its listener. All times in
//! seconds.

/// One speech in the making.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Speaker {
    /// Whether someone listens.
    pub live: bool,
    /// Sound made that is not heard yet; nothing before the first.
    pub lead: Option<f64>,
    /// Sound still to be made.
    pub remaining: f64,
    /// Since it came.
    pub age: f64,
}

/// Listeners hear no gap while the lead is above this.
const SAFE: f64 = 0.15;

/// What those without listeners leave to those who have: as if they were so far ahead.
const BATCH: f64 = 1.5;

/// How soon its turn comes: the smallest is next.
pub(crate) fn urgency(speaker: &Speaker) -> f64 {
    match (speaker.live, speaker.lead) {
        (true, Some(lead)) => lead,
        // First sounds before all that is safe; the one that came first before others.
        (true, None) => SAFE - speaker.age * 1e-3,
        // Waits, but not for ever.
        (false, _) => BATCH - speaker.age * 0.02,
    }
}

/// Work before a first sound, as so much sound.
const PREPARATION: f64 = 0.3;

/// Part of the time that may be planned with.
const USABLE: f64 = 0.95;

/// Whether a new listener with `remaining` seconds to hear can be served beside the live ones of
/// `speakers` without a gap for anyone, when a second of sound takes `cost` seconds of all
/// workers: at no time ahead may more work be due than there is time.
pub(crate) fn fits(speakers: &[Speaker], remaining: f64, cost: f64) -> bool {
    let live = speakers
        .iter()
        .filter(|speaker| speaker.live && speaker.remaining > 0.0);
    let mut due: Vec<(f64, f64)> = live
        .map(|speaker| match speaker.lead {
            Some(lead) => (lead.max(0.0), speaker.remaining),
            None => (SAFE, speaker.remaining + PREPARATION),
        })
        .collect();
    if due.is_empty() {
        return true;
    }
    due.push((2.0 * SAFE, remaining + PREPARATION));
    let ends: Vec<f64> = due
        .iter()
        .map(|(lead, remaining)| lead + remaining)
        .collect();
    ends.iter().all(|&end| {
        let work: f64 = due
            .iter()
            .map(|(lead, remaining)| cost * (end - lead).clamp(0.0, *remaining))
            .sum();
        work <= end * USABLE
    })
}

#[cfg(test)]
mod tests {
    use super::{Speaker, fits, urgency};

    fn speaker(lead: Option<f64>, remaining: f64) -> Speaker {
        Speaker {
            live: true,
            lead,
            remaining,
            age: 1.0,
        }
    }

    #[test]
    fn whoever_runs_dry_is_first_then_newcomers_then_those_ahead_then_files() {
        let dry = speaker(Some(0.05), 3.0);
        let (new, newer) = (
            speaker(None, 3.0),
            Speaker {
                age: 0.1,
                ..speaker(None, 3.0)
            },
        );
        let ahead = speaker(Some(1.0), 3.0);
        let file = Speaker { live: false, ..new };
        let order = [dry, new, newer, ahead, file].map(|speaker| urgency(&speaker));
        assert!(order.is_sorted(), "{order:?}");
        let old = Speaker { age: 100.0, ..file };
        assert!(urgency(&old) < urgency(&dry), "none waits for ever");
    }

    #[test]
    fn an_idle_machine_takes_anyone_and_a_full_one_nobody() {
        assert!(fits(&[], 1000.0, 5.0));
        let busy = [speaker(Some(0.2), 10.0)];
        assert!(!fits(&busy, 10.0, 0.6), "two at 0.6 each are too many");
        assert!(fits(&busy, 10.0, 0.4));
    }

    #[test]
    fn sound_made_ahead_makes_room() {
        assert!(fits(&[speaker(Some(5.0), 2.0)], 4.0, 0.6));
        let short = [speaker(Some(0.3), 0.2), speaker(Some(1.0), 0.5)];
        assert!(fits(&short, 3.0, 0.5));
    }
}
