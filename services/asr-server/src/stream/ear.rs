//! The blocking half of a stream: bytes to samples, voice activity, endpointing. Runs on a thread
//! for work, a few milliseconds at a time, and says what it heard.

use super::endpointer::{ASK_S, Decision, Endpointer};
use super::settings::Settings;
use audio::{Denoiser, LiveDecoder};
use bytes::Bytes;
use service::{ApiError, ApiResult};
use speech::{
    LiveSegmenter, OpenUtterance, SAMPLE_RATE_HZ, SegmenterOptions, SpeechSegment, VoiceActivity,
};
use std::sync::Arc;

/// Seconds of new audio before an interim is worth its work.
const INTERIM_EVERY_S: f64 = 0.22;
/// Seconds of speech before the first.
const INTERIM_FIRST_S: f64 = 0.3;

/// What was heard.
#[derive(Debug, Clone)]
pub enum Heard {
    /// Speech began.
    Started {
        /// When, in seconds.
        start_s: f64,
    },
    /// Speech pauses: this is all of the utterance so far.
    Pause {
        /// Where it ended, in seconds.
        speech_end_s: f64,
        /// Silence since, in seconds.
        pause_s: f64,
        /// `None` when it is too short for a word.
        segment: Option<Arc<SpeechSegment>>,
    },
    /// Speech goes on after a pause.
    Resumed {
        /// Up to where so far, in seconds.
        at_s: f64,
    },
    /// What was said is final.
    Close {
        /// Where it ended, in seconds.
        speech_end_s: f64,
        /// Whether it is a whole utterance.
        complete: bool,
        /// `None` when it is too short for a word.
        segment: Option<Arc<SpeechSegment>>,
    },
    /// The speaker's turn is over.
    TurnOver {
        /// Where it ended, in seconds.
        speech_end_s: f64,
    },
}

/// How the hearing of some audio ended.
#[derive(Debug, Default)]
pub struct Outcome {
    /// In order.
    pub heard: Vec<Heard>,
    /// The utterance so far, when an interim is due.
    pub interim: Option<Arc<SpeechSegment>>,
    /// Whether nothing more is heard until [`Ear::answer`].
    pub waits: bool,
    /// Seconds of audio taken since the start.
    pub received_s: f64,
    /// Whether somebody is speaking.
    pub speaking: bool,
}

/// What a flush ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flush {
    /// The utterance so far; more audio will come.
    Finalize,
    /// The utterance so far, for no audio has come for a while.
    Stall,
    /// The stream.
    End,
}

/// One stream's hearing.
pub struct Ear {
    decoder: LiveDecoder,
    denoiser: Option<Denoiser>,
    segmenter: LiveSegmenter,
    endpointer: Endpointer,
    samples: Vec<f32>,
    /// Where the last interim ended, in seconds.
    interim_s: f64,
}

impl Ear {
    /// For a stream with these settings, cut as its model likes it.
    pub fn new(
        settings: &Settings,
        vad: &VoiceActivity,
        options: SegmenterOptions,
    ) -> ApiResult<Self> {
        let decoder = LiveDecoder::new(settings.encoding, settings.sample_rate, SAMPLE_RATE_HZ)
            .map_err(ApiError::internal)?;
        let denoiser = settings.noise_reduce.then(Denoiser::live);
        Ok(Ear {
            decoder,
            denoiser,
            segmenter: vad.live_segmenter(options),
            endpointer: Endpointer::new(settings.endpointing_s, settings.eager),
            samples: Vec::new(),
            interim_s: 0.0,
        })
    }

    /// Takes messages, and hears as far as it can. `wants_interim`: whether the utterance so far is
    /// wanted, when enough of it is new. A damaged Opus packet is a lost one.
    pub fn hear(&mut self, messages: &[Bytes], wants_interim: bool) -> ApiResult<Outcome> {
        self.samples.clear();
        for message in messages {
            if let Err(error) = self.decoder.push(message, &mut self.samples) {
                tracing::debug!(%error, "a packet was lost");
            }
        }
        let samples = std::mem::take(&mut self.samples);
        self.listen(&samples)?;
        self.samples = samples;
        // A long message leaves its room behind.
        self.samples.shrink_to(SAMPLE_RATE_HZ as usize);
        self.go_on(wants_interim)
    }

    /// How finished the speech before the last pause is.
    pub fn answer(&mut self, speech_end_s: f64, finished: f32) {
        self.endpointer.answer(speech_end_s, finished);
    }

