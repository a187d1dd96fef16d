//! Which voices there are, as tts-server says; remembered for a while.

use api::ErrorCode;
use api::agents::VoiceGender;
use api::synthesis::VoiceList;
use service::{ApiError, ApiResult, INTERNAL_SECRET, Secret};
use std::collections::HashSet;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long an answer counts.
const KEEP: Duration = Duration::from_secs(60);
/// After how long a tts-server that did not answer is asked again.
const RETRY: Duration = Duration::from_secs(5);
/// How long it may take.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Most bytes of its answer.
const MAX_ANSWER: usize = 1024 * 1024;
/// Voices of a mix at most.
const MOST_PARTS: usize = 8;

/// Names of other systems' voices for which tts-server knows a stand-in.
static ALIASES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let table = include_str!("../../../crates/synthesis/data/aliases.tsv");
    let rows = table.lines().filter(|row| !row.starts_with('#'));
    rows.filter_map(|row| row.split('\t').next())
        .filter(|name| !name.is_empty())
        .collect()
});

type Ids = Arc<HashSet<String>>;

/// The voices of tts-server.
pub struct Voices {
    http: reqwest::Client,
    url: String,
    secret: Option<Secret>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    ids: Option<Ids>,
    until: Option<Instant>,
}

impl Voices {
    /// Those of the tts-server at `url`, which may want to see the secret of the services.
    pub fn new(http: reqwest::Client, url: &str, secret: Option<Secret>) -> Self {
        Voices {
            http,
            url: format!("{}/voices", url.trim().trim_end_matches('/')),
            secret,
            known: Mutex::default(),
        }
    }

    /// Checks a voice, a mix (`af_heart:0.6+am_adam:0.4`) or a name known from elsewhere; the voice
    /// and what to warn of. While tts-server does not answer, only the form is checked.
    pub async fn check(
        &self,
        voice: &str,
        gender: Option<VoiceGender>,
    ) -> ApiResult<(String, Vec<String>)> {
        let voice = voice.trim();
        let names = names(voice)?;
        let mut warnings = Vec::new();
        let Some(ids) = self.ids().await else {
            let message = format!(
                "tts-server does not answer: whether there is a voice `{voice}` was not checked"
            );
            return Ok((voice.to_owned(), vec![message]));
        };
        for name in names {
            if ids.contains(name) {
                continue;
            }
            let small = name.to_lowercase();
            if !ALIASES.contains(small.as_str()) {
                let message =
                    format!("There is no voice `{name}`; GET /tts/voices lists those there are.");
                return Err(ApiError::new(ErrorCode::UnknownVoice, message).with_param("voice"));
            }
            let whose = gender.map_or("the", |gender| match gender {
                VoiceGender::Female => "a woman's",
                VoiceGender::Male => "a man's",
            });
            warnings.push(format!(
                "voice `{small}` is not one of ours: {whose} voice nearest to it speaks"
            ));
        }
        Ok((voice.to_owned(), warnings))
    }

    /// What tts-server said last; none if it never answered.
    async fn ids(&self) -> Option<Ids> {
        // Held while asking: those who come meanwhile wait for the same answer.
        let mut known = self.known.lock().await;
        if known.until.is_none_or(|until| until <= Instant::now()) {
            match self.ask().await {
                Ok(ids) => {
                    known.ids = Some(Arc::new(ids));
                    known.until = Some(Instant::now() + KEEP);
                }
                Err(reason) => {
                    tracing::warn!(%reason, "tts-server does not tell its voices");
                    known.until = Some(Instant::now() + RETRY);
                }
            }
        }
        known.ids.clone()
    }

    async fn ask(&self) -> Result<HashSet<String>, String> {
        let mut request = self.http.get(&self.url).timeout(TIMEOUT);
        if let Some(secret) = &self.secret {
            request = request.header(INTERNAL_SECRET, secret.expose());
        }
        let response = request.send().await.map_err(|error| error.to_string())?;
        let response = response
            .error_for_status()
            .map_err(|error| error.to_string())?;
        let body = crate::outbound::read(response, MAX_ANSWER)
            .await
            .map_err(|error| error.to_string())?;
        let list: VoiceList = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
        Ok(list.voices.into_keys().collect())
    }
}

/// The names in a voice or a mix, if it has the form of one.
fn names(voice: &str) -> ApiResult<Vec<&str>> {
    let wrong = |message: &str| Err(ApiError::invalid_parameter("voice", message));
    let parts: Vec<&str> = voice.split('+').collect();
    if parts.len() > MOST_PARTS {
        return wrong("A mix has at most 8 voices.");
    }
    let mut names = Vec::with_capacity(parts.len());
    for part in parts {
        let (name, share) = part.split_once(':').unwrap_or((part, "1"));
        let share = share.trim().parse::<f32>().ok();
        if !share.is_some_and(|share| share > 0.0 && share <= 1e6) {
            return wrong(
                "A share of a mix is a number above 0, as in `af_heart:0.6+am_adam:0.4`.",
            );
        }
        let name = name.trim();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if !(1..=64).contains(&name.len()) || !name.bytes().all(plain) {
            return wrong(
                "`voice` must be a voice of GET /tts/voices, or a mix such as `af_heart:0.6+am_adam:0.4`.",
            );
        }
        names.push(name);
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_known_from_elsewhere_are_those_of_synthesis() {
        assert!(ALIASES.contains("tara") && ALIASES.contains("onyx"));
        assert!(!ALIASES.contains("af_heart"));
    }

    #[test]
    fn a_mix_has_names_and_shares() {
        assert_eq!(
            names("af_heart:0.6+am_adam:0.4").unwrap(),
            ["af_heart", "am_adam"]
        );
        assert_eq!(names("tara").unwrap(), ["tara"]);
        let long = ["a"; 9].join("+");
        for bad in [
            "", "+", "a:", "a:x", "a:0", "a:-1", "a:NaN", "a:inf", "a b", "a\0", "a;drop", &long,
        ] {
            assert!(names(bad).is_err(), "{bad}");
        }
    }
}
