//! Korean telephone numbers, said digit by digit.

use super::super::myriad::digits;
use super::super::walk::Walk;
use super::ends_word;
use super::sino::{Run, space};

/// Groups of digits: `공일공에 일이삼사에 오육칠팔` as `010-1234-5678`.
pub(super) fn telephone(walk: &Walk, i: usize) -> Option<(usize, String)> {
    let first = Run::at(walk, i)?;
    let exchange = |run: &Run| {
        let rank = run.value().filter(|v| (1500..2000).contains(v));
        rank.map(|v| v.to_string())
    };
    let mut groups = vec![digits(&first.symbols).or_else(|| exchange(&first))?];
    let mut end = first.end;
    loop {
        let said = walk
            .after(end, "에")
            .filter(|at| space(walk, *at))
            .unwrap_or(end);
        let Some(next) = Run::at(walk, walk.space(said)).filter(|next| next.start > end) else {
            break;
        };
        let Some(digits) = digits(&next.symbols).filter(|d| d.len() > 2) else {
            break;
        };
        groups.push(digits);
        end = next.end;
    }
    if let [one] = groups.as_slice()
        && one.starts_with("010")
        && let (11, Some((head, tail))) = (one.len(), one.split_at_checked(7))
    {
        groups = vec![head[..3].to_owned(), head[3..].to_owned(), tail.to_owned()];
    }
    let sure = match groups.as_slice() {
        [area, _, last] => area.starts_with('0') && last.len() == 4,
        [exchange, last] => exchange.len() >= 3 && last.len() == 4,
        _ => false,
    };
    (sure && ends_word(walk, end)).then(|| (end, groups.join("-")))
}