    /// Hears what is left over from before an answer.
    pub fn go_on(&mut self, wants_interim: bool) -> ApiResult<Outcome> {
        let mut outcome = Outcome::default();
        loop {
            outcome.waits = self.look(&mut outcome.heard);
            if outcome.waits {
                break;
            }
            match self.segmenter.step() {
                None => break,
                Some(Some(segment)) => {
                    let (_, speech_end_s) = segment.speech_span();
                    self.endpointer.cut();
                    outcome.heard.push(Heard::Close {
                        speech_end_s,
                        complete: false,
                        segment: self.voice(Some(segment)),
                    });
                }
                Some(None) => {}
            }
        }
        let open = self.segmenter.open();
        // Speech has gone on after the others already.
        let now = open.map(|open| open.speech_end_s);
        outcome.heard.retain(|heard| {
            !matches!(heard, Heard::Pause { speech_end_s, .. } if Some(*speech_end_s) != now)
        });
        if wants_interim && open.is_some_and(|open| self.interim_is_due(open)) {
            self.interim_s = self.segmenter.now_s();
            let so_far = self.segmenter.snapshot();
            outcome.interim = self.voice(so_far);
        }
        outcome.speaking = open.is_some();
        outcome.received_s = self.segmenter.received_s();
        Ok(outcome)
    }

    /// Ends what is open. Everything taken so far is heard first; call it again while it waits.
    pub fn flush(&mut self, flush: Flush) -> ApiResult<Outcome> {
        if flush == Flush::End {
            let rest = self.decoder.finish();
            self.listen(&rest)?;
            if let Some(denoiser) = &mut self.denoiser {
                let rest = denoiser.finish();
                self.segmenter.push(&rest).map_err(ApiError::internal)?;
            }
            self.segmenter.finish().map_err(ApiError::internal)?;
        }
        let mut outcome = self.go_on(false)?;
        while outcome.waits {
            // Whether a sentence sounds finished that is ended anyway need not be known.
            self.endpointer.assume(1.0);
            let more = self.go_on(false)?;
            outcome.heard.extend(more.heard);
            outcome.waits = more.waits;
        }
        if let Some(open) = self.segmenter.open() {
            let segment = self.segmenter.close();
            outcome.heard.push(Heard::Close {
                speech_end_s: open.speech_end_s,
                complete: flush != Flush::Finalize,
                segment: self.voice(segment),
            });
            self.endpointer.close(open.speech_end_s);
        }
        // No more audio will tell how long the silence lasts.
        if flush != Flush::Finalize
            && let Some(speech_end_s) = self.endpointer.end_turn()
        {
            outcome.heard.push(Heard::TurnOver { speech_end_s });
        }
        outcome.speaking = false;
        outcome.received_s = self.segmenter.received_s();
        Ok(outcome)
    }

    fn listen(&mut self, samples: &[f32]) -> ApiResult<()> {
        let heard = match &mut self.denoiser {
            Some(denoiser) => self.segmenter.push(&denoiser.push(samples)),
            None => self.segmenter.push(samples),
        };
        heard.map_err(ApiError::internal)
    }

    /// Acts on the frame the segmenter stands at; whether an answer is needed first.
    fn look(&mut self, heard: &mut Vec<Heard>) -> bool {
        let mut waits = false;
        for decision in self
            .endpointer
            .look(self.segmenter.now_s(), self.segmenter.open())
        {
            match decision {
                Decision::Started(start_s) => heard.push(Heard::Started { start_s }),
                Decision::Ask { speech_end_s } => {
                    let so_far = self.segmenter.snapshot();
                    let segment = self.voice(so_far);
                    if segment.is_none() {
                        // Too short for a word: perhaps the beginning of one.
                        self.endpointer.answer(speech_end_s, 0.0);
                    }
                    let pause_s = self.segmenter.now_s() - speech_end_s;
                    heard.push(Heard::Pause {
                        speech_end_s,
                        pause_s,
                        segment,
                    });
                }
                Decision::Resumed(at_s) => heard.push(Heard::Resumed { at_s }),
                Decision::Await => waits = true,
                Decision::Close {
                    speech_end_s,
                    complete,
                } => {
                    let segment = self.segmenter.close();
                    heard.push(Heard::Close {
                        speech_end_s,
                        complete,
                        segment: self.voice(segment),
                    });
                }
                Decision::TurnOver { speech_end_s } => heard.push(Heard::TurnOver { speech_end_s }),
            }
        }
        waits && !self.endpointer.is_answered()
    }

    /// A segment to be recognised: without the ends that other voices fill, where noise is reduced.
    fn voice(&self, segment: Option<SpeechSegment>) -> Option<Arc<SpeechSegment>> {
        let segment = segment?;
        Some(Arc::new(match self.denoiser {
            Some(_) => {
                let voice = audio::foreground(&segment.samples);
                segment.cut(voice)
            }
            None => segment,
        }))
    }

    fn interim_is_due(&self, open: OpenUtterance) -> bool {
        let since = open.now_s - self.interim_s.max(open.start_s);
        // In a pause the guess at the final tells more.
        let speaks = open.pause_s() < ASK_S;
        speaks && open.speech_s >= INTERIM_FIRST_S && since >= INTERIM_EVERY_S
    }
}
