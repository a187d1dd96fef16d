//! One stream from its configuration to its end: joins what is heard, recognised and sent.

use super::arrivals::Arrivals;
use super::ear::{Flush, Heard, Outcome};
use super::jobs::{Done, Jobs, Out, Take};
use super::listening::Listening;
use super::load::Load;
use super::settings::Settings;
use super::words::Words;
use super::writer::Writer;
use crate::insight::{LiveInsight, Part, Told, UtteranceVoices};
use crate::pipeline::failure as recognition_failure;
use api::stream::StreamEvent;
use metrics::{counter, histogram};
use service::socket::{Broken, Gone};
use service::{ApiError, Drain};
use speech::SpeechSegment;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// While more than this waits to be sent, nothing more is heard.
const AHEAD: usize = 16;
/// No interims while so many seconds of audio wait: finals will be there sooner.
const HURRY_S: f64 = 1.5;
/// Kept of the drain for saying goodbye.
const GOODBYE: Duration = Duration::from_secs(3);

/// See the module.
pub struct Session {
    settings: Arc<Settings>,
    listening: Listening,
    jobs: Jobs,
    words: Words,
    insight: LiveInsight,
    load: Load,
    drain: (Drain, Duration),
    arrivals: Arrivals,
    received_s: f64,
    /// The client was told that speech began, and whether it pauses.
    open: Option<bool>,
}

impl Session {
    /// A session that has heard nothing yet. `drain`: when the service ends, and how long that takes.
    pub fn new(
        settings: Arc<Settings>,
        listening: Listening,
        jobs: Jobs,
        words: Words,
        insight: LiveInsight,
        load: Load,
        drain: (Drain, Duration),
    ) -> Self {
        Session {
            settings,
            listening,
            jobs,
            words,
            insight,
            load,
            drain,
            arrivals: Arrivals::default(),
            received_s: 0.0,
            open: None,
        }
    }

    /// Seconds of audio heard.
    pub fn received_s(&self) -> f64 {
        self.received_s
    }

    /// Runs until everything is sent. Dropping the future frees everything.
    pub async fn run(&mut self, writer: &mut Writer) -> Result<(), Broken> {
        let (drain, time) = self.drain.clone();
        let leave = async {
            drain.started().await;
            tokio::time::sleep(time.saturating_sub(GOODBYE.min(time / 2))).await;
        };
        tokio::pin!(leave);
        let mut leaving = false;
        loop {
            let wants = self.settings.interim_results
                && !self.jobs.is_busy()
                && self.listening.backlog_s() < HURRY_S;
            let room = self.jobs.waiting() < AHEAD;
            tokio::select! {
                heard = self.listening.next(wants, room) => {
                    let (outcome, flush) = heard?;
                    self.take(outcome, flush);
                }
                done = self.jobs.next() => {
                    if self.tell(done, writer).await? {
                        return if leaving {
                            Err(ApiError::not_ready("The server is shutting down.").into())
                        } else {
                            Ok(())
                        };
                    }
                }
                () = &mut leave, if !leaving => {
                    leaving = true;
                    self.listening.end();
                }
            }
        }
    }

    /// Starts the work that follows from what was heard.
    fn take(&mut self, outcome: Outcome, flush: Option<Flush>) {
        let more_s = outcome.received_s - self.received_s;
        counter!("asr_stream_audio_milliseconds_total").increment((more_s * 1000.0).round() as u64);
        self.received_s = outcome.received_s;
        self.arrivals.note(self.received_s, Instant::now());
        for heard in outcome.heard {
            match heard {
                Heard::Started { start_s: start } => {
                    let start = crate::answer::seconds(start);
                    self.open = Some(false);
                    self.jobs
                        .send(Out::Event(StreamEvent::SpeechStarted { start }));
                }
                Heard::Pause {
                    speech_end_s,
                    segment,
                    ..
                } => {
                    self.pauses(true, speech_end_s);
                    if let Some(segment) = segment {
                        let (decode, since) =
                            (self.words.final_options(), self.since(speech_end_s));
                        self.jobs.guess(speech_end_s, segment, decode, since);
                    }
                }
                Heard::Resumed { at_s } => self.pauses(false, at_s),
                Heard::Close { segment: None, .. } => {
                    self.open = None;
                    self.jobs.forget();
                }
                Heard::Close {
                    speech_end_s,
                    complete,
                    segment: Some(segment),
                } => {
                    self.open = None;
                    let (decode, since) = (self.words.final_options(), self.since(speech_end_s));
                    self.words.close(self.jobs.guessed(speech_end_s));
                    self.jobs
                        .close(speech_end_s, complete, segment, decode, since);
                }
                Heard::TurnOver { speech_end_s } => {
                    let end = crate::answer::seconds(speech_end_s.min(self.received_s));
                    self.jobs
                        .send(Out::Event(StreamEvent::UtteranceEnd { end }));
                }
            }
        }
        if let Some(segment) = outcome.interim {
            let (decode, since) = (self.words.interim_options(), self.since(segment.end_s()));
            self.jobs.interim(segment, decode, since);
        }
        if let Some(flush) = flush {
            self.jobs.send(Out::Flushed(flush));
        }
    }

