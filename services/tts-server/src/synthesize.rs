//! `POST /synthesize`: a text in, a file out while it is made.

use crate::fields::Fields;
use crate::openapi::Failures;
use crate::pieces::{Piece, Pieces};
use crate::settings::Settings;
use crate::state::AppState;
use crate::texts;
use api::synthesis::{SynthesizeLine, SynthesizeRequest};
use audio::Format;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use futures::stream::unfold;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use http_body::Frame;
use http_body_util::StreamBody;
use metrics::histogram;
use serde_json::{Map, Value};
use service::{ApiError, ApiResult, BoxError, Json, RequestId, request_id};
use std::sync::Arc;
use std::time::Instant;
use synthesis::Urgency;

/// Length of the speech in seconds, a trailer: it is known at the end.
pub const AUDIO_SECONDS: HeaderName = HeaderName::from_static("x-audio-seconds");
/// Characters of the text.
pub const CHARACTERS: HeaderName = HeaderName::from_static("x-characters");
/// What was asked for but is done otherwise, or not at all.
const WARNINGS: HeaderName = HeaderName::from_static("x-warnings");

/// A text to be spoken into a file.
pub struct Wish {
    /// The text.
    pub text: String,
    /// How to say it.
    pub instruct: Option<String>,
    /// How to speak and what to write.
    pub fields: Fields,
    /// What is wrong so far but does not matter.
    pub warnings: Vec<String>,
}

/// Speak a text
///
/// The answer is sent while it is made. With `timestamps` it is lines of JSON (`SynthesizeLine`), the
/// file in pieces with the words of each. `X-Characters` says what was counted, the trailer
/// `X-Audio-Seconds` how long the speech is, `X-Warnings` what is done otherwise than asked.
#[utoipa::path(post, path = "/synthesize", tag = "Synthesis", request_body = SynthesizeRequest,
    responses((status = 200, description = "The file, or lines of JSON", content(
        (Vec<u8> = "audio/wav"), (Vec<u8> = "audio/mpeg"), (Vec<u8> = "audio/flac"), (Vec<u8> = "audio/ogg"),
        (Vec<u8> = "audio/pcm"), (SynthesizeLine = "application/x-ndjson"))), Failures))]
pub async fn synthesize(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
    Json(mut body): Json<Map<String, Value>>,
) -> ApiResult<Response> {
    let (mut fields, mut warnings) = Fields::from_query(query.as_deref().unwrap_or_default())?;
    let text = texts::take("text", &mut body, state.config.max_tts_characters)?;
    let instruct = texts::take_short("instruct", &mut body)?;
    warnings.extend(fields.merge(body)?);
    let wish = Wish {
        text,
        instruct,
        fields,
        warnings,
    };
    answer(&state, wish).await
}

/// Speaks. Whatever fails before there is sound has a status of its own.
pub async fn answer(state: &AppState, wish: Wish) -> ApiResult<Response> {
    let began = Instant::now();
    let (settings, more) = Settings::read(&wish.fields, state, &Format::ALL)?;
    let mut warnings = wish.warnings;
    warnings.extend(more);
    let text: Arc<str> = wish.text.as_str().into();
    let (request, more) = settings.request(wish.text, wish.instruct.as_deref(), Urgency::Batch);
    warnings.extend(more);
    let pieces = Pieces::start(state.speak(request)?, &settings, text.clone()).await?;
    service::phases::note("first_sound", began.elapsed());
    histogram!("tts_file_first_sound_seconds").record(began.elapsed().as_secs_f64());
    let characters = texts::characters(&text);
    tracing::info!(
        voice = settings.voice_name(),
        language = settings.spoken().code(),
        format = settings.format.as_str(),
        characters,
        first_ms = began.elapsed().as_millis() as u64,
        "speaks a file"
    );
    let mut headers = HeaderMap::new();
    headers.insert(CHARACTERS, HeaderValue::from(characters));
    headers.insert(header::TRAILER, HeaderValue::from(AUDIO_SECONDS));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(value) = visible(&warnings) {
        headers.insert(WARNINGS, value);
    }
    let media_type = if settings.timestamps {
        "application/x-ndjson".to_owned()
    } else {
        settings.format.media_type(settings.rate_hz)
    };
    let media_type = HeaderValue::try_from(media_type).map_err(ApiError::internal)?;
    headers.insert(header::CONTENT_TYPE, media_type);
    let lines = settings.timestamps.then(|| Lines {
        characters,
        sample_rate: settings.rate_hz,
        format: settings.format.as_str().to_owned(),
        warnings,
        request_id: request_id::current(),
    });
    Ok((headers, body(pieces, lines)).into_response())
}

