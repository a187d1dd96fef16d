//! A look at an MP4's index before the demuxer: which track is audio, where its edit list cuts,
//! and what to hide (video tracks, cover art), so that only audio is ever loaded.

use crate::AudioError;
use crate::source::{Source, read_at};

/// What the index says about the first audio track.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Index {
    /// Overlays that turn unwanted boxes into "free".
    pub(crate) patches: Vec<(u64, [u8; 4])>,
    /// Ticks of the media's time base a second.
    pub(crate) timescale: u32,
    /// Media ticks before the presentation starts: the encoder's delay, or a user's trim.
    pub(crate) start_ticks: Option<u64>,
    /// Media ticks that are presented, when the file says so.
    pub(crate) length_ticks: Option<u64>,
    /// Media ticks there are.
    pub(crate) media_ticks: u64,
    /// Where the last box claims to end; beyond the file when that was cut.
    pub(crate) claimed_end: u64,
}

/// Boxes looked at in all: a day of two-second fragments.
const MAX_BOXES: usize = 300_000;
/// Walking the time table is linear per packet in the demuxer, so entries times packets is work.
const MAX_TABLE_WORK: u64 = 1_000_000_000;
/// The same within a fragment: samples of a run, and runs.
const MAX_RUN_SAMPLES: u64 = 20_000;
const MAX_RUNS: usize = 500;
const MAX_TAGS: u64 = 1 << 20;

struct Walker<'a> {
    source: &'a mut dyn Source,
    boxes: usize,
}

#[derive(Clone, Copy)]
struct Atom {
    at: u64,
    kind: [u8; 4],
    body: u64,
    /// Clipped to the parent.
    end: u64,
    claimed_end: u64,
}

#[derive(Default)]
struct Track {
    id: u32,
    is_audio: bool,
    timescale: u32,
    duration: u64,
    edits: Vec<(u64, i64)>,
    hide: Vec<u64>,
}

/// Reads the index. A file without one is left for the demuxer to judge.
pub(crate) fn inspect(source: &mut dyn Source, len: u64) -> Result<Index, AudioError> {
    let mut walker = Walker { source, boxes: 0 };
    let mut index = None;
    let (mut at, mut claimed_end) = (0, 0);
    while let Some(atom) = walker.atom(at, len)? {
        match &atom.kind {
            b"moov" if index.is_none() => index = Some(walker.movie(atom)?),
            b"moof" => walker.check_fragment(atom)?,
            _ => {}
        }
        claimed_end = atom.claimed_end;
        at = atom.end;
    }
    let mut index = index.ok_or_else(|| {
        AudioError::corrupt("the MP4 has no index (\"moov\"); it was cut or never finished")
    })?;
    index.claimed_end = claimed_end.max(len);
    Ok(index)
}

