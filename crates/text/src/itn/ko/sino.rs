//! Sino-Korean numbers (일 이 삼, 십 백 천, 만 억 조) and what stands after them.

use super::super::myriad::{Rules, Sym, digits, grouped, value};
use super::super::walk::Walk;
use super::{TABLES, ends_word, word_ends};

const RULES: Rules = Rules {
    bare_small: true,
    bare_large: true,
    short_tail: false,
};

fn symbol(c: char) -> Option<Sym> {
    Some(match c {
        '영' | '공' => Sym::Digit(0),
        '일' => Sym::Digit(1),
        '이' => Sym::Digit(2),
        '삼' => Sym::Digit(3),
        '사' => Sym::Digit(4),
        '오' => Sym::Digit(5),
        '육' | '륙' => Sym::Digit(6),
        '칠' => Sym::Digit(7),
        '팔' => Sym::Digit(8),
        '구' => Sym::Digit(9),
        '십' => Sym::Small(10),
        '백' => Sym::Small(100),
        '천' => Sym::Small(1000),
        '만' => Sym::Large(10_000),
        '억' => Sym::Large(100_000_000),
        '조' => Sym::Large(1_000_000_000_000),
        '경' => Sym::Large(10_000_000_000_000_000),
        _ => return None,
    })
}

/// Syllables that count, from a place on.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub symbols: Vec<Sym>,
    pub start: usize,
    pub end: usize,
}

impl Run {
    /// All that follow each other.
    pub fn at(walk: &Walk, start: usize) -> Option<Self> {
        let each = (start..).map_while(|i| walk.get(i).and_then(symbol));
        let symbols: Vec<Sym> = each.collect();
        let end = start + symbols.len();
        (end > start).then_some(Self {
            symbols,
            start,
            end,
        })
    }

    /// The same, and what goes on after a space: `십이만 삼천`.
    fn spaced(walk: &Walk, start: usize) -> Option<Self> {
        let mut run = Self::at(walk, start)?;
        while let Some(Sym::Large(_)) = run.symbols.last() {
            let Some(next) = Self::at(walk, run.end + 1).filter(|_| space(walk, run.end)) else {
                break;
            };
            let symbols = [run.symbols.as_slice(), &next.symbols].concat();
            // 만 이상: what goes on is a number of its own word.
            let whole = unit(walk, next.end).is_some() || word_ends(walk, next.end);
            if !whole || next.symbols.len() < 2 || value(&symbols, RULES).is_none() {
                break;
            }
            (run.symbols, run.end) = (symbols, next.end);
        }
        Some(run)
    }

    /// Without its last syllable.
    fn shorter(&self) -> Option<Self> {
        let (_, rest) = self.symbols.split_last()?;
        (!rest.is_empty()).then(|| Self {
            symbols: rest.to_vec(),
            start: self.start,
            end: self.end - 1,
        })
    }

    pub fn value(&self) -> Option<u64> {
        value(&self.symbols, RULES)
    }

    /// Digits said one by one, at least three.
    pub fn code(&self) -> Option<String> {
        digits(&self.symbols).filter(|d| d.len() > 2)
    }

    fn text(&self) -> Option<String> {
        self.value().map(|v| v.to_string()).or_else(|| self.code())
    }
}

/// After a number of days.
const SPANS: &[&str] = &["간", "동안", "후", "뒤", "전", "만에"];

/// Whether one white space stands at a place.
pub(super) fn space(walk: &Walk, at: usize) -> bool {
    walk.get(at).is_some_and(char::is_whitespace)
}

/// What a unit does to the number before it.
struct Unit {
    /// Its first and last place.
    name: usize,
    end: usize,
    sign: &'static str,
    money: bool,
}

/// The unit at a place, maybe after a space, with nothing but particles after it.
fn unit(walk: &Walk, at: usize) -> Option<Unit> {
    let name = at + usize::from(space(walk, at));
    let find = |table: &[(&'static str, &'static str)], money| {
        let found = table
            .iter()
            .filter_map(|(sign, word)| Some((walk.after(name, word)?, *sign)));
        let fits = found.filter(|(end, _)| ends_word(walk, *end));
        let (end, sign) = fits.max_by_key(|(end, _)| *end)?;
        Some(Unit {
            name,
            end,
            sign,
            money,
        })
    };
    let (one, two) = (find(&TABLES.currencies, true), find(&TABLES.units, false));
    [one, two].into_iter().flatten().max_by_key(|unit| unit.end)
}

/// A number, with a unit that makes it sure or long enough to be one.
pub(super) fn number(walk: &Walk, i: usize) -> Option<(usize, String)> {
    if let Some(found) = fraction(walk, i).or_else(|| decimal(walk, i, false)) {
        return Some(found);
    }
    let run = Run::spaced(walk, i)?;
    if let Some(unit) = unit(walk, run.end).filter(|unit| sure(walk, &run, unit)) {
        return written(&run, &unit);
    }
    // 이십사일: the last 일 is the day. 이십일 is a number, unless a span of time follows.
    let days = run.value().is_none() || walk.longest(walk.space(run.end), SPANS).is_some();
    if let Some(shorter) = run.shorter().filter(|_| days)
        && let Some(unit) = unit(walk, shorter.end).filter(|unit| sure(walk, &shorter, unit))
    {
        return written(&shorter, &unit);
    }
    let text = run.text()?;
    let whole = walk.is_all(&(run.start..run.end));
    // 이십이 넘었다: the last 이 may be a particle.
    let subject = matches!(
        run.symbols.as_slice(),
        [.., Sym::Small(_) | Sym::Large(_), Sym::Digit(2)]
    ) && walk.get(run.end).is_some_and(char::is_whitespace);
    let sure = ends_word(walk, run.end) && stands_alone(&run) && !subject;
    (whole || sure).then_some((run.end, text))
}

