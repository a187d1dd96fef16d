//! The connection of a browser: its offers and candidates, and our answers.

use super::carry::Carrier;
use super::handler::Handler;
use super::send::Packets;
use super::settings::IceSettings;
use super::{WebRtcError, sdp};
use rtc::interceptor::Registry;
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::RTCConfigurationBuilder;
use rtc::peer_connection::configuration::interceptor_registry::register_default_interceptors;
use rtc::peer_connection::configuration::media_engine::{MIME_TYPE_OPUS, MediaEngine};
use rtc::peer_connection::configuration::setting_engine::{
    SctpMaxMessageSize, SettingEngineBuilder,
};
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::peer_connection::transport::RTCIceCandidateInit;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    RtpCodecKind,
};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, watch};
use tokio::time::timeout;
use webrtc::error::Error;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::peer_connection::{PeerConnection, PeerConnectionBuilder};
use webrtc::runtime::TokioRuntime;

/// Candidates of a browser at most, over all its offers.
const CANDIDATES: usize = 100;
/// Bytes of a candidate at most.
const LARGEST_CANDIDATE: usize = 512;
/// STUN and TURN servers answer within this time, or are left out.
const GATHER: Duration = Duration::from_secs(3);
/// A description is taken and answered within this time.
const NEGOTIATE: Duration = Duration::from_secs(10);
/// A connection closes within this time.
const CLOSE: Duration = Duration::from_secs(2);
/// Silence of the network after which a connection counts as disturbed, and then as lost.
const DISTURBED: Duration = Duration::from_secs(5);
const LOST: Duration = Duration::from_secs(8);
/// Between two signs of life of ours.
const ALIVE: Duration = Duration::from_secs(2);
/// Bytes that wait for a slow page.
const PAGE_BUFFER: usize = 256 * 1024;
/// Bytes of a message of a page.
const PAGE_MESSAGE: u32 = 16 * 1024;

/// A browser's connection, for what comes by HTTP while a call goes on.
pub struct Peer {
    connection: Arc<dyn PeerConnection>,
    /// Held while an offer is answered; how many candidates came so far.
    candidates: Mutex<usize>,
    gathered: watch::Receiver<bool>,
    public: Vec<IpAddr>,
}

/// An offer, answered.
pub struct Answered {
    /// For what comes later.
    pub peer: Arc<Peer>,
    /// Our session description.
    pub sdp: String,
    /// Carries the call.
    pub carrier: Carrier,
}

/// Answers a browser's offer, with every way to us in the answer: there is nothing to trickle back.
pub async fn answer(settings: &IceSettings, offer: &str) -> Result<Answered, WebRtcError> {
    sdp::check(offer)?;
    let ssrc = rand::random_range(1..u32::MAX);
    let track: Arc<dyn TrackLocal> = Arc::new(TrackLocalStaticRTP::new(track(ssrc)));
    let (handler, told, gathered) = Handler::new();
    let handler = Arc::new(handler);
    let mut last = Error::Other("no address to listen on".into());
    for addresses in settings.binds() {
        let connection = match connect(settings, addresses, handler.clone()).await {
            Ok(connection) => connection,
            Err(error) => {
                last = error;
                continue;
            }
        };
        let peer = Arc::new(Peer {
            connection,
            candidates: Mutex::new(0),
            gathered,
            public: settings.public.clone(),
        });
        let answered = async {
            let added = peer.connection.add_track(track.clone()).await;
            let sender = added.map_err(WebRtcError::Network)?;
            let sdp = peer.negotiate(offer).await?;
            let payload_type = sdp::payload_type(&sdp).ok_or(WebRtcError::NoAudio)?;
            let packets = Packets::new(ssrc, payload_type)?;
            Ok((sdp, sender, packets))
        };
        return match answered.await {
            Ok((sdp, sender, packets)) => Ok(Answered {
                carrier: Carrier::new(peer.clone(), told, track, sender, packets)?,
                peer,
                sdp,
            }),
            Err(error) => {
                peer.close().await;
                Err(error)
            }
        };
    }
    Err(WebRtcError::Network(last))
}

impl Peer {
    /// Answers another offer on the same connection: other tracks, or other ways (an ICE restart).
    pub async fn renegotiate(&self, offer: &str) -> Result<String, WebRtcError> {
        sdp::check(offer)?;
        self.negotiate(offer).await
    }

