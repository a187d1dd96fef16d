//! Beam search with length-normalised scores, one segment at a time.

use super::Path;
use super::greedy::Start;
use super::rules::{Rules, repeated_tail};
use super::scores::{log_sum_exp, top};
use crate::SpeechError;
use crate::graph::EncoderDecoder;

/// Decodes the one row of `start` with `width` hypotheses, at most `limit` tokens long.
pub(crate) fn beam(
    model: &mut EncoderDecoder,
    start: Start<'_>,
    rules: &Rules,
    limit: usize,
    width: usize,
) -> Result<Path, SpeechError> {
    let Start {
        cross,
        mut past,
        mut logits,
    } = start;
    let mut live = vec![Path::default()];
    let mut finished: Vec<Path> = Vec::new();
    let mut wide = None;
    loop {
        let mut candidates = Vec::with_capacity(live.len() * (width + 1));
        for ((parent, path), row) in live.iter().enumerate().zip(logits.rows()?) {
            rules.apply(row, path.tokens.is_empty());
            let norm = log_sum_exp(row);
            let sum: f32 = path.logprobs.iter().sum();
            // One more than the width: the end may be among them.
            candidates.extend(top(row, width + 1).into_iter().map(|token| {
                let logprob = row[token] - norm;
                Candidate {
                    parent,
                    token: token as u32,
                    logprob,
                    sum: sum + logprob,
                }
            }));
        }
        candidates.sort_by(|a, b| b.sum.total_cmp(&a.sum));
        let parents = advance(&mut live, &mut finished, &candidates, rules, width);
        let full = live.first().is_none_or(|path| path.tokens.len() >= limit);
        if full || settled(&finished, &live, width) {
            return Ok(best(finished, live));
        }
        let cross = match &wide {
            // All rows hear the same audio, so only their number matters.
            Some((rows, cross)) if *rows == live.len() => cross,
            _ => {
                &wide
                    .insert((live.len(), cross.select(&vec![0; live.len()])?))
                    .1
            }
        };
        if !parents.iter().copied().eq(0..live.len()) {
            past = past.select(&parents)?;
        }
        let next: Vec<Vec<u32>> = live
            .iter()
            .map(|path| path.tokens.last().copied().into_iter().collect())
            .collect();
        logits = model.step(&next, cross, &mut past)?;
    }
}

struct Candidate {
    parent: usize,
    token: u32,
    logprob: f32,
    sum: f32,
}

/// Replaces `live` by the best continuations; gives the parent of each.
fn advance(
    live: &mut Vec<Path>,
    finished: &mut Vec<Path>,
    candidates: &[Candidate],
    rules: &Rules,
    width: usize,
) -> Vec<usize> {
    let (mut next, mut parents) = (Vec::with_capacity(width), Vec::with_capacity(width));
    for candidate in candidates
        .iter()
        .filter(|candidate| candidate.logprob > f32::NEG_INFINITY)
    {
        if next.len() == width {
            break;
        }
        let mut path = live[candidate.parent].clone();
        if candidate.token == rules.end {
            path.end_logprob = Some(candidate.logprob);
            finished.push(path);
            continue;
        }
        path.tokens.push(candidate.token);
        path.logprobs.push(candidate.logprob);
        // A beam that loops is dropped: the others carry on.
        if repeated_tail(&path.tokens).is_none() {
            next.push(path);
            parents.push(candidate.parent);
        }
    }
    *live = next;
    parents
}

/// Whether going on is not worth it: enough hypotheses are finished, or one is likelier than all
/// that are open (their means rarely rise).
fn settled(finished: &[Path], live: &[Path], width: usize) -> bool {
    let best = |paths: &[Path]| {
        paths
            .iter()
            .map(Path::avg_logprob)
            .fold(f32::NEG_INFINITY, f32::max)
    };
    finished.len() >= width || (!finished.is_empty() && best(finished) >= best(live))
}

/// The finished hypothesis with the best mean log probability, else the best open one.
fn best(finished: Vec<Path>, live: Vec<Path>) -> Path {
    let by_mean = |a: &Path, b: &Path| a.avg_logprob().total_cmp(&b.avg_logprob());
    let open = live.into_iter().max_by(by_mean);
    finished
        .into_iter()
        .max_by(by_mean)
        .or(open)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules {
        end: 0,
        suppressed: Vec::new(),
        not_first: Vec::new(),
        special_from: 100,
    };

    fn candidate(parent: usize, token: u32, logprob: f32, sum: f32) -> Candidate {
        Candidate {
            parent,
            token,
            logprob,
            sum,
        }
    }

    #[test]
    fn an_end_finishes_a_beam_without_taking_a_place() {
        let mut live = vec![
            Path {
                tokens: vec![5],
                logprobs: vec![-0.1],
                ..Path::default()
            };
            2
        ];
        let mut finished = Vec::new();
        let candidates = [
            candidate(1, 0, -0.1, -0.2),
            candidate(1, 7, -0.3, -0.4),
            candidate(0, 8, -0.5, -0.6),
            candidate(0, 9, -1.0, -1.1),
        ];
        assert_eq!(
            advance(&mut live, &mut finished, &candidates, &RULES, 2),
            [1, 0]
        );
        assert_eq!(finished.len(), 1);
        assert_eq!(live[0].tokens, [5, 7]);
    }

    #[test]
    fn long_hypotheses_are_not_punished_for_their_length() {
        let short = Path {
            tokens: vec![1],
            logprobs: vec![-0.9],
            end_logprob: Some(-0.9),
            looped: false,
        };
        let long = Path {
            tokens: vec![1; 5],
            logprobs: vec![-0.5; 5],
            end_logprob: Some(-0.5),
            looped: false,
        };
        assert_eq!(best(vec![short, long.clone()], Vec::new()), long);
    }
}
