//! Where an entity is: from the text with its numbers written back to the text as given, and from
//! there to times.

use super::Entity;
use crate::TimedWord;
use crate::itn::Edit;
use std::ops::Range;

/// An edit, and the bytes of what it wrote.
pub(super) struct Places<'a> {
    edits: Vec<(&'a Edit, Range<usize>)>,
}

impl<'a> Places<'a> {
    /// Of edits in order, without overlaps.
    pub fn new(edits: &'a [Edit]) -> Self {
        let mut grown = 0_isize;
        let edits = edits
            .iter()
            .map(|edit| {
                let start = edit.span.start.saturating_add_signed(grown);
                grown += edit.text.len() as isize - edit.span.len() as isize;
                (edit, start..start + edit.text.len())
            })
            .collect();
        Self { edits }
    }

    /// Bytes of the text as given, for bytes of the text as written: whole edits where it cuts
    /// into them.
    pub fn given(&self, written: Range<usize>) -> Range<usize> {
        let start = self.point(written.start, |edit| edit.start, |at, out| at < out.end);
        let end = self.point(written.end, |edit| edit.end, |at, out| at <= out.end);
        start..end.max(start)
    }

    fn point(
        &self,
        at: usize,
        edge: fn(&Range<usize>) -> usize,
        inside: fn(usize, &Range<usize>) -> bool,
    ) -> usize {
        // The last edit that begins before the point, or at it.
        let next = self.edits.partition_point(|(_, out)| out.start <= at);
        match next.checked_sub(1).map(|i| &self.edits[i]) {
            Some((edit, out))
                if inside(at, out) && (at > out.start || edge(&edit.span) == edit.span.start) =>
            {
                edge(&edit.span)
            }
            Some((_, out)) if at == out.start => {
                let before = next.checked_sub(2).map(|i| &self.edits[i]);
                before.map_or(at, |(edit, out)| edit.span.end + (at - out.end))
            }
            Some((edit, out)) => edit.span.end + (at - out.end),
            None => at,
        }
    }
}

/// When entities of a text were said: start of the first word and end of the last one that each
/// covers, in seconds; `None` where none of its words has times. Words are those of the text in
/// order; punctuation may differ.
pub fn spoken_at(text: &str, entities: &[Entity], words: &[TimedWord]) -> Vec<Option<(f64, f64)>> {
    let chars: Vec<char> = text.chars().flat_map(simple_lower).collect();
    // Characters of the text that each word covers.
    let mut placed: Vec<(Range<usize>, &TimedWord)> = Vec::with_capacity(words.len());
    let mut at = 0;
    for word in words {
        let bare: Vec<char> = crate::bare_word(&word.word)
            .chars()
            .flat_map(simple_lower)
            .collect();
        if bare.is_empty() {
            continue;
        }
        // A word that is not where it should be is looked for a little further on only.
        let window = chars.len().min(at + bare.len() + 80);
        let found = chars[at.min(window)..window]
            .windows(bare.len())
            .position(|w| w == bare);
        if let Some(offset) = found {
            placed.push((at + offset..at + offset + bare.len(), word));
            at += offset + bare.len();
        }
    }
    entities
        .iter()
        .map(|entity| {
            let first = placed.partition_point(|(span, _)| span.end <= entity.span.start);
            let own = || {
                placed[first..]
                    .iter()
                    .take_while(|(span, _)| span.start < entity.span.end)
            };
            let last = own().last()?;
            Some((own().next()?.1.start, last.1.end))
        })
        .collect()
}

/// Lower case where that is one character, so that characters keep their places.
fn simple_lower(c: char) -> std::iter::Once<char> {
    let mut lower = c.to_lowercase();
    let one = lower.next().filter(|_| lower.next().is_none());
    std::iter::once(match one.unwrap_or(c) {
        '’' => '\'',
        c => c,
    })
}
