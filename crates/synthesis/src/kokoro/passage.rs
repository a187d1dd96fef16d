//! One piece of text on its way to sound: the acoustic part whole, the generator in windows.

use std::ops::Range;

use super::{Acoustics, Affine, Graphs, Plane, Predictor, Run, STYLE, Window, melody};
use crate::{Style, SynthesisError};

/// Frames that the second stage needs on either side of its window, and the first stage beside
/// these: nothing else of the sentence reaches a window, once the statistics are given.
const SECOND_CONTEXT: usize = 1;
const FIRST_CONTEXT: usize = 4;

/// Frames of the source beyond those asked for: its transform looks half a window ahead.
const SOURCE_AHEAD: usize = 2;

/// What the voice reads, and how.
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

impl Script {
    /// Durations and melody.
    ///
    /// # Errors
    /// When the graph fails or is ended.
    pub fn acoustics(&self, graphs: &mut Graphs, run: &Run) -> Result<Acoustics, SynthesisError> {
        let mut acoustics = graphs.acoustic(run, &self.tokens, &self.style, self.speed)?;
        melody::apply(&mut acoustics, &self.manner, self.exaggeration);
        Ok(acoustics)
    }
}

/// Some frames of acoustics, ready for windows.
#[derive(Debug)]
pub struct Passage {
    pitch: Vec<f32>,
    features: Plane,
    /// Of all frames, or of as many as were needed so far.
    source: Plane,
    affine: [Affine; 2],
}

impl Passage {
    /// What the generator wants to know before its first window, its statistics predicted.
    ///
    /// # Errors
    /// When a graph fails or is ended.
    pub fn new(
        graphs: &mut Graphs,
        run: &Run,
        style: &[f32; STYLE],
        acoustics: &Acoustics,
    ) -> Result<Self, SynthesisError> {
        let features = graphs.features(run, acoustics, style)?;
        let statistics = Predictor::fitted().predict(style, acoustics, &features);
        Ok(Self {
            affine: graphs.affine(run, style, &statistics)?,
            source: Plane::default(),
            features,
            pitch: acoustics.pitch.clone(),
        })
    }

    /// All frames.
    pub fn frames(&self) -> usize {
        self.pitch.len() / 2
    }

    /// The sound of some frames, 600 samples each.
    ///
    /// # Errors
    /// When a graph fails or is ended.
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
        let source = |range: &Range<usize>| {
            let range = range.start * 120..range.end * 120 + 1;
            self.source.window(range)
        };
        let context = |outer: &Range<usize>, inner: &Range<usize>| {
            [inner.start - outer.start, outer.end - inner.end]
        };
        let features = self.features.window(first.start * 2..first.end * 2);
        let middle = graphs.first(
            run,
            &Window {
                input: &features,
                source: &source(&first),
                affine: &self.affine[0],
                context: context(&first, &second),
            },
        )?;
        graphs.second(
            run,
            &Window {
                input: &middle,
                source: &source(&second),
                affine: &self.affine[1],
                context: context(&second, &window),
            },
        )
    }

    /// The source up to a frame. It looks back only, so that of some frames is the beginning of
    /// that of all: the first window need not wait for the rest.
    fn need_source(
        &mut self,
        graphs: &mut Graphs,
        run: &Run,
        end: usize,
    ) -> Result<(), SynthesisError> {
        let is_whole = self.source.length() > self.frames() * 120;
        if is_whole || self.source.length() > (end + SOURCE_AHEAD) * 120 {
            return Ok(());
        }
        let until = match self.source.length() {
            0 => (end + SOURCE_AHEAD).min(self.frames()),
            _ => self.frames(),
        };
        self.source = graphs.source(run, &self.pitch[..until * 2])?;
        Ok(())
    }
}
