//! The other end of a call: as a browser would, with a tone for a microphone.

use bytes::Bytes;
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::RTCConfigurationBuilder;
use rtc::peer_connection::configuration::media_engine::{MIME_TYPE_OPUS, MediaEngine};
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::rtp::{Header, Packet};
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    RtpCodecKind,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, mpsc, watch};
use tokio::time::timeout;
use webrtc::data_channel::{DataChannel, DataChannelEvent};
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceGatheringState,
    RTCPeerConnectionState,
};
use webrtc::runtime::TokioRuntime;

const SSRC: u32 = 99;

/// See the module.
pub struct Browser {
    connection: Arc<dyn PeerConnection>,
    track: Arc<dyn TrackLocal>,
    channel: Arc<dyn DataChannel>,
    states: watch::Receiver<RTCPeerConnectionState>,
    gathered: watch::Receiver<bool>,
    packets: Mutex<mpsc::Receiver<Packet>>,
    encoder: opus::Encoder,
    sent: u32,
}

struct Handler {
    state: watch::Sender<RTCPeerConnectionState>,
    gathered: watch::Sender<bool>,
    packets: mpsc::Sender<Packet>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        self.gathered
            .send_replace(state == RTCIceGatheringState::Complete);
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        self.state.send_replace(state);
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let packets = self.packets.clone();
        tokio::spawn(async move {
            while let Some(event) = track.poll().await {
                if let TrackRemoteEvent::OnRtpPacket(packet) = event {
                    let _ = packets.try_send(packet);
                }
            }
        });
    }
}

fn codec() -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: MIME_TYPE_OPUS.to_owned(),
        clock_rate: 48_000,
        channels: 2,
        sdp_fmtp_line: "minptime=10;useinbandfec=1".into(),
        rtcp_feedback: vec![],
    }
}

impl Browser {
    pub async fn new() -> Browser {
        let mut media = MediaEngine::default();
        let parameters = RTCRtpCodecParameters {
            rtp_codec: codec(),
            // Not the number that we would choose.
            payload_type: 96,
        };
        media
            .register_codec(parameters, RtpCodecKind::Audio)
            .unwrap();
        let (state, states) = watch::channel(RTCPeerConnectionState::New);
        let (gathered, is_gathered) = watch::channel(false);
        let (packets, received) = mpsc::channel(1000);
        let connection = PeerConnectionBuilder::new()
            .with_configuration(RTCConfigurationBuilder::new().build())
            .with_media_engine(media)
            .with_handler(Arc::new(Handler {
                state,
                gathered,
                packets,
            }))
            .with_runtime(Arc::new(TokioRuntime))
            .with_udp_addrs(vec!["127.0.0.1:0".to_owned()])
            .build()
            .await
            .unwrap();
        let encoding = RTCRtpEncodingParameters {
            rtp_coding_parameters: RTCRtpCodingParameters {
                ssrc: Some(SSRC),
                ..Default::default()
            },
            codec: codec(),
            ..Default::default()
        };
        let track: Arc<dyn TrackLocal> = Arc::new(TrackLocalStaticRTP::new(MediaStreamTrack::new(
            "s".into(),
            "t".into(),
            "l".into(),
            RtpCodecKind::Audio,
            vec![encoding],
        )));
        let channel = connection
            .create_data_channel("events", None)
            .await
            .unwrap();
        connection.add_track(track.clone()).await.unwrap();
        Browser {
            connection: Arc::new(connection),
            track,
            channel,
            states,
            gathered: is_gathered,
            packets: Mutex::new(received),
            encoder: opus::Encoder::new(48_000, opus::Channels::Mono, opus::Application::Voip)
                .unwrap(),
            sent: 0,
        }
    }

    pub async fn offer(&self) -> String {
        self.offer_again(false).await
    }

    pub async fn offer_again(&self, is_restart: bool) -> String {
        if is_restart {
            self.connection.restart_ice().await.unwrap();
        }
        let offer = self.connection.create_offer(None).await.unwrap();
        self.connection.set_local_description(offer).await.unwrap();
        let mut gathered = self.gathered.clone();
        let wait = gathered.wait_for(|is_complete| *is_complete);
        timeout(Duration::from_secs(3), wait)
            .await
            .unwrap()
            .unwrap();
        self.connection.local_description().await.unwrap().sdp
    }

    pub async fn answer(&self, sdp: &str) {
        let answer = RTCSessionDescription::answer(sdp.to_owned()).unwrap();
        self.connection
            .set_remote_description(answer)
            .await
            .unwrap();
    }

    pub async fn connected(&mut self) {
        let wait = self
            .states
            .wait_for(|state| *state == RTCPeerConnectionState::Connected);
        timeout(Duration::from_secs(10), wait)
            .await
            .unwrap()
            .unwrap();
    }

    /// Sends so many packets of 20 ms, at their pace.
    pub async fn say(&mut self, packets: u32) {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        for _ in 0..packets {
            ticks.tick().await;
            let tone = |at: u32| ((f64::from(at) * 0.05).sin() * 8000.0) as i16;
            let samples: Vec<i16> = (0..960).map(|at| tone(self.sent * 960 + at)).collect();
            let payload = self.encoder.encode_vec(&samples, 1000).unwrap();
            let header = Header {
                version: 2,
                payload_type: 96,
                sequence_number: self.sent as u16,
                timestamp: self.sent * 960,
                ssrc: SSRC,
                ..Default::default()
            };
            self.sent += 1;
            let payload = Bytes::from(payload);
            self.track
                .write_rtp(Packet { header, payload })
                .await
                .unwrap();
        }
    }

    /// What came so far, and comes within this time, at 48 kHz.
    pub async fn heard(&self, time: Duration) -> Vec<i16> {
        let mut decoder = opus::Decoder::new(48_000, opus::Channels::Mono).unwrap();
        let (mut all, mut pcm) = (Vec::new(), vec![0; 5760]);
        let end = tokio::time::Instant::now() + time;
        let mut packets = self.packets.lock().await;
        while let Ok(Some(packet)) = tokio::time::timeout_at(end, packets.recv()).await {
            let count = decoder.decode(&packet.payload, &mut pcm, false).unwrap();
            all.extend_from_slice(&pcm[..count]);
        }
        all
    }

    /// The next message on the data channel.
    pub async fn told(&self) -> String {
        let wait = async {
            loop {
                match self.channel.poll().await {
                    Some(DataChannelEvent::OnMessage(message)) => {
                        return String::from_utf8(message.data.to_vec()).unwrap();
                    }
                    Some(_) => {}
                    None => panic!("the channel is closed"),
                }
            }
        };
        timeout(Duration::from_secs(5), wait).await.unwrap()
    }

    pub async fn tell(&self, text: &str) {
        self.channel.send_text(text).await.unwrap();
    }

    pub async fn close(&self) {
        self.connection.close().await.unwrap();
    }
}
