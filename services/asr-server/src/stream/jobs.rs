//! A stream's work with the acoustic model: at most one interim and one guess at the final, and
//! the finals themselves, whose order is kept.

use super::ear::Flush;
use crate::insight::{Insight, UtteranceVoices};
use api::stream::StreamEvent;
use futures::future::{BoxFuture, FutureExt, ready};
use futures::stream::{FuturesOrdered, StreamExt};
use service::ApiResult;
use speech::{DecodeOptions, Engine, Hypothesis, SpeechError, SpeechSegment};
use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// Pause before a final is offered again to a queue that was full.
const BUSY_PAUSE: Duration = Duration::from_millis(20);

/// A segment after recognition.
#[derive(Debug)]
pub struct Take {
    /// What was heard.
    pub segment: Arc<SpeechSegment>,
    /// What it means.
    pub hypothesis: Result<Hypothesis, SpeechError>,
    /// From being asked to the answer.
    pub took: Duration,
    /// Its voices, which are looked at once the words are known: while the pause lasts.
    pub voices: Option<JoinHandle<ApiResult<UtteranceVoices>>>,
}

/// Something to be sent, once everything before it was.
#[derive(Debug)]
pub enum Out {
    /// A final.
    Final {
        /// Its words.
        take: Box<Take>,
        /// Where its speech ended, in seconds.
        speech_end_s: f64,
        /// Whether it is a whole utterance.
        complete: bool,
    },
    /// Anything else.
    Event(StreamEvent),
    /// Everything before the flush is out.
    Flushed(Flush),
}

/// What came to its end.
pub enum Done {
    /// An interim.
    Interim(Take),
    /// A guess at a final, while speech may go on; kept for when it does not.
    Guess {
        /// Where its speech ended, in seconds.
        speech_end_s: f64,
        /// What was heard.
        segment: Arc<SpeechSegment>,
        /// What it means, if that is known.
        hypothesis: Option<Hypothesis>,
    },
    /// The next thing to be sent.
    Out(Out),
}

type Running = BoxFuture<'static, Take>;

enum State {
    Running(Running),
    Ready(Box<Take>),
}

/// See the module.
pub struct Jobs {
    engine: Arc<Engine>,
    /// Where voices are looked at, if they are, and whether those who take turns are told apart.
    voices: Option<(Insight, bool)>,
    interim: Option<Running>,
    /// Recognition of an utterance that pauses, and where its speech ended.
    guess: Option<(f64, State)>,
    out: FuturesOrdered<BoxFuture<'static, Out>>,
}

impl Jobs {
    /// No work yet.
    pub fn new(engine: Arc<Engine>, voices: Option<(Insight, bool)>) -> Self {
        Jobs {
            engine,
            voices,
            interim: None,
            guess: None,
            out: FuturesOrdered::new(),
        }
    }

    /// Things waiting to be sent.
    pub fn waiting(&self) -> usize {
        self.out.len()
    }

    /// Whether an interim would only wait.
    pub fn is_busy(&self) -> bool {
        self.interim.is_some()
            || matches!(self.guess, Some((_, State::Running(_))))
            || !self.out.is_empty()
    }

    /// Starts an interim.
    pub fn interim(&mut self, segment: Arc<SpeechSegment>, decode: DecodeOptions, since: Instant) {
        self.interim = Some(self.recognise(segment, decode, since, false));
    }

    /// Starts on what will be final if the pause lasts; it is worth more than an interim.
    pub fn guess(
        &mut self,
        speech_end_s: f64,
        segment: Arc<SpeechSegment>,
        decode: DecodeOptions,
        since: Instant,
    ) {
        self.interim = None;
        let running = self.recognise(segment, decode, since, true);
        self.guess = Some((speech_end_s, State::Running(running)));
    }

    /// The guess about the speech that ended there, once it is made.
    pub fn guessed(&self, speech_end_s: f64) -> Option<(&SpeechSegment, &Hypothesis)> {
        match &self.guess {
            Some((end_s, State::Ready(take))) if *end_s == speech_end_s => {
                Some((&take.segment, take.hypothesis.as_ref().ok()?))
            }
            _ => None,
        }
    }

    /// Queues a final: the guess, where it was about the same speech.
    pub fn close(
        &mut self,
        speech_end_s: f64,
        complete: bool,
        segment: Arc<SpeechSegment>,
        decode: DecodeOptions,
        since: Instant,
    ) {
        self.interim = None;
        let running = match self.guess.take() {
            Some((end_s, State::Running(running))) if end_s == speech_end_s => running,
            Some((end_s, State::Ready(take))) if end_s == speech_end_s => ready(*take).boxed(),
            _ => self.recognise(segment, decode, since, true),
        };
        let out = running.map(move |take| Out::Final {
            take: Box::new(take),
            speech_end_s,
            complete,
        });
        self.out.push_back(out.boxed());
    }

    /// Nothing is open any more, and nothing came of it.
    pub fn forget(&mut self) {
        (self.interim, self.guess) = (None, None);
    }

    /// Queues something to be sent.
    pub fn send(&mut self, out: Out) {
        self.out.push_back(ready(out).boxed());
    }

    /// Recognises again, in the order of finals: for the caller to wait on.
    pub fn again(
        &self,
        segment: Arc<SpeechSegment>,
        decode: DecodeOptions,
    ) -> BoxFuture<'static, Take> {
        self.recognise(segment, decode, Instant::now(), true)
    }

    /// What comes to its end next. Cancel-safe; waits for ever when there is nothing.
    pub async fn next(&mut self) -> Done {
        let interim = async {
            match &mut self.interim {
                Some(running) => running.await,
                None => pending().await,
            }
        };
        let guess = async {
            match &mut self.guess {
                Some((end_s, State::Running(running))) => (*end_s, running.await),
                _ => pending().await,
            }
        };
        let out = async {
            match self.out.next().await {
                Some(out) => out,
                None => pending().await,
            }
        };
        tokio::select! {
            out = out => Done::Out(out),
            (speech_end_s, take) = guess => {
                let segment = take.segment.clone();
                let hypothesis = take.hypothesis.as_ref().ok().cloned();
                self.guess = Some((speech_end_s, State::Ready(Box::new(take))));
                Done::Guess { speech_end_s, segment, hypothesis }
            }
            take = interim => {
                self.interim = None;
                Done::Interim(take)
            }
        }
    }

    /// Dropping the future withdraws the segment. Only what must not be lost is `patient`.
    fn recognise(
        &self,
        segment: Arc<SpeechSegment>,
        decode: DecodeOptions,
        since: Instant,
        patient: bool,
    ) -> Running {
        let engine = self.engine.clone();
        let voices = self.voices.clone().filter(|_| patient);
        async move {
            let begun = Instant::now();
            loop {
                let hypothesis = engine
                    .transcribe_live(segment.clone(), &decode, since)
                    .await;
                match hypothesis {
                    Err(error) if error.is_busy() && patient => {
                        tokio::time::sleep(BUSY_PAUSE).await
                    }
                    hypothesis => {
                        let has_words = hypothesis.as_ref().is_ok_and(|it| !it.text.is_empty());
                        let voices = voices.filter(|_| has_words).map(|(insight, apart)| {
                            let segment = segment.clone();
                            tokio::spawn(async move { insight.voices(segment, apart).await })
                        });
                        return Take {
                            segment,
                            hypothesis,
                            took: begun.elapsed(),
                            voices,
                        };
                    }
                }
            }
        }
        .boxed()
    }
}
