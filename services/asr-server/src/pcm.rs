//! `POST /transcribe/pcm`: samples without a header.

use crate::openapi::Failures;
use crate::pipeline::Input;
use crate::state::AppState;
use crate::{options, upload, work};
use api::parameters::{PcmParameters, TranscribeParameters};
use api::recognition::Transcript;
use audio::{PcmEncoding, PcmFormat};
use axum::extract::{Request, State};
use axum::response::Response;
use http::header;
use service::{ApiResult, Form};
use std::time::Instant;

/// Transcribe raw PCM
///
/// The body is the samples themselves; what they are and how to transcribe them stands in the
/// query. A multipart form with the samples as `file` is taken as well.
#[utoipa::path(post, path = "/transcribe/pcm", tag = "Recognition",
    params(PcmParameters, TranscribeParameters),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, description = "As `/transcribe`", body = Transcript), Failures))]
pub async fn pcm(State(state): State<AppState>, request: Request) -> ApiResult<Response> {
    state.admission.check()?;
    let mut form = Form::from_query(request.uri().query().unwrap_or_default())?;
    let (recording, pcm, parsed) = if is_multipart(&request) {
        let (file, mut form) = upload::read_one(request, form).await?;
        (
            file.recording,
            pcm_format(&mut form)?,
            options::parse(&mut form, &state.catalogue)?,
        )
    } else {
        // A wrong query is told before the body is read.
        let (pcm, parsed) = (
            pcm_format(&mut form)?,
            options::parse(&mut form, &state.catalogue)?,
        );
        (upload::read_raw(request).await?, pcm, parsed)
    };
    let began = Instant::now();
    let format = parsed.options.format;
    let input = Input {
        recording,
        pcm: Some(pcm),
    };
    Ok(work::transcribe(&state, input, parsed, began)
        .await?
        .respond(format))
}

fn is_multipart(request: &Request) -> bool {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| {
        kind.trim_start()
            .to_ascii_lowercase()
            .starts_with("multipart/form-data")
    })
}

fn pcm_format(form: &mut Form) -> ApiResult<PcmFormat> {
    let (low, high) = (*audio::RATE_RANGE_HZ.start(), *audio::RATE_RANGE_HZ.end());
    let encoding = match form.one_of("encoding", &["s16le", "mulaw", "alaw", "f32le"])? {
        Some("mulaw") => PcmEncoding::Mulaw,
        Some("alaw") => PcmEncoding::Alaw,
        Some("f32le") => PcmEncoding::F32le,
        _ => PcmEncoding::S16le,
    };
    Ok(PcmFormat {
        encoding,
        sample_rate_hz: form.number("sample_rate", low..=high)?.unwrap_or(16_000),
        channels: form.number("channels", 1..=8u16)?.unwrap_or(1),
    })
}
