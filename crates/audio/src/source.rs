//! Where bytes come from, and the bounded view of them that parsers are given.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use symphonia::core::io::MediaSource;

/// Anything that can be read and rewound: a file, a buffer in memory.
pub trait Source: Read + Seek + Send + Sync {}

impl<T: Read + Seek + Send + Sync> Source for T {}

/// How many bytes a parser may still read before it gives account. Shared between a
/// [`View`] inside a parser and the code that calls the parser, so that no single call can
/// read (and so allocate or loop) without end, whatever a header claims.
#[derive(Clone, Default)]
pub(crate) struct Budget(Arc<Account>);

#[derive(Default)]
struct Account {
    left: AtomicU64,
    failed: AtomicBool,
}

impl Budget {
    pub(crate) fn set(&self, bytes: u64) {
        self.0.left.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn left(&self) -> u64 {
        self.0.left.load(Ordering::Relaxed)
    }

    /// Whether the source itself failed, as opposed to the parser of what it holds.
    pub(crate) fn failed(&self) -> bool {
        self.0.failed.load(Ordering::Relaxed)
    }

    /// Takes `wanted` bytes, or fewer; zero when spent.
    fn take(&self, wanted: u64) -> u64 {
        let left = self.left();
        let granted = wanted.min(left);
        self.0.left.store(left - granted, Ordering::Relaxed);
        granted
    }
}

/// Whether an error is a spent [`Budget`].
pub(crate) fn is_budget_error(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::FileTooLarge
}

/// A window onto a source: `head` bytes of our own, then the source from `start` to `end`,
/// with a few bytes replaced on the way. Lets metadata that nobody asked for (cover art, tags,
/// video tracks) be cut out before a parser could load it.
pub(crate) struct View {
    source: Box<dyn Source>,
    /// Position of `source`, to seek only when needed.
    source_at: u64,
    head: Vec<u8>,
    start: u64,
    end: u64,
    at: u64,
    /// `(offset in the source, bytes)`, ordered, not overlapping.
    patches: Vec<(u64, [u8; 4])>,
    /// The length told to a parser that may seek.
    told_len: Option<u64>,
    budget: Budget,
}

impl View {
    pub(crate) fn new(source: Box<dyn Source>, start: u64, end: u64, budget: Budget) -> View {
        View {
            source,
            // No position is known yet: the first read seeks.
            source_at: u64::MAX,
            head: Vec::new(),
            start,
            end: end.max(start),
            at: 0,
            patches: Vec::new(),
            told_len: None,
            budget,
        }
    }

    /// Puts `head` in front of the window.
    pub(crate) fn with_head(mut self, head: Vec<u8>) -> View {
        self.head = head;
        self
    }

    /// Replaces four bytes at each offset of the source; offsets must ascend.
    pub(crate) fn with_patches(mut self, patches: Vec<(u64, [u8; 4])>) -> View {
        self.patches = patches;
        self
    }

    /// Lets the parser seek, and tells it a length: that of a cut file before it was cut, so
    /// that boxes which reach beyond the end are not thrown away whole. Without, it must go
    /// front to back, which keeps it linear.
    pub(crate) fn seekable(mut self, told_len: u64) -> View {
        self.told_len = Some(told_len);
        self
    }

    fn len(&self) -> u64 {
        self.head.len() as u64 + (self.end - self.start)
    }

    fn read_source(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        if self.source_at != offset {
            self.source.seek(SeekFrom::Start(offset))?;
            self.source_at = offset;
        }
        self.source.read(buf)
    }

    fn patch(&self, offset: u64, bytes: &mut [u8]) {
        let end = offset + bytes.len() as u64;
        let first = self.patches.partition_point(|(at, _)| at + 4 <= offset);
        for (at, patch) in self.patches[first..].iter().take_while(|(at, _)| *at < end) {
            for (i, byte) in patch.iter().enumerate() {
                let position = at + i as u64;
                if (offset..end).contains(&position) {
                    bytes[(position - offset) as usize] = *byte;
                }
            }
        }
    }
}

impl Read for View {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = self.len().saturating_sub(self.at);
        let wanted = left.min(buf.len() as u64);
        if wanted == 0 {
            return Ok(0);
        }
        let head = self.head.len() as u64;
        if self.at < head {
            let from = self.at as usize;
            let n = (self.head.len() - from).min(wanted as usize);
            buf[..n].copy_from_slice(&self.head[from..from + n]);
            self.at += n as u64;
            return Ok(n);
        }
        let granted = self.budget.take(wanted) as usize;
        if granted == 0 {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                "read budget spent",
            ));
        }
        let offset = self.start + (self.at - head);
        let n = self
            .read_source(offset, &mut buf[..granted])
            .inspect_err(|_| {
                self.budget.0.failed.store(true, Ordering::Relaxed);
            })?;
        self.patch(offset, &mut buf[..n]);
        self.source_at += n as u64;
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for View {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.told_len.unwrap_or(self.len()).checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = target
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "seek before the start"))?;
        Ok(self.at)
    }
}

impl MediaSource for View {
    fn is_seekable(&self) -> bool {
        self.told_len.is_some()
    }

    fn byte_len(&self) -> Option<u64> {
        self.told_len
    }
}

/// Reads up to `wanted` bytes at `offset`; fewer only at the end of the source.
pub(crate) fn read_at(source: &mut dyn Source, offset: u64, wanted: usize) -> io::Result<Vec<u8>> {
    source.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::with_capacity(wanted.min(1 << 20));
    source.take(wanted as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn view(budget: u64) -> View {
        let allowance = Budget::default();
        allowance.set(budget);
        View::new(
            Box::new(Cursor::new((0..100u8).collect::<Vec<_>>())),
            10,
            30,
            allowance,
        )
    }

    #[test]
    fn a_view_shows_its_head_then_the_window_with_patches() {
        let mut seen = Vec::new();
        let mut view = view(1000)
            .with_head(vec![200, 201])
            .with_patches(vec![(12, [1, 1, 1, 1])]);
        view.read_to_end(&mut seen).expect("in memory");
        assert_eq!(&seen[..9], &[200, 201, 10, 11, 1, 1, 1, 1, 16]);
        assert_eq!(seen.len(), 22);
    }

    #[test]
    fn a_patch_across_two_reads_is_whole() {
        let mut view = view(1000).with_patches(vec![(12, [1, 2, 3, 4])]);
        let mut seen = Vec::new();
        let mut byte = [0];
        while view.read(&mut byte).expect("in memory") == 1 {
            seen.push(byte[0]);
        }
        assert_eq!(&seen[..7], &[10, 11, 1, 2, 3, 4, 16]);
    }

    #[test]
    fn a_spent_budget_is_an_error_not_an_end() {
        let mut seen = Vec::new();
        let error = view(5)
            .read_to_end(&mut seen)
            .expect_err("only 5 bytes allowed");
        assert!(is_budget_error(&error));
        assert_eq!(seen.len(), 5);
    }
}
