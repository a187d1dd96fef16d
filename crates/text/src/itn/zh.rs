//! Chinese (Mandarin, simplified and traditional), by the conventions of NeMo's inverse text
//! normalisation but for single characters: `一` in `一样` or `一些` is no number, so one
//! character alone is written in digits only before a unit that makes it sure.

use super::Edit;
use super::han::{self, Run, touches};
use super::myriad::{Rules, grouped};
use super::walk::{Walk, pairs, words};
use crate::chars::is_foreign_punctuation;
use std::sync::LazyLock;

const RULES: Rules = Rules {
    bare_small: false,
    bare_large: false,
    short_tail: true,
};
/// `千分之五`: the denominator needs no digit.
const BARE: Rules = Rules {
    bare_small: true,
    ..RULES
};

static STAYS: LazyLock<Vec<&str>> =
    LazyLock::new(|| words(include_str!("../../data/itn/zh/stays.txt")));
static UNITS: LazyLock<Vec<&str>> =
    LazyLock::new(|| words(include_str!("../../data/itn/zh/units.txt")));
static CURRENCIES: LazyLock<Vec<(&str, &str)>> =
    LazyLock::new(|| pairs(include_str!("../../data/itn/zh/currency.tsv")));

/// Times of day: a `一点` after one of them is an hour and not "a little".
const DAYTIME: &[&str] = &[
    "上午", "下午", "早上", "晚上", "中午", "凌晨", "傍晚", "半夜", "夜里",
];
/// Characters that 负 belongs to when it is no minus: `辜负`, `背负`.
const BURDEN: &[&str] = &[
    "辜", "胜", "勝", "抱", "肩", "担", "擔", "背", "欺", "自", "如", "重",
];

/// What to rewrite.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    han::edits(text, &STAYS, signed)
}

/// What stands for the characters from a place on, and where they end.
fn signed(walk: &Walk, i: usize) -> Option<(usize, String)> {
    if matches!(walk.get(i), Some('负' | '負')) && !walk.follows(i, BURDEN) {
        let (end, text) = number(walk, i + 1)?;
        return Some((end, format!("-{text}")));
    }
    number(walk, i)
}

fn number(walk: &Walk, i: usize) -> Option<(usize, String)> {
    if let Some(start) = walk.after(i, "百分之") {
        let run = Run::at(walk, start).filter(|run| !touches(walk, &(i..run.end())))?;
        let (end, text) =
            decimal(walk, &run).or_else(|| Some((run.end(), run.value(BARE)?.to_string())))?;
        return Some((end, format!("{text}%")));
    }
    let run = Run::at(walk, i)?;
    // The rest of a fraction that could not be read is no number of its own.
    if touches(walk, &run.span) || walk.follows(i, &["分之"]) {
        return None;
    }
    let after = run.end();
    if let Some(found) = fraction(walk, &run) {
        return Some(found);
    }
    if matches!(walk.get(after), Some('点' | '點')) {
        if let Some(found) = clock(walk, &run) {
            return Some(found);
        }
        if let Some((end, text)) = decimal(walk, &run) {
            return Some(money(walk, end, &text).unwrap_or((end, text)));
        }
        return hour(walk, &run);
    }
    if walk.get(after) == Some('年')
        && let Some(year) = run.digits().filter(|digits| digits.len() > 1)
    {
        return Some((after, year));
    }
    if rest_of_measure(walk, &run) {
        return Some((after, run.digits()?));
    }
    let plain = match run.round(RULES) {
        Some((count, power)) => format!("{count}{}", walk.get(power)?),
        None => run.value(RULES).map(|v| v.to_string()).or(run.code())?,
    };
    if let Some(found) = money(walk, after, &plain) {
        let after = walk.get(found.0);
        let sure = !run.is_single()
            || after.is_none_or(parts)
            || matches!(after, Some('钱' | '錢' | '的' | '左'));
        return sure.then_some(found);
    }
    if run.is_single() {
        let day = walk.get(after) == Some('日') && walk.before(i) == Some('月');
        let degrees = walk.get(after) == Some('度') && walk.follows(i, &["零下", "零上"]);
        let unit = walk.longest(after, &UNITS).is_some();
        let sure = unit || day || degrees || walk.is_all(&run.span);
        return sure.then_some((after, plain));
    }
    if walk.before(i) == Some('第') {
        return Some((after, plain));
    }
    Some((after, cardinal(walk, &run)?))
}

/// `七五` in `一米七五`, `三` in `五块三`.
fn rest_of_measure(walk: &Walk, run: &Run) -> bool {
    let unit = matches!(walk.before(run.span.start), Some('米' | '块' | '塊'));
    let whole = run
        .span
        .start
        .checked_sub(2)
        .and_then(|at| Run::at(walk, at));
    unit && whole.is_some() && run.symbols.len() <= 2 && run.digits().is_some()
}

