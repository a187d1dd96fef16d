//! Sealed values, texts and files, and files of keys: what was changed does not open, and what opens
//! is what was sealed.
#![no_main]

use fuzz::Input;
use libfuzzer_sys::fuzz_target;
use sealing::{Sealer, file, is_sealed, is_sealed_text, key_of, key_of_text};
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| fuzz::folder("sealed"));
/// The key of the seeds.
static SEALER: LazyLock<Sealer> = LazyLock::new(|| {
    let path = FOLDER.join("fixed.key");
    write_key(&path, "a5".repeat(32).as_bytes());
    Sealer::start(true, Some(&path), &FOLDER).expect("a good key")
});

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input(bytes);
    match input.byte() % 5 {
        0 => value(input.0),
        1 => sealed_text(&String::from_utf8_lossy(input.0)),
        2 => whole_file(input.0),
        3 => changed(input),
        _ => key_file(input.0),
    }
});

fn value(bytes: &[u8]) {
    let _ = key_of(bytes);
    let opened = SEALER.open("calls.summary", bytes);
    if !is_sealed(bytes) {
        assert_eq!(opened.expect("plain values pass"), bytes);
    }
}

fn sealed_text(text: &str) {
    let _ = key_of_text(text);
    let opened = SEALER.open_text("calls.summary", text);
    if !is_sealed_text(text) {
        assert_eq!(opened.expect("plain texts pass"), text);
    }
}

fn whole_file(bytes: &[u8]) {
    let path = FOLDER.join("file");
    fs::write(&path, bytes).expect("a file can be written");
    let file = File::open(&path).expect("it was just written");
    let _ = file::key_of(&file);
    if let Ok(mut reader) = file::Reader::new(file, "recordings/1", &SEALER) {
        let length = reader.length();
        let mut block = [0; 100];
        for at in [
            0,
            length / 2,
            length.saturating_sub(1),
            length,
            u64::MAX - 50,
        ] {
            let _ = reader.read_at(at, &mut block);
        }
        if let Ok(copied) = reader.copy(&mut std::io::sink()) {
            assert_eq!(copied, length);
        }
    }
    let file = OpenOptions::new().read(true).write(true).open(&path);
    let _ = file::finish(&file.expect("it is there"), "recordings/1", &SEALER);
}

/// Sealed, then one byte of it changed.
fn changed(mut input: Input) {
    let (at, by) = (usize::from(input.byte()), input.byte());
    let sealed = SEALER.seal("a", input.0).expect("a value is sealed");
    assert_eq!(SEALER.open("a", &sealed).expect("it opens"), input.0);
    assert!(SEALER.open("b", &sealed).is_err(), "it opened elsewhere");
    let mut bytes = sealed;
    let at = at % bytes.len();
    bytes[at] ^= by;
    if by != 0 && is_sealed(&bytes) {
        assert!(SEALER.open("a", &bytes).is_err(), "a changed value opened");
    }
}

fn key_file(bytes: &[u8]) {
    let path = FOLDER.join("any.key");
    write_key(&path, bytes);
    let _ = Sealer::start(true, Some(&path), &FOLDER).map(|sealer| sealer.current());
}

fn write_key(path: &Path, bytes: &[u8]) {
    let _ = fs::remove_file(path);
    let mut open = OpenOptions::new();
    let file = open.write(true).create_new(true).mode(0o600).open(path);
    std::io::Write::write_all(&mut file.expect("a file can be made"), bytes)
        .expect("it is written");
}
