//! When an utterance starts and ends.

/// How a stream is cut. Times in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmenterOptions {
    /// Probability at which speech starts.
    pub onset: f32,
    /// Probability below which speech pauses.
    pub offset: f32,
    /// An utterance with less speech is dropped as a click.
    pub min_speech_s: f64,
    /// A pause that ends an utterance of ten seconds; shorter ones take up to twice as long, longer
    /// ones end sooner.
    pub min_silence_s: f64,
    /// Audio kept before and after speech.
    pub padding_s: f64,
    /// A longer utterance is cut at its quietest moment.
    pub max_segment_s: f64,
    /// Frames of 32 ms given to the model at once: many are quicker, one is sooner.
    pub frames_per_call: usize,
}

impl Default for SegmenterOptions {
    fn default() -> Self {
        Self {
            onset: 0.5,
            offset: 0.35,
            min_speech_s: 0.2,
            min_silence_s: 0.6,
            padding_s: 0.25,
            max_segment_s: 28.0,
            frames_per_call: 32,
        }
    }
}
