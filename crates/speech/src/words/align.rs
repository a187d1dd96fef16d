//! Dynamic time warping of tokens over audio frames, by attention (as in Whisper's reference
//! implementation: normalise each head over the tokens, median filter over frames, mean of heads).

use crate::graph::Attention;
use std::ops::Range;

/// Width of the median filter, in frames.
const MEDIAN: usize = 7;

/// Start frame of each text token and, last, the end of the text, counted from the first of
/// `within`. Rows before `first_row` (the prompt) and frames outside `within` (context, padding) are
/// left out.
pub(crate) fn token_starts(
    attention: &Attention,
    first_row: usize,
    within: Range<usize>,
) -> Vec<usize> {
    let first_frame = within.start.min(attention.frames.saturating_sub(1));
    let frames = within
        .end
        .min(attention.frames)
        .saturating_sub(first_frame)
        .max(1);
    let rows = attention.tokens.saturating_sub(first_row);
    if rows == 0 || attention.heads == 0 || attention.frames == 0 {
        return Vec::new();
    }
    let cost = cost(attention, first_row, rows, first_frame, frames);
    starts(&path(&cost, rows, frames), rows)
}

/// `[rows, frames]`: minus the mean over heads of the filtered, normalised attention.
fn cost(
    attention: &Attention,
    first_row: usize,
    rows: usize,
    first_frame: usize,
    frames: usize,
) -> Vec<f32> {
    let mut cost = vec![0f32; rows * frames];
    let mut head = vec![0f32; rows * frames];
    for h in 0..attention.heads {
        for row in 0..rows {
            let from = (h * attention.tokens + first_row + row) * attention.frames + first_frame;
            let weights = &attention.weights[from..from + frames];
            // As if the rest had not been attended to.
            let sum: f32 = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
            for (slot, weight) in head[row * frames..][..frames].iter_mut().zip(weights) {
                *slot = weight / sum;
            }
        }
        normalise_columns(&mut head, rows, frames);
        for row in 0..rows {
            let line = &head[row * frames..][..frames];
            for (frame, slot) in cost[row * frames..][..frames].iter_mut().enumerate() {
                *slot -= median(line, frame) / attention.heads as f32;
            }
        }
    }
    cost
}

fn normalise_columns(head: &mut [f32], rows: usize, frames: usize) {
    for frame in 0..frames {
        let column = || (0..rows).map(|row| row * frames + frame);
        let mean = column().map(|i| head[i]).sum::<f32>() / rows as f32;
        let variance = column().map(|i| (head[i] - mean).powi(2)).sum::<f32>() / rows as f32;
        let deviation = variance.sqrt().max(1e-10);
        for i in column() {
            head[i] = (head[i] - mean) / deviation;
        }
    }
}

/// Median around a frame; the line is mirrored at its ends.
fn median(line: &[f32], at: usize) -> f32 {
    let mut window = [0f32; MEDIAN];
    let last = line.len() as isize - 1;
    for (slot, offset) in window.iter_mut().zip(-(MEDIAN as isize / 2)..) {
        let i = (at as isize + offset).abs();
        let i = if i > last { (2 * last - i).max(0) } else { i };
        *slot = line[i as usize];
    }
    window.sort_unstable_by(f32::total_cmp);
    window[MEDIAN / 2]
}

/// The cheapest monotonic path, as `(row, frame)` from start to end.
fn path(cost: &[f32], rows: usize, frames: usize) -> Vec<(usize, usize)> {
    const DIAGONAL: u8 = 0;
    const DOWN: u8 = 1;
    const RIGHT: u8 = 2;
    let mut trace = vec![RIGHT; rows * frames];
    let mut above = vec![f32::INFINITY; frames + 1];
    above[0] = 0.0;
    for row in 0..rows {
        let mut line = vec![f32::INFINITY; frames + 1];
        for frame in 0..frames {
            let (diagonal, down, right) = (above[frame], above[frame + 1], line[frame]);
            let (best, step) = if diagonal < down && diagonal < right {
                (diagonal, DIAGONAL)
            } else if down < diagonal && down < right {
                (down, DOWN)
            } else {
                (right, RIGHT)
            };
            line[frame + 1] = cost[row * frames + frame] + best;
            trace[row * frames + frame] = step;
        }
        above = line;
    }
    let (mut row, mut frame) = (rows - 1, frames - 1);
    let mut path = vec![(row, frame)];
    while row > 0 || frame > 0 {
        match trace[row * frames + frame] {
            _ if row == 0 => frame -= 1,
            _ if frame == 0 => row -= 1,
            DIAGONAL => (row, frame) = (row - 1, frame - 1),
            DOWN => row -= 1,
            _ => frame -= 1,
        }
        path.push((row, frame));
    }
    path.reverse();
    path
}

/// First frame of each row.
fn starts(path: &[(usize, usize)], rows: usize) -> Vec<usize> {
    let mut starts = vec![0; rows];
    let mut next = 0;
    for &(row, frame) in path {
        if row == next {
            starts[row] = frame;
            next += 1;
        }
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clear_attention_is_followed() {
        // Four tokens after a prompt of one, looking at frames 0-9, 10-29, 30-39, 40-49; then padding.
        let bounds = [0, 10, 30, 40, 50];
        let (tokens, frames) = (5, 80);
        let mut weights = vec![1e-4f32; tokens * frames];
        for token in 0..4 {
            weights[(token + 1) * frames..][bounds[token]..bounds[token + 1]].fill(0.1);
        }
        let attention = Attention {
            heads: 1,
            tokens,
            frames,
            weights,
        };
        let starts = token_starts(&attention, 1, 0..50);
        assert_eq!(starts.len(), 4);
        for (got, want) in starts.iter().zip(bounds) {
            assert!(got.abs_diff(want) <= 2, "{starts:?}");
        }
        // The last two tokens, with what was heard before them left out.
        let starts = token_starts(&attention, 3, 30..50);
        assert_eq!(starts.len(), 2);
        assert!(starts[0] <= 2 && starts[1].abs_diff(10) <= 2, "{starts:?}");
    }

    #[test]
    fn nothing_to_align_gives_nothing() {
        let attention = Attention {
            heads: 1,
            tokens: 1,
            frames: 10,
            weights: vec![0.1; 10],
        };
        assert!(token_starts(&attention, 1, 0..10).is_empty());
        assert_eq!(token_starts(&attention, 0, 0..10), [0]);
    }
}
