//! One text on its way to sound, in steps short enough that others can go between.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::chunk::{self, Chunk, Limits};
use crate::kokoro::{Acoustics, FRAME, Graphs, Passage, Run, STYLE, Script};
use crate::languages::{Languages, Phonemizer};
use crate::phonemes::Pronunciations;
use crate::piece::{Heard, Piece};
use crate::spoken::{Token, spoken};
use crate::{Request, Sound, SpokenWord, SynthesisError, Voices};

/// Frames of the first window of a text; windows grow until they are at their widest, which is
/// less when others wait for their turn.
const FIRST_WINDOW: usize = 8;
const WIDEST_WINDOW: usize = 32;
const WIDEST_ALONE: usize = 80;

/// Windows of so many frames are made in lanes for who speaks alone. In shorter ones the frames that
/// only help others would cost more than the lanes save.
const IN_LANES: usize = 40;

/// Samples over which one piece fades into the next, and to nothing at its other ends: 10 ms, 5 ms.
const OVERLAP: usize = 240;
const RAMP: usize = 120;

/// What a step made.
pub(crate) enum Step {
    /// Nothing to hear yet.
    Working,
    /// Sound.
    Sound(Sound),
    /// Everything is said.
    Done,
}

/// See the module.
pub(crate) struct Utterance {
    request: Request,
    phonemizer: Option<Arc<dyn Phonemizer>>,
    own: Pronunciations,
    tokens: Vec<Token>,
    chunks: VecDeque<Chunk>,
    pieces: VecDeque<Piece>,
    stage: Stage,
    /// Samples given so far.
    made: usize,
    /// Frames of the next window.
    window: usize,
    /// What goes on beyond the end of the last piece, to fade into the next.
    overhang: Vec<f32>,
}

enum Stage {
    /// The text is not read yet.
    Unread,
    /// Between two pieces.
    Between,
    /// A piece with its melody.
    Shaped {
        piece: Piece,
        style: Box<[f32; STYLE]>,
        acoustics: Acoustics,
    },
    /// A piece that is becoming sound.
    Sounding(Box<Sounding>),
}

struct Sounding {
    passage: Passage,
    /// Frames of the passage, those reached and those heard.
    at: usize,
    heard: Heard,
    goes_on: bool,
    words: VecDeque<SpokenWord>,
}

impl Utterance {
    pub fn new(request: Request) -> Result<Self, SynthesisError> {
        request.check()?;
        Ok(Self {
            request,
            phonemizer: None,
            own: Pronunciations::default(),
            tokens: Vec::new(),
            chunks: VecDeque::new(),
            pieces: VecDeque::new(),
            stage: Stage::Unread,
            made: 0,
            window: FIRST_WINDOW,
            overhang: Vec::new(),
        })
    }

    /// Seconds of sound that are still to come, roughly.
    pub fn remaining(&self) -> f64 {
        // Some 15 characters a second.
        let characters = match self.stage {
            Stage::Unread => self.request.text.len(),
            _ => self
                .chunks
                .iter()
                .flat_map(|chunk| &self.tokens[chunk.said.clone()])
                .map(chunk::characters)
                .sum(),
        };
        let sounding = match &self.stage {
            Stage::Sounding(sounding) => sounding.heard.frames.end.saturating_sub(sounding.at),
            Stage::Shaped { acoustics, .. } => acoustics.frames(),
            _ => 0,
        };
        characters as f64 / 15.0 / f64::from(self.request.speed) + sounding as f64 * 0.025
    }

    /// One step further, which may be longer for the only one that speaks.
    pub fn step(
        &mut self,
        graphs: &mut Graphs,
        run: &Run,
        is_alone: bool,
        voices: &Voices,
        languages: &Languages,
    ) -> Result<Step, SynthesisError> {
        match std::mem::replace(&mut self.stage, Stage::Between) {
            Stage::Unread => self.read(languages)?,
            Stage::Between => {
                let Some(piece) = self.next_piece()? else {
                    return Ok(Step::Done);
                };
                let style = voices.style(&self.request.voice, piece.phonemes);
                let script = Script {
                    tokens: piece.tokens.clone(),
                    style,
                    speed: self.speed(),
                    manner: self.request.style,
                    exaggeration: self.request.exaggeration,
                };
                let acoustics = script.acoustics(graphs, run)?;
                self.stage = Stage::Shaped {
                    piece,
                    style: Box::new(style),
                    acoustics,
                };
            }
            Stage::Shaped {
                piece,
                style,
                acoustics,
            } => {
                let sounding = self.prepare(graphs, run, &piece, &style, &acoustics)?;
                self.stage = Stage::Sounding(Box::new(sounding));
            }
            Stage::Sounding(mut sounding) => {
                let widest = if is_alone {
                    WIDEST_ALONE
                } else {
                    WIDEST_WINDOW
                };
                let sound = self.sound(graphs, run, &mut sounding, widest, is_alone)?;
                if sounding.at < sounding.heard.frames.end {
                    self.stage = Stage::Sounding(sounding);
                }
                return Ok(Step::Sound(sound));
            }
        }
        Ok(Step::Working)
    }

