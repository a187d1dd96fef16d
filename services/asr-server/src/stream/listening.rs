//! Drives a stream's ear: hands it what came in, off the async threads, and asks the end-of-turn
//! model what it wants to know.

use super::ear::{Ear, Flush, Heard, Outcome};
use super::reader::{Backlog, Inbound};
use bytes::Bytes;
use service::socket::Failure;
use service::{ApiError, ApiResult};
use speech::{SpeechSegment, TurnDetector};
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, sleep_until};

/// An utterance that no more audio comes for is ended after this.
const STALL: Duration = Duration::from_secs(3);
/// Microseconds of audio heard in one go.
const MOUTHFUL: u64 = 1_000_000;

/// Most that is believed of a sentence that sounds finished, when its words are not.
const UNFINISHED: f32 = 0.0;

type Work = JoinHandle<(Ear, ApiResult<Outcome>)>;

/// See the module.
pub struct Listening {
    /// `None` while it is at work.
    ear: Option<Ear>,
    work: Option<Work>,
    /// Microseconds of audio the work is about, and what it flushes.
    about: (u64, Option<Flush>),
    inbox: mpsc::Receiver<Inbound>,
    backlog: Backlog,
    turns: TurnDetector,
    /// The question out with the end-of-turn model: where the speech ended.
    question: Option<(f64, JoinHandle<f32>)>,
    /// Its answer: where the speech ended, and the probability that it is finished.
    sounds: Option<(f64, f32)>,
    /// Where speech ended whose words are known, and whether they end a sentence.
    reads: Option<(f64, bool)>,
    /// Whether the ear stands still until the answer.
    waits: bool,
    /// Came after the audio that was handed over last.
    control: Option<Inbound>,
    speaking: bool,
    last_audio: Instant,
}

impl Listening {
    /// Listens with this ear to what the inbox brings.
    pub fn new(
        ear: Ear,
        inbox: mpsc::Receiver<Inbound>,
        backlog: Backlog,
        turns: TurnDetector,
    ) -> Self {
        Listening {
            ear: Some(ear),
            work: None,
            about: (0, None),
            inbox,
            backlog,
            turns,
            question: None,
            sounds: None,
            reads: None,
            waits: false,
            control: None,
            speaking: false,
            last_audio: Instant::now(),
        }
    }

    /// Seconds of audio that wait to be heard.
    pub fn backlog_s(&self) -> f64 {
        self.backlog.seconds()
    }

    /// The words of the speech that ended there are known, and whether they end a sentence.
    pub fn reads(&mut self, speech_end_s: f64, ends: bool) {
        self.reads = Some((speech_end_s, ends));
    }

    /// Ends the stream as if the client had.
    pub fn end(&mut self) {
        self.control = Some(Inbound::End);
    }

    /// What was heard next, and what it flushed. `wants_interim` and `may_hear` (whether there is
    /// room for more finals) are looked at when new audio is taken. Cancel-safe.
    ///
    /// # Errors
    /// What ends the stream.
    pub async fn next(
        &mut self,
        wants_interim: bool,
        may_hear: bool,
    ) -> Result<(Outcome, Option<Flush>), Failure> {
        loop {
            if let Some(work) = &mut self.work {
                let (ear, outcome) = work.await.map_err(ApiError::internal)?;
                self.work = None;
                return Ok(self.back(ear, outcome?));
            }
            if let Some((_, question)) = &mut self.question
                && (self.waits || question.is_finished())
            {
                let finished = question.await.map_err(ApiError::internal)?;
                let asked = self.question.take();
                self.sounds = asked.map(|(speech_end_s, _)| (speech_end_s, finished));
            }
            if self.waits && self.verdict().is_none() {
                // Until whoever calls has told what it reads like.
                return pending().await;
            }
            self.hand_over(wants_interim, may_hear).await?;
        }
    }

