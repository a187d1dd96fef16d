//! How a call is to be led.

use reqwest::header::HeaderMap;
use sealing::Sealer;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// One call: who speaks, to what, and where the other services are.
#[derive(Debug, Clone)]
pub struct CallSettings {
    /// Samples a second of everything inside the call: 24000, or 8000 on the telephone.
    pub rate: u32,
    /// What the language model is told to be.
    pub system_prompt: String,
    /// Said first; nothing when empty.
    pub greeting: String,
    /// Voice or mix of voices.
    pub voice: String,
    /// `female` or `male`: which voice stands in for a name that is not one of ours.
    pub voice_gender: Option<String>,
    /// What is listened for and spoken, such as `en` or `pt-BR`; `auto` recognises it.
    pub language: String,
    /// A model instead of the provider's default.
    pub llm_model: Option<String>,
    /// Address of asr-server, `http://host:port`.
    pub asr_url: String,
    /// Address of tts-server, `http://host:port`.
    pub tts_url: String,
    /// Sent with each request to both: the secret of the services, the trace that the call belongs to.
    pub headers: HeaderMap,
    /// Where the recording goes, without its ending; none: the call is not recorded.
    pub recording: Option<PathBuf>,
    /// Seals the recording, where that is on.
    pub sealer: Sealer,
    /// What agents may choose.
    pub options: Options,
}

/// What an agent's `settings` may hold for its calls. Unknown names are left alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// Silence of the caller after which the turn may be ours, 200 to 2000 ms.
    pub endpointing_ms: u32,
    /// The caller may interrupt.
    pub interruptions: bool,
    /// "mm-hmm" while the caller speaks at length.
    pub backchannel: bool,
    /// Room tone and breaths; never in HIPAA mode.
    pub humanize: bool,
    /// Silence after which the caller is asked whether they are there; as much again ends the call.
    pub silence_seconds: f32,
    /// Longest call.
    pub max_seconds: u32,
    /// Goodbyes end the call.
    pub hang_up_on_goodbye: bool,
    /// Begin to think before it is sure that the caller is done.
    pub think_ahead: bool,
    /// Record the call.
    pub record: bool,
    /// `wav` or `opus`.
    pub recording_format: String,
    /// 0 is the most predictable.
    pub temperature: Option<f64>,
    /// Longest answer in tokens.
    pub max_tokens: u32,
    /// Speaking rate, 0.5 to 2.0.
    pub speed: f32,
    /// Recognise with this profile.
    pub asr_model: Option<String>,
    /// Said when somebody's machine answers, before hanging up; nothing when empty.
    pub voicemail_message: String,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            endpointing_ms: 500,
            interruptions: true,
            backchannel: true,
            humanize: true,
            silence_seconds: 10.0,
            max_seconds: 3600,
            hang_up_on_goodbye: true,
            think_ahead: true,
            record: true,
            recording_format: "wav".into(),
            temperature: None,
            max_tokens: 400,
            speed: 1.0,
            asr_model: None,
            voicemail_message: String::new(),
        }
    }
}

impl Options {
    /// Reads them from an agent's `settings`; what is wrong keeps its default and is named.
    pub fn read(settings: &serde_json::Map<String, serde_json::Value>) -> (Self, Vec<String>) {
        let mut whole = match serde_json::to_value(Options::default()) {
            Ok(serde_json::Value::Object(whole)) => whole,
            _ => return (Options::default(), Vec::new()),
        };
        let mut warnings = Vec::new();
        for (name, value) in settings {
            if !whole.contains_key(name) {
                continue;
            }
            let mut with = whole.clone();
            with.insert(name.clone(), value.clone());
            let read: Result<Options, _> = serde_json::from_value(with.clone().into());
            match read
                .map_err(|error| error.to_string())
                .and_then(Options::check)
            {
                Ok(_) => whole = with,
                Err(error) => warnings.push(format!("settings.{name} was left out: {error}")),
            }
        }
        let options = serde_json::from_value(whole.into()).unwrap_or_default();
        (options, warnings)
    }

    fn check(self) -> Result<Self, String> {
        let within =
            |name: &str, value: f64, low: f64, high: f64| match (low..=high).contains(&value) {
                true => Ok(()),
                false => Err(format!("{name} must be {low} to {high}")),
            };
        within("endpointing_ms", self.endpointing_ms.into(), 200.0, 2000.0)?;
        within("silence_seconds", self.silence_seconds.into(), 2.0, 600.0)?;
        within("max_seconds", self.max_seconds.into(), 10.0, 14400.0)?;
        within("max_tokens", self.max_tokens.into(), 1.0, 4096.0)?;
        within("speed", self.speed.into(), 0.5, 2.0)?;
        within("temperature", self.temperature.unwrap_or(0.0), 0.0, 2.0)?;
        if !["wav", "opus"].contains(&self.recording_format.as_str()) {
            return Err("recording_format must be wav or opus".into());
        }
        if self.voicemail_message.len() > 1000 {
            return Err("voicemail_message must have at most 1000 bytes".into());
        }
        Ok(self)
    }
}

impl Default for CallSettings {
    /// A call at 24 kHz in English, with the services where they are in development.
    fn default() -> Self {
        CallSettings {
            rate: 24_000,
            system_prompt: String::new(),
            greeting: String::new(),
            voice: "af_heart".into(),
            voice_gender: None,
            language: "en".into(),
            llm_model: None,
            asr_url: "http://127.0.0.1:8001".into(),
            tts_url: "http://127.0.0.1:8003".into(),
            headers: HeaderMap::new(),
            recording: None,
            sealer: Sealer::none(),
            options: Options::default(),
        }
    }
}

impl CallSettings {
    /// Samples of a stretch of time.
    pub fn samples(&self, time: Duration) -> u64 {
        (time.as_secs_f64() * f64::from(self.rate)).round() as u64
    }

    /// The time that samples take.
    pub fn time(&self, samples: u64) -> Duration {
        Duration::from_secs_f64(samples as f64 / f64::from(self.rate))
    }
}
