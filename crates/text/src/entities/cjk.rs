//! Dates, times and money in Chinese, Japanese and Korean, once numbers are written in digits:
//! `3月15日`, `15時30分`, `¥23`, `2만 원`.

use super::EntityKind;
use std::ops::Range;

const DATE: [char; 8] = ['年', '月', '日', '号', '號', '년', '월', '일'];
const TIME: [char; 8] = ['点', '點', '時', '时', '分', '시', '분', '半'];
const MONEY: [char; 6] = ['元', '円', '원', '块', '塊', '圓'];
const SCALE: [char; 8] = ['万', '萬', '億', '亿', '千', '만', '억', '천'];

/// Chains of digits with a unit each; bytes.
pub(super) fn entities(text: &str) -> Vec<(EntityKind, Range<usize>)> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let at = |i: usize| chars.get(i).map(|c| c.1);
    let byte = |i: usize| chars.get(i).map_or(text.len(), |c| c.0);
    let mut out: Vec<(EntityKind, Range<usize>)> = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let mut end = i;
        while at(end).is_some_and(|c| c.is_ascii_digit() || end > i && matches!(c, ',' | '.')) {
            end += 1;
        }
        if end == i {
            i += 1;
            continue;
        }
        let signed = i > 0 && matches!(at(i - 1), Some('¥' | '￥' | '₩'));
        while at(end).is_some_and(|c| SCALE.contains(&c)) {
            end += 1;
        }
        let unit = end + usize::from(at(end) == Some(' '));
        let found = match at(unit) {
            _ if signed => Some((EntityKind::Money, i - 1, end)),
            Some(c) if DATE.contains(&c) => Some((EntityKind::Date, i, unit + 1)),
            Some(c) if TIME.contains(&c) && c != '半' => {
                let half = usize::from(at(unit + 1) == Some('半'));
                Some((EntityKind::Time, i, unit + 1 + half))
            }
            Some(c) if MONEY.contains(&c) => Some((EntityKind::Money, i, unit + 1)),
            _ => None,
        };
        i = end.max(i + 1);
        let Some((kind, from, to)) = found else {
            continue;
        };
        let span = byte(from)..byte(to);
        i = to;
        // `3月` and `15日` are one date.
        match out.last_mut() {
            Some((last, before))
                if *last == kind
                    && kind != EntityKind::Money
                    && text[before.end..span.start].trim().is_empty() =>
            {
                before.end = span.end;
            }
            _ => out.push((kind, span)),
        }
    }
    // `分` alone is a duration (`30分`), and so is `日` after a small number without a month: only
    // what names an hour, a month or a year counts.
    out.retain(|(kind, span)| {
        let own = &text[span.clone()];
        match kind {
            EntityKind::Date => own.contains(['月', '월', '号', '號']) || year(own),
            EntityKind::Time => own.contains(['点', '點', '時', '时', '시']),
            _ => true,
        }
    });
    out
}

/// `2024年`: four digits.
fn year(own: &str) -> bool {
    let digits = own.bytes().take_while(u8::is_ascii_digit).count();
    digits == 4 && own.contains(['年', '년'])
}