    /// Gives the ear its next piece of work.
    async fn hand_over(&mut self, wants_interim: bool, may_hear: bool) -> Result<(), Failure> {
        if self.waits {
            self.waits = false;
            self.start((0, None), move |ear| ear.go_on(wants_interim));
            return Ok(());
        }
        if self.control.is_none() {
            self.control = Some(self.receive(may_hear).await);
        }
        match self.control.take() {
            Some(Inbound::Audio(first, micros)) => {
                let (messages, micros) = self.mouthful(first, micros);
                self.last_audio = Instant::now();
                self.start((micros, None), move |ear| {
                    ear.hear(&messages, wants_interim)
                });
            }
            Some(Inbound::Finalize) => self.flush(Flush::Finalize),
            Some(Inbound::Stalled) => self.flush(Flush::Stall),
            Some(Inbound::End) => self.flush(Flush::End),
            Some(Inbound::Failed(failure)) => return Err(failure),
            None => {}
        }
        Ok(())
    }

    /// The next message, or that none came for too long while somebody spoke.
    async fn receive(&mut self, may_hear: bool) -> Inbound {
        if !may_hear {
            return pending().await;
        }
        let stall = self.last_audio + STALL;
        tokio::select! {
            inbound = self.inbox.recv() => match inbound {
                Some(inbound) => inbound,
                // Whoever watches the reader knows that the client is gone.
                None => pending().await,
            },
            () = sleep_until(stall), if self.speaking => Inbound::Stalled,
        }
    }

    /// A message and those that wait behind it, up to about a second of audio.
    fn mouthful(&mut self, first: Bytes, mut micros: u64) -> (Vec<Bytes>, u64) {
        let mut messages = vec![first];
        while micros < MOUTHFUL {
            match self.inbox.try_recv() {
                Ok(Inbound::Audio(message, more)) => {
                    messages.push(message);
                    micros += more;
                }
                Ok(other) => {
                    self.control = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        (messages, micros)
    }

    /// How finished the last pause's speech is, once both its sound and its words are known: so
    /// that it does not depend on which came first.
    fn verdict(&self) -> Option<(f64, f32)> {
        let ((speech_end_s, finished), (read_s, ends)) = (self.sounds?, self.reads?);
        let limit = if ends { 1.0 } else { UNFINISHED };
        (speech_end_s == read_s).then(|| (speech_end_s, finished.min(limit)))
    }

    fn flush(&mut self, flush: Flush) {
        self.start((0, Some(flush)), move |ear| ear.flush(flush));
    }

    fn start(
        &mut self,
        about: (u64, Option<Flush>),
        work: impl FnOnce(&mut Ear) -> ApiResult<Outcome> + Send + 'static,
    ) {
        if let Some(mut ear) = self.ear.take() {
            self.about = about;
            if let Some((speech_end_s, finished)) = self.verdict() {
                ear.answer(speech_end_s, finished);
            }
            self.work = Some(spawn_blocking(move || {
                let outcome = work(&mut ear);
                (ear, outcome)
            }));
        }
    }

    fn back(&mut self, ear: Ear, outcome: Outcome) -> (Outcome, Option<Flush>) {
        let (micros, flush) = self.about;
        self.ear = Some(ear);
        self.backlog.heard(micros);
        (self.waits, self.speaking) = (outcome.waits, outcome.speaking);
        for heard in &outcome.heard {
            if let Heard::Pause {
                speech_end_s,
                pause_s,
                segment: Some(segment),
            } = heard
            {
                self.ask(*speech_end_s, *pause_s, segment.clone());
            }
        }
        (outcome, flush)
    }

    fn ask(&mut self, speech_end_s: f64, pause_s: f64, segment: Arc<SpeechSegment>) {
        let turns = self.turns.clone();
        let question = spawn_blocking(move || {
            let heard = Duration::from_secs_f64(pause_s);
            let spoken = segment.until(speech_end_s + pause_s);
            turns
                .completion_after(spoken, heard)
                .unwrap_or_else(|error| {
                    tracing::error!(%error, "the end-of-turn model failed");
                    0.0
                })
        });
        self.question = Some((speech_end_s, question));
    }
}