    async fn negotiate(&self, offer: &str) -> Result<String, WebRtcError> {
        let _one = self.candidates.lock().await;
        let wrong = |error: Error| WebRtcError::Sdp(error.to_string());
        let slow = |_| WebRtcError::Ended;
        let answer = async {
            let offer = RTCSessionDescription::offer(offer.to_owned()).map_err(wrong)?;
            let taken = self.connection.set_remote_description(offer).await;
            taken.map_err(wrong)?;
            let answer = self.connection.create_answer(None).await.map_err(wrong)?;
            let set = self.connection.set_local_description(answer).await;
            set.map_err(wrong)
        };
        timeout(NEGOTIATE, answer).await.map_err(slow)??;
        let mut gathered = self.gathered.clone();
        // Whoever does not answer in time is no way to us.
        let _ = timeout(GATHER, gathered.wait_for(|is_complete| *is_complete)).await;
        let description = self.connection.local_description().await;
        let sdp = description.ok_or(WebRtcError::Ended)?.sdp;
        Ok(sdp::with_public(&sdp, &self.public))
    }

    /// Takes a way to the browser that it found; an empty one says that there are no more.
    pub async fn add_candidate(
        &self,
        candidate: &str,
        mid: Option<String>,
        line: Option<u16>,
    ) -> Result<(), WebRtcError> {
        let candidate = candidate.trim();
        let candidate = candidate.strip_prefix("a=").unwrap_or(candidate);
        if candidate.is_empty() {
            return Ok(());
        }
        let wrong = |what: String| WebRtcError::Candidate(what);
        if candidate.len() > LARGEST_CANDIDATE {
            return Err(wrong(format!("more than {LARGEST_CANDIDATE} bytes")));
        }
        let mut count = self.candidates.lock().await;
        if *count == CANDIDATES {
            return Err(WebRtcError::TooManyCandidates(CANDIDATES));
        }
        *count += 1;
        let init = RTCIceCandidateInit {
            candidate: candidate.to_owned(),
            sdp_mid: mid,
            sdp_mline_index: line,
            ..RTCIceCandidateInit::default()
        };
        let added = self.connection.add_ice_candidate(init);
        let added = timeout(NEGOTIATE, added).await;
        added
            .map_err(|_| WebRtcError::Ended)?
            .map_err(|error| wrong(error.to_string()))
    }

    /// Ends the connection.
    pub async fn close(&self) {
        if !matches!(timeout(CLOSE, self.connection.close()).await, Ok(Ok(()))) {
            tracing::warn!("a browser's connection did not close in time");
        }
    }
}

async fn connect(
    settings: &IceSettings,
    addresses: Vec<SocketAddr>,
    handler: Arc<Handler>,
) -> Result<Arc<dyn PeerConnection>, Error> {
    let mut media = MediaEngine::default();
    let codec = RTCRtpCodecParameters {
        rtp_codec: codec(),
        payload_type: 111,
    };
    media.register_codec(codec, RtpCodecKind::Audio)?;
    let interceptors = register_default_interceptors(Registry::new(), &mut media)?;
    let engine = SettingEngineBuilder::new()
        .with_ice_timeouts(Some(DISTURBED), Some(LOST), Some(ALIVE))
        // Names that only the browser's own network knows are of no use: it finds us by our
        // addresses, and we see where it comes from.
        .with_multicast_dns_mode(rtc::ice::mdns::MulticastDnsMode::Disabled)
        .with_sctp_max_message_size(SctpMaxMessageSize::Bounded(PAGE_MESSAGE))
        .build();
    let configuration = RTCConfigurationBuilder::new()
        .with_ice_servers(settings.servers.list())
        .build();
    let connection = PeerConnectionBuilder::new()
        .with_configuration(configuration)
        .with_media_engine(media)
        .with_setting_engine(engine)
        .with_interceptor_registry(interceptors)
        .with_handler(handler)
        .with_runtime(Arc::new(TokioRuntime))
        .with_udp_addrs(addresses)
        .with_data_channel_send_buffer_limit(PAGE_BUFFER)
        .build()
        .await?;
    Ok(Arc::new(connection))
}

fn codec() -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: MIME_TYPE_OPUS.to_owned(),
        clock_rate: super::RTP_RATE,
        channels: 2,
        // What is lost is repeated in the next packet.
        sdp_fmtp_line: "minptime=10;useinbandfec=1".into(),
        rtcp_feedback: Vec::new(),
    }
}

fn track(ssrc: u32) -> MediaStreamTrack {
    let encoding = RTCRtpEncodingParameters {
        rtp_coding_parameters: RTCRtpCodingParameters {
            ssrc: Some(ssrc),
            ..RTCRtpCodingParameters::default()
        },
        codec: codec(),
        ..RTCRtpEncodingParameters::default()
    };
    MediaStreamTrack::new(
        "call".into(),
        "agent".into(),
        "agent".into(),
        RtpCodecKind::Audio,
        vec![encoding],
    )
}
