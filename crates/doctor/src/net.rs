//! Asking others over the network, with deadlines.

use std::time::Duration;
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

/// For one question to one machine.
pub const DEADLINE: Duration = Duration::from_secs(3);
/// The magic cookie of STUN (RFC 8489, section 5).
const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];

/// A client that takes no detours. Its deadline is [`DEADLINE`].
pub fn client() -> Result<reqwest::Client, String> {
    // Fails only when a provider is installed already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .timeout(DEADLINE)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build();
    client.map_err(|error| error.to_string())
}

/// The beginning of a JSON answer; none when there is none, or it is none.
pub async fn json(client: &reqwest::Client, url: &str) -> Option<serde_json::Value> {
    let mut answer = client.get(url).send().await.ok()?;
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.ok()? {
        body.extend_from_slice(&part);
        if body.len() > 64 * 1024 {
            return None;
        }
    }
    serde_json::from_slice(&body).ok()
}

/// Whether somebody accepts connections at `host:port`.
pub async fn connects(address: &str) -> Result<(), String> {
    match timeout(DEADLINE, TcpStream::connect(address)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("no answer".to_owned()),
    }
}

/// Whether a STUN or TURN server at `host:port` answers a binding request over UDP (RFC 8489).
pub async fn stun(address: &str) -> Result<(), String> {
    let ask = async {
        let peer = tokio::net::lookup_host(address).await?.next();
        let peer = peer.ok_or_else(|| std::io::Error::other("the name is not known"))?;
        let local = if peer.is_ipv4() {
            "0.0.0.0:0"
        } else {
            "[::]:0"
        };
        let socket = UdpSocket::bind(local).await?;
        socket.connect(peer).await?;
        let mut request = [0_u8; 20];
        // Binding request, no attributes, and an id that we recognise in the answer.
        request[1] = 1;
        request[4..8].copy_from_slice(&COOKIE);
        request[8..20].copy_from_slice(b"gw-doctor-01");
        let mut answer = [0; 1500];
        // UDP may lose one.
        for _ in 0..3 {
            socket.send(&request).await?;
            let heard = timeout(DEADLINE / 4, socket.recv(&mut answer)).await;
            if let Ok(Ok(length)) = heard
                && length >= 20
                && answer[4..20] == request[4..20]
            {
                return Ok(());
            }
        }
        Err(std::io::Error::other("no answer"))
    };
    let asked = timeout(DEADLINE, ask).await;
    asked
        .unwrap_or_else(|_| Err(std::io::Error::other("no answer")))
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stun_server_is_known_by_its_answer_and_silence_is_none() {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap().to_string();
        let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        tokio::spawn(async move {
            let mut request = [0; 100];
            let (length, from) = server.recv_from(&mut request).await.unwrap();
            request[0] = 1;
            server.send_to(&request[..length], from).await.unwrap();
        });
        assert_eq!(stun(&address).await, Ok(()));
        let address = silent.local_addr().unwrap().to_string();
        assert_eq!(stun(&address).await, Err("no answer".to_owned()));
    }
}
