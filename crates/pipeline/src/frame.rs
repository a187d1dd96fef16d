//! What travels along the chain.
//!
//! Frames go *down* from the caller's sound to the sound we send, or *up* against it. System
//! frames overtake data frames. What belongs to an answer carries its [`TurnId`]; once an answer
//! is void (the caller interrupted), the chain drops whatever of it still arrives.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Time since the call began.
pub type Time = Duration;

/// An answer of ours, counted up from 1.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct TurnId(pub u64);

/// Mono samples at the rate of the call.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    /// The samples.
    pub samples: Arc<[i16]>,
    /// Where they stand on the clock of their direction, in samples since the call began. Gaps are
    /// silence.
    pub at: u64,
}

/// What the caller said, as far as it was recognised.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Utterance {
    /// The words.
    pub text: String,
    /// When it began.
    pub start: Time,
    /// When it ended, or so far.
    pub end: Time,
    /// ISO 639-1.
    pub language: Option<String>,
    /// Probability that a word of it is right, 0..1. Finals only.
    pub confidence: Option<f32>,
    /// The most likely tag of each category, such as `emotion` = `EMOTION_HAPPY`. Only what is known.
    pub tags: BTreeMap<String, String>,
    /// Whether the recogniser takes it for complete; finals only.
    pub is_complete: bool,
    /// Milliseconds its recognition took, as the recogniser had it.
    pub process_ms: Option<u64>,
}

/// Everything the caller said before it was our turn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UserTurn {
    /// The words of all utterances.
    pub text: String,
    /// When the first began.
    pub start: Time,
    /// When the last ended.
    pub end: Time,
    /// Its utterances.
    pub utterances: Vec<Utterance>,
    /// The last turn goes on: we had begun to think, and nothing of an answer was heard.
    pub goes_on: bool,
}

/// A piece of an answer that can be spoken.
#[derive(Debug, Clone, PartialEq)]
pub struct Phrase {
    /// The answer.
    pub turn: TurnId,
    /// As the transcript has it.
    pub text: String,
    /// As it is to be spoken, where that differs.
    pub spoken: Option<String>,
}

/// A part of what the language model streams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelPart {
    /// More words.
    Text(String),
    /// It has said all.
    End,
    /// It broke off, or never began; why, without words of the caller.
    Failed(String),
}

/// A part of the call that others can live without, for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Speech recognition.
    Asr,
    /// The language model.
    Llm,
    /// Speech synthesis.
    Tts,
    /// The recording.
    Recording,
}

/// Why a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The caller hung up, or closed the page.
    CallerHungUp,
    /// The agent said goodbye.
    AgentSaidGoodbye,
    /// The caller said goodbye.
    CallerSaidGoodbye,
    /// Nobody spoke, even when asked.
    Silence,
    /// Somebody ended it through the API.
    HungUp,
    /// It reached its longest duration.
    TooLong,
    /// The connection was lost, or never came to be.
    ConnectionLost,
    /// A machine answered.
    Voicemail,
    /// A part failed and did not come back.
    Failed,
    /// The service ends.
    Shutdown,
}

/// One thing on its way along the chain.
#[derive(Debug, Clone, PartialEq)]
pub enum Frame {
    // System frames, which overtake.
    /// The call begins; the first frame, down.
    Start,
    /// The caller began to speak. Down from STT.
    SpeechStarted {
        /// When, on the call's clock.
        at: Time,
    },
    /// The caller's voice paused; the utterance may go on. Down from STT.
    SpeechPaused {
        /// When the voice ended.
        at: Time,
    },
    /// The caller's voice goes on in the same utterance. Down from STT.
    SpeechResumed {
        /// When.
        at: Time,
    },
    /// The answer, and everything of it that waits, is void. Down from UserAggregator.
    Interrupt,
    /// It is not clear yet whether the caller interrupts: keep still. Down from UserAggregator.
    Hold,
    /// The caller did not interrupt: go on. Down from UserAggregator.
    Release,
    /// The first sound of an answer leaves. Both ways from the output.
    BotStarted {
        /// The answer.
        turn: TurnId,
    },
    /// All of the answer was played, or it is void. Both ways from the output.
    BotStopped {
        /// The answer.
        turn: TurnId,
    },
    /// A key of the caller's telephone. Down.
    Dtmf(char),
    /// A part fails; tries to come back go on. Both ways.
    Failed {
        /// Which.
        part: Part,
        /// Why, for the log and the call's record; no words of the caller.
        why: String,
    },
    /// A part is back. Both ways.
    Recovered(Part),
    /// Say what waits, then hang up. Both ways.
    End(EndReason),
    /// Hang up now. Both ways; the last frame.
    HangUp(EndReason),

