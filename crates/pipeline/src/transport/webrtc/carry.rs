//! Carries a call over a connection until either ends.

use super::events::{Events, Wanted};
use super::handler::Told;
use super::peer::Peer;
use super::receive::Receiver;
use super::send::{Packets, play};
use super::{RATE, WebRtcError};
use crate::event::CallEvent;
use crate::frame::EndReason;
use crate::transport::{Input, Line, Output};
use rtc::peer_connection::transport::RTCDtlsTransportState;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout};
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::peer_connection::RTCPeerConnectionState as State;
use webrtc::rtp_transceiver::RtpSender;

/// A browser is connected within this time, and then sends something within it.
const PATIENCE: Duration = Duration::from_secs(15);
/// A call that was told that its caller is gone ends within this time.
const GOODBYE: Duration = Duration::from_secs(5);
/// What was sent last is on its way for so long.
const LAST: Duration = Duration::from_millis(400);
/// From our sending to the caller's ear: the network and the browser's buffer.
const LATENCY: u64 = RATE as u64 * 12 / 100;

/// See the module.
pub struct Carrier {
    peer: Arc<Peer>,
    told: Told,
    track: Arc<dyn TrackLocal>,
    sender: Arc<dyn RtpSender>,
    packets: Packets,
    receiver: Receiver,
}

impl Carrier {
    pub(super) fn new(
        peer: Arc<Peer>,
        told: Told,
        track: Arc<dyn TrackLocal>,
        sender: Arc<dyn RtpSender>,
        packets: Packets,
    ) -> Result<Self, WebRtcError> {
        Ok(Carrier {
            peer,
            told,
            track,
            sender,
            packets,
            receiver: Receiver::new()?,
        })
    }

    /// Carries a call; to be begun when the call begins. Returns when the connection is closed.
    pub async fn run(self, line: Line) {
        let Carrier {
            peer,
            told,
            track,
            sender,
            packets,
            receiver,
        } = self;
        let start = Instant::now();
        let Line {
            input,
            mut output,
            playback,
        } = line;
        playback.set_latency(LATENCY);
        // Nothing is played before somebody can hear it; the clock runs nevertheless.
        playback.hold(true);
        let (connected, is_connected) = watch::channel(false);
        let play = play(playback.clone(), track, packets, is_connected);
        let mut player = Player(tokio::spawn(play));
        let (wanted, mut wants) = mpsc::channel(8);
        let mut events = Events::new(wanted);
        let mut hearing = Hearing {
            told,
            receiver,
            input,
            start,
            connected_at: None,
            heard_at: None,
            gone_at: None,
        };
        let mut look = interval(Duration::from_secs(1));
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let due = start
                + hearing
                    .receiver
                    .due()
                    .unwrap_or(Duration::from_secs(86_400));
            tokio::select! {
                Some(packet) = hearing.told.packets.recv() => {
                    hearing.heard_at.get_or_insert_with(Instant::now);
                    hearing.receiver.push(packet, start.elapsed());
                    hearing.hear();
                }
                () = sleep_until(due) => hearing.hear(),
                Some(channel) = hearing.told.channels.recv() => events.open(channel),
                Some(Wanted::Hangup) = wants.recv() => hearing.gone(EndReason::CallerHungUp).await,
                Ok(()) = hearing.told.state.changed() => {
                    let state = *hearing.told.state.borrow_and_update();
                    match state {
                        State::Connected if hearing.connected_at.is_none() => {
                            hearing.connected_at = Some(Instant::now());
                            connected.send_replace(true);
                            playback.hold(false);
                        }
                        State::Failed | State::Closed => {
                            hearing.gone(EndReason::ConnectionLost).await;
                        }
                        _ => {}
                    }
                }
                what = output.recv() => match what {
                    Some(Output::Event(event)) => events.tell(&event),
                    // What was sent is in the air already.
                    Some(Output::Clear) => {}
                    Some(Output::Close(reason)) => {
                        let duration = start.elapsed().as_secs_f64();
                        let underruns = Some(playback.underruns());
                        events.tell(&CallEvent::Ended { reason, duration, underruns });
                        break;
                    }
                    None => break,
                },
                _ = &mut player.0, if hearing.gone_at.is_none() => hearing.gone(EndReason::ConnectionLost).await,
                _ = look.tick() => {
                    if hearing.gone_at.is_some_and(|at| at.elapsed() > GOODBYE) {
                        break;
                    }
                    if let Some(reason) = hearing.overdue(&*sender).await {
                        hearing.gone(reason).await;
                    }
                }
            }
        }
        if hearing.connected_at.is_some() && hearing.gone_at.is_none() {
            sleep(LAST).await;
        }
        drop(player);
        tracing::debug!(
            lost = hearing.receiver.lost,
            "a call from a browser is over"
        );
        peer.close().await;
    }
}

/// Ends with its owner.
struct Player(JoinHandle<()>);

impl Drop for Player {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The caller's side.
struct Hearing {
    told: Told,
    receiver: Receiver,
    input: mpsc::Sender<Input>,
    start: Instant,
    connected_at: Option<Instant>,
    heard_at: Option<Instant>,
    gone_at: Option<Instant>,
}

impl Hearing {
    fn hear(&mut self) {
        for sound in self.receiver.take(self.start.elapsed()) {
            // A call that does not keep up hears a gap.
            let _ = self.input.try_send(Input::Sound(sound));
        }
    }

    /// Tells the call, once.
    async fn gone(&mut self, reason: EndReason) {
        if self.gone_at.is_some() {
            return;
        }
        self.gone_at = Some(Instant::now());
        let _ = timeout(GOODBYE, self.input.send(Input::Gone(reason))).await;
    }

    /// Why there is nothing more to wait for.
    async fn overdue(&mut self, sender: &dyn RtpSender) -> Option<EndReason> {
        let Some(connected_at) = self.connected_at else {
            return (self.start.elapsed() > PATIENCE).then_some(EndReason::ConnectionLost);
        };
        if self.heard_at.is_none() && connected_at.elapsed() > PATIENCE {
            return Some(EndReason::ConnectionLost);
        }
        // A browser that closes its end says so here before the network tells.
        let transport = sender.transport().await.ok()??;
        match transport.state().await.ok()? {
            RTCDtlsTransportState::Closed => Some(EndReason::CallerHungUp),
            RTCDtlsTransportState::Failed => Some(EndReason::ConnectionLost),
            _ => None,
        }
    }
}
