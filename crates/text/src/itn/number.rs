//! Reads cardinal and ordinal numbers out of words.

use super::lexicon::Atom;
use super::scan::Scan;
use super::style::Tens;

/// A number in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub value: u128,
    /// The word after the last one of it.
    pub end: usize,
    /// A round number of millions and more: the word of its scale, and how many of them.
    pub magnitude: Option<(usize, u128)>,
}

/// A value and the part after it.
type Read = Option<(u128, usize)>;

impl Scan<'_> {
    /// The longest cardinal number that begins at a word and ends with one.
    pub fn number(&self, i: usize) -> Option<Number> {
        let number = self.cardinal_or_ordinal(i)?;
        let plain = (i..number.end).all(|token| !self.is_ordinal(token));
        plain.then_some(number)
    }

    /// As [`Scan::number`], ordinals that are formed by an ending taken for cardinals.
    pub(super) fn cardinal_or_ordinal(&self, i: usize) -> Option<Number> {
        let article = self.style.articles.contains(&self.word(i)) && !self.after_number(i);
        let from = match article {
            // `a hundred`: the number begins with the article.
            true => (self.joined(i + 1)).then(|| self.part_of(i + 1))??,
            false => self.part_of(i)?,
        };
        let bare = matches!(self.part(from)?.atom, Atom::Hundred | Atom::Scale(_));
        // The `mil` of `2,5 mil` is no thousand by itself.
        if article != bare && (article || self.after_number(i)) {
            return None;
        }
        let mut best: Option<Number> = None;
        // Millions and more, thousands (and lakhs), each with the scale said last.
        let (mut done, mut done_scale) = (0u128, u32::MAX);
        let (mut pending, mut pending_scale) = (0u128, u32::MAX);
        let mut p = from;
        loop {
            let opening = article && p == from;
            let group = match self.follows(p, from) {
                Some(_) => self
                    .below_thousand(p, opening)
                    .or(opening.then_some((1, p))),
                None => None,
            };
            let after = group.map_or(p, |(_, after)| after);
            let Some(Atom::Scale(scale)) = self.follows(after, from) else {
                // The last group: it ends the number if it ends with its word.
                if let Some((group, _)) = group
                    && let Some(last) = after.checked_sub(1).and_then(|q| self.part(q))
                    && last.last
                    && after > p
                {
                    best = Some(Number {
                        value: done + pending + group,
                        end: last.token + 1,
                        magnitude: None,
                    });
                }
                break;
            };
            let many = match group {
                Some((many, _)) => many,
                // A thousand by itself is one thousand: `mille`, `mil`, `tausend`.
                None if scale == 3 && self.style.tens != Tens::English => 1,
                None if pending > 0 => 0,
                None => break,
            };
            let unit = 10u128.pow(scale.min(30));
            let magnitude;
            let part = self.part(after)?;
            if scale < 6 {
                if pending_scale <= scale || many == 0 {
                    break;
                }
                let alone = done == 0 && pending == 0 && scale > 3;
                magnitude = alone.then_some((part.token, many));
                (pending, pending_scale) = (pending + many * unit, scale);
            } else {
                let whole = pending + many;
                if whole == 0 || done_scale <= scale {
                    break;
                }
                magnitude = (done == 0).then_some((part.token, whole));
                (done, done_scale) = (done + whole * unit, scale);
                (pending, pending_scale) = (0, u32::MAX);
            }
            if part.last {
                best = Some(Number {
                    value: done + pending,
                    end: part.token + 1,
                    magnitude,
                });
            }
            p = after + 1;
            let and = self.follows(p, from) == Some(Atom::And) && self.part_after(p).is_some();
            let tail = and.then(|| self.below_thousand(p + 1, false)).flatten();
            if tail.is_some_and(|(value, end)| {
                value < 100
                    && !matches!(
                        self.follows(end, from),
                        Some(Atom::Scale(_) | Atom::Hundred)
                    )
            }) {
                p += 1;
            }
        }
        best
    }

    /// The part at an index, if nothing parts it from the one before (or it is where we began).
    fn follows(&self, p: usize, from: usize) -> Option<Atom> {
        if p == from {
            return self.part(p).map(|part| part.atom);
        }
        self.part_after(p.checked_sub(1)?).map(|part| part.atom)
    }

    /// A number below a thousand (`eleven hundred` and its kin: below ten thousand).
    pub(super) fn below_thousand(&self, p: usize, article: bool) -> Read {
        if let Atom::Number(value @ 100..) = self.part(p)?.atom {
            let more = self.part_after(p).and_then(|_| self.below_hundred(p + 1));
            return Some(match more {
                Some((rest, after)) => (u128::from(value) + rest, after),
                None => (u128::from(value), p + 1),
            });
        }
        let front = match self.below_hundred(p) {
            Some(read) => Some(read),
            None if article => Some((1, p)),
            None => None,
        };
        let (count, at) = front.unwrap_or((1, p));
        let hundred = match front {
            _ if at == p => self.part(p).map(|part| part.atom),
            _ => self.part_after(at - 1).map(|part| part.atom),
        } == Some(Atom::Hundred);
        let counts = front.is_some() || self.style.tens != Tens::English;
        if !hundred || !counts || count == 0 || count % 10 == 0 {
            return front.filter(|_| at > p);
        }
        let mut after = at + 1;
        if self
            .part_after(at)
            .is_some_and(|part| part.atom == Atom::And)
            && self.style.tens != Tens::Spanish
        {
            after += 1;
        }
        let joined = self.part_after(after - 1).is_some();
        let rest = joined
            .then(|| self.below_hundred(after))
            .flatten()
            .filter(|(value, end)| {
                // `one hundred and two hundred` are two numbers.
                let and = after > at + 1;
                *value > 0
                    && !(and
                        && matches!(
                            self.part_after(end - 1).map(|part| part.atom),
                            Some(Atom::Hundred | Atom::Scale(_))
                        ))
            });
        Some(match rest {
            Some((rest, end)) => (count * 100 + rest, end),
            None => (count * 100, at + 1),
        })
    }

    /// A number below a hundred.
    pub(super) fn below_hundred(&self, p: usize) -> Read {
        let number = |p: usize| match self.part(p)?.atom {
            Atom::Number(value) if value < 100 => Some(value),
            _ => None,
        };
        let next = |p: usize| self.part_after(p).and_then(|_| number(p + 1));
        let and = |p: usize| {
            self.part_after(p)
                .is_some_and(|part| part.atom == Atom::And)
        };
        let first = number(p)?;
        let ten = first >= 20 && first % 10 == 0;
        let (value, after) = match self.style.tens {
            Tens::English => match next(p) {
                Some(digit @ 1..=9) if ten => (first + digit, p + 2),
                _ => (first, p + 1),
            },
            Tens::Spanish => match next(p + 1) {
                Some(digit @ 1..=9) if ten && and(p) => (first + digit, p + 3),
                _ => (first, p + 1),
            },
            Tens::German => match next(p + 1) {
                Some(tens)
                    if (1..=9).contains(&first) && and(p) && tens >= 20 && tens % 10 == 0 =>
                {
                    (first + tens, p + 3)
                }
                _ => (first, p + 1),
            },
            Tens::French => {
                let (base, at) = match next(p) {
                    Some(20) if first == 4 => (80, p + 1),
                    _ => (first, p),
                };
                let widest = if base == 60 || base == 80 { 19 } else { 9 };
                let tail = |p: usize| match (next(p), next(p + 1)) {
                    (Some(10), Some(unit @ 7..=9)) => Some((10 + unit, p + 3)),
                    (Some(value @ 1..), _) => Some((value, p + 2)),
                    _ => None,
                };
                match (tail(at), tail(at + 1)) {
                    (Some((unit @ 7..=9, after)), _) if base == 10 => (base + unit, after),
                    (Some((value, after)), _)
                        if base >= 20 && base % 10 == 0 && value <= widest =>
                    {
                        (base + value, after)
                    }
                    (_, Some((value @ (1 | 11), after)))
                        if base >= 20 && base % 10 == 0 && value <= widest && and(at) =>
                    {
                        (base + value, after)
                    }
                    _ => (base, at + 1),
                }
            }
        };
        Some((u128::from(value), after))
    }
}
