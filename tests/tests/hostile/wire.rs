//! HTTP and WebSocket by hand: what no well-behaved client would send.

use serde_json::Value;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long an answer may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a connection is watched for its end.
const A_MOMENT: Duration = Duration::from_secs(5);

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// Status; 0 where the connection was closed without one.
    pub status: u16,
    /// Head, in lower case.
    pub head: String,
    /// Body.
    pub body: String,
}

impl Reply {
    /// `error.code` of the envelope, which must be whole.
    pub fn code(&self) -> String {
        let body: Value = serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.body));
        for field in ["type", "code", "message", "request_id"] {
            assert!(body["error"][field].is_string(), "no {field}: {body}");
        }
        body["error"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

/// A connection to a port of this machine.
pub fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("the service listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("not zero");
    stream.set_write_timeout(Some(PATIENCE)).expect("not zero");
    stream
}

/// Sends these bytes and reads one answer. Whether all were taken does not matter.
pub fn ask(port: u16, bytes: &[u8]) -> (Reply, TcpStream) {
    let mut stream = connect(port);
    let _ = stream.write_all(bytes);
    (read(&mut stream), stream)
}

/// Reads an answer.
pub fn read(stream: &mut TcpStream) -> Reply {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if !more(stream, &mut bytes) {
            break bytes.len();
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let length = head.split("content-length: ").nth(1);
    let length = length.and_then(|rest| rest.split("\r\n").next()?.parse::<usize>().ok());
    while length.is_none_or(|length| bytes.len() < end + length) && more(stream, &mut bytes) {}
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Reply {
        status: status.unwrap_or_default(),
        head,
        body: String::from_utf8_lossy(&bytes[end..]).into_owned(),
    }
}

fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> bool {
    let mut block = [0; 16 * 1024];
    match stream.read(&mut block) {
        Ok(0) => false,
        Ok(read) => {
            bytes.extend_from_slice(&block[..read]);
            true
        }
        Err(error) if error.kind() == ErrorKind::ConnectionReset => false,
        Err(error) => panic!(
            "no whole answer: {error}: {}",
            String::from_utf8_lossy(bytes)
        ),
    }
}

/// Whether the other side ends the connection without another word.
pub fn is_closed(mut stream: TcpStream) -> bool {
    stream.set_read_timeout(Some(A_MOMENT)).expect("not zero");
    match stream.read(&mut [0; 64]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

/// A WebSocket at this path, open.
pub fn websocket(port: u16, path: &str, token: &str) -> TcpStream {
    let mut stream = connect(port);
    let hello = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream
        .write_all(hello.as_bytes())
        .expect("the service reads");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream
            .read_exact(&mut byte)
            .expect("the handshake is answered");
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head);
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    stream
}

/// A frame whose header claims `length` bytes: `first` is FIN, reserved bits and opcode. The mask is
/// zeros, which leaves the payload as it is.
pub fn frame_of(first: u8, length: u64, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first, 0x80 | 127];
    frame.extend(length.to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// The same with the length as it is; control frames have it in one byte.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    match u8::try_from(payload.len()) {
        Ok(length @ ..=125) => [&[first, 0x80 | length, 0, 0, 0, 0], payload].concat(),
        _ => frame_of(first, payload.len() as u64, payload),
    }
}

/// The close code that comes, if one does, and the last text before it.
pub fn ending(stream: &mut TcpStream) -> (Option<u16>, String) {
    let mut text = String::new();
    while let Some((opcode, payload)) = server_frame(stream) {
        match opcode {
            1 => text = String::from_utf8_lossy(&payload).into_owned(),
            8 => {
                let code = payload
                    .get(..2)
                    .map(|two| u16::from_be_bytes([two[0], two[1]]));
                return (code, text);
            }
            _ => {}
        }
    }
    (None, text)
}

fn server_frame(stream: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
    let mut head = [0; 2];
    stream.read_exact(&mut head).ok()?;
    let length = match head[1] {
        126 => {
            let mut two = [0; 2];
            stream.read_exact(&mut two).ok()?;
            usize::from(u16::from_be_bytes(two))
        }
        127 => {
            let mut eight = [0; 8];
            stream.read_exact(&mut eight).ok()?;
            usize::try_from(u64::from_be_bytes(eight)).ok()?
        }
        short => usize::from(short),
    };
    let mut payload = vec![0; length];
    stream.read_exact(&mut payload).ok()?;
    Some((head[0] & 0x0f, payload))
}