    fn speed(&self) -> f32 {
        (self.request.speed * self.request.style.speed).clamp(0.4, 2.5)
    }

    fn read(&mut self, languages: &Languages) -> Result<(), SynthesisError> {
        let language = self.request.language();
        let phonemizer = languages.get(language)?;
        self.own = phonemizer.pronunciations(&self.request.pronunciations)?;
        self.tokens = spoken(&self.request.text, language.code());
        if self.tokens.iter().all(|token| token.is_mark) {
            return Err(SynthesisError::NothingToSay);
        }
        self.chunks = chunk::chunks(&self.tokens, Limits::default(), chunk::characters).into();
        self.phonemizer = Some(phonemizer);
        Ok(())
    }

    /// The next piece that has something to say.
    fn next_piece(&mut self) -> Result<Option<Piece>, SynthesisError> {
        while self.pieces.is_empty() {
            let (Some(chunk), Some(phonemizer)) = (self.chunks.pop_front(), &self.phonemizer)
            else {
                return Ok(None);
            };
            let phonemes = |words: &[Token]| phonemizer.phonemes(words, &self.own);
            let pieces = Piece::new(&self.tokens, &chunk, &phonemes)?;
            self.pieces = pieces
                .into_iter()
                .filter(|piece| piece.phonemes > 0)
                .collect();
        }
        Ok(self.pieces.pop_front())
    }

    fn prepare(
        &mut self,
        graphs: &mut Graphs,
        run: &Run,
        piece: &Piece,
        style: &[f32; STYLE],
        acoustics: &Acoustics,
    ) -> Result<Sounding, SynthesisError> {
        let is_last = self.pieces.is_empty() && self.chunks.is_empty();
        let heard = piece.heard(&acoustics.durations, self.speed(), is_last);
        let at = self.made as f64 / f64::from(crate::SAMPLE_RATE);
        let words = piece.times(&self.request.text, &acoustics.durations, &heard, at);
        // All frames that are read, heard or not: the statistics are those of them all.
        // The first sound waits for the source of its own window only.
        let soon = match self.made {
            0 => heard.frames.start + self.window,
            _ => acoustics.frames(),
        };
        let passage = Passage::new(graphs, run, style, acoustics, soon)?;
        Ok(Sounding {
            passage,
            at: heard.frames.start,
            goes_on: piece.goes_on(),
            heard,
            words: words.into(),
        })
    }

    fn sound(
        &mut self,
        graphs: &mut Graphs,
        run: &Run,
        sounding: &mut Sounding,
        widest: usize,
        is_alone: bool,
    ) -> Result<Sound, SynthesisError> {
        let heard = sounding.heard.frames.clone();
        let begins = sounding.at == heard.start;
        let left = heard.end - sounding.at;
        self.window = self.window.min(widest);
        // A rest too short for a window of its own goes with the one before it.
        let frames = if left < self.window + 4 {
            left
        } else {
            self.window
        };
        let end = sounding.at + frames;
        let ends = end == heard.end;
        // One frame more, where the next piece takes over.
        let more = usize::from(ends && sounding.goes_on && end < sounding.passage.frames());
        let window = sounding.at..end + more;
        let mut samples = if is_alone && frames >= IN_LANES {
            sounding.passage.window_in_lanes(graphs, run, window)?
        } else {
            sounding.passage.window(graphs, run, window)?
        };
        let beyond = samples.split_off(frames * FRAME);
        self.window = self.window * 3 / 2;
        sounding.at = end;

        let gain = 10f32.powf(self.request.style.gain / 20.0);
        samples
            .iter_mut()
            .for_each(|sample| *sample = (*sample * gain).clamp(-1.0, 1.0));
        if begins {
            let overhang = std::mem::take(&mut self.overhang);
            fade_in(&mut samples, &overhang);
        }
        if ends {
            self.overhang = beyond
                .iter()
                .take(OVERLAP)
                .map(|sample| sample * gain)
                .collect();
            if self.overhang.is_empty() {
                fade_out(&mut samples);
            }
            samples.resize(samples.len() + sounding.heard.silence * FRAME, 0.0);
        }
        self.made += samples.len();
        let until = self.made as f64 / f64::from(crate::SAMPLE_RATE);
        let mut words = Vec::new();
        while sounding
            .words
            .front()
            .is_some_and(|word| word.start < until || ends)
        {
            words.extend(sounding.words.pop_front());
        }
        Ok(Sound { samples, words })
    }
}

/// From what went before, or from silence.
fn fade_in(samples: &mut [f32], before: &[f32]) {
    let length = if before.is_empty() {
        RAMP
    } else {
        before.len()
    };
    for (at, sample) in samples.iter_mut().take(length).enumerate() {
        let share = (at as f32 + 0.5) / length as f32;
        *sample = *sample * share + before.get(at).copied().unwrap_or(0.0) * (1.0 - share);
    }
}

fn fade_out(samples: &mut [f32]) {
    for (at, sample) in samples.iter_mut().rev().take(RAMP).enumerate() {
        *sample *= (at as f32 + 0.5) / RAMP as f32;
    }
}
