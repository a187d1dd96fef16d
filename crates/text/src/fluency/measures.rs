//! What an analysis says.

use std::collections::BTreeMap;

/// Of the whole recording, and of each speaker where they are told apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SpeechAnalysis {
    /// Of all speech together.
    pub speech: SpeechMeasures,
    /// By speaker; empty where they are not told apart.
    pub speakers: BTreeMap<String, SpeakerMeasures>,
}

/// Measures of one speaker.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SpeakerMeasures {
    /// Of this speaker's speech.
    pub speech: SpeechMeasures,
    /// Share of all speakers' time of speaking, 0..1; `None` where nobody speaks.
    pub talk_ratio: Option<f64>,
    /// How often this speaker begins while another one speaks, and goes on after that one stopped.
    pub interruptions: usize,
}

/// Measures of a stretch of speech.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SpeechMeasures {
    /// Share of words reached without hesitation, 0..1.
    pub lexical_fluency: Option<f64>,
    /// Different words in a moving window of 50, as a share of it, 0..1 (MATTR, Covington and
    /// McFall 2010).
    pub vocabulary_range: Option<f64>,
    /// 1 less ten times the share of words at which a rule finds an error of grammar, 0..1.
    pub grammar_score: Option<f64>,
    /// How many words the measures rest on; `None` in languages written without spaces.
    pub words: Option<usize>,
    /// How fast.
    pub pace: Pace,
    /// Silences of 0.25 to 10 seconds within a speaker's turn.
    pub pauses: Pauses,
    /// Sounds and phrases that fill pauses; `None` in languages we have no list for.
    pub fillers: Option<Fillers>,
    /// Words said twice in a row, and words broken off; `None` as `words` is.
    pub repairs: Option<Repairs>,
}

/// How fast somebody speaks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pace {
    /// Seconds of speaking, pauses included.
    pub speaking_s: f64,
    /// Words a minute of speaking, pauses included.
    pub words_per_minute: Option<f64>,
    /// Syllables a second of speaking, pauses not included (Goldman-Eisler 1968).
    pub articulation_rate: Option<f64>,
}

/// Silent pauses.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pauses {
    /// How many.
    pub count: usize,
    /// Seconds of all of them.
    pub total_s: f64,
    /// Seconds; `None` where there is none.
    pub mean_s: Option<f64>,
    /// Seconds; `None` where there is none.
    pub longest_s: Option<f64>,
    /// A minute of speaking, pauses included.
    pub per_minute: Option<f64>,
}

/// Filled pauses.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fillers {
    /// How many.
    pub count: usize,
    /// A minute of speaking, pauses included.
    pub per_minute: Option<f64>,
    /// How often each.
    pub words: BTreeMap<String, usize>,
}

/// What a speaker says anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Repairs {
    /// Stretches of one to three words said again at once.
    pub repetitions: usize,
    /// Words broken off, written with a dash.
    pub false_starts: usize,
}
