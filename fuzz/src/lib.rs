//! What the targets share: inputs cut into parts, and files to lay them in.

use std::path::PathBuf;

/// The bytes of an input that are not used yet.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    /// The next byte; 0 at the end.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    /// One of these, by the next byte.
    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::from(self.byte()) % all.len()]
    }

    /// What comes before the next `mark`, which is taken as well; all where there is none.
    pub fn until(&mut self, mark: u8) -> &'a [u8] {
        let end = self.0.iter().position(|byte| *byte == mark);
        let (part, rest) = match end {
            Some(end) => (&self.0[..end], &self.0[end + 1..]),
            None => (self.0, &self.0[self.0.len()..]),
        };
        self.0 = rest;
        part
    }

    /// A part with its length before it, in two bytes; as much of it as there is.
    pub fn part(&mut self) -> &'a [u8] {
        let length = usize::from(u16::from_le_bytes([self.byte(), self.byte()]));
        let (part, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        part
    }

    /// The lines of the rest.
    pub fn lines(self) -> impl Iterator<Item = &'a [u8]> {
        self.0.split(|byte| *byte == b'\n')
    }
}

/// An empty folder of this process, in memory where there is `/dev/shm`.
pub fn folder(name: &str) -> PathBuf {
    let shared = PathBuf::from("/dev/shm");
    let parent = match shared.is_dir() {
        true => shared,
        false => std::env::temp_dir(),
    };
    let folder = parent.join(format!("whissle-fuzz-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}
