//! One piece of text on its way to sound: the acoustic part whole, the generator in windows.

use std::ops::Range;

use super::{Acoustics, Affine, FRAME, Graphs, Plane, Predictor, Run, STYLE, melody};
use crate::{Style, SynthesisError};

/// Frames that the second stage needs on either side of its window, and the first stage beside
/// these: nothing else of the sentence reaches a window, once the statistics are given.
const SECOND_CONTEXT: usize = 1;
const FIRST_CONTEXT: usize = 6;

/// What is said, and how.
#[derive(Debug, Clone)]
pub struct Script {
    /// Phonemes by number, edges included.
    pub tokens: Vec<i64>,
    /// The voice's style for so many phonemes.
    pub style: [f32; STYLE],
    /// Factor of speed, for the model.
    pub speed: f32,
    /// How it is said.
    pub manner: Style,
    /// How much wider melody and energy move.
    pub exaggeration: f32,
}

/// A script, with melody, ready for windows.
#[derive(Debug)]
pub struct Passage {
    acoustics: Acoustics,
    features: Plane,
    /// Of all frames, or of as many as were needed so far.
    source: Plane,
    affine: [Affine; 2],
}

impl Passage {
    /// Durations and melody of a script.
    pub fn acoustics(
        graphs: &mut Graphs,
        run: &Run,
        script: &Script,
    ) -> Result<Acoustics, SynthesisError> {
        let mut acoustics = graphs.acoustic(run, &script.tokens, &script.style, script.speed)?;
        melody::apply(&mut acoustics, &script.manner, script.exaggeration);
        Ok(acoustics)
    }

    /// What the generator wants to know before its first window.
    pub fn new(
        graphs: &mut Graphs,
        run: &Run,
        predictor: &Predictor,
        script: &Script,
        acoustics: Acoustics,
    ) -> Result<Self, SynthesisError> {
        let features = graphs.features(run, &acoustics, &script.style)?;
        let statistics = predictor.predict(&script.style, &features);
        Ok(Self {
            affine: graphs.affine(run, &script.style, &statistics)?,
            source: Plane::default(),
            features,
            acoustics,
        })
    }

    /// Frames of each token.
    pub fn durations(&self) -> &[usize] {
        &self.acoustics.durations
    }

    /// All frames.
    pub fn frames(&self) -> usize {
        self.acoustics.frames()
    }

    /// The sound of some frames.
    pub fn window(
        &mut self,
        graphs: &mut Graphs,
        run: &Run,
        window: Range<usize>,
    ) -> Result<Vec<f32>, SynthesisError> {
        let frames = self.frames();
        let wider = |range: &Range<usize>, by: usize| {
            range.start.saturating_sub(by)..(range.end + by).min(frames)
        };
        let second = wider(&window, SECOND_CONTEXT);
        let first = wider(&second, FIRST_CONTEXT);
        self.need_source(graphs, run, first.end)?;
        let source =
            |range: &Range<usize>| self.source.window(range.start * 120..range.end * 120 + 1);
        let features = self.features.window(first.start * 2..first.end * 2);
        let middle = graphs.first(run, &features, &source(&first), &self.affine[0])?;
        let (from, to) = (second.start - first.start, second.end - first.start);
        let middle = middle.window(from * 20..to * 20);
        let audio = graphs.second(run, &middle, &source(&second), &self.affine[1])?;
        let from = (window.start - second.start) * FRAME;
        let to = from + window.len() * FRAME;
        Ok(audio.get(from..to).unwrap_or_default().to_vec())
    }

    /// The source up to a frame. It only looks back, so a prefix of it is the prefix of the whole:
    /// the first window need not wait for the rest.
    fn need_source(
        &mut self,
        graphs: &mut Graphs,
        run: &Run,
        end: usize,
    ) -> Result<(), SynthesisError> {
        if self.source.length() > end * 120 {
            return Ok(());
        }
        let all = self.frames();
        // Two frames more, as the transform looks half a window ahead.
        let until = if self.source.length() == 0 {
            (end + 2).min(all)
        } else {
            all
        };
        self.source = graphs.source(run, &self.acoustics.pitch[..until * 2])?;
        Ok(())
    }
}
