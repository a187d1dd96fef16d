//! Live recognition: the WebSocket `/stream`.
//!
//! The way of a message: [`reader`] takes it off the socket, [`listening`] hands it to the
//! [`ear`] on a thread, where [`endpointer`] decides what a pause means; [`jobs`] has speech
//! recognised, [`words`] makes transcripts of it, [`writer`] sends them. [`session`] joins these.

mod arrivals;
mod ear;
mod endpointer;
mod jobs;
mod listening;
mod load;
pub mod messages;
mod reader;
mod session;
pub mod settings;
mod stable;
mod words;
mod writer;

pub use load::Load;

use crate::insight::LiveInsight;
use crate::openapi::Failures;
use crate::state::AppState;
use api::stream::{ClientMessage, ServerMessage, StreamConfig, StreamEvent};
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{RawQuery, State};
use axum::response::Response;
use ear::Ear;
use futures::StreamExt;
use futures::stream::SplitStream;
use jobs::Jobs;
use listening::Listening;
use messages::Control;
use reader::{Backlog, Inbound, Measure};
use service::socket::{self, Broken, Gone, code};
use service::{Form, request_id};
use session::Session;
use settings::Settings;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use words::Words;
use writer::Writer;

/// Recognises speech while it is spoken
///
/// A WebSocket. Text messages are `ClientMessage` one way and `ServerMessage` the other; audio goes
/// as binary messages. The configuration may come as the first message, in the query, or not at
/// all. docs/streaming.md has the whole protocol.
#[utoipa::path(
    get, path = "/stream", tag = "Recognition",
    params(StreamConfig),
    responses(
        (status = 101, description = "The WebSocket is open; it sends `ServerMessage`", body = ServerMessage),
        (status = 426, description = "Not a WebSocket request", body = ClientMessage),
        Failures
    )
)]
pub async fn stream(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
    upgrade: WebSocketUpgrade,
) -> Response {
    socket::open(upgrade, move |socket| async move {
        serve(&state, query.unwrap_or_default(), socket).await;
    })
}

/// A stream from the open socket to the closed one.
async fn serve(state: &AppState, query: String, socket: WebSocket) {
    let _guard = state.drain.guard();
    let (sink, mut source) = socket.split();
    let session_id = format!("str_{}", &request_id::RequestId::new().as_str()[4..]);
    let mut writer = Writer::new(sink, session_id);
    let ended = match state.streams.enter() {
        Ok(_place) => converse(state, &query, &mut source, &mut writer).await,
        Err(failure) => Err(failure.into()),
    };
    let said = match ended {
        Ok(()) => writer.close(code::DONE, "").await,
        Err(Broken::Gone) => Err(Gone),
        Err(Broken::Failed(failure)) => writer.fail(failure).await,
    };
    if said.is_ok() {
        socket::closed(source).await;
    }
}

/// Configuration, audio, end.
async fn converse(
    state: &AppState,
    query: &str,
    source: &mut SplitStream<WebSocket>,
    writer: &mut Writer,
) -> Result<(), Broken> {
    let idle = Duration::from_secs(state.config.stream_idle_seconds);
    let (settings, first) = greet(state, query, source, writer, idle).await?;
    let settings = Arc::new(settings);
    let engine = state.engines.get(&settings.acoustic).await?;
    tracing::info!(
        model = settings.profile.id,
        acoustic = settings.acoustic,
        language = settings.language.map_or("auto", |language| language.code()),
        encoding = settings.encoding.as_str(),
        sample_rate = settings.sample_rate,
        "stream"
    );

    let backlog = Backlog::default();
    let measure = Measure {
        encoding: settings.encoding,
        rate_hz: settings.sample_rate,
    };
    let (queue, inbox) = mpsc::channel(reader::QUEUE);
    let first = match first {
        First::Audio(data) => Some(reader::audio(data, measure, &backlog).await?),
        First::Finalize => Some(Inbound::Finalize),
        First::End => Some(Inbound::End),
        First::Nothing => None,
    };
    if let Some(first) = first {
        // The queue is empty and its receiver is here.
        let _ = queue.try_send(first);
    }
    let ear = Ear::new(&settings, &state.vad, engine.live_options())?;
    let wishes = settings.wishes.clone();
    let apart = wishes.diarize.is_some();
    let voices = wishes
        .needs_voices()
        .then(|| (state.insight.clone(), apart));
    let insight = LiveInsight::new(state.insight.clone(), settings.profile.clone(), wishes);
    let mut session = Session::new(
        settings.clone(),
        Listening::new(ear, inbox, backlog.clone(), state.turns.clone()),
        Jobs::new(engine.clone(), voices),
        Words::new(settings, &engine, &state.language_models),
        insight,
        state.streams.clone(),
        (
            state.drain.clone(),
            Duration::from_secs(state.config.common.drain_seconds),
        ),
    );
    tokio::select! {
        ended = session.run(writer) => ended?,
        () = reader::read(source, measure, backlog, idle, queue) => return Err(Broken::Gone),
    }
    let duration = crate::answer::seconds(session.received_s());
    tracing::info!(audio_seconds = duration, "stream ended");
    writer.send(StreamEvent::End { duration }).await?;
    Ok(())
}

/// What the first message was, beside a configuration.
enum First {
    Nothing,
    Audio(bytes::Bytes),
    Finalize,
    End,
}

/// Waits for the configuration, or for whatever comes in its place, and says what is taken. A
/// configuration in the address is answered at once; one in a message may still add to it.
async fn greet(
    state: &AppState,
    query: &str,
    source: &mut SplitStream<WebSocket>,
    writer: &mut Writer,
    idle: Duration,
) -> Result<(Settings, First), Broken> {
    let mut form = Form::from_query(query)?;
    // The gateway has looked at it already.
    let _ = form.text("token");
    let in_address = (!form.is_empty())
        .then(|| settings::parse(&mut form.clone(), &state.catalogue))
        .transpose()?;
    if let Some((settings, warnings)) = &in_address {
        writer.send(ready(settings, warnings.clone())).await?;
    }
    let first = loop {
        match reader::next(source, idle).await?.ok_or(Gone)? {
            Message::Binary(data) => break First::Audio(data),
            Message::Text(text) => match messages::read(&text)? {
                Control::Config(fields) => {
                    messages::merge(&mut form, fields)?;
                    let (settings, warnings) = settings::parse(&mut form, &state.catalogue)?;
                    writer.send(ready(&settings, warnings)).await?;
                    return Ok((settings, First::Nothing));
                }
                Control::Keepalive => {}
                Control::Finalize => break First::Finalize,
                Control::End => break First::End,
            },
            _ => {}
        }
    };
    if let Some((settings, _)) = in_address {
        return Ok((settings, first));
    }
    let (settings, warnings) = settings::parse(&mut form, &state.catalogue)?;
    writer.send(ready(&settings, warnings)).await?;
    Ok((settings, first))
}

fn ready(settings: &Settings, warnings: Vec<String>) -> StreamEvent {
    StreamEvent::Ready {
        model: settings.profile.id.clone(),
        acoustic_model: settings.acoustic.clone(),
        language: settings
            .language
            .map_or("auto", |language| language.code())
            .to_owned(),
        sample_rate: settings.sample_rate,
        encoding: settings.encoding.as_str().to_owned(),
        warnings,
    }
}
