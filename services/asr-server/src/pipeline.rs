//! One recording from bytes to hypotheses: decoding and voice activity on a thread of their own,
//! recognition beside them, a few segments in flight, bounded all along.

use crate::admission::Place;
use crate::alternatives::{self, Reading};
use crate::hearing::{self, Heard, Outlets, Plan};
use crate::insight::{self, Insight, Known, Voice};
use crate::options::Options;
use crate::spool::Recording;
use crate::state::AppState;
use crate::tongues::Tongues;
use api::ErrorCode;
use audio::PcmFormat;
use futures::StreamExt;
use futures::stream::FuturesOrdered;
use service::{ApiError, ApiResult};
use speech::{DecodeOptions, DecoderKind, Engine, Hypothesis, Language, SpeechError};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

/// Segments between the decoder and the recogniser.
const BETWEEN: usize = 2;
/// Pause before a segment is offered again to a queue that was full.
const BUSY_PAUSE: Duration = Duration::from_millis(50);
/// How often progress is told.
const PROGRESS_EVERY: Duration = Duration::from_millis(500);

/// What is to be transcribed.
#[derive(Debug)]
pub struct Input {
    /// The bytes.
    pub recording: Recording,
    /// For bytes without a header: what they are.
    pub pcm: Option<PcmFormat>,
}

/// A segment with words.
#[derive(Debug, Clone)]
pub struct Recognised {
    /// Channel of the source, when channels are transcribed by themselves.
    pub channel: Option<u16>,
    /// Seconds from the start.
    pub start_s: f64,
    /// Seconds from the start.
    pub end_s: f64,
    /// What was said.
    pub hypothesis: Hypothesis,
    /// What the voice is like, where that is looked at and there is enough of it.
    pub voice: Option<Voice>,
    /// Who said it, where that is told.
    pub placed: Option<Placed>,
    /// Its tags, once all segments are there.
    pub known: Known,
}

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    /// From 0, in order of appearance.
    pub speaker: usize,
    /// Probability that it is this one, 0..1.
    pub confidence: f32,
}

/// Told while the work goes on.
#[derive(Debug)]
pub enum Event {
    /// Seconds of audio heard so far.
    Progress(f64),
    /// The next segment with words.
    Segment(Box<Recognised>),
}

/// All that came of a recording.
#[derive(Debug)]
pub struct Outcome {
    /// Segments with words, by time.
    pub segments: Vec<Recognised>,
    /// Readings of the whole, best first, where several are wanted.
    pub readings: Vec<Reading>,
    /// Length in seconds.
    pub duration_s: f64,
    /// Language of most of the speech, with its confidence where it was detected.
    pub language: Option<(Language, Option<f32>)>,
    /// What really ran, as responses name it.
    pub decoder: &'static str,
    /// What the decoder has to say about the file.
    pub warnings: Vec<String>,
    /// Time in the decoder.
    pub decode: Duration,
    /// Time in the voice activity model.
    pub vad: Duration,
    /// Time while at least one segment was with the acoustic model.
    pub inference: Duration,
    /// Time that voices, speakers and tags took after the last word was known.
    pub metadata: Duration,
    /// Who speaks, where that is told.
    pub speakers: Option<Vec<insight::Speaker>>,
    /// The voice of whoever speaks most.
    pub embedding: Option<Vec<f32>>,
}

