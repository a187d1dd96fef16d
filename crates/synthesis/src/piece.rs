//! A piece of text in phonemes, and where its words are in the model's frames.

use std::ops::Range;

use crate::chunk::{Chunk, Cut};
use crate::phonemes::{self, MAX_TOKENS, Phonemes};
use crate::spoken::Token;
use crate::{SpokenWord, SynthesisError};

/// Phonemes that are said at once at most. The voices have learnt from texts up to 510, but hurry
/// through such long ones.
const MOST_PHONEMES: usize = 400;

/// A piece ready for the voice.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    /// Phonemes by number, edges included.
    pub tokens: Vec<i64>,
    /// Phonemes, edges not counted.
    pub phonemes: usize,
    /// Of each word that is said: where its phonemes are among `tokens`, and its source.
    words: Vec<(Range<usize>, Range<usize>)>,
    /// The phonemes that are said among `tokens`, marks included.
    said: Range<usize>,
    /// Whether reading begins and ends with what is said.
    opens: bool,
    closes: bool,
    /// What it ends with.
    pub end: Cut,
}

/// Which frames of a piece are heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heard {
    /// Frames to be made.
    pub frames: Range<usize>,
    /// Frames of silence behind them.
    pub silence: usize,
}

impl Piece {
    /// The piece of `chunk`, or of so much of it as can be said at once; then the second number is
    /// where the rest begins.
    pub fn new(
        tokens: &[Token],
        chunk: &Chunk,
        phonemes: &dyn Fn(&[Token]) -> Phonemes,
    ) -> Result<Vec<Self>, SynthesisError> {
        let read = phonemes(&tokens[chunk.read.clone()]);
        if read.text.chars().count() <= MOST_PHONEMES {
            return Ok(vec![Self::of(tokens, chunk, &read)?]);
        }
        let alone = Chunk {
            read: chunk.said.clone(),
            ..chunk.clone()
        };
        if chunk.read != chunk.said {
            return Self::new(tokens, &alone, phonemes);
        }
        if chunk.said.len() == 1 {
            return Self::slices(tokens, chunk, &read);
        }
        // Twice as many phonemes as letters let one expect: in halves.
        let middle = chunk.said.start + chunk.said.len() / 2;
        let half = |said: Range<usize>, end: Cut| Chunk {
            read: said.clone(),
            said,
            end,
        };
        let mut pieces = Self::new(tokens, &half(chunk.said.start..middle, Cut::Word), phonemes)?;
        pieces.extend(Self::new(
            tokens,
            &half(middle..chunk.said.end, chunk.end),
            phonemes,
        )?);
        Ok(pieces)
    }

    fn of(tokens: &[Token], chunk: &Chunk, read: &Phonemes) -> Result<Self, SynthesisError> {
        // Places in bytes to places among the numbers, of which the first is the edge.
        let mut places = vec![0; read.text.len() + 1];
        for (count, (at, _)) in read.text.char_indices().enumerate() {
            places[at] = count + 1;
        }
        let phonemes = read.text.chars().count();
        places[read.text.len()] = phonemes + 1;
        let place = |range: &Range<usize>| places[range.start]..places[range.end];
        let first = chunk.said.start - chunk.read.start;
        let last = chunk.said.end - chunk.read.start;
        let ranges = &read.words[first..last];
        let said = match (ranges.first(), ranges.last()) {
            (Some(first), Some(last)) => place(first).start..place(last).end,
            _ => 1..1,
        };
        let words = ranges.iter().zip(&tokens[chunk.said.clone()]);
        let words = words
            .filter(|(range, token)| !token.is_mark && !range.is_empty())
            .map(|(range, token)| (place(range), token.source.clone()));
        Ok(Self {
            tokens: phonemes::tokens(&read.text)?,
            phonemes,
            words: words.collect(),
            said,
            opens: chunk.read.start == chunk.said.start,
            closes: chunk.read.end == chunk.said.end,
            end: chunk.end,
        })
    }

    /// One word with more phonemes than can be said at once.
    fn slices(
        tokens: &[Token],
        chunk: &Chunk,
        read: &Phonemes,
    ) -> Result<Vec<Self>, SynthesisError> {
        let sounds: Vec<char> = read.text.chars().collect();
        let slices = sounds.chunks(MOST_PHONEMES.min(MAX_TOKENS));
        let count = slices.len();
        let slice = |(index, slice): (usize, &[char])| {
            let text: String = slice.iter().collect();
            let words = std::iter::once(0..text.len()).collect();
            let end = if index + 1 == count {
                chunk.end
            } else {
                Cut::Word
            };
            let mut piece = Self::of(
                tokens,
                &Chunk {
                    end,
                    ..chunk.clone()
                },
                &Phonemes { text, words },
            )?;
            if index > 0 {
                piece.words.clear();
            }
            Ok(piece)
        };
        slices.enumerate().map(slice).collect()
    }

    /// Whether the next piece takes over amid a clause.
    pub fn goes_on(&self) -> bool {
        !self.closes
    }

    /// Which frames are heard, given the frames of each token: from shortly before the first word,
    /// until the voice has faded, and then a pause, which `speed` shortens and the last has not.
    pub fn heard(&self, durations: &[usize], speed: f32, is_last: bool) -> Heard {
        let until = |token: usize| {
            durations[..token.min(durations.len())]
                .iter()
                .sum::<usize>()
        };
        let all = until(durations.len());
        let start = match self.opens {
            true => until(1).saturating_sub(LEAD),
            // The blank before the first word is this piece's.
            false => until(self.said.start.saturating_sub(1)),
        };
        if !self.closes {
            let end = until(self.said.end).max(start + 1).min(all);
            return Heard {
                frames: start.min(end)..end,
                silence: 0,
            };
        }
        let spoken = until(
            self.words
                .last()
                .map_or(self.said.end, |(place, _)| place.end),
        );
        let pause = if is_last {
            FADE
        } else {
            pause(self.end, speed)
        };
        let end = all.min(spoken + pause.max(FADE)).max((start + 1).min(all));
        Heard {
            frames: start.min(end)..end,
            silence: (spoken + pause).saturating_sub(end),
        }
    }

    /// The words of `text` with their times in seconds, the first frame heard being at `at`.
    pub fn times(
        &self,
        text: &str,
        durations: &[usize],
        heard: &Heard,
        at: f64,
    ) -> Vec<SpokenWord> {
        let until = |token: usize| {
            durations[..token.min(durations.len())]
                .iter()
                .sum::<usize>()
        };
        let seconds = |token: usize| {
            let frame = until(token).clamp(heard.frames.start, heard.frames.end);
            at + (frame - heard.frames.start) as f64 * 0.025
        };
        let mut words: Vec<SpokenWord> = Vec::new();
        for (place, source) in &self.words {
            let (start, end) = (seconds(place.start), seconds(place.end));
            match words.last_mut() {
                // Several words are said for one that is written.
                Some(last) if last.source == *source => last.end = end,
                _ => words.push(SpokenWord {
                    text: text.get(source.clone()).unwrap_or_default().to_owned(),
                    source: source.clone(),
                    start,
                    end,
                }),
            }
        }
        words
    }
}

/// Frames before the first word.
const LEAD: usize = 3;

/// Frames in which a voice fades.
const FADE: usize = 6;

/// Frames from the end of a piece to the beginning of the next, less its lead.
fn pause(end: Cut, speed: f32) -> usize {
    let frames = match end {
        Cut::Sentence => 16.0,
        Cut::Clause => 7.0,
        Cut::Word | Cut::Never => 2.0,
    };
    (frames / speed).round() as usize
}
