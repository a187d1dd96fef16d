//! Numbers in Han characters: which characters count, and runs of them.

use super::Edit;
use super::myriad::{Rules, Sym, digits, value};
use super::walk::{Walk, is_written};
use std::ops::Range;

/// What a character says in a number.
fn symbol(c: char) -> Option<Sym> {
    Some(match c {
        '零' | '〇' | '○' => Sym::Digit(0),
        '一' | '壹' | '幺' => Sym::Digit(1),
        '二' | '贰' | '貳' | '两' | '兩' => Sym::Digit(2),
        '三' | '叁' => Sym::Digit(3),
        '四' | '肆' => Sym::Digit(4),
        '五' | '伍' => Sym::Digit(5),
        '六' | '陆' | '陸' => Sym::Digit(6),
        '七' | '柒' => Sym::Digit(7),
        '八' | '捌' => Sym::Digit(8),
        '九' | '玖' => Sym::Digit(9),
        '十' | '拾' => Sym::Small(10),
        '百' | '佰' => Sym::Small(100),
        '千' | '仟' => Sym::Small(1000),
        '万' | '萬' => Sym::Large(10_000),
        '亿' | '億' => Sym::Large(100_000_000),
        '兆' => Sym::Large(1_000_000_000_000),
        _ => return None,
    })
}

/// Characters that follow each other and all count.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub span: Range<usize>,
    pub symbols: Vec<Sym>,
}

impl Run {
    /// The longest run that begins at a place; `None` where there is none.
    pub fn at(walk: &Walk, start: usize) -> Option<Self> {
        let each = (start..).map_while(|i| walk.get(i).and_then(symbol));
        let symbols: Vec<Sym> = each.collect();
        (!symbols.is_empty()).then(|| Self {
            span: start..start + symbols.len(),
            symbols,
        })
    }

    /// The place after it.
    pub fn end(&self) -> usize {
        self.span.end
    }

    /// One character.
    pub fn is_single(&self) -> bool {
        self.symbols.len() == 1
    }

    /// Its value as a number said with powers.
    pub fn value(&self, rules: Rules) -> Option<u64> {
        value(&self.symbols, rules)
    }

    /// Its value, if it is a number up to a greatest one; a zero may lead (`零五` minutes).
    pub fn up_to(&self, greatest: u64, rules: Rules) -> Option<u64> {
        let symbols = match self.symbols.as_slice() {
            [Sym::Digit(0), rest @ ..] if !rest.is_empty() => rest,
            all => all,
        };
        value(symbols, rules).filter(|v| *v <= greatest)
    }

    /// Its digits, if it is said digit by digit.
    pub fn digits(&self) -> Option<String> {
        digits(&self.symbols)
    }

    /// Its digits if it can only be meant digit by digit: three and more that do not simply
    /// count up from one (`一二三`).
    pub fn code(&self) -> Option<String> {
        let digits = self.digits()?;
        (digits.len() >= 3 && !"123456789".starts_with(&digits)).then_some(digits)
    }

    /// Whether it says ten, a hundred or a thousand.
    pub fn has_small(&self) -> bool {
        self.symbols.iter().any(|s| matches!(s, Sym::Small(_)))
    }

    /// The one power of ten thousand it ends with, and how many of them; none if the number
    /// goes on or has another.
    pub fn round(&self, rules: Rules) -> Option<(u64, usize)> {
        let (last, rest) = self.symbols.split_last()?;
        let large = |s: &Sym| matches!(s, Sym::Large(_));
        if !large(last) || rest.is_empty() || rest.iter().any(large) {
            return None;
        }
        let plain = Rules {
            short_tail: false,
            ..rules
        };
        Some((value(rest, plain)?, self.span.end - 1))
    }