/// After a minus anything goes.
pub(super) fn signed(walk: &Walk, i: usize) -> Option<(usize, String)> {
    if let Some(found) = fraction(walk, i).or_else(|| decimal(walk, i, true)) {
        return Some(found);
    }
    let run = Run::spaced(walk, i)?;
    match unit(walk, run.end) {
        Some(unit) => written(&run, &unit),
        None => ends_word(walk, run.end).then(|| Some((run.end, run.text()?)))?,
    }
}

fn written(run: &Run, unit: &Unit) -> Option<(usize, String)> {
    Some(match (unit.money, unit.sign) {
        (true, sign) => {
            let value = run.value().or_else(|| run.code()?.parse().ok())?;
            (unit.end, format!("{sign}{}", grouped(value)))
        }
        (_, "=") => (run.end, run.text()?),
        (_, "%") => (unit.end, format!("{}%", run.text()?)),
        (_, sign) => (unit.end, format!("{} {sign}", run.text()?)),
    })
}

/// Whether a unit makes a run of syllables a number.
fn sure(walk: &Walk, run: &Run, unit: &Unit) -> bool {
    let direct = unit.name == run.end;
    let short_unit = unit.end - unit.name == 1;
    let after = walk.get(unit.name);
    match run.symbols.as_slice() {
        // 이 년, 이 분: "this".
        [Sym::Digit(2)] if !direct => !unit.money && !matches!(unit.sign, "=" | "%"),
        [Sym::Digit(2)] => !short_unit || matches!(after, Some('층' | '월')),
        [Sym::Digit(0)] => !short_unit || !direct,
        // 일 대 일: "to".
        [Sym::Digit(_)] if after == Some('대') => false,
        [Sym::Digit(_)] => !direct || !short_unit || matches!(after, Some('층' | '월')),
        [Sym::Small(_)] => {
            !direct || !short_unit || matches!(after, Some('원' | '명' | '개' | '분'))
        }
        [Sym::Large(10_000)] => !direct || !short_unit || matches!(after, Some('원' | '명' | '개')),
        [Sym::Large(power)] => *power == 100_000_000 && unit.money,
        // 구조, 사조
        [Sym::Digit(_), Sym::Large(1_000_000_000_000)] => unit.money,
        [_, rest @ ..] => !rest.is_empty(),
        [] => false,
    }
}

/// Whether a run is a number though no unit follows.
fn stands_alone(run: &Run) -> bool {
    use Sym::{Digit, Large, Small};
    match run.symbols.as_slice() {
        // 이천 and 사천 are also cities.
        [Digit(digit), Small(power)] => *digit > 1 && !(*power == 1000 && matches!(digit, 2 | 4)),
        [Small(10), Digit(digit)] => *digit > 0,
        [Digit(_), Large(100_000_000)] | [Small(10 | 100), Large(10_000)] => true,
        symbols if symbols.len() < 3 => false,
        symbols => match digits(symbols) {
            Some(digits) => digits.len() > 3 || digits.contains('0') || digits.starts_with("11"),
            None => true,
        },
    }
}

/// `일점오`, `삼십 점 오 퍼센트`, `일점오만`.
fn decimal(walk: &Walk, i: usize, signed: bool) -> Option<(usize, String)> {
    let run = Run::at(walk, i)?;
    let point = walk.after(walk.space(run.end), "점")?;
    let tail = Run::at(walk, walk.space(point))?;
    let powers = tail
        .symbols
        .iter()
        .rev()
        .take_while(|s| matches!(s, Sym::Large(_)))
        .count();
    let count = tail.symbols.len() - powers;
    let decimals = digits(&tail.symbols[..count])?;
    let end = tail.start + count;
    let text = format!("{}.{decimals}", run.value()?);
    if powers == 0
        && let Some(unit) = unit(walk, end)
    {
        return Some(match (unit.money, unit.sign) {
            (true, sign) => (unit.end, format!("{sign}{text}")),
            (_, "=") => (end, text),
            (_, "%") => (unit.end, format!("{text}%")),
            (_, sign) => (unit.end, format!("{text} {sign}")),
        });
    }
    // 이점이: "the advantage".
    let long = run.symbols.len() > 1 || decimals.len() > 1 || powers > 0;
    let zero = run.symbols == [Sym::Digit(0)];
    let sure = signed || long || zero || walk.is_all(&(i..tail.end));
    let goes_on = powers > 0 || ends_word(walk, end);
    (sure && goes_on).then_some((end, text))
}

/// `사분의 삼` as `3/4`, `일과 이분의 일` as `1 1/2`.
fn fraction(walk: &Walk, i: usize) -> Option<(usize, String)> {
    let run = Run::at(walk, i)?;
    if let Some(start) = walk.after(walk.space(run.end), "분의") {
        let over = Run::at(walk, walk.space(start)).filter(|over| ends_word(walk, over.end))?;
        return Some((over.end, format!("{}/{}", over.value()?, run.value()?)));
    }
    let start = walk.longest(run.end, &["과", "와"])?.0;
    let (end, part) = fraction(walk, walk.space(start)).filter(|(_, p)| !p.contains(' '))?;
    Some((end, format!("{} {part}", run.value()?)))
}
