//! What the connection tells us, handed on to whoever waits for it.

use super::receive::Received;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{mpsc, watch};
use webrtc::data_channel::DataChannel;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    PeerConnectionEventHandler, RTCIceGatheringState, RTCPeerConnectionState,
};

/// Packets that wait: five seconds of them.
const PACKETS: usize = 256;
/// Data channels, and tracks, that a page may open in a call.
const MOST: usize = 4;

/// The far ends of the handler's channels.
pub(super) struct Told {
    /// How the connection is.
    pub state: watch::Receiver<RTCPeerConnectionState>,
    /// Packets of sound.
    pub packets: mpsc::Receiver<Received>,
    /// Data channels that opened.
    pub channels: mpsc::Receiver<Arc<dyn DataChannel>>,
}

/// See the module.
pub(super) struct Handler {
    state: watch::Sender<RTCPeerConnectionState>,
    gathered: watch::Sender<bool>,
    packets: mpsc::Sender<Received>,
    channels: mpsc::Sender<Arc<dyn DataChannel>>,
    tracks: AtomicUsize,
}

impl Handler {
    /// A handler, what it tells, and whether all ways to us have been found.
    pub fn new() -> (Self, Told, watch::Receiver<bool>) {
        let (state, states) = watch::channel(RTCPeerConnectionState::New);
        let (gathered, is_gathered) = watch::channel(false);
        let (packets, received) = mpsc::channel(PACKETS);
        let (channels, opened) = mpsc::channel(MOST);
        let handler = Handler {
            state,
            gathered,
            packets,
            channels,
            tracks: AtomicUsize::new(0),
        };
        let told = Told {
            state: states,
            packets: received,
            channels: opened,
        };
        (handler, told, is_gathered)
    }
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        let is_complete = state == RTCIceGatheringState::Complete;
        self.gathered.send_replace(is_complete);
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        tracing::debug!(%state, "a browser's connection");
        self.state.send_replace(state);
    }

    async fn on_data_channel(&self, channel: Arc<dyn DataChannel>) {
        let _ = self.channels.try_send(channel);
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        if self.tracks.fetch_add(1, Ordering::Relaxed) < MOST {
            tokio::spawn(read(track, self.packets.clone()));
        }
    }
}

/// Hands on the packets of a track until it, or the call, is over.
async fn read(track: Arc<dyn TrackRemote>, packets: mpsc::Sender<Received>) {
    loop {
        let event = tokio::select! {
            event = track.poll() => event,
            () = packets.closed() => None,
        };
        match event {
            Some(TrackRemoteEvent::OnRtpPacket(packet)) => {
                // A call that does not keep up hears a loss.
                let _ = packets.try_send(Received {
                    sequence: packet.header.sequence_number,
                    timestamp: packet.header.timestamp,
                    payload: packet.payload,
                    ssrc: packet.header.ssrc,
                });
            }
            Some(TrackRemoteEvent::OnEnded) | None => return,
            Some(_) => {}
        }
    }
}
