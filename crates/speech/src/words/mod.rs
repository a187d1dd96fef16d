//! From tokens to words with times.

mod align;
mod correct;
mod group;

pub(crate) use group::{TokenSpan, group};

use crate::acoustic::{Known, TimeBase};
use crate::graph::Attention;
use crate::{SAMPLE_RATE_HZ, SpeechSegment, Word};

/// Words of `spans` with times on the source's timeline. `attention` covers prompt and text;
/// `prompt` is the number of prompt tokens, `known` tells how sure each span is.
pub(crate) fn timed(
    segment: &SpeechSegment,
    (spans, known): (&[TokenSpan], &[Known]),
    attention: &Attention,
    prompt: usize,
    time: TimeBase,
) -> Vec<Word> {
    let frames = (segment.duration_s() / time.frame_s).ceil() as usize;
    // The row before a token is the one that predicts it.
    let starts = align::token_starts(attention, prompt.saturating_sub(1), frames);
    let moment = |token: usize| {
        let frame = starts.get(token).or(starts.last()).copied().unwrap_or(0);
        (frame as f64 * time.frame_s + time.shift_s).clamp(0.0, segment.duration_s())
    };
    let spoken: Vec<(&TokenSpan, Known)> = spans
        .iter()
        .zip(known.iter().copied())
        .filter(|(span, _)| span.is_spoken())
        .collect();
    let rough: Vec<(f64, f64)> = spoken
        .iter()
        .map(|(span, _)| (moment(span.spoken.start), moment(span.spoken.end)))
        .collect();
    let regions: Vec<(f64, f64)> = segment
        .regions
        .iter()
        .map(|(start, end)| (start - segment.start_s, end - segment.start_s))
        .collect();
    let exact = correct::correct(&rough, &segment.samples, &regions);
    let offset = segment.start_s;
    let word = |((span, known), (start, end)): ((&TokenSpan, Known), (f64, f64))| Word {
        text: span.text.clone(),
        start_s: offset + start,
        end_s: offset + end,
        confidence: known.confidence,
        evidence: known.evidence,
    };
    debug_assert!(
        segment.samples.len() < SAMPLE_RATE_HZ as usize * 60,
        "a segment is under a minute"
    );
    spoken.into_iter().zip(exact).map(word).collect()
}
