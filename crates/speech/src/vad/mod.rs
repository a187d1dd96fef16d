//! Voice activity: which parts of a stream are speech (Silero VAD, 32 ms frames).

mod live;
mod options;
mod recorder;
mod segmenter;
mod utterance;

pub use live::{LiveSegmenter, OpenUtterance};
pub use options::SegmenterOptions;
pub use segmenter::Segmenter;

use crate::SpeechError;
use inference::ort::session::Session;
use inference::ort::value::TensorRef;
use inference::{InferenceError, Pool, Runtime, SessionOptions};
use std::path::Path;

/// Samples of a frame (32 ms).
pub(crate) const FRAME: usize = 512;
/// Samples before a frame that the model wants to see again.
const CONTEXT: usize = 64;
/// Size of the recurrent state, `[2, 1, 128]`.
const STATE: usize = 256;

/// A loaded Silero voice activity model, shared by all streams.
#[derive(Clone)]
pub struct VoiceActivity {
    sessions: Pool<Session>,
}

impl VoiceActivity {
    /// Loads the graph at `path`; up to `sessions` streams can run it at the same time, others
    /// wait for their turn of a millisecond.
    pub fn load(runtime: &Runtime, path: &Path, sessions: usize) -> Result<Self, SpeechError> {
        let options = SessionOptions {
            single_thread: true,
            ..SessionOptions::default()
        };
        let session = || runtime.session(path, &options);
        Ok(Self {
            sessions: Pool::of(sessions, session)?,
        })
    }

    /// A segmenter for one stream.
    pub fn segmenter(&self, options: SegmenterOptions) -> Segmenter {
        Segmenter::new(self.clone(), options)
    }

    /// A segmenter for one live stream.
    pub fn live_segmenter(&self, options: SegmenterOptions) -> LiveSegmenter {
        LiveSegmenter::new(self.clone(), options)
    }

    /// Probability of speech in each of the frames, which follow one another in one stream.
    /// `memory` is what the model remembers of the stream.
    pub(crate) fn listen(
        &self,
        samples: &[f32],
        memory: &mut Memory,
    ) -> Result<Vec<f32>, SpeechError> {
        let frames = samples.len() / FRAME;
        let mut rows = Vec::with_capacity(frames * (CONTEXT + FRAME));
        for frame in samples.chunks_exact(FRAME) {
            rows.extend_from_slice(&memory.context);
            rows.extend_from_slice(frame);
            memory.context.copy_from_slice(&frame[FRAME - CONTEXT..]);
        }
        let input = TensorRef::from_array_view(([frames, CONTEXT + FRAME], rows.as_slice()))?;
        let state = memory.state;
        let state = TensorRef::from_array_view(([2usize, 1, STATE / 2], state.as_slice()))?;
        let mut session = self.sessions.borrow();
        let outputs = inference::timed("vad", || {
            session.run(inference::ort::inputs!["frames" => input, "state" => state])
        })?;
        let next = outputs["state_out"].try_extract_tensor::<f32>()?.1;
        let wrong =
            || InferenceError::Run("the voice activity model gave a state of another size".into());
        memory.state = next.try_into().map_err(|_| wrong())?;
        Ok(outputs["probability"]
            .try_extract_tensor::<f32>()?
            .1
            .to_vec())
    }
}

/// What the model remembers of one stream.
pub(crate) struct Memory {
    context: [f32; CONTEXT],
    state: [f32; STATE],
}

impl Memory {
    pub fn new() -> Self {
        Self {
            context: [0.0; CONTEXT],
            state: [0.0; STATE],
        }
    }
}