    /// The decimals that begin at a place: digits only, and maybe powers of ten thousand at
    /// the end, which stay as they are. The digits and where they end.
    pub fn decimals(walk: &Walk, start: usize) -> Option<(String, usize)> {
        let run = Self::at(walk, start)?;
        let large = |s: &&Sym| matches!(s, Sym::Large(_));
        let powers = run.symbols.iter().rev().take_while(large).count();
        let count = run.symbols.len() - powers;
        Some((digits(&run.symbols[..count])?, start + count))
    }
}

/// The edits of a text: `stay` are words that stay as they are, `read` tells what stands for
/// the characters from a place on, and where they end.
pub(super) fn edits(
    text: &str,
    stay: &[&str],
    read: impl Fn(&Walk, usize) -> Option<(usize, String)>,
) -> Vec<Edit> {
    let walk = Walk::new(text);
    let mut out: Vec<Edit> = Vec::new();
    let (mut i, mut last_end) = (0, 0);
    while i < walk.len() {
        if let Some(end) = stays(&walk, i, stay) {
            i = end;
        } else if let Some((end, text)) = read(&walk, i).filter(|(end, _)| *end > i) {
            if !out
                .last()
                .is_some_and(|last| grown(last, last_end, i, &walk, &text))
            {
                out.push(walk.edit(i..end, text));
                last_end = end;
            }
            i = end;
        } else {
            i = unread(&walk, i);
        }
    }
    out
}

/// What stays goes on over points: 〇〇〇点〇 is no number, and neither is its end.
fn unread(walk: &Walk, i: usize) -> usize {
    let Some(run) = Run::at(walk, i) else {
        return i + 1;
    };
    let point = walk.longest(run.end(), &["点", "點", "・", "分之", "分の"]);
    match point.and_then(|(start, _)| Run::at(walk, start)) {
        Some(rest) => rest.end(),
        None => run.end(),
    }
}

/// Whether an edit would grow together with the last one, or a comma between them would seem
/// to part thousands: `三万,五百`.
fn grown(last: &Edit, last_end: usize, i: usize, walk: &Walk, text: &str) -> bool {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let between = last_end + 1 == i && is_joint(walk.before(i));
    let parts = between && (digits == 3 || walk.before(i) != Some(','));
    (last_end == i || parts) && digits > 0 && is_written(last.text.chars().last())
}

/// Characters that join what is written on both sides of them.
fn is_joint(c: Option<char>) -> bool {
    matches!(c, Some('.' | ',' | ':' | '-' | '/'))
}

/// Where a word that stays as it is ends: not in the middle of a number (`二百五` in `二百五十`).
fn stays(walk: &Walk, start: usize, words: &[&str]) -> Option<usize> {
    let (end, word) = walk.longest(start, words)?;
    let counts = |c: Option<char>| c.and_then(symbol).is_some();
    let ends = [word.chars().next(), word.chars().next_back(), walk.get(end)];
    let goes_on = ends.into_iter().all(counts);
    (!goes_on).then_some(end)
}

/// One of two single digits that guess a number: 三、四人.
fn is_guess(walk: &Walk, span: &Range<usize>) -> bool {
    let digit = |at: Option<usize>| {
        let c = at.and_then(|at| walk.get(at));
        matches!(c.and_then(symbol), Some(Sym::Digit(_)))
    };
    let before = walk.before(span.start) == Some('、') && digit(span.start.checked_sub(2));
    let after = walk.get(span.end) == Some('、') && digit(Some(span.end + 1));
    span.len() == 1 && digit(Some(span.start)) && (before || after)
}

/// Whether a number at a place would touch one that is written in digits, Latin letters, or a
/// word that makes it vague (`数百`, `二十几`).
pub(super) fn touches(walk: &Walk, span: &Range<usize>) -> bool {
    let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
    let some = |c: Option<char>| matches!(c, Some('数' | '數' | '几' | '幾' | '何'));
    let before = walk.before(span.start);
    let point =
        is_joint(before) && is_written(span.start.checked_sub(2).and_then(|at| walk.get(at)));
    let vague = some(before) || some(walk.get(span.end)) || is_guess(walk, span);
    point || vague || is_written(before) || is_written(walk.get(span.end)) || latin(before)
}
