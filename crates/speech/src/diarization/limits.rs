//! How many speakers there may be, and how alike two stretches must be to be one's.

use crate::SpeechError;

/// How many speakers there may be. There are never more than the recording gives reason for:
/// of one sentence asked as five speakers one is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpeakerLimits {
    /// As many, whatever the voices say; then the other two do not count.
    pub exact: Option<usize>,
    /// At least as many.
    pub min: usize,
    /// At most as many.
    pub max: usize,
}

impl Default for SpeakerLimits {
    fn default() -> Self {
        Self {
            exact: None,
            min: 1,
            max: 10,
        }
    }
}

impl SpeakerLimits {
    /// Whether they make sense.
    ///
    /// # Errors
    /// [`SpeechError::InvalidOption`] for no speakers at all, or more at least than at most.
    pub fn check(&self) -> Result<(), SpeechError> {
        let invalid = |name, expected| Err(SpeechError::InvalidOption { name, expected });
        match *self {
            Self { exact: Some(0), .. } => invalid("num_speakers", "at least 1"),
            Self { exact: Some(_), .. } => Ok(()),
            Self { min: 0, .. } => invalid("min_speakers", "at least 1"),
            Self { max: 0, .. } => invalid("max_speakers", "at least 1"),
            Self { min, max, .. } if min > max => invalid("min_speakers", "not above max_speakers"),
            _ => Ok(()),
        }
    }

    /// Fewest and most.
    pub(super) fn range(&self) -> (usize, usize) {
        self.exact
            .map_or((self.min, self.max), |count| (count, count))
    }
}

/// What was tuned on mixtures (docs/speakers.md).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DiarizationOptions {
    /// Clusters whose average cosine distance is below this are one speaker's.
    pub threshold: f32,
    /// A cluster with less speech than this, in seconds, is no speaker of its own, unless its
    /// voice is very different.
    pub least_speech_s: f32,
    /// The same for a cluster with less than this share of the largest one's speech, as long as
    /// it has less than [`Self::enough_speech_s`].
    pub least_share: f32,
    /// Speech that is enough, in seconds, however much others speak.
    pub enough_speech_s: f32,
    /// Weight of what the same local speaker says elsewhere in the window.
    pub sibling: f32,
    /// Weight of what goes on in the next window.
    pub seam: f32,
}

impl Default for DiarizationOptions {
    fn default() -> Self {
        Self {
            threshold: 0.55,
            least_speech_s: 3.0,
            least_share: 0.35,
            enough_speech_s: 6.0,
            sibling: 0.1,
            seam: 0.1,
        }
    }
}

impl DiarizationOptions {
    /// Seconds of speech that make a speaker beside one who says `largest_s`.
    pub(super) fn enough_s(&self, largest_s: f32) -> f32 {
        let share = (self.least_share * largest_s).min(self.enough_speech_s);
        share.max(self.least_speech_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_at_least_than_at_most_is_refused() {
        let limits = |exact, min, max| SpeakerLimits { exact, min, max };
        assert!(SpeakerLimits::default().check().is_ok());
        assert!(limits(None, 3, 3).check().is_ok());
        assert!(limits(Some(5), 3, 2).check().is_ok());
        for wrong in [
            limits(None, 3, 2),
            limits(None, 0, 2),
            limits(Some(0), 1, 2),
        ] {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn who_speaks_much_raises_what_makes_a_speaker_but_not_without_end() {
        let options = DiarizationOptions::default();
        let enough = [2.0, 12.0, 600.0].map(|largest_s| options.enough_s(largest_s));
        assert_eq!(enough[0], options.least_speech_s);
        assert!(enough[0] < enough[1] && enough[1] < enough[2]);
        assert_eq!(enough[2], options.enough_speech_s);
    }
}
