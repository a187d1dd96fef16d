//! Times of the day: `10:30`, `5 p.m. Eastern`, `noon`, `15 h 30`, `at five tomorrow`.

use super::lexicon::Lexicon;
use super::token::Token;
use super::{EntityKind, Found};

pub(super) fn time(tokens: &[Token<'_>], i: usize, lexicon: &Lexicon<'_>) -> Option<Found> {
    let is = |i: usize, class: &str| tokens.get(i).is_some_and(|t| lexicon.is(class, &t.lower));
    let joined = |i: usize| i > 0 && tokens[i - 1].goes_on();
    let end = clock(tokens, i, lexicon).or_else(|| {
        let part =
            matches!(tokens[i].lower.as_str(), "this") && joined(i + 1) && is(i + 1, "part-of-day");
        match (is(i, "time"), part) {
            (true, _) => Some(i + 1),
            (_, true) => Some(i + 2),
            _ => None,
        }
    })?;
    // `in the morning`
    if joined(end)
        && let [within, the, part, ..] = &tokens[end..]
        && (within.lower.as_str(), the.lower.as_str()) == ("in", "the")
        && lexicon.is("part-of-day", &part.lower)
    {
        return Some((EntityKind::Time, end + 3));
    }
    let zone = joined(end) && is(end, "zone");
    let time = usize::from(zone && tokens.get(end + 1).is_some_and(|t| t.lower == "time"));
    Some((EntityKind::Time, end + usize::from(zone) + time))
}

fn clock(tokens: &[Token<'_>], i: usize, lexicon: &Lexicon<'_>) -> Option<usize> {
    let is = |i: usize, class: &str| tokens.get(i).is_some_and(|t| lexicon.is(class, &t.lower));
    let joined = |i: usize| i > 0 && tokens[i - 1].goes_on();
    let text = tokens[i].lower.as_str();
    let half =
        |end: usize| end + usize::from(joined(end) && (is(end, "half") || is(end, "hour-mark")));
    if colon(text) {
        return Some(half(i + 1));
    }
    // `5pm`, `10:30am`
    let stem = text
        .trim_end_matches('.')
        .trim_end_matches("m")
        .trim_end_matches('.');
    if let Some(hour) = stem.strip_suffix(['a', 'p'])
        && stem.len() < text.len()
        && (colon(hour) || hour.parse::<u32>().is_ok_and(|h| (1..=12).contains(&h)))
    {
        return Some(i + 1);
    }
    let number = tokens[i].number().filter(|&h| h <= 24);
    let hour = number.is_some() || is(i, "hour");
    if !hour {
        return None;
    }
    if joined(i + 1) && (is(i + 1, "half") || is(i + 1, "oclock")) {
        return Some(i + 2);
    }
    // `15 h 30`, `8 Uhr`, `5 बजे`
    if joined(i + 1) && is(i + 1, "hour-mark") && number.is_some() {
        let minutes = joined(i + 2)
            && tokens
                .get(i + 2)
                .and_then(Token::number)
                .is_some_and(|m| m < 60);
        return Some(i + 2 + usize::from(minutes));
    }
    // `at five`, and nothing counted.
    let told =
        i > 0 && joined(i) && matches!(tokens[i - 1].lower.as_str(), "at" | "until" | "till");
    let twelve = number.is_none_or(|h| (1..=12).contains(&h));
    let ends = !tokens[i].goes_on() || i + 1 == tokens.len() || is(i + 1, "after-time");
    (told && twelve && ends && is(i - 1, "at")).then_some(i + 1)
}

/// `10:30`, `22:15:30`.
fn colon(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    (2..=3).contains(&parts.len())
        && parts.iter().enumerate().all(|(i, part)| {
            let top = if i == 0 { 24 } else { 59 };
            let long = part.len() == 2 || i == 0 && part.len() == 1;
            long && part.parse::<u32>().is_ok_and(|n| n <= top)
        })
}