impl Walker<'_> {
    fn atom(&mut self, at: u64, limit: u64) -> Result<Option<Atom>, AudioError> {
        self.boxes += 1;
        if self.boxes > MAX_BOXES {
            return Err(AudioError::corrupt(
                "the MP4 has more boxes than any real one",
            ));
        }
        if at + 8 > limit {
            return Ok(None);
        }
        let head = read_at(self.source, at, 16)?;
        let Some(kind) = head.get(4..8).and_then(|kind| kind.try_into().ok()) else {
            return Ok(None);
        };
        let (size, body) = match be(&head, 0, 4) {
            0 => (limit - at, at + 8),
            1 => (be(&head, 8, 8), at + 16),
            size => (size, at + 8),
        };
        if size < body - at {
            return Ok(None);
        }
        let claimed_end = at.saturating_add(size);
        Ok(Some(Atom {
            at,
            kind,
            body,
            end: claimed_end.min(limit),
            claimed_end,
        }))
    }

    fn children(&mut self, parent: Atom) -> Result<Vec<Atom>, AudioError> {
        let mut children = Vec::new();
        let mut at = parent.body;
        while let Some(child) = self.atom(at, parent.end)? {
            at = child.end;
            children.push(child);
        }
        Ok(children)
    }

    fn body(&mut self, atom: Atom, limit: u64) -> Result<Vec<u8>, AudioError> {
        let wanted = atom.end.saturating_sub(atom.body).min(limit);
        Ok(read_at(self.source, atom.body, wanted as usize)?)
    }

    fn movie(&mut self, moov: Atom) -> Result<Index, AudioError> {
        let mut index = Index::default();
        let mut tracks = Vec::new();
        let mut defaults = Vec::new();
        let mut movie_timescale = 0;
        let mut gapless = None;
        let mut hide = Vec::new();
        for atom in self.children(moov)? {
            match &atom.kind {
                b"mvhd" => {
                    let body = self.body(atom, 32)?;
                    movie_timescale = be(&body, if body.first() == Some(&1) { 20 } else { 12 }, 4);
                }
                b"trak" => tracks.push((atom, self.track(atom)?)),
                b"mvex" => defaults = self.children(atom)?,
                b"udta" | b"meta" => {
                    gapless = gapless.or(gapless_tag(&self.body(atom, MAX_TAGS)?));
                    hide.push(atom.at);
                }
                _ => {}
            }
        }
        let fragmented = !defaults.is_empty();
        let Some(chosen) = tracks.iter().position(|(_, track)| track.is_audio) else {
            return Err(AudioError::NoAudio { container: "MP4" });
        };
        for (i, (atom, track)) in tracks.iter().enumerate() {
            if i == chosen {
                hide.extend(&track.hide);
            } else {
                hide.push(atom.at);
            }
        }
        let track = &tracks[chosen].1;
        for atom in defaults.iter().filter(|atom| &atom.kind == b"trex") {
            if be(&self.body(*atom, 8)?, 4, 4) != u64::from(track.id) {
                hide.push(atom.at);
            }
        }
        index.timescale = track.timescale;
        index.media_ticks = track.duration;
        // Edits of -1 are empty; what they delay is not audio.
        if let Some((duration, start)) = track.edits.iter().find(|(_, start)| *start >= 0) {
            index.start_ticks = Some(start.unsigned_abs());
            let edits = track.edits.iter().filter(|(_, start)| *start >= 0).count();
            if *duration > 0 && movie_timescale > 0 && !fragmented && edits == 1 {
                let ticks = u128::from(*duration) * u128::from(track.timescale);
                index.length_ticks = Some((ticks.div_ceil(u128::from(movie_timescale))) as u64);
            }
        }
        if let Some((delay, length)) = gapless
            && index.start_ticks.unwrap_or(0) == 0
        {
            index.start_ticks = Some(delay);
            index.length_ticks = Some(length).filter(|length| *length > 0);
        }
        hide.sort_unstable();
        index.patches = hide.into_iter().map(|at| (at + 4, *b"free")).collect();
        Ok(index)
    }

    fn track(&mut self, trak: Atom) -> Result<Track, AudioError> {
        let mut track = Track::default();
        for atom in self.children(trak)? {
            match &atom.kind {
                b"tkhd" => {
                    let body = self.body(atom, 32)?;
                    track.id = be(&body, if body.first() == Some(&1) { 20 } else { 12 }, 4) as u32;
                }
                b"udta" | b"meta" => track.hide.push(atom.at),
                b"edts" => {
                    for list in self
                        .children(atom)?
                        .into_iter()
                        .filter(|list| &list.kind == b"elst")
                    {
                        track.edits = edits(&self.body(list, 1 << 16)?);
                    }
                }
                b"mdia" => self.media(atom, &mut track)?,
                _ => {}
            }
        }
        Ok(track)
    }

    fn media(&mut self, mdia: Atom, track: &mut Track) -> Result<(), AudioError> {
        for atom in self.children(mdia)? {
            match &atom.kind {
                b"mdhd" => {
                    let body = self.body(atom, 32)?;
                    let wide = body.first() == Some(&1);
                    track.duration = if wide {
                        be(&body, 24, 8)
                    } else {
                        be(&body, 16, 4)
                    };
                    track.timescale =
                        be(&body, if body.first() == Some(&1) { 20 } else { 12 }, 4) as u32;
                }
                b"hdlr" => track.is_audio = self.body(atom, 16)?.get(8..12) == Some(b"soun"),
                b"minf" => {
                    for table in self
                        .children(atom)?
                        .into_iter()
                        .filter(|table| &table.kind == b"stbl")
                    {
                        self.check_tables(table, track.is_audio)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Refuses a fragment whose runs would take the demuxer quadratic time.
    fn check_fragment(&mut self, moof: Atom) -> Result<(), AudioError> {
        let mut runs = 0;
        for traf in self
            .children(moof)?
            .into_iter()
            .filter(|atom| &atom.kind == b"traf")
        {
            for run in self
                .children(traf)?
                .into_iter()
                .filter(|atom| &atom.kind == b"trun")
            {
                runs += 1;
                if runs > MAX_RUNS || be(&self.body(run, 8)?, 4, 4) > MAX_RUN_SAMPLES {
                    return Err(AudioError::corrupt(
                        "a fragment of the MP4 is not that of a recording",
                    ));
                }
            }
        }
        Ok(())
    }

    fn check_tables(&mut self, stbl: Atom, is_audio: bool) -> Result<(), AudioError> {
        let (mut entries, mut samples) = (0, 0);
        for atom in self.children(stbl)? {
            match &atom.kind {
                b"stts" => entries = be(&self.body(atom, 8)?, 4, 4),
                b"stsz" => samples = be(&self.body(atom, 12)?, 8, 4),
                _ => {}
            }
        }
        if is_audio && entries.saturating_mul(samples) > MAX_TABLE_WORK {
            return Err(AudioError::corrupt(
                "the MP4's table of sample times is not that of a recording",
            ));
        }
        Ok(())
    }
}

/// A big-endian number of `n` bytes; zero where the bytes end too early.
fn be(bytes: &[u8], at: usize, n: usize) -> u64 {
    bytes
        .get(at..at + n)
        .unwrap_or_default()
        .iter()
        .fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// `(duration in movie ticks, start in media ticks)` of an edit list.
fn edits(body: &[u8]) -> Vec<(u64, i64)> {
    let wide = body.first() == Some(&1);
    let (field, entry) = if wide { (8, 20) } else { (4, 12) };
    let count = (be(body, 4, 4) as usize).min(body.len().saturating_sub(8) / entry);
    (0..count)
        .map(|i| {
            let at = 8 + i * entry;
            let start = be(body, at + field, field);
            let start = if wide {
                start as i64
            } else {
                i64::from(start as u32 as i32)
            };
            (be(body, at, field), start)
        })
        .collect()
}

/// `(delay, length)` in samples from iTunes' gapless tag, when there.
fn gapless_tag(tags: &[u8]) -> Option<(u64, u64)> {
    let at = tags.windows(8).position(|window| window == b"iTunSMPB")?;
    let text = tags.get(at + 8..)?.get(..200.min(tags.len() - at - 8))?;
    let text = String::from_utf8_lossy(text);
    let mut fields = text
        .split(' ')
        .skip(1)
        .map(|field| u64::from_str_radix(field.get(..field.len().min(16)).unwrap_or(""), 16));
    let _zero = fields.next()?.ok()?;
    let delay = fields.next()?.ok().filter(|delay| *delay < 100_000)?;
    let _padding = fields.next()?.ok()?;
    Some((delay, fields.next()?.ok()?))
}
