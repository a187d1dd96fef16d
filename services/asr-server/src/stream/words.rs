//! From recognised segments to the transcripts of a stream.

use super::settings::Settings;
use super::stable::Stable;
use crate::alternatives;
use crate::answer::{probability, seconds};
use crate::insight::Told;
use crate::language_models::LanguageModels;
use crate::readable::{Readable, readable};
use crate::tongues::Tongues;
use api::stream::StreamTranscript;
use speech::{Context, DecodeOptions, Engine, Hypothesis, Language, SpeechSegment};
use std::sync::Arc;
use std::time::Duration;

/// A detection is kept to for interims from this probability on.
const SURE: f32 = 0.6;

/// What a stream's transcripts have in common, and what is learnt on the way.
pub struct Words {
    settings: Arc<Settings>,
    /// How finals and interims are decoded, language and context aside.
    decode: DecodeOptions,
    decode_interim: DecodeOptions,
    tongues: Tongues,
    /// What is spoken, as far as is known.
    spoken: Option<Language>,
    /// What was shown of the open utterance.
    stable: Stable,
    shown: bool,
    /// What was said just before the open utterance, in the same turn.
    context: Option<Arc<Context>>,
    /// Where the last transcript ended, in seconds: none starts before it.
    said_s: f64,
}

impl Words {
    /// For a stream with these settings.
    pub fn new(settings: Arc<Settings>, engine: &Engine, models: &LanguageModels) -> Self {
        Words {
            spoken: settings.language,
            decode: settings.search.decode(engine, models),
            decode_interim: settings.search.decode_interim(),
            settings,
            tongues: Tongues::default(),
            stable: Stable::default(),
            shown: false,
            context: None,
            said_s: 0.0,
        }
    }

    /// How to decode what may still change: quickly.
    pub fn interim_options(&self) -> DecodeOptions {
        DecodeOptions {
            language: self.spoken,
            context: self.context.clone(),
            temperature_fallback: false,
            ..self.decode_interim.clone()
        }
    }

    /// How to decode finals.
    pub fn final_options(&self) -> DecodeOptions {
        DecodeOptions {
            language: self.settings.language,
            word_timestamps: self.settings.word_timestamps
                || self.settings.wishes.diarize.is_some(),
            context: self.context.clone(),
            ..self.decode.clone()
        }
    }

    /// How to decode a final again, when the language it was taken for is not believable.
    pub fn correction(&self, hypothesis: &Hypothesis) -> Option<DecodeOptions> {
        let language = self
            .tongues
            .correction(hypothesis, &self.settings.profile.languages)?;
        (!hypothesis.text.is_empty()).then(|| DecodeOptions {
            language: Some(language),
            ..self.final_options()
        })
    }

    /// A segment is final: it is the context of the next, if it is known already what was said.
    pub fn close(&mut self, heard: Option<(&SpeechSegment, &Hypothesis)>) {
        let next = heard.and_then(|(segment, hypothesis)| {
            Context::after(self.context.as_deref(), segment, hypothesis)
        });
        self.context = next.map(Arc::new);
    }

    /// The transcript of an utterance that goes on. `pauses`: it may be the end of it.
    pub fn interim(
        &mut self,
        segment: &SpeechSegment,
        hypothesis: &Hypothesis,
        pauses: bool,
    ) -> Option<StreamTranscript> {
        if self.settings.language.is_none()
            && hypothesis
                .language_confidence
                .is_some_and(|sure| sure >= SURE)
        {
            self.spoken = Some(hypothesis.language);
        }
        if hypothesis.text.is_empty() {
            return None;
        }
        let (start_s, _) = segment.speech_span();
        let mut transcript = self.transcript(hypothesis, start_s, segment.end_s());
        let text = self.read(hypothesis).text;
        transcript.text = self.stable.show(&text, pauses).to_owned();
        if transcript.text.is_empty() {
            return None;
        }
        self.shown = true;
        Some(transcript)
    }

    /// The text and words of a hypothesis as clients read them.
    pub fn read(&self, hypothesis: &Hypothesis) -> Readable {
        readable(
            hypothesis,
            self.settings.punctuation,
            self.settings.itn,
            self.settings.profanity_filter,
        )
    }

    /// The transcript of a finished stretch from `start_s` to `end_s`, which reads as `readable`; `None` when there are no
    /// words in it, and none were shown before.
    pub fn finish(
        &mut self,
        (start_s, end_s): (f64, f64),
        took: Duration,
        hypothesis: &Hypothesis,
        readable: Readable,
        told: Told,
        complete: bool,
    ) -> Option<StreamTranscript> {
        let shown = std::mem::take(&mut self.shown);
        self.stable.clear();
        if hypothesis.text.is_empty() && !shown {
            return None;
        }
        if !hypothesis.text.is_empty() {
            self.tongues.add(hypothesis, end_s - start_s);
            self.spoken = self.settings.language.or(Some(hypothesis.language));
        }
        let transcript = self.transcript(hypothesis, start_s, end_s);
        self.said_s = transcript.end;
        let wishes = &self.settings.wishes;
        Some(StreamTranscript {
            is_final: true,
            utterance_end: complete,
            confidence: Some(probability(hypothesis.confidence)),
            process_ms: Some(took.as_millis() as u64),
            text: readable.text,
            metadata: wishes.metadata.then_some(told.known.tags),
            metadata_probs: wishes.metadata_prob.then_some(told.known.probabilities),
            entities: wishes.metadata.then_some(told.known.entities),
            speaker: told.speaker.as_ref().map(|(speaker, _)| speaker.clone()),
            speaker_confidence: told.speaker.map(|(_, confidence)| confidence),
            words: self.settings.word_timestamps.then_some(readable.words),
            alternatives: alternatives::of_segment(
                hypothesis,
                self.settings.search.n_best,
                self.settings.word_timestamps,
                |it| self.read(it),
            ),
            ..transcript
        })
    }

    /// What interims and finals have in common; without text.
    fn transcript(&self, hypothesis: &Hypothesis, start_s: f64, end_s: f64) -> StreamTranscript {
        let start = seconds(start_s.max(self.said_s));
        StreamTranscript {
            channel: self.settings.channel.clone(),
            start,
            end: seconds(end_s).max(start),
            language: hypothesis.language.code().to_owned(),
            ..StreamTranscript::default()
        }
    }
}
