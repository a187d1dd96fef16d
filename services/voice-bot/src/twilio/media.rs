//! `/ws/twilio`: the sound of a telephone call, as a media stream.
//!
//! Twilio signs the handshake, and the stream brings the token that its instructions named; without
//! both nothing begins.

use super::form;
use super::tickets::Ticket;
use super::webhooks::leave_voicemail;
use crate::address::Client;
use crate::live::Beginning;
use crate::state::AppState;
use crate::wire::{self, Upgrade};
use api::ErrorCode;
use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocket;
use axum::response::Response;
use axum::routing::get;
use futures::{Sink, SinkExt, Stream, StreamExt};
use http::HeaderMap;
use pipeline::transport::socket::{Fault, Incoming, Outgoing, code};
use pipeline::transport::twilio::{Message, RATE_HZ, Start, Twilio};
use pipeline::transport::{line, socket};
use service::{ApiError, ApiResult, request_id};
use std::time::Duration;
use tokio::time::timeout;
use tracing::Instrument;

/// A stream says what it is within this time.
const STARTING: Duration = Duration::from_secs(10);
/// Messages before that.
const PREAMBLE: usize = 8;
/// How long saying goodbye may take.
const CLOSING: Duration = Duration::from_millis(800);

/// The routes of this file, which OpenAPI cannot describe.
pub fn routes() -> Router<AppState> {
    Router::new().route("/ws/twilio", get(stream))
}

/// Where Twilio finds the stream, at a gateway that others see at `public_url`.
pub fn stream_address(public_url: &str) -> String {
    let public = public_url.trim().trim_end_matches('/');
    let secure = public
        .strip_prefix("https://")
        .map(|rest| format!("wss://{rest}"));
    let plain = || public.replacen("http://", "ws://", 1);
    format!("{}/ws/twilio", secure.unwrap_or_else(plain))
}

async fn stream(
    State(state): State<AppState>,
    client: Client,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> ApiResult<Response> {
    let address = stream_address(&state.config.public_url);
    // The gateway has it at two addresses, and Twilio signs some streams with a slash at the end.
    let other = address.replace("/ws/twilio", "/bot/ws/twilio");
    let addresses = [format!("{address}/"), format!("{other}/"), address, other];
    form::check(&state, &addresses, &[], &headers)?;
    let upgrade = wire::accepted(upgrade)?;
    let (request, span) = (request_id::current(), tracing::Span::current());
    Ok(upgrade.on_upgrade(move |open| {
        request_id::scope(request, serve(state, client, open)).instrument(span)
    }))
}

/// A stream from the open socket to the closed one.
async fn serve(state: AppState, client: Client, open: WebSocket) {
    let _guard = state.drain.guard();
    let (mut source, mut sink) = wire::halves(open);
    let started = timeout(STARTING, started(&mut source)).await;
    let late = || Err(Fault::unexpected("A stream must start within 10 seconds."));
    let begun = match started.unwrap_or_else(|_| late()) {
        Ok(start) => begin(&state, client, start).await,
        Err(fault) => Err(fault),
    };
    match begun {
        Ok((twilio, line)) => socket::drive(source, sink, twilio, line).await,
        Err(fault) => {
            tracing::warn!(code = ?fault.code, message = fault.message, "a media stream was refused");
            let _ = timeout(CLOSING, goodbye(&mut source, &mut sink, &fault)).await;
        }
    }
}

async fn goodbye(
    source: &mut (impl Stream<Item = Incoming> + Unpin),
    sink: &mut (impl Sink<Outgoing> + Unpin),
    fault: &Fault,
) {
    if sink.send(fault.closing()).await.is_ok() {
        // Reading on is what receives the answer to our close.
        while source.next().await.is_some() {}
    }
}

/// What the stream is, once it says so.
async fn started(source: &mut (impl Stream<Item = Incoming> + Unpin)) -> Result<Start, Fault> {
    for _ in 0..PREAMBLE {
        let text = match source.next().await {
            Some(Incoming::Text(text)) => text,
            Some(Incoming::Alive) => continue,
            Some(Incoming::Refused(fault)) => return Err(fault),
            Some(Incoming::Binary(_)) => {
                return Err(Fault::unexpected("Only text messages are taken here."));
            }
            Some(Incoming::Closed) | None => {
                return Err(Fault::unexpected("The stream ended before it started."));
            }
        };
        match Message::read(&text)? {
            Message::Connected | Message::Other => {}
            Message::Start { stream_sid, start } if stream_sid == start.stream_sid => {
                start.check()?;
                return Ok(start);
            }
            _ => {
                return Err(Fault::unexpected(
                    "The first messages are `connected` and `start`.",
                ));
            }
        }
    }
    Err(Fault::unexpected(
        "The first messages are `connected` and `start`.",
    ))
}

/// Begins the call that the stream's token stands for.
async fn begin(
    state: &AppState,
    client: Client,
    start: Start,
) -> Result<(Twilio, pipeline::transport::Line), Fault> {
    let ticket = ticket(state, &start)?;
    let tenant = state.database.tenant(ticket.organization);
    let row = tenant.call(ticket.call).await;
    let row = row.map_err(|error| refused(crate::failure::of("call")(error)))?;
    let (line, ports) = line(RATE_HZ);
    let beginning = Beginning {
        agent: ticket.agent,
        organization: ticket.organization,
        customer: row.customer_id,
        started_by: row.started_by,
        direction: row.direction,
        from_number: row.from_number,
        to_number: row.to_number,
        call: Some(ticket.call),
        provider_call_id: Some(ticket.sid),
        rate: RATE_HZ,
        client,
    };
    let begun = state.live.begin(state, beginning, ports).await;
    let call = begun.map_err(refused)?;
    if let Some(answered_by) = row.answered_by {
        leave_voicemail(state, call, &answered_by);
    }
    Ok((Twilio::new(&start), line))
}

fn ticket(state: &AppState, start: &Start) -> Result<Ticket, Fault> {
    let token = start.custom_parameters.get("token");
    let ticket = token.and_then(|token| state.tickets.redeem(token));
    let ticket = ticket.filter(|ticket| ticket.sid == start.call_sid);
    ticket.ok_or_else(|| Fault {
        close: code::POLICY,
        code: ErrorCode::InvalidToken,
        message: "The token of the stream is unknown, used or older than a minute.".into(),
    })
}

fn refused(error: ApiError) -> Fault {
    let close = match error.code {
        ErrorCode::Overloaded | ErrorCode::NotReady | ErrorCode::DatabaseUnavailable => {
            code::TRY_LATER
        }
        ErrorCode::InternalError => code::SERVER,
        _ => code::POLICY,
    };
    Fault {
        close,
        code: error.code,
        message: error.message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_where_the_gateway_is() {
        for (public, stream) in [
            (
                "https://voice.example.com",
                "wss://voice.example.com/ws/twilio",
            ),
            (
                "https://voice.example.com/ ",
                "wss://voice.example.com/ws/twilio",
            ),
            ("http://localhost:9000", "ws://localhost:9000/ws/twilio"),
        ] {
            assert_eq!(stream_address(public), stream);
        }
    }
}
