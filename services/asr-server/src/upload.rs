//! Multipart bodies: files spooled as they arrive, text fields in a form, in any order.

use crate::pace::Pace;
use crate::spool::{Recording, Spool};
use api::ErrorCode;
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Request};
use service::{ApiError, ApiResult, Form, Multipart, read_text};
use std::io;

/// Name of the parts that hold audio.
const FILE: &str = "file";
/// Longest text field in bytes; a prompt may be long.
const TEXT_LIMIT: usize = 64 * 1024;
/// Most parts of a body, files included.
const MAX_PARTS: usize = 256;

/// A `file` part.
#[derive(Debug)]
pub struct FilePart {
    /// As the client named it.
    pub filename: Option<String>,
    /// What it sent.
    pub recording: Recording,
}

/// A multipart body.
#[derive(Debug)]
pub struct Upload {
    /// The `file` parts, in order.
    pub files: Vec<FilePart>,
    /// All other parts.
    pub form: Form,
}

/// Reads a body with at most `max_files` files; its fields go to those already in `form`.
pub async fn read(request: Request, max_files: usize, form: Form) -> ApiResult<Upload> {
    let pace = Pace::default();
    let request = request.map(|body| pace.body(body));
    let mut multipart = Multipart::from_request(request, &()).await?;
    let mut upload = Upload {
        files: Vec::new(),
        form,
    };
    let mut parts = 0;
    while let Some(mut field) = multipart.next_field().await? {
        pace.used();
        parts += 1;
        if parts > MAX_PARTS {
            let message = format!("The body has more than {MAX_PARTS} parts.");
            return Err(ApiError::new(ErrorCode::MalformedMultipart, message));
        }
        let name = field.name().unwrap_or_default().to_owned();
        if name == FILE {
            if upload.files.len() >= max_files {
                return Err(too_many_files(max_files));
            }
            let filename = field
                .file_name()
                .map(|name| name.chars().take(255).collect());
            let recording = spool(&mut field, &pace).await?;
            upload.files.push(FilePart {
                filename,
                recording,
            });
        } else if field.file_name().is_some() {
            // A file nobody asked for: read past it, and say so.
            while field.chunk().await?.is_some() {
                pace.used();
            }
            upload.form.insert(name, String::new())?;
        } else {
            let text = read_text(&mut field, TEXT_LIMIT).await?;
            upload.form.insert(name, text)?;
        }
        pace.used();
    }
    Ok(upload)
}

/// Reads a body that must have exactly one file.
pub async fn read_one(request: Request, form: Form) -> ApiResult<(FilePart, Form)> {
    let mut upload = read(request, 1, form).await?;
    let Some(file) = upload.files.pop() else {
        return Err(no_file());
    };
    if file.recording.is_empty() {
        return Err(empty_file());
    }
    Ok((file, upload.form))
}

/// A body that is the recording itself.
pub async fn read_raw(request: Request) -> ApiResult<Recording> {
    use http_body_util::BodyExt;
    let mut body = request.into_body();
    let mut spool = Spool::default();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(ApiError::from_body)?;
        if let Some(chunk) = frame.data_ref() {
            spool.write(chunk).await.map_err(no_room)?;
        }
    }
    let recording = spool.finish().await.map_err(no_room)?;
    if recording.is_empty() {
        Err(empty_file())
    } else {
        Ok(recording)
    }
}

async fn spool(field: &mut Field<'_>, pace: &Pace) -> ApiResult<Recording> {
    let mut spool = Spool::default();
    while let Some(chunk) = field.chunk().await? {
        pace.used();
        spool.write(&chunk).await.map_err(no_room)?;
    }
    spool.finish().await.map_err(no_room)
}

/// 422: there is no `file` part.
pub fn no_file() -> ApiError {
    let message = "`file` is required: send the audio as a multipart part of that name, as `curl -F file=@call.mp3` does.";
    ApiError::new(ErrorCode::MissingParameter, message).with_param(FILE)
}

/// 422: the `file` part holds nothing.
pub fn empty_file() -> ApiError {
    let message = "The file is empty: it has no bytes. Send a recording that is not empty.";
    ApiError::new(ErrorCode::EmptyAudio, message).with_param(FILE)
}

fn too_many_files(max: usize) -> ApiError {
    let message = match max {
        1 => "`file` is given more than once: send one file, or several to /transcribe/batch."
            .to_owned(),
        _ => format!("At most {max} files are taken at once."),
    };
    ApiError::invalid_parameter(FILE, message)
}

/// The disk is full or broken: the client can do nothing but come back.
fn no_room(error: io::Error) -> ApiError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            tracing::error!(%error, "no room for an upload in the folder for temporary files");
            ApiError::overloaded(std::time::Duration::from_secs(30)).with_source(error)
        }
        _ => ApiError::internal(error),
    }
}
