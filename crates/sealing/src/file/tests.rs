//! What sealed files promise.

use super::*;
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

struct Place {
    folder: tempfile::TempDir,
    sealer: Sealer,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let sealer = Sealer::start(true, None, &folder.path().join("keys")).unwrap();
    Place { folder, sealer }
}

impl Place {
    fn path(&self) -> PathBuf {
        self.folder.path().join("sealed")
    }

    fn begin(&self, plain: &[u8]) -> Writer {
        let file = File::create(self.path()).unwrap();
        let mut writer = Writer::begin(file, "a/b", &self.sealer)
            .unwrap()
            .ok()
            .unwrap();
        writer.write_all(plain).unwrap();
        writer
    }

    fn write(&self, plain: &[u8]) {
        self.begin(plain).finish().unwrap();
    }

    fn reader(&self, place: &str) -> io::Result<Reader> {
        Reader::new(File::open(self.path())?, place, &self.sealer)
    }

    fn read(&self) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        self.reader("a/b")?.copy(&mut all)?;
        Ok(all)
    }
}

fn words(bytes: usize) -> Vec<u8> {
    b"the patient said. "
        .iter()
        .copied()
        .cycle()
        .take(bytes)
        .collect()
}

#[test]
fn any_part_of_it_is_what_was_written_and_none_of_it_can_be_read_on_the_disk() {
    for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 77] {
        let (place, plain) = (place(), words(length));
        place.write(&plain);
        let disk = fs::read(place.path()).unwrap();
        assert!(!disk.windows(7).any(|window| window == b"patient"));
        assert_eq!(place.read().unwrap(), plain);
        let mut reader = place.reader("a/b").unwrap();
        assert_eq!(reader.length(), length as u64);
        for (from, count) in [
            (0, 10),
            (CHUNK - 3, 6),
            (2 * CHUNK, CHUNK + 5),
            (length, 1),
            (length + 9, 9),
        ] {
            let mut out = vec![0; count];
            let read = reader.read_at(from as u64, &mut out).unwrap();
            let wanted = plain.get(from..).unwrap_or_default();
            assert_eq!(
                &out[..read],
                &wanted[..wanted.len().min(count)],
                "{length} {from}"
            );
        }
    }
}

#[test]
fn what_is_changed_swapped_or_cut_off_is_refused() {
    let place = place();
    place.write(&words(3 * CHUNK + 100));
    let whole = fs::read(place.path()).unwrap();
    let refused = |bytes: &[u8], what: &str| {
        fs::write(place.path(), bytes).unwrap();
        assert!(place.read().is_err(), "{what}");
    };
    for at in [9, 20, 40, HEADER + SEALED + 5, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        refused(&bytes, "a bit is flipped");
    }
    let mut swapped = whole.clone();
    let (first, second) = swapped[HEADER..].split_at_mut(SEALED);
    first.swap_with_slice(&mut second[..SEALED]);
    refused(&swapped, "chunks are swapped");
    let last = &whole[HEADER + 3 * SEALED..];
    refused(
        &[&whole[..HEADER + 2 * SEALED], last].concat(),
        "a chunk is missing",
    );
    refused(&whole[..HEADER + 2 * SEALED], "the end is missing");
    refused(&whole[..whole.len() - 3], "the end is cut");
    fs::write(place.path(), &whole).unwrap();
    assert!(place.reader("a/c").is_err(), "it was moved");
    assert_eq!(place.read().unwrap().len(), 3 * CHUNK + 100);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_crash_costs_at_most_the_last_chunk(length in 0usize..4 * CHUNK, cut in 0usize..2 * CHUNK) {
        let (place, plain) = (place(), words(length));
        std::mem::forget(place.begin(&plain));
        let on_disk = fs::metadata(place.path()).unwrap().len() as usize;
        let left = on_disk.saturating_sub(cut).max(HEADER);
        cut_to(&place.path(), left);
        prop_assert!(place.read().is_err());
        let file = File::options().read(true).write(true).open(place.path()).unwrap();
        let length = finish(&file, "a/b", &place.sealer).unwrap() as usize;
        prop_assert_eq!(length, (left - HEADER) / SEALED * CHUNK);
        prop_assert_eq!(place.read().unwrap(), &plain[..length]);
        prop_assert_eq!(finish(&file, "a/b", &place.sealer).unwrap() as usize, length);
    }
}

fn cut_to(path: &Path, length: usize) {
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_len(length as u64)
        .unwrap();
}

#[test]
fn a_file_that_is_not_sealed_is_read_as_it_is() {
    let place = place();
    fs::write(place.path(), b"RIFF plain").unwrap();
    assert_eq!(place.read().unwrap(), b"RIFF plain");
    assert_eq!(key_of(&File::open(place.path()).unwrap()).unwrap(), None);
}
