//! Which heads a profile has: the categories of its tags, by the names of their weights.

use super::Insight;
use crate::profiles::Profile;
use api::tags::HeadInfo;
use speech::{Head, TextHead};
use std::collections::BTreeMap;

/// Heads that read the voice.
const VOICE: [&str; 3] = ["emotion", "age", "gender"];

/// How the training scripts' keys begin that say how good a head is.
const FIGURES: [&str; 2] = ["macro_", "right_of_tagged_"];

/// The heads of a profile.
#[derive(Debug, Clone, Default)]
pub struct Heads {
    /// Those that read the voice, in this order: names of files in `models/heads`.
    pub voice: Vec<&'static str>,
    /// Those that read the words.
    pub text: Vec<TextHead>,
}

impl Heads {
    /// The heads of these names.
    ///
    /// # Errors
    /// The first name that is none.
    pub fn named(names: &[String]) -> Result<Self, String> {
        let mut heads = Heads::default();
        for name in names {
            let voice = VOICE.into_iter().find(|voice| voice == name);
            let text = TextHead::ALL.into_iter().find(|head| head.name() == name);
            match (voice, text) {
                (Some(voice), _) => heads.voice.push(voice),
                (None, Some(head)) => heads.text.push(head),
                (None, None) => return Err(name.clone()),
            }
        }
        Ok(heads)
    }

    /// The head that tells intents.
    pub fn intent(&self) -> Option<TextHead> {
        let is_intent = |head: &&TextHead| category(head.name()) == "intent";
        self.text.iter().find(is_intent).copied()
    }
}

/// The key in `metadata` of the head of this name: `intent` of `intent_general`.
pub fn category(name: &str) -> &str {
    name.split('_').next().unwrap_or(name)
}

impl Insight {
    /// What `GET /models` says of the heads of a profile.
    pub fn heads(&self, profile: &Profile) -> Vec<HeadInfo> {
        let heads = &profile.heads;
        let voice = heads.voice.iter().filter_map(|name| {
            let (head, absent) = self.models.voice_tags.head(name)?;
            Some(info(head, "voice", absent))
        });
        let text = heads.text.iter();
        let text = text.map(|&head| info(self.models.text_tags.head(head), "text", &[]));
        let written = profile.inline.iter().map(|(category, labels)| HeadInfo {
            category: category.clone(),
            id: profile.acoustic.clone(),
            labels: labels.clone(),
            absent_labels: Vec::new(),
            reads: "audio".to_owned(),
            languages: profile.language_codes(),
            threshold: 0.0,
            accuracy: BTreeMap::new(),
        });
        written.chain(voice).chain(text).collect()
    }
}

fn info(head: &Head, reads: &str, absent: &[String]) -> HeadInfo {
    let figure = |(key, value): (&str, &str)| {
        let is_figure = FIGURES.iter().any(|prefix| key.starts_with(prefix));
        Some((key.to_owned(), value.parse().ok().filter(|_| is_figure)?))
    };
    HeadInfo {
        category: category(head.name()).to_owned(),
        id: head.name().to_owned(),
        labels: head.labels().to_vec(),
        absent_labels: absent.to_vec(),
        reads: reads.to_owned(),
        languages: match reads {
            "text" => vec!["en".to_owned()],
            _ => Vec::new(),
        },
        threshold: head.threshold(),
        accuracy: head.all_metadata().filter_map(figure).collect(),
    }
}
