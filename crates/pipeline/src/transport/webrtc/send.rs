//! Our sound: what is to be played, a frame each 20 ms, as RTP packets of Opus.

use super::{RATE, RTP_RATE, WebRtcError};
use crate::playback::Playback;
use crate::transport::{Clock, TICK};
use rtc::rtp::{Header, Packet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;
use webrtc::media_stream::track_local::TrackLocal;

/// Bits a second: speech without audible loss.
const BITRATE: i32 = 32_000;
/// Of the loss that packets are made to bear, in percent.
const LOSS: i32 = 5;
/// A packet that cannot be handed over within this time is left out.
const STUCK: Duration = Duration::from_millis(500);
/// Packets in a row that cannot be sent: five seconds of them.
const HOPELESS: u32 = 250;
/// Longest packet that is written.
const LARGEST: usize = 1000;

/// Makes packets of frames.
pub(super) struct Packets {
    encoder: opus::Encoder,
    header: Header,
    buffer: Vec<u8>,
}

impl Packets {
    pub fn new(ssrc: u32, payload_type: u8) -> Result<Self, WebRtcError> {
        let channels = opus::Channels::Mono;
        let mut encoder = opus::Encoder::new(RATE, channels, opus::Application::Voip)?;
        encoder.set_bitrate(opus::Bitrate::Bits(BITRATE))?;
        encoder.set_inband_fec(true)?;
        encoder.set_packet_loss_perc(LOSS)?;
        let header = Header {
            version: 2,
            // The first packet begins a talk spurt.
            marker: true,
            payload_type,
            sequence_number: rand::random(),
            timestamp: rand::random(),
            ssrc,
            ..Header::default()
        };
        Ok(Packets {
            encoder,
            header,
            buffer: vec![0; LARGEST],
        })
    }

    /// The next packet, of 20 ms of sound.
    pub fn next(&mut self, samples: &[i16]) -> Result<Packet, WebRtcError> {
        let header = self.header.clone();
        self.header.marker = false;
        self.header.sequence_number = header.sequence_number.wrapping_add(1);
        let ticks = samples.len() as u32 * (RTP_RATE / RATE);
        self.header.timestamp = header.timestamp.wrapping_add(ticks);
        let length = self.encoder.encode(samples, &mut self.buffer)?;
        let payload = bytes::Bytes::copy_from_slice(&self.buffer[..length]);
        Ok(Packet { header, payload })
    }
}

/// Takes what is to be played, from now on, and sends it while somebody is there. Returns when
/// nothing can be sent any more.
pub(super) async fn play(
    playback: Arc<Playback>,
    track: Arc<dyn TrackLocal>,
    mut packets: Packets,
    is_connected: watch::Receiver<bool>,
) {
    let mut frame = vec![0; (RATE as usize * TICK.as_millis() as usize) / 1000];
    let mut clock = Clock::start();
    let mut failed = 0;
    while failed < HOPELESS {
        clock.tick().await;
        playback.take(&mut frame);
        if !*is_connected.borrow() {
            continue;
        }
        let packet = match packets.next(&frame) {
            Ok(packet) => packet,
            Err(error) => {
                tracing::error!(%error, "a frame cannot be coded");
                return;
            }
        };
        match timeout(STUCK, track.write_rtp(packet)).await {
            Ok(Ok(())) => failed = 0,
            _ => failed += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_count_on_and_decode_to_what_was_said() {
        let mut packets = Packets::new(7, 111).unwrap();
        let mut decoder = opus::Decoder::new(48_000, opus::Channels::Stereo).unwrap();
        let tone: Vec<i16> = (0..480)
            .map(|at| ((f64::from(at) * 0.1).sin() * 8000.0) as i16)
            .collect();
        let sent: Vec<_> = (0..10).map(|_| packets.next(&tone).unwrap()).collect();
        assert!(sent[0].header.marker && !sent[1].header.marker);
        for pair in sent.windows(2) {
            let (one, two) = (&pair[0].header, &pair[1].header);
            assert_eq!(two.sequence_number, one.sequence_number.wrapping_add(1));
            assert_eq!(two.timestamp, one.timestamp.wrapping_add(960));
            assert_eq!((two.ssrc, two.payload_type), (7, 111));
        }
        let mut pcm = vec![0; 5760 * 2];
        let mut loudest = 0;
        for packet in &sent {
            assert_eq!(
                decoder.decode(&packet.payload, &mut pcm, false).unwrap(),
                960
            );
            loudest = pcm.iter().map(|sample| sample.abs()).max().unwrap();
        }
        assert!((6000..12_000).contains(&loudest), "{loudest}");
    }
}