/// Transcribes. Dropping the future stops everything it started.
pub async fn run(
    state: &AppState,
    input: Arc<Input>,
    options: &Options,
    place: Arc<Place>,
    events: Option<&mpsc::Sender<Event>>,
) -> ApiResult<Outcome> {
    let engine = state.engines.get(&options.profile.acoustic).await?;
    let (sender, mut heard) = mpsc::channel(BETWEEN);
    let progress = hearing::Progress::default();
    let plan = Plan {
        gain_normalize: options.gain_normalize,
        noise_reduce: options.noise_reduce,
        multichannel: options.multichannel,
        max_seconds: f64::from(state.config.max_audio_seconds),
        segmenter: engine.segmenter_options(),
    };
    let wishes = &options.wishes;
    let clusters = wishes.diarize.filter(|_| !options.multichannel);
    let listening = clusters.map(|speakers| state.insight.listen(speakers, place.clone()));
    let feed = listening.as_ref().map(|listening| listening.feed());
    // The thread keeps the place as well: it may outlast a client that goes away.
    let (vad, told, held) = (state.vad.clone(), progress.clone(), place.clone());
    let span = tracing::Span::current();
    let hearing = tokio::task::spawn_blocking(move || {
        let _held = held;
        span.in_scope(|| hearing::hear(&input, &plan, &vad, &Outlets { sender, feed }, &told))
    });
    // Where turns are told, their voices come with them.
    let voices = (wishes.needs_voices() && listening.is_none()).then_some(&state.insight);

    let decode = options.search.decode(&engine, &state.language_models);
    let mut recogniser = Recogniser::new(&engine, options, decode);
    let mut running = FuturesOrdered::new();
    let window = state.engines.window();
    let mut tick = tokio::time::interval(PROGRESS_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut open = true;
    while open || !running.is_empty() {
        tokio::select! {
            Some(result) = running.next(), if !running.is_empty() => {
                let (segment, outcome, voice): Both = result;
                let recognised = recogniser.settle(segment, outcome.map_err(failure)?, voice?).await?;
                recogniser.watch(running.is_empty());
                if let (Some(recognised), Some(events)) = (recognised, events) {
                    send(events, Event::Segment(Box::new(recognised))).await?;
                }
            }
            next = heard.recv(), if open && running.len() < window => match next {
                Some(segment) => {
                    recogniser.watch(false);
                    running.push_back(hear(&engine, voices, segment, recogniser.decode.clone()));
                }
                None => open = false,
            },
            _ = tick.tick(), if events.is_some() => {
                if let Some(events) = events {
                    send(events, Event::Progress(progress.seconds())).await?;
                }
            }
        }
    }
    let report = hearing.await.map_err(ApiError::internal)??;
    let mut outcome = recogniser.finish(report);
    let began = Instant::now();
    let voices = match listening {
        Some(listening) => Some(listening.finish().await?),
        None => None,
    };
    state
        .insight
        .complete(&mut outcome, options, voices)
        .await?;
    outcome.metadata = began.elapsed();
    Ok(outcome)
}

/// A stretch of speech, its words and its voice.
type Both = (
    Heard,
    Result<Hypothesis, SpeechError>,
    ApiResult<Option<Voice>>,
);

/// The words of a stretch of speech and, beside them, its voice.
async fn hear(
    engine: &Engine,
    voices: Option<&Insight>,
    heard: Heard,
    decode: DecodeOptions,
) -> Both {
    let segment = heard.segment.clone();
    let voice = async {
        match voices {
            Some(insight) => insight.voice(segment).await,
            None => Ok(None),
        }
    };
    let ((heard, words), voice) = tokio::join!(recognise(engine, heard, decode), voice);
    (heard, words, voice)
}

/// A reader that is gone ends the work.
async fn send(events: &mpsc::Sender<Event>, event: Event) -> ApiResult<()> {
    let gone = |_| ApiError::new(ErrorCode::RequestTimeout, "The client is gone.");
    events.send(event).await.map_err(gone)
}

async fn recognise(
    engine: &Engine,
    heard: Heard,
    decode: DecodeOptions,
) -> (Heard, Result<Hypothesis, SpeechError>) {
    loop {
        match engine.transcribe(heard.segment.clone(), &decode).await {
            // The queue holds what all places may have in flight, so this is rare; the file was
            // let in and is not to fail halfway.
            Err(error) if error.is_busy() => tokio::time::sleep(BUSY_PAUSE).await,
            outcome => return (heard, outcome),
        }
    }
}

/// What a client is told when recognition fails.
pub fn failure(error: SpeechError) -> ApiError {
    match error {
        error @ SpeechError::Inference(inference::InferenceError::Stopped) => {
            ApiError::not_ready("The server is shutting down.").with_source(error)
        }
        error => ApiError::internal(error),
    }
}

/// Collects hypotheses in order.
struct Recogniser<'a> {
    engine: &'a Engine,
    options: &'a Options,
    decode: DecodeOptions,
    tongues: Tongues,
    segments: Vec<Recognised>,
    decoder: Option<DecoderKind>,
    inference: Duration,
    busy_since: Option<Instant>,
}

