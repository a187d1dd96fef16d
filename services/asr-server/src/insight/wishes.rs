//! What a client wants to know of who spoke and how, out of the fields of a form.

use crate::profiles::Profile;
use service::{ApiError, ApiResult, Form};

/// Most speakers that can be asked for.
const MOST_SPEAKERS: usize = 100;
/// Most that are looked for where nothing is said.
const USUAL_MOST: usize = 10;
/// Longest list of labels in bytes.
const LABELS_LIMIT: usize = 8_192;

/// How many people may be speaking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpeakerCount {
    /// Exactly so many.
    pub exact: Option<usize>,
    /// At least so many.
    pub min: usize,
    /// At most so many.
    pub max: usize,
}

/// What is wanted beside the words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wishes {
    /// Tags of voice and words.
    pub metadata: bool,
    /// Probabilities of all labels.
    pub metadata_prob: bool,
    /// Who spoke when.
    pub diarize: Option<SpeakerCount>,
    /// The vectors of voices.
    pub speaker_embedding: bool,
    /// Speech act and domain.
    pub structured_intents: bool,
    /// The intents to choose from; empty for all.
    pub intent_labels: Vec<String>,
    /// Fluency, vocabulary, grammar, pace.
    pub speech_analysis: bool,
}

impl Wishes {
    /// Reads the fields; says what was accepted but has no effect.
    ///
    /// # Errors
    /// 422 with the field.
    pub fn read(form: &mut Form, profile: &Profile, warnings: &mut Vec<String>) -> ApiResult<Self> {
        let wishes = Wishes {
            metadata: form.bool("metadata")?.unwrap_or(true),
            metadata_prob: form.bool("metadata_prob")?.unwrap_or(false),
            diarize: speakers(form, warnings)?,
            speaker_embedding: form.bool("speaker_embedding")?.unwrap_or(false),
            structured_intents: form.bool("structured_intents")?.unwrap_or(false),
            intent_labels: intent_labels(form, profile, warnings)?,
            speech_analysis: form.bool("speech_analysis")?.unwrap_or(false),
        };
        Ok(wishes)
    }

    /// Reads the fields of a stream's configuration; says what has no effect.
    ///
    /// # Errors
    /// 422 with the field.
    pub fn read_live(form: &mut Form, warnings: &mut Vec<String>) -> ApiResult<Self> {
        Ok(Wishes {
            metadata: form.bool("metadata")?.unwrap_or(true),
            metadata_prob: form.bool("metadata_prob")?.unwrap_or(false),
            diarize: speakers(form, warnings)?,
            ..Wishes::default()
        })
    }

    /// Nothing beside the words: the fastest.
    pub fn none() -> Self {
        Wishes::default()
    }

    /// Nothing but who spoke: subtitles have no room for more.
    pub fn only_speakers(&mut self) {
        *self = Wishes {
            diarize: self.diarize,
            ..Wishes::default()
        };
    }

    /// Whether the times of words are needed.
    pub fn needs_word_times(&self) -> bool {
        self.diarize.is_some() || self.speech_analysis
    }

    /// Whether voices are looked at.
    pub fn needs_voices(&self) -> bool {
        self.metadata || self.speaker_embedding || self.diarize.is_some()
    }
}

fn speakers(form: &mut Form, warnings: &mut Vec<String>) -> ApiResult<Option<SpeakerCount>> {
    let diarize = form.bool("diarize")?.unwrap_or(false);
    let exact = form.number("num_speakers", 1..=MOST_SPEAKERS)?;
    let min = form.number("min_speakers", 1..=MOST_SPEAKERS)?;
    let max = form.number("max_speakers", 1..=MOST_SPEAKERS)?;
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        return Err(ApiError::invalid_parameter(
            "min_speakers",
            format!("`min_speakers` ({min}) must not be more than `max_speakers` ({max})."),
        ));
    }
    if !diarize {
        let given = [
            ("num_speakers", exact),
            ("min_speakers", min),
            ("max_speakers", max),
        ];
        for (name, _) in given.iter().filter(|(_, value)| value.is_some()) {
            warnings.push(format!("`{name}` has no effect without `diarize=true`."));
        }
        return Ok(None);
    }
    if exact.is_some() && (min.is_some() || max.is_some()) {
        let why = "`min_speakers` and `max_speakers` have no effect beside `num_speakers`.";
        warnings.push(why.into());
    }
    let min = min.unwrap_or(1);
    let max = max.unwrap_or(USUAL_MOST.max(min));
    Ok(Some(SpeakerCount { exact, min, max }))
}

fn intent_labels(
    form: &mut Form,
    profile: &Profile,
    warnings: &mut Vec<String>,
) -> ApiResult<Vec<String>> {
    let Some(text) = form.text("intent_labels") else {
        return Ok(Vec::new());
    };
    if text.len() > LABELS_LIMIT {
        let length = text.len();
        let message =
            format!("`intent_labels` must have at most {LABELS_LIMIT} bytes, not {length}.");
        return Err(ApiError::invalid_parameter("intent_labels", message));
    }
    let labels: Vec<String> = text
        .split(',')
        .map(|label| label.trim().to_ascii_uppercase())
        .filter(|label| !label.is_empty())
        .collect();
    let Some(known) = profile.intents() else {
        if !labels.is_empty() {
            let id = &profile.id;
            warnings.push(format!(
                "`intent_labels` has no effect: the model `{id}` has no intents."
            ));
        }
        return Ok(Vec::new());
    };
    for label in &labels {
        if !known.contains(&label.as_str()) {
            let label: String = label.chars().take(64).collect();
            let message = format!(
                "`{label}` is no intent of the model `{}`; it knows: {}.",
                profile.id,
                known.join(", ")
            );
            return Err(ApiError::invalid_parameter("intent_labels", message));
        }
    }
    Ok(labels)
}