    // Data frames.
    /// Sound of the caller. Down.
    Heard(Sound),
    /// What is being said; the next one replaces it. Down from STT.
    Interim(Utterance),
    /// What was said; never changes. Down from STT. Every [`Frame::SpeechStarted`] has one at least;
    /// without text it takes back what was said of it, which turned out to be no words.
    Final(Utterance),
    /// The silence after an utterance lasted as long as its sound asks for. Down from STT.
    UtteranceEnded {
        /// When the voice ended.
        at: Time,
    },
    /// The caller is done; the turn is ours. Down from SmartEndpointer, behind the finals of it.
    EndOfTurn,
    /// For the language model, not from the caller. Down, to the dialogue.
    Developer(String),
    /// A guess at the turn that may be ending: worth thinking about already. Down from UserAggregator.
    Guess(UserTurn),
    /// The caller's turn. Down from UserAggregator; stands in the dialogue already.
    UserTurn(UserTurn),
    /// Say this as an answer of its own. Up (or down from before the LLM) to the LLM processor.
    Say(String),
    /// What the language model streams. From the task of the LLM processor to it, and no further.
    Model {
        /// Which request of the processor.
        request: u64,
        /// What came.
        part: ModelPart,
    },
    /// An answer begins: the model's first words are there. Down from LLM.
    AnswerStarted {
        /// The answer.
        turn: TurnId,
    },
    /// A piece of an answer. Down.
    Phrase(Phrase),
    /// An answer has no more pieces. Down.
    AnswerEnded {
        /// The answer.
        turn: TurnId,
    },
    /// Sound of an answer. Down from TTS.
    Speech {
        /// The answer.
        turn: TurnId,
        /// Samples at the rate of the call.
        samples: Arc<[i16]>,
    },
    /// When a word of an answer is said. Down from TTS, before or with its sound.
    Word {
        /// The answer.
        turn: TurnId,
        /// As the transcript has it.
        text: String,
        /// Samples since the first sound of the answer.
        from: u64,
        /// Samples since the first sound of the answer.
        to: u64,
    },
    /// An answer has no more sound. Down from TTS.
    SpeechEnded {
        /// The answer.
        turn: TurnId,
    },
    /// A short sound of ours beside any answer, such as "mm-hmm". Down to the output.
    Clip(Arc<[i16]>),
    /// Where the sound of an answer begins on the clock of what is played. Down from the output.
    Placed {
        /// The answer.
        turn: TurnId,
        /// In samples of speech played since the call began.
        at: u64,
    },
    /// What was played in one tick, silence included. Down from the output.
    Played {
        /// The sound.
        sound: Sound,
        /// Samples of speech played so far.
        spoken: u64,
        /// Of these, surely heard by the caller.
        heard: u64,
    },
}

impl Frame {
    /// Whether it overtakes data frames.
    pub fn is_system(&self) -> bool {
        use Frame::*;
        matches!(
            self,
            Start
                | SpeechStarted { .. }
                | SpeechPaused { .. }
                | SpeechResumed { .. }
                | Interrupt
                | Hold
                | Release
                | BotStarted { .. }
                | BotStopped { .. }
                | Dtmf(_)
                | Failed { .. }
                | Recovered(_)
                | End(_)
                | HangUp(_)
        )
    }

    /// The answer that a data frame belongs to.
    pub fn turn(&self) -> Option<TurnId> {
        match self {
            Frame::AnswerStarted { turn }
            | Frame::AnswerEnded { turn }
            | Frame::Speech { turn, .. }
            | Frame::Word { turn, .. }
            | Frame::SpeechEnded { turn }
            | Frame::Placed { turn, .. } => Some(*turn),
            Frame::Phrase(phrase) => Some(phrase.turn),
            _ => None,
        }
    }
}