/// What the last line says.
struct Lines {
    characters: u64,
    sample_rate: u32,
    format: String,
    warnings: Vec<String>,
    /// Bodies are made when the request is answered already.
    request_id: RequestId,
}

/// How far a body is.
enum Stage {
    Sound(Box<Pieces>, Option<Lines>),
    Trailers(f64),
    Over,
}

/// Asks for a piece whenever the client has taken the one before.
fn body(pieces: Pieces, lines: Option<Lines>) -> Body {
    let frames = unfold(Stage::Sound(Box::new(pieces), lines), |stage| async move {
        match stage {
            Stage::Over => None,
            Stage::Trailers(seconds) => Some((Ok(Frame::trailers(length(seconds))), Stage::Over)),
            Stage::Sound(mut pieces, lines) => match pieces.next().await {
                Some(Ok(piece)) => {
                    let data = if lines.is_some() {
                        line(&piece_line(piece))
                    } else {
                        piece.bytes
                    };
                    Some((
                        Ok(Frame::data(Bytes::from(data))),
                        Stage::Sound(pieces, lines),
                    ))
                }
                None => match lines {
                    Some(last) => {
                        let last = line(&last.done(pieces.seconds()));
                        let data = Frame::data(Bytes::from(last));
                        Some((Ok(data), Stage::Trailers(pieces.seconds())))
                    }
                    None => Some((Ok(Frame::trailers(length(pieces.seconds()))), Stage::Over)),
                },
                Some(Err(error)) => {
                    error.log();
                    match lines {
                        Some(lines) => {
                            let told = async { error.envelope().error };
                            let error = request_id::scope(lines.request_id, told).await;
                            let last = line(&SynthesizeLine::Error { error });
                            let data = Frame::data(Bytes::from(last));
                            Some((Ok(data), Stage::Trailers(pieces.seconds())))
                        }
                        // The connection breaks off, so that nobody takes the file for whole.
                        None => Some((Err(BoxError::from(error)), Stage::Over)),
                    }
                }
            },
        }
    });
    Body::new(StreamBody::new(frames))
}

impl Lines {
    fn done(self, seconds: f64) -> SynthesizeLine {
        SynthesizeLine::Done {
            audio_ms: (seconds * 1000.0).round() as u64,
            characters: self.characters,
            sample_rate: self.sample_rate,
            format: self.format,
            warnings: self.warnings,
        }
    }
}

fn piece_line(piece: Piece) -> SynthesizeLine {
    SynthesizeLine::Audio {
        audio: BASE64.encode(piece.bytes),
        words: piece.words,
    }
}

fn line(line: &SynthesizeLine) -> Vec<u8> {
    // Texts and numbers only: nothing of it can fail.
    let mut text = serde_json::to_vec(line).unwrap_or_default();
    text.push(b'\n');
    text
}

fn length(seconds: f64) -> HeaderMap {
    let seconds = HeaderValue::try_from(format!("{seconds:.3}"));
    HeaderMap::from_iter(seconds.ok().map(|seconds| (AUDIO_SECONDS, seconds)))
}

/// All in one header; what is not visible ASCII becomes `?`.
fn visible(warnings: &[String]) -> Option<HeaderValue> {
    if warnings.is_empty() {
        return None;
    }
    let text: String = warnings.join(" ").chars().take(2000).collect();
    let text = text.replace(|letter: char| !matches!(letter, ' '..='~'), "?");
    HeaderValue::try_from(text).ok()
}
