//! Does the text look like speech, or like a model that talks to itself?

use super::Path;
use crate::Rejection;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::Write;

/// Limits of Whisper's reference decoder (Radford et al. 2022, section 4.5), per model.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// Text that deflates better than this repeats itself.
    pub compression_ratio: f32,
    /// Mean log probability below which a text is doubtful.
    pub avg_logprob: f32,
    /// Mean log probability below which a text is invented, whatever else.
    pub worst_logprob: f32,
    /// A text is invented when the probability of "no speech", plus `doubt_weight` for each unit of
    /// mean log probability below zero, is above this.
    pub no_speech: f32,
    /// See `no_speech`.
    pub doubt_weight: f32,
    /// Letters and digits per second of speech that nobody speaks.
    pub max_rate: f64,
}

/// Why a path should be decoded again in another way.
pub(crate) fn doubt(path: &Path, text: &str, speech_s: f64, limits: &Limits) -> Option<Rejection> {
    let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
    let too_fast = letters as f64 > limits.max_rate * speech_s.max(0.5);
    if path.looped || too_fast || compression_ratio(text) > limits.compression_ratio {
        return Some(Rejection::Repetition);
    }
    (path.avg_logprob() < limits.avg_logprob).then_some(Rejection::LowProbability)
}

/// Whether the final text must be thrown away.
pub(crate) fn rejection(
    path: &Path,
    text: &str,
    no_speech: f32,
    limits: &Limits,
) -> Option<Rejection> {
    let mean = path.avg_logprob();
    if mean < limits.worst_logprob {
        return Some(Rejection::LowProbability);
    }
    // The reference wants 0.6 and -1; measured on noise, music and hum, either may make up for the other.
    if no_speech - limits.doubt_weight * mean > limits.no_speech {
        return Some(Rejection::NoSpeech);
    }
    (path.looped && compression_ratio(text) > limits.compression_ratio)
        .then_some(Rejection::Repetition)
}

/// Bytes of the text over bytes of it deflated (zlib's header and checksum counted, as the
/// reference does).
pub(crate) fn compression_ratio(text: &str) -> f32 {
    const ZLIB_FRAME: usize = 6;
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    let packed = encoder
        .write_all(text.as_bytes())
        .and_then(|()| encoder.finish());
    // Writing to memory cannot fail; if it did, the text would count as plain.
    packed.map_or(1.0, |packed| {
        text.len() as f32 / (packed.len() + ZLIB_FRAME) as f32
    })
}

/// Loudest 100 ms of the samples, as root mean square.
pub(crate) fn loudest(samples: &[f32]) -> f32 {
    let power =
        |block: &[f32]| block.iter().map(|x| x * x).sum::<f32>() / block.len().max(1) as f32;
    samples.chunks(1600).map(power).fold(0.0, f32::max).sqrt()
}

/// Quieter than this (about -66 dB of full scale) nothing can be understood.
pub(crate) const QUIETEST_RMS: f32 = 5e-4;

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        compression_ratio: 2.4,
        avg_logprob: -1.0,
        worst_logprob: -2.0,
        no_speech: 0.85,
        doubt_weight: 0.4,
        max_rate: 30.0,
    };

    fn path(logprob: f32) -> Path {
        Path {
            tokens: vec![1; 10],
            logprobs: vec![logprob; 10],
            end_logprob: Some(logprob),
            ..Path::default()
        }
    }

    #[test]
    fn a_looping_text_is_doubted() {
        let text = "thank you very much ".repeat(20);
        assert!(compression_ratio(&text) > 2.4);
        assert_eq!(
            doubt(&path(-0.1), &text, 100.0, &LIMITS),
            Some(Rejection::Repetition)
        );
        assert_eq!(
            doubt(
                &path(-0.1),
                "ever tried ever failed no matter",
                3.0,
                &LIMITS
            ),
            None
        );
    }

    #[test]
    fn no_speech_needs_doubtful_words_too() {
        assert_eq!(rejection(&path(-0.1), "yes", 0.8, &LIMITS), None);
        assert_eq!(rejection(&path(-0.8), "yes", 0.1, &LIMITS), None);
        assert_eq!(
            rejection(&path(-1.2), "yes", 0.9, &LIMITS),
            Some(Rejection::NoSpeech)
        );
        assert_eq!(
            rejection(&path(-2.5), "yes", 0.0, &LIMITS),
            Some(Rejection::LowProbability)
        );
    }

    #[test]
    fn nobody_says_a_hundred_letters_in_half_a_second() {
        assert_eq!(
            doubt(
                &path(-0.1),
                &"abcdefghij klmnop qrstuv".repeat(2),
                0.5,
                &LIMITS
            ),
            Some(Rejection::Repetition)
        );
    }
}