impl<'a> Recogniser<'a> {
    fn new(engine: &'a Engine, options: &'a Options, decode: DecodeOptions) -> Self {
        let decode = DecodeOptions {
            language: options.language,
            word_timestamps: options.word_timestamps
                || options.format.is_subtitles()
                || options.wishes.needs_word_times(),
            ..decode
        };
        Recogniser {
            engine,
            options,
            decode,
            tongues: Tongues::default(),
            segments: Vec::new(),
            decoder: None,
            inference: Duration::ZERO,
            busy_since: None,
        }
    }

    /// Keeps the time during which anything is in flight.
    fn watch(&mut self, idle: bool) {
        match (self.busy_since, idle) {
            (None, false) => self.busy_since = Some(Instant::now()),
            (Some(since), true) => {
                self.inference += since.elapsed();
                self.busy_since = None;
            }
            _ => {}
        }
    }

    /// Takes a hypothesis, or a better one in the language of the rest.
    async fn settle(
        &mut self,
        heard: Heard,
        hypothesis: Hypothesis,
        voice: Option<Voice>,
    ) -> ApiResult<Option<Recognised>> {
        let correction = self
            .tongues
            .correction(&hypothesis, &self.options.profile.languages);
        let (heard, hypothesis) = match correction {
            Some(language) if !hypothesis.text.is_empty() => {
                let decode = DecodeOptions {
                    language: Some(language),
                    ..self.decode.clone()
                };
                let (heard, outcome) = recognise(self.engine, heard, decode).await;
                (heard, outcome.map_err(failure)?)
            }
            _ => (heard, hypothesis),
        };
        // A segment that was doubtful may have been decoded in a simpler way.
        self.decoder = self.decoder.max(Some(hypothesis.decoder));
        if hypothesis.text.is_empty() {
            return Ok(None);
        }
        let (start_s, end_s) = heard.segment.speech_span();
        self.tongues.add(&hypothesis, end_s - start_s);
        let recognised = Recognised {
            channel: heard.channel,
            start_s,
            end_s,
            hypothesis,
            voice,
            placed: None,
            known: Known::default(),
        };
        self.segments.push(recognised.clone());
        Ok(Some(recognised))
    }

    fn finish(mut self, report: hearing::Report) -> Outcome {
        self.watch(true);
        self.segments.sort_by(|a, b| {
            a.start_s
                .total_cmp(&b.start_s)
                .then(a.channel.cmp(&b.channel))
        });
        let detected = self
            .tongues
            .verdict()
            .map(|(language, confidence)| (language, Some(confidence)));
        let readings = match self.options.search.n_best {
            1 => Vec::new(),
            several => alternatives::of_recording(&self.segments, several),
        };
        Outcome {
            readings,
            segments: self.segments,
            duration_s: report.duration_s,
            language: self
                .options
                .language
                .map(|given| (given, None))
                .or(detected),
            decoder: self.decoder.unwrap_or(DecoderKind::Greedy).as_str(),
            warnings: report.warnings,
            decode: report.decode,
            vad: report.vad,
            inference: self.inference,
            metadata: Duration::ZERO,
            speakers: None,
            embedding: None,
        }
    }
}