/// White space and punctuation, but no sign that may begin an amount.
fn parts(c: char) -> bool {
    let ascii = c.is_ascii_punctuation() && !matches!(c, '$' | '-');
    c.is_whitespace() || ascii || is_foreign_punctuation(c)
}

/// A number as it is written outside money and ranks: `1,500`, `110万`.
fn cardinal(walk: &Walk, run: &Run) -> Option<String> {
    if let Some((count, power)) = run.round(RULES) {
        return Some(format!("{}{}", grouped(count), walk.get(power)?));
    }
    match run.value(RULES) {
        Some(value) => Some(grouped(value)),
        None => run.code(),
    }
}

/// `五分之一`, `三又五分之一`.
fn fraction(walk: &Walk, run: &Run) -> Option<(usize, String)> {
    if let Some(start) = walk.after(run.end(), "分之") {
        let over = Run::at(walk, start)?;
        let text = format!("{}/{}", over.value(RULES)?, run.value(BARE)?);
        return Some((over.end(), text));
    }
    let part = Run::at(walk, walk.after(run.end(), "又")?)?;
    walk.after(part.end(), "分之")?;
    let (end, text) = fraction(walk, &part)?;
    Some((end, format!("{}又{text}", run.value(RULES)?)))
}

/// `五点五分` as `05:05`, `五点半`, `五点一刻`.
fn clock(walk: &Walk, run: &Run) -> Option<(usize, String)> {
    let hour = run.up_to(24, RULES)?;
    let point = run.end();
    let start = point + 1;
    if let Some(end) = walk.after(start, "半") {
        return Some((end, format!("{hour}{}半", walk.get(point)?)));
    }
    let part = Run::at(walk, start)?;
    if let Some(end) = walk.after(part.end(), "刻") {
        let quarters = part.up_to(4, RULES)?;
        return Some((end, format!("{hour}{}{quarters}刻", walk.get(point)?)));
    }
    let minute = part.up_to(59, RULES)?;
    let said = walk
        .after(part.end(), "分")
        .filter(|end| !matches!(walk.get(*end), Some('钟' | '鐘' | '之')));
    let daytime = walk.follows(run.span.start, DAYTIME) && part.symbols.len() > 1;
    let Some(end) = said else {
        let sure = part.has_small() || daytime;
        return sure.then(|| (part.end(), format!("{hour:02}:{minute:02}")));
    };
    let seconds = Run::at(walk, end)
        .and_then(|part| Some((walk.after(part.end(), "秒")?, part.up_to(59, RULES)?)));
    Some(match seconds {
        Some((end, second)) => (end, format!("{hour:02}:{minute:02}:{second:02}")),
        None => (end, format!("{hour:02}:{minute:02}")),
    })
}

/// `六点`, where it is not "a little" (`一点`).
fn hour(walk: &Walk, run: &Run) -> Option<(usize, String)> {
    let hour = run.value(RULES)?;
    let clock = ["钟", "鐘", "整", "左右", "多", "前", "前后"];
    let after = run.end() + 1;
    let sure = hour != 1
        || walk.follows(run.span.start, DAYTIME)
        || clock.iter().any(|word| walk.after(after, word).is_some());
    sure.then(|| (run.end(), hour.to_string()))
}

/// `一点零五` as `1.05`; a last 万 or 亿 stays.
fn decimal(walk: &Walk, run: &Run) -> Option<(usize, String)> {
    let point = run.end();
    if !matches!(walk.get(point), Some('点' | '點')) {
        return None;
    }
    let (digits, end) = Run::decimals(walk, point + 1)?;
    Some((end, format!("{}.{digits}", grouped(run.value(RULES)?))))
}

/// A currency after an amount, written before it. A power of ten thousand may stand between.
fn money(walk: &Walk, at: usize, amount: &str) -> Option<(usize, String)> {
    let power = walk
        .get(at)
        .filter(|c| matches!(c, '万' | '萬' | '亿' | '億'));
    let at = at + usize::from(power.is_some());
    let names = CURRENCIES
        .iter()
        .filter_map(|(sign, name)| Some((walk.after(at, name)?, sign)));
    let (end, sign) = names.max_by_key(|(end, _)| *end)?;
    // 五元三角 stays in words of money.
    if Run::at(walk, end).is_some_and(|r| matches!(walk.get(r.end()), Some('角' | '毛' | '分')))
    {
        return None;
    }
    let amount = amount.replace(',', "");
    Some((
        end,
        format!(
            "{sign}{amount}{}",
            power.map_or(String::new(), String::from)
        ),
    ))
}
