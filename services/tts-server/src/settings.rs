//! How to speak, checked.

use crate::failure;
use crate::fields::Fields;
use crate::state::AppState;
use audio::Format;
use service::{ApiError, ApiResult, Form};
use synthesis::{Gender, Language, Request, Style, Urgency, VoiceMix};

/// What a WebSocket sends as binary messages; anything else would need a container.
pub const LIVE: [Format; 3] = [Format::Pcm, Format::Mulaw, Format::Alaw];

/// A checked configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who speaks.
    pub voice: VoiceMix,
    /// In which language; `None` is the voice's own.
    pub language: Option<Language>,
    /// 0.5 to 2.
    pub speed: f32,
    /// 0 to 2.
    pub exaggeration: f32,
    /// What the sound is written as.
    pub format: Format,
    /// Samples a second of it.
    pub rate_hz: u32,
    /// Whether words are told with their times.
    pub timestamps: bool,
    /// Words and what is said for them.
    pub pronunciations: Vec<(String, String)>,
}

impl Settings {
    /// Reads the fields; gives what was accepted but is done otherwise as well. `allowed` begins
    /// with the default.
    ///
    /// # Errors
    /// 422 naming the field.
    pub fn read(
        fields: &Fields,
        state: &AppState,
        allowed: &[Format],
    ) -> ApiResult<(Self, Vec<String>)> {
        let mut form = fields.form()?;
        let (voice, mut warnings) = voice(&mut form, state)?;
        let language = language(form.text("language"), &voice)?;
        let format = format(form.text("format"), allowed)?;
        let rate_hz = form
            .number("sample_rate", 8_000..=48_000)?
            .unwrap_or(synthesis::SAMPLE_RATE);
        if !format.takes(rate_hz) {
            let message = format!(
                "{} cannot have a `sample_rate` of {rate_hz}; 24000 always works.",
                format.as_str()
            );
            return Err(ApiError::invalid_parameter("sample_rate", message));
        }
        let settings = Settings {
            voice,
            language,
            speed: form.number("speed", 0.5..=2.0f32)?.unwrap_or(1.0),
            exaggeration: form.number("exaggeration", 0.0..=2.0f32)?.unwrap_or(0.0),
            format,
            rate_hz,
            timestamps: form.bool("timestamps")?.unwrap_or(false),
            pronunciations: fields.pronunciations.clone(),
        };
        let sampling = [
            (
                "temperature",
                form.number("temperature", 0.0..=2.0f32)?.is_some(),
            ),
            ("top_k", form.number("top_k", 0..=200u32)?.is_some()),
        ];
        let given = sampling.into_iter().filter(|(_, given)| *given);
        warnings.extend(
            given.map(|(name, _)| format!("`{name}` has no effect: this engine does not sample.")),
        );
        Ok((settings, warnings))
    }

    /// A request for this text. The warnings are about `instruct`.
    pub fn request(
        &self,
        text: String,
        instruct: Option<&str>,
        urgency: Urgency,
    ) -> (Request, Vec<String>) {
        let (style, warnings) = Style::parse(instruct.unwrap_or_default());
        let request = Request {
            text,
            voice: self.voice.clone(),
            language: self.language,
            speed: self.speed,
            exaggeration: self.exaggeration,
            style,
            pronunciations: self.pronunciations.clone(),
            urgency,
        };
        (request, warnings)
    }

    /// The language that will be spoken.
    pub fn spoken(&self) -> Language {
        self.language.unwrap_or_else(|| self.voice.language())
    }

    /// The voice or mix, as a configuration names it.
    pub fn voice_name(&self) -> String {
        match self.voice.parts() {
            [(id, _)] => id.clone(),
            parts => {
                let parts: Vec<String> = parts
                    .iter()
                    .map(|(id, share)| format!("{id}:{}", (share * 1000.0).round() / 1000.0))
                    .collect();
                parts.join("+")
            }
        }
    }

    /// The format, as the WebSocket names it.
    pub fn encoding(&self) -> &'static str {
        match self.format {
            Format::Pcm => "s16le",
            format => format.as_str(),
        }
    }
}

fn voice(form: &mut Form, state: &AppState) -> ApiResult<(VoiceMix, Vec<String>)> {
    let gender = match form.text("voice_gender") {
        None => None,
        Some(text) => match Gender::parse(&text) {
            None if ["neutral", "any", "auto"].contains(&text.as_str()) => None,
            None => {
                let message = "`voice_gender` must be one of female, male.";
                return Err(ApiError::invalid_parameter("voice_gender", message));
            }
            gender => gender,
        },
    };
    match form.text("voice") {
        None => Ok((state.voice.clone(), Vec::new())),
        Some(name) => state
            .synthesizer
            .voices()
            .parse(&name, gender)
            .map_err(failure::of),
    }
}

/// `en` and `auto` follow the voice, where it speaks English.
fn language(code: Option<String>, voice: &VoiceMix) -> ApiResult<Option<Language>> {
    let Some(code) = code else { return Ok(None) };
    let code = code.trim();
    if code.eq_ignore_ascii_case("auto")
        || code.eq_ignore_ascii_case("en") && voice.language().is_english()
    {
        return Ok(None);
    }
    code.parse().map(Some).map_err(failure::of)
}

fn format(name: Option<String>, allowed: &[Format]) -> ApiResult<Format> {
    let Some(name) = name else {
        return Ok(allowed[0]);
    };
    let small = name.trim().to_ascii_lowercase();
    let found = match small.as_str() {
        "s16le" | "linear16" | "pcm_s16le" => Ok(Format::Pcm),
        "ulaw" | "pcmu" => Ok(Format::Mulaw),
        "pcma" => Ok(Format::Alaw),
        small => small.parse(),
    };
    match found {
        Ok(format) if allowed.contains(&format) => Ok(format),
        _ => {
            let names: Vec<&str> = allowed.iter().map(|format| format.as_str()).collect();
            let short: String = name.chars().take(64).collect();
            let message = format!(
                "`format` must be one of {}, not `{short}`.",
                names.join(", ")
            );
            Err(ApiError::invalid_parameter("format", message))
        }
    }
}
