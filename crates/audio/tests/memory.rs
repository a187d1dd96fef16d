//! No header can claim memory: peaks are counted by the allocator while lying files are decoded.
#![allow(unsafe_code)] // A counting allocator cannot be written without.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use audio::wav::{WavEncoding, to_bytes};
use audio::{DecodeOptions, Decoder, Source};
use common::{encoded, tone};

struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(now, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Tests in one process share the count, so they take turns.
static TURN: Mutex<()> = Mutex::new(());

const MIB: usize = 1 << 20;

/// Bytes allocated at most, over what was there before, while decoding to the end; and the
/// seconds that came out.
fn peak(source: Box<dyn Source>) -> (usize, f64) {
    // A printed backtrace takes tens of megabytes.
    common::entry::quiet_caught_panics();
    let before = NOW.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let mut samples = 0;
    if let Ok(mut decoder) = Decoder::open(source, &DecodeOptions::default()) {
        while let Ok(Some(block)) = decoder.next_block() {
            samples += block.channels[0].len();
        }
    }
    (
        PEAK.load(Ordering::Relaxed) - before,
        samples as f64 / 16_000.0,
    )
}

/// A source of any length that holds nothing: `head`, a filler byte, `tail`.
struct Hollow {
    head: Vec<u8>,
    fill: u64,
    tail: Vec<u8>,
    at: u64,
}

impl Hollow {
    fn len(&self) -> u64 {
        self.head.len() as u64 + self.fill + self.tail.len() as u64
    }
}

impl Read for Hollow {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let left = self.len().saturating_sub(self.at).min(buf.len() as u64) as usize;
        let (head, fill) = (self.head.len() as u64, self.fill);
        for (i, byte) in buf[..left].iter_mut().enumerate() {
            let at = self.at + i as u64;
            *byte = if at < head {
                self.head[at as usize]
            } else if at < head + fill {
                0
            } else {
                self.tail[(at - head - fill) as usize]
            };
        }
        self.at += left as u64;
        Ok(left)
    }
}

impl Seek for Hollow {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(by) => self.len().saturating_add_signed(by),
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}

fn hollow(head: Vec<u8>, fill: u64, tail: Vec<u8>) -> Box<dyn Source> {
    Box::new(Hollow {
        head,
        fill,
        tail,
        at: 0,
    })
}

#[test]
fn ten_hours_claimed_cost_nothing() {
    let _turn = TURN.lock();
    let mut wav = to_bytes(&tone(440.0, 16_000, 1.0), WavEncoding::S16, 16_000, 1);
    wav[40..44].copy_from_slice(&(16_000u32 * 2 * 36_000).to_le_bytes());
    let (bytes, seconds) = peak(Box::new(Cursor::new(wav)));
    assert!(bytes < 4 * MIB, "{bytes}");
    assert_eq!(seconds, 1.0);
}

#[test]
fn an_hour_is_decoded_in_the_memory_of_a_second() {
    let _turn = TURN.lock();
    let mut head = to_bytes(&[], WavEncoding::S16, 44_100, 2);
    head[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
    let (bytes, seconds) = peak(hollow(head, 44_100 * 4 * 3600, Vec::new()));
    assert!(bytes < 4 * MIB, "{bytes}");
    assert_eq!(seconds, 3600.0);
}

#[test]
fn cover_art_of_hundreds_of_megabytes_is_not_loaded() {
    let _turn = TURN.lock();
    let samples = tone(440.0, 44_100, 1.0);
    const ART: usize = 250 * MIB;

    let syncsafe = [
        (ART >> 21) as u8,
        (ART >> 14 & 127) as u8,
        (ART >> 7 & 127) as u8,
        (ART & 127) as u8,
    ];
    let id3 = [b"ID3\x04\x00\x00".to_vec(), syncsafe.to_vec()].concat();
    let mp3 = encoded(&samples, 44_100, 1, "a.mp3", &["-c:a", "libmp3lame"]);
    let (bytes, seconds) = peak(hollow(id3, ART as u64, mp3));
    assert!(
        bytes < 4 * MIB && seconds == 1.0,
        "ID3: {bytes} bytes, {seconds} s"
    );

    // A FLAC block holds at most 16 MiB.
    let flac = encoded(&samples, 44_100, 1, "a.flac", &[]);
    let block = [6u8, 0xff, 0xff, 0xff];
    let head = [&flac[..42], &block].concat();
    let tail = flac[42..].to_vec();
    let (bytes, seconds) = peak(hollow(head, 0xff_ffff, tail));
    assert!(
        bytes < 6 * MIB && seconds == 1.0,
        "FLAC: {bytes} bytes, {seconds} s"
    );

    let m4a = encoded(&samples, 44_100, 1, "a.m4a", &["-c:a", "aac"]);
    let udta = [&(ART as u32 + 8).to_be_bytes()[..], b"udta"].concat();
    let moov = m4a
        .windows(4)
        .position(|w| w == b"moov")
        .expect("has an index")
        - 4;
    let size =
        u32::from_be_bytes(m4a[moov..moov + 4].try_into().expect("four bytes")) + ART as u32 + 8;
    let mut head = m4a.clone();
    head[moov..moov + 4].copy_from_slice(&size.to_be_bytes());
    head.extend(udta);
    let (bytes, seconds) = peak(hollow(head, ART as u64, Vec::new()));
    assert!(
        bytes < 6 * MIB && seconds == 1.0,
        "MP4: {bytes} bytes, {seconds} s"
    );
}

#[test]
fn no_number_in_any_header_claims_memory() {
    let _turn = TURN.lock();
    let samples = tone(440.0, 44_100, 0.1);
    for (name, args) in [
        ("a.wav", &[][..]),
        ("a.wav", &["-c:a", "adpcm_ms"]),
        ("a.aiff", &[]),
        ("a.flac", &[]),
        ("a.mp3", &["-c:a", "libmp3lame"]),
        ("a.m4a", &["-c:a", "aac"]),
        ("a.m4a", &["-c:a", "alac"]),
        (
            "a.mp4",
            &["-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"],
        ),
        ("a.ogg", &["-c:a", "libvorbis"]),
        ("a.opus", &["-c:a", "libopus"]),
        ("a.webm", &["-c:a", "libopus"]),
        ("a.mkv", &["-c:a", "flac"]),
    ] {
        let file = encoded(&samples, 44_100, 1, name, args);
        // Every four bytes of the headers (and of the index at the end) become a huge number.
        let positions = (0..file.len().min(800)).chain(file.len().saturating_sub(400)..file.len());
        for at in positions.filter(|at| at + 4 <= file.len()) {
            let value = if at % 2 == 0 {
                0x7fff_ffffu32
            } else {
                0xffff_fff0
            };
            let mut bytes = file.clone();
            bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
            let (used, _) = peak(Box::new(Cursor::new(bytes)));
            assert!(
                used < 24 * MIB,
                "{name} {args:?}: {value:#x} at {at} took {used} bytes"
            );
        }
    }
}
