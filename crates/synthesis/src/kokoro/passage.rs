//! One piece of text on its way to sound: the acoustic part whole, the generator in windows.

use std::ops::Range;
use std::thread::ScopedJoinHandle;

use inference::InferenceError;

use super::{
    Acoustics, Affine, FRAME, Graphs, Moments, Plane, Predictor, Run, STYLE, SecondStage, Window,
    melody,
};
use crate::{Style, SynthesisError};

/// Frames that the second stage needs on either side of its window, and the first stage beside
/// these: nothing else of the sentence reaches a window, once the statistics are given.
const SECOND_CONTEXT: usize = 1;
const FIRST_CONTEXT: usize = 4;

/// Up to so many frames the first stage makes a piece at once, with the statistics it has: they are
/// harder to predict than the second's, above all of single words, and it does a third of the work.
/// Up to so many the second does likewise.
const FIRST_AT_ONCE: usize = 80;
const SECOND_AT_ONCE: usize = 30;

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
    /// What a stage has made of all frames, where it makes them at once.
    middle: Option<Plane>,
    sound: Option<Vec<f32>>,
}

impl Passage {
    /// What the generator wants to know before its first window: its statistics, predicted where
    /// it will not take them itself, and the source of as many frames as are wanted `soon`.
    ///
    /// # Errors
    /// When a graph fails or is ended.
    pub fn new(
        graphs: &mut Graphs,
        run: &Run,
        style: &[f32; STYLE],
        acoustics: &Acoustics,
        soon: usize,
    ) -> Result<Self, SynthesisError> {
        let frames = acoustics.frames();
        let until = (soon + SECOND_CONTEXT + FIRST_CONTEXT + SOURCE_AHEAD).min(frames);
        let (features, source) = graphs.features_and_source(run, acoustics, style, until)?;
        let mut statistics = Predictor::fitted().predict(style, acoustics, &features);
        let at_once = [FIRST_AT_ONCE, SECOND_AT_ONCE].map(|most| frames <= most);
        for (stage, at_once) in statistics.stages.iter_mut().zip(at_once) {
            if at_once {
                *stage = Moments::neutral(stage.mean.len());
            }
        }
        let mut passage = Self {
            affine: graphs.affine(run, style, &statistics)?,
            source,
            features,
            pitch: acoustics.pitch.clone(),
            middle: None,
            sound: None,
        };
        if at_once[0] {
            passage.middle = Some(passage.first(graphs, run, 0..frames, true)?);
        }
        if at_once[1] {
            let middle = passage.first(graphs, run, 0..frames, false)?;
            passage.sound = Some(passage.second(graphs.second(), run, 0..frames, &middle, true)?);
        }
        Ok(passage)
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
        let Some(sound) = &self.sound else {
            let wide = self.wider(&window, SECOND_CONTEXT);
            let middle = self.first(graphs, run, wide, false)?;
            return self.second(graphs.second(), run, window, &middle, false);
        };
        let end = (window.end * FRAME).min(sound.len());
        Ok(sound[(window.start * FRAME).min(end)..end].to_vec())
    }

    /// As [`Self::window`], its second stage in as many parts at the same time as there are lanes.
    ///
    /// # Errors
    /// When a graph fails or is ended.
    pub fn window_in_lanes(
        &mut self,
        graphs: &mut Graphs,
        run: &Run,
        window: Range<usize>,
    ) -> Result<Vec<f32>, SynthesisError> {
        let lanes = graphs.lanes().len();
        if self.sound.is_some() || lanes < 2 {
            return self.window(graphs, run, window);
        }
        let wide = self.wider(&window, SECOND_CONTEXT);
        let middle = self.first(graphs, run, wide.clone(), false)?;
        let edge = |lane: usize| window.start + window.len() * lane / lanes;
        let (this, middle) = (&*self, &middle);
        let parts = std::thread::scope(|scope| {
            let begin = |(lane, stage)| {
                let part = edge(lane)..edge(lane + 1);
                let heard = this.wider(&part, SECOND_CONTEXT);
                let columns = (heard.start - wide.start) * 20..(heard.end - wide.start) * 20;
                scope.spawn(move || this.second(stage, run, part, &middle.window(columns), false))
            };
            let parts: Vec<_> = (0..).zip(graphs.lanes()).map(begin).collect();
            let panicked = |_| Err(InferenceError::WorkerFailed.into());
            let join = |part: ScopedJoinHandle<_>| part.join().unwrap_or_else(panicked);
            parts.into_iter().map(join).collect::<Result<Vec<_>, _>>()
        })?;
        Ok(parts.concat())
    }

    /// What the first stage makes of some frames, of which `whole` says that they are all.
    fn first(
        &mut self,
        graphs: &mut Graphs,
        run: &Run,
        window: Range<usize>,
        whole: bool,
    ) -> Result<Plane, SynthesisError> {
        let wide = self.wider(&window, FIRST_CONTEXT);
        self.need_source(graphs, run, wide.end)?;
        if let Some(middle) = &self.middle {
            return Ok(middle.window(window.start * 20..window.end * 20));
        }
        let given = Window {
            input: &self.features.window(wide.start * 2..wide.end * 2),
            source: &self.source_of(&wide),
            affine: &self.affine[0],
            context: [window.start - wide.start, wide.end - window.end],
            whole,
        };
        graphs.first(run, &given)
    }

    /// What a second stage makes of them; `middle` is of as many as it needs, and so is the source.
    fn second(
        &self,
        stage: &mut SecondStage,
        run: &Run,
        window: Range<usize>,
        middle: &Plane,
        whole: bool,
    ) -> Result<Vec<f32>, SynthesisError> {
        let wide = self.wider(&window, SECOND_CONTEXT);
        let given = Window {
            input: middle,
            source: &self.source_of(&wide),
            affine: &self.affine[1],
            context: [window.start - wide.start, wide.end - window.end],
            whole,
        };
        stage.run(run, &given)
    }

    fn wider(&self, window: &Range<usize>, by: usize) -> Range<usize> {
        window.start.saturating_sub(by)..(window.end + by).min(self.frames())
    }

    fn source_of(&self, frames: &Range<usize>) -> Plane {
        self.source.window(frames.start * 120..frames.end * 120 + 1)
    }

    /// The source up to a frame, where it is not there: then all of it. It looks back only, so that
    /// of some frames is the beginning of that of all: the first window need not wait for the rest.
    fn need_source(
        &mut self,
        graphs: &mut Graphs,
        run: &Run,
        end: usize,
    ) -> Result<(), SynthesisError> {
        let is_whole = self.source.length() > self.frames() * 120;
        if !is_whole && self.source.length() <= (end + SOURCE_AHEAD) * 120 {
            self.source = graphs.source(run, &self.pitch)?;
        }
        Ok(())
    }
}