    /// Tells who wants to know that speech pauses or goes on, once for each pause.
    fn pauses(&mut self, pauses: bool, at_s: f64) {
        if self.settings.vad_events && self.open == Some(!pauses) {
            let at = crate::answer::seconds(at_s);
            self.jobs.send(Out::Event(match pauses {
                true => StreamEvent::SpeechPaused { end: at },
                false => StreamEvent::SpeechResumed { start: at },
            }));
            self.open = Some(pauses);
        }
    }

    /// Sends what is done; true when that was the last.
    async fn tell(&mut self, done: Done, writer: &mut Writer) -> Result<bool, Broken> {
        match done {
            Done::Interim(take) => {
                self.behind(&take.segment);
                if let Ok(hypothesis) = &take.hypothesis {
                    self.interim(&take.segment, hypothesis, false, writer)
                        .await?;
                }
            }
            Done::Guess {
                speech_end_s,
                segment,
                hypothesis,
            } => {
                self.behind(&segment);
                // Without words it is as finished as it sounds.
                let ends = hypothesis
                    .as_ref()
                    .is_none_or(|it| it.text.is_empty() || text::ends_sentence(&it.text));
                self.listening.reads(speech_end_s, ends);
                if let Some(hypothesis) = hypothesis {
                    self.interim(&segment, &hypothesis, true, writer).await?;
                }
            }
            Done::Out(Out::Final {
                take,
                speech_end_s,
                complete,
            }) => {
                self.finish(*take, speech_end_s, complete, writer).await?;
            }
            Done::Out(Out::Event(event)) => writer.send(event).await?,
            Done::Out(Out::Flushed(Flush::Stall)) => {}
            Done::Out(Out::Flushed(Flush::Finalize)) => {
                let end = crate::answer::seconds(self.received_s);
                writer.send(StreamEvent::Finalized { end }).await?;
            }
            Done::Out(Out::Flushed(Flush::End)) => {
                let map = self.insight.corrections();
                if !map.is_empty() {
                    writer.send(StreamEvent::SpeakerMap { map }).await?;
                }
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn interim(
        &mut self,
        segment: &SpeechSegment,
        hypothesis: &speech::Hypothesis,
        pauses: bool,
        writer: &mut Writer,
    ) -> Result<(), Gone> {
        if !self.settings.interim_results || self.jobs.waiting() > 0 {
            return Ok(());
        }
        match self.words.interim(segment, hypothesis, pauses) {
            Some(transcript) => {
                writer
                    .send(StreamEvent::Transcript(Box::new(transcript)))
                    .await
            }
            None => Ok(()),
        }
    }

    async fn finish(
        &mut self,
        mut take: Take,
        speech_end_s: f64,
        complete: bool,
        writer: &mut Writer,
    ) -> Result<(), Broken> {
        let correction = take
            .hypothesis
            .as_ref()
            .ok()
            .and_then(|hypothesis| self.words.correction(hypothesis));
        if let Some(decode) = correction {
            let voices = take.voices.take();
            take = self.jobs.again(take.segment, decode).await;
            take.voices = voices.or(take.voices);
        }
        let segment = take.segment.clone();
        let hypothesis = take.hypothesis.map_err(recognition_failure)?;
        let began = Instant::now();
        let heard = match take.voices {
            Some(voices) => voices.await.map_err(ApiError::internal)??,
            None => UtteranceVoices::default(),
        };
        let mut parts = self
            .insight
            .parts(&segment, hypothesis, heard)
            .into_iter()
            .peekable();
        let mut sent = false;
        while let Some(part) = parts.next() {
            let complete = complete && parts.peek().is_none();
            sent |= self.finish_part(part, take.took, complete, writer).await?;
        }
        histogram!("asr_stream_metadata_seconds").record(began.elapsed().as_secs_f64());
        if sent {
            self.load.behind(self.since(segment.end_s()).elapsed());
            let waited = self.since(speech_end_s).elapsed();
            histogram!("asr_stream_end_of_speech_seconds").record(waited.as_secs_f64());
        }
        Ok(())
    }

    /// Sends what one speaker said; false where there is nothing to say.
    async fn finish_part(
        &mut self,
        part: Part,
        took: Duration,
        complete: bool,
        writer: &mut Writer,
    ) -> Result<bool, Broken> {
        counter!("asr_stream_finals_total").increment(1);
        let readable = self.words.read(&part.hypothesis);
        let told = match part.hypothesis.text.is_empty() {
            true => Told::default(),
            false => self.insight.tell(&part, &readable).await?,
        };
        let (words, hypothesis) = (&mut self.words, &part.hypothesis);
        match words.finish(part.span, took, hypothesis, readable, told, complete) {
            Some(transcript) => {
                let transcript = StreamEvent::Transcript(Box::new(transcript));
                writer.send(transcript).await?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    fn behind(&self, segment: &SpeechSegment) {
        self.load.behind(self.since(segment.end_s()).elapsed());
    }

    /// When this second of the audio came in.
    fn since(&self, second: f64) -> Instant {
        self.arrivals.of(second).unwrap_or_else(Instant::now)
    }
}
