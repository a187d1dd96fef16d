//! How likely each label of a tag is.

use std::sync::Arc;

/// Probabilities over the labels of a tag.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    labels: Arc<[String]>,
    probabilities: Vec<f32>,
    threshold: f32,
}

impl Distribution {
    /// Probabilities of `labels`, in their order, which sum to 1, and the least that a label needs
    /// to be a tag.
    pub(crate) fn new(labels: Arc<[String]>, probabilities: Vec<f32>, threshold: f32) -> Self {
        debug_assert_eq!(labels.len(), probabilities.len());
        Self {
            labels,
            probabilities,
            threshold,
        }
    }

    /// The labels, in the head's order.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Probability of each label, 0..1; they sum to 1.
    pub fn probabilities(&self) -> &[f32] {
        &self.probabilities
    }

    /// Labels with their probabilities, in the head's order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f32)> {
        let labels = self.labels.iter().map(String::as_str);
        labels.zip(self.probabilities.iter().copied())
    }

    /// Least probability of a label that is said.
    pub fn threshold(&self) -> f32 {
        self.threshold
    }

    /// The likeliest label and its probability, however unlikely.
    pub fn likeliest(&self) -> Option<(&str, f32)> {
        self.iter().max_by(|one, other| one.1.total_cmp(&other.1))
    }

    /// The likeliest label, when it is likely enough to be said.
    pub fn top(&self) -> Option<(&str, f32)> {
        self.likeliest()
            .filter(|(_, probability)| *probability >= self.threshold)
    }

    /// Probability of `label`; nothing when the head does not know it.
    pub fn of(&self, label: &str) -> Option<f32> {
        self.iter().find(|(name, _)| *name == label).map(|(_, p)| p)
    }

    /// Only `wanted`, in the head's order, scaled to sum to 1: which it is, given that it is one of
    /// these. When all of them are impossible, they are equally likely. The threshold stays.
    ///
    /// # Errors
    /// The labels that the head does not know, in the order asked for, when there are any.
    pub fn only<S: AsRef<str>>(&self, wanted: &[S]) -> Result<Self, Vec<String>> {
        let unknown: Vec<String> = wanted
            .iter()
            .map(AsRef::as_ref)
            .filter(|label| self.of(label).is_none())
            .map(str::to_owned)
            .collect();
        if !unknown.is_empty() {
            return Err(unknown);
        }
        let is_wanted = |label: &str| wanted.iter().any(|wanted| wanted.as_ref() == label);
        let (labels, mut probabilities): (Vec<String>, Vec<f32>) = self
            .iter()
            .filter(|(label, _)| is_wanted(label))
            .map(|(label, probability)| (label.to_owned(), probability))
            .unzip();
        let sum: f32 = probabilities.iter().sum();
        let equal = 1.0 / probabilities.len().max(1) as f32;
        for probability in &mut probabilities {
            *probability = if sum > 0.0 { *probability / sum } else { equal };
        }
        Ok(Self::new(labels.into(), probabilities, self.threshold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moods() -> Distribution {
        let labels = ["CALM", "GLAD", "SAD"].map(str::to_owned);
        Distribution::new(labels.into(), vec![0.2, 0.5, 0.3], 0.4)
    }

    #[test]
    fn the_likeliest_label_is_said_only_when_likely_enough() {
        assert_eq!(moods().top(), Some(("GLAD", 0.5)));
        let unsure = Distribution::new(moods().labels.clone(), vec![0.33, 0.33, 0.34], 0.4);
        assert_eq!(unsure.top(), None);
        assert_eq!(unsure.likeliest(), Some(("SAD", 0.34)));
    }

    #[test]
    fn a_choice_of_labels_sums_to_one() {
        let found = moods().only(&["SAD", "CALM"]).expect("both are known");
        assert_eq!(found.labels(), ["CALM", "SAD"]);
        assert_eq!(found.probabilities(), [0.4, 0.6]);
        assert_eq!(found.top(), Some(("SAD", 0.6)));
    }

    #[test]
    fn a_label_asked_for_twice_counts_once() {
        let found = moods().only(&["SAD", "SAD"]).expect("it is known");
        assert_eq!(found.iter().collect::<Vec<_>>(), [("SAD", 1.0)]);
    }

    #[test]
    fn unknown_labels_are_named() {
        let found = moods().only(&["SAD", "BORED", "ODD"]);
        assert_eq!(found, Err(vec!["BORED".to_owned(), "ODD".to_owned()]));
    }

    #[test]
    fn impossible_labels_are_equally_likely() {
        let labels = ["A", "B", "C"].map(str::to_owned);
        let sure = Distribution::new(labels.into(), vec![1.0, 0.0, 0.0], 0.4);
        let found = sure.only(&["B", "C"]).expect("both are known");
        assert_eq!(found.probabilities(), [0.5, 0.5]);
    }

    #[test]
    fn no_labels_at_all_give_no_tag() {
        let found = moods().only::<&str>(&[]).expect("none is unknown");
        assert_eq!(found.top(), None);
    }
}
