//! The likeliest token at each step, or a drawn one; many segments in one batch.

use super::Path;
use super::rules::{Rules, repeated_tail};
use super::scores::{Dice, argmax, log_sum_exp};
use crate::SpeechError;
use crate::graph::{Cross, EncoderDecoder, Logits, Past};

/// Where decoding starts: the prompt has been fed.
pub(crate) struct Start<'a> {
    pub cross: &'a Cross,
    pub past: Past,
    pub logits: Logits,
}

/// Decodes all rows; `limits` holds the most tokens of each. `temperature` 0 takes the likeliest.
pub(crate) fn greedy(
    model: &mut EncoderDecoder,
    start: Start<'_>,
    rules: &Rules,
    limits: &[usize],
    temperature: f32,
) -> Result<Vec<Path>, SpeechError> {
    let Start {
        cross,
        mut past,
        mut logits,
    } = start;
    let mut fewer: Option<Cross> = None;
    let mut paths = vec![Path::default(); limits.len()];
    let mut dice = Dice(0x5EED);
    // Segment of each row, and whether it is still open.
    let mut rows: Vec<(usize, bool)> = (0..limits.len()).map(|segment| (segment, true)).collect();
    loop {
        let mut next = Vec::with_capacity(rows.len());
        for ((segment, open), row) in rows.iter_mut().zip(logits.rows()?) {
            if *open {
                let path = &mut paths[*segment];
                *open = extend(path, row, rules, temperature, &mut dice)
                    && path.tokens.len() < limits[*segment];
            }
            let last = paths[*segment].tokens.last().copied();
            next.push(vec![last.filter(|_| *open).unwrap_or(rules.end)]);
        }
        let open: Vec<usize> = (0..rows.len()).filter(|&place| rows[place].1).collect();
        if open.is_empty() {
            return Ok(paths);
        }
        // Rows that are done ride along until half of them are: dropping one copies the others.
        if open.len() * 2 <= rows.len() {
            fewer = Some(fewer.as_ref().unwrap_or(cross).select(&open)?);
            past = past.select(&open)?;
            rows = open.iter().map(|&place| rows[place]).collect();
            next = open
                .iter()
                .map(|&place| std::mem::take(&mut next[place]))
                .collect();
        }
        logits = model.step(&next, fewer.as_ref().unwrap_or(cross), &mut past)?;
    }
}

/// Adds the next token to `path`; false when it is the end, or the path loops.
fn extend(
    path: &mut Path,
    row: &mut [f32],
    rules: &Rules,
    temperature: f32,
    dice: &mut Dice,
) -> bool {
    rules.apply(row, path.tokens.is_empty());
    let token = if temperature > 0.0 {
        dice.draw(row, temperature)
    } else {
        argmax(row)
    };
    let logprob = row[token] - log_sum_exp(row);
    if token as u32 == rules.end {
        path.end_logprob = Some(logprob);
        return false;
    }
    path.tokens.push(token as u32);
    path.logprobs.push(logprob);
    if let Some(surplus) = repeated_tail(&path.tokens) {
        let kept = path.tokens.len() - surplus;
        path.tokens.truncate(kept);
        path.logprobs.truncate(kept);
        path.looped = true;
    }
    !path.looped
}
