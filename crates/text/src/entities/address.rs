//! E-mail addresses, written (`ann@example.com`) or spoken (`ann dot lee at example dot com`).

use super::lexicon::Lexicon;
use super::token::Token;
use super::{EntityKind, Found};

pub(super) fn email(tokens: &[Token<'_>], i: usize, lexicon: &Lexicon<'_>) -> Option<Found> {
    let first = &tokens[i];
    if let Some((local, domain)) = first.text.split_once('@') {
        let host = domain.contains('.') && !domain.starts_with('.') && !domain.contains('@');
        return (!local.is_empty() && host).then_some((EntityKind::Email, i + 1));
    }
    spoken(tokens, i, lexicon).map(|end| (EntityKind::Email, end))
}

/// Words joined by `dot` and `underscore`, then `at`, then a domain.
fn spoken(tokens: &[Token<'_>], i: usize, lexicon: &Lexicon<'_>) -> Option<usize> {
    let is = |at: usize, class: &str| tokens.get(at).is_some_and(|t| lexicon.is(class, &t.lower));
    let joins = |at: usize| {
        ["dot", "dash", "underscore"]
            .iter()
            .any(|class| is(at, class))
    };
    if joins(i) || is(i, "at-sign") {
        return None;
    }
    let mut at = i + 1;
    // A long name is no address: it is bounded, and so is the work on a text without end.
    for _ in 0..16 {
        if tokens.get(at - 1).is_some_and(|t| !t.goes_on()) {
            return None;
        }
        let spelled = tokens.get(at - 1)?.text.chars().count() == 1 && !is(at - 1, "not-local");
        let digits = tokens.get(at).is_some_and(|t| t.number().is_some());
        if is(at, "at-sign") {
            break;
        } else if joins(at) {
            at += 2;
        } else if digits || spelled && tokens.get(at).is_some_and(|t| t.text.chars().count() == 1) {
            at += 1;
        } else {
            return None;
        }
    }
    if !is(at, "at-sign") || at == i + 1 && is(i, "not-local") {
        return None;
    }
    let domain = tokens.get(at + 1)?;
    // `ann at example.com`
    if let Some((host, top)) = domain.lower.rsplit_once('.') {
        return (!host.is_empty() && lexicon.is("domain", top)).then_some(at + 2);
    }
    let mut end = at + 2;
    let mut found = None;
    while is(end, "dot") && tokens[end - 1].goes_on() && end < at + 12 {
        let part = tokens.get(end + 1)?;
        end += 2;
        if lexicon.is("domain", &part.lower) {
            found = Some(end);
        }
    }
    found
}
