//! Korean dates and times of day.

use super::super::walk::Walk;
use super::ends_word;
use super::native::native;
use super::sino::Run;

/// `이천이십사년 팔월 이십팔일` as `2024년 8월 28일`, spaced as it was said. A month or a year
/// is enough to begin with.
pub(super) fn date(walk: &Walk, i: usize) -> Option<(usize, String)> {
    let (mut end, mut text) = (i, String::new());
    if let Some((after, year)) = year(walk, i) {
        (end, text) = (after, format!("{year}년"));
    }
    let year_end = end;
    let start = walk.space(end);
    if let Some((after, month)) = month(walk, start) {
        push(walk, &mut text, end..start);
        text.push_str(&format!("{month}월"));
        end = after;
        let start = walk.space(end);
        if let Some((after, day)) = day(walk, start) {
            push(walk, &mut text, end..start);
            text.push_str(&format!("{day}일"));
            end = after;
        }
    }
    let sure = end > i && ends_word(walk, end);
    match sure {
        true => Some((end, text)),
        false if year_end > i && ends_word(walk, year_end) => {
            let (end, year) = year(walk, i)?;
            Some((end, format!("{year}년")))
        }
        false => None,
    }
}

/// Copies white space.
fn push(walk: &Walk, text: &mut String, span: std::ops::Range<usize>) {
    text.extend(span.filter_map(|at| walk.get(at)));
}

fn year(walk: &Walk, i: usize) -> Option<(usize, String)> {
    let run = Run::at(walk, i)?;
    let end = walk
        .after(run.end, "년")
        .or_else(|| walk.after(walk.space(run.end), "년"))?;
    let value = run
        .value()
        .filter(|v| (1000..=9999).contains(v))
        .map(|v| v.to_string());
    let year = value.or_else(|| run.code().filter(|d| d.len() == 4))?;
    (run.symbols.len() > 1).then_some((end, year))
}

fn month(walk: &Walk, i: usize) -> Option<(usize, u64)> {
    let named = [("유월", 6), ("시월", 10)];
    if let Some(found) = named
        .iter()
        .find_map(|(name, n)| Some((walk.after(i, name)?, *n)))
    {
        return Some(found);
    }
    let run = Run::at(walk, i)?;
    let month = run.value().filter(|v| (1..=12).contains(v))?;
    Some((walk.after(walk.space(run.end), "월")?, month))
}

/// A day after its month: the last 일 is the unit.
fn day(walk: &Walk, i: usize) -> Option<(usize, u64)> {
    let run = Run::at(walk, i)?;
    let valid = |run: &Run| run.value().filter(|v| (1..=31).contains(v));
    if let Some(end) = walk
        .after(walk.space(run.end), "일")
        .filter(|end| ends_word(walk, *end))
    {
        return Some((end, valid(&run)?));
    }
    let (_, rest) = run.symbols.split_last()?;
    let shorter = Run {
        symbols: rest.to_vec(),
        start: run.start,
        end: run.end - 1,
    };
    let end = walk.after(shorter.end, "일")?;
    Some((end, valid(&shorter)?))
}

/// `두 시 삼십 분` as `2:30`, `오후 네시 반` as `오후 4:30`, `십오 시` as `15:00`.
pub(super) fn time(walk: &Walk, i: usize) -> Option<(usize, String)> {
    let (hour, sign) = hour(walk, i)?;
    let start = walk.space(sign);
    let half = walk.after(start, "반").filter(|end| ends_word(walk, *end));
    let minutes = half
        .map(|end| (30, end))
        .or_else(|| part(walk, start, "분"));
    let (minute, after) = minutes.unwrap_or((0, sign));
    let seconds = part(walk, walk.space(after), "초");
    let (text, end) = match seconds {
        Some((second, end)) => (format!("{hour}:{minute:02}:{second:02}"), end),
        None => (format!("{hour}:{minute:02}"), after),
    };
    // 두 시간 lasts, 두 시 is on the clock.
    if !ends_word(walk, end) || (end == sign && walk.get(end) == Some('간')) {
        return None;
    }
    let apart = matches!(walk.get(end), Some('전' | '후'));
    Some((end, if apart { format!("{text} ") } else { text }))
}

/// An hour and where its 시 ends.
fn hour(walk: &Walk, i: usize) -> Option<(u64, usize)> {
    let sign = |at: usize| walk.after(walk.space(at), "시");
    if let Some(number) = native(walk, i).filter(|n| n.value < 25) {
        return Some((u64::from(number.value), sign(number.end)?));
    }
    let run = Run::at(walk, i)?;
    let hour = run.value().filter(|v| *v == 0 || (13..25).contains(v))?;
    Some((hour, sign(run.end)?))
}

/// A number below sixty before a unit.
fn part(walk: &Walk, i: usize, unit: &str) -> Option<(u64, usize)> {
    let run = Run::at(walk, i)?;
    let value = run.value().filter(|v| *v < 60)?;
    Some((value, walk.after(walk.space(run.end), unit)?))
}
