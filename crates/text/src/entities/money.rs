//! Amounts of money: `$1,250`, `20 €`, `5 million dollars`.

use super::lexicon::Lexicon;
use super::token::Token;
use super::{EntityKind, Found};

const SIGNS: [char; 8] = ['$', '€', '£', '¥', '₹', '₩', '₽', '₱'];

/// Words of a number at most: what goes on for longer is none, and is not read again from each word.
const WORDS: usize = 24;

pub(super) fn money(tokens: &[Token<'_>], i: usize, lexicon: &Lexicon<'_>) -> Option<Found> {
    let first = &tokens[i];
    let sign = first.text.chars().any(|c| SIGNS.contains(&c))
        && first
            .text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || SIGNS.contains(&c) || matches!(c, '.' | ','));
    if sign && first.digits() > 0 {
        return Some((EntityKind::Money, after_amount(tokens, i + 1, lexicon)));
    }
    if !first.is_amount()
        && !lexicon.is("small", &first.lower)
        && !lexicon.is("scale", &first.lower)
    {
        return None;
    }
    // The number's own words, then a currency.
    let mut end = i + 1;
    while end - i < WORDS
        && tokens[end - 1].goes_on()
        && tokens.get(end).is_some_and(|t| {
            lexicon.is("scale", &t.lower) || lexicon.is("small", &t.lower) || t.is_amount()
        })
    {
        end += 1;
    }
    // `a couple of hundred dollars`.
    if tokens.get(end).is_some_and(|t| t.lower == "of") && tokens[end - 1].lower == "couple" {
        end += 1;
        while end - i < WORDS
            && tokens
                .get(end)
                .is_some_and(|t| lexicon.is("scale", &t.lower))
        {
            end += 1;
        }
    }
    let currency = tokens[end - 1]
        .goes_on()
        .then(|| tokens.get(end))
        .flatten()?;
    let named = lexicon.is("currency", &currency.lower)
        || SIGNS.iter().any(|s| currency.text == s.to_string());
    if !named {
        return None;
    }
    let mut end = end + 1;
    // `5 dollars and 20 cents`.
    if let [and, amount, cents, ..] = &tokens[end..]
        && and.lower == "and"
        && (amount.is_amount() || lexicon.is("small", &amount.lower))
        && lexicon.is("currency", &cents.lower)
    {
        end += 3;
    }
    Some((EntityKind::Money, end))
}

/// `$5 million`, `$20 and 50 cents`, `$1250 dollars`.
fn after_amount(tokens: &[Token<'_>], mut end: usize, lexicon: &Lexicon<'_>) -> usize {
    let goes_on = |end: usize| tokens[end - 1].goes_on();
    while goes_on(end)
        && tokens
            .get(end)
            .is_some_and(|t| lexicon.is("scale", &t.lower))
    {
        end += 1;
    }
    if goes_on(end)
        && tokens
            .get(end)
            .is_some_and(|t| lexicon.is("currency", &t.lower))
    {
        end += 1;
    }
    if goes_on(end)
        && let [and, amount, cents, ..] = &tokens[end..]
        && and.lower == "and"
        && (amount.is_amount() || lexicon.is("small", &amount.lower))
        && lexicon.is("currency", &cents.lower)
    {
        end += 3;
    }
    end
}
