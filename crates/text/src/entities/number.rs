//! Telephone numbers, and numbers of accounts, cards, orders and claims.

use super::lexicon::Lexicon;
use super::token::Token;
use super::{EntityKind, Found};

/// How many words may stand between `account` and its number.
const LINK: usize = 7;
/// Groups of digits that make one number.
const GROUPS: usize = 8;
/// Tokens of it at most, letters among them.
const TOKENS: usize = 24;

/// A stretch of groups of digits: the token after it, how many digits are in each group.
struct Run {
    end: usize,
    groups: Vec<usize>,
    plus: bool,
    letters: bool,
    /// Digits and letters.
    size: usize,
}

pub(super) fn number(tokens: &[Token<'_>], i: usize, lexicon: &Lexicon<'_>) -> Option<Found> {
    let run = run(tokens, i, lexicon)?;
    let digits: usize = run.groups.iter().sum();
    let cue = cue(tokens, i, lexicon);
    let shaped = matches!(
        run.groups.as_slice(),
        [3, 3, 4]
            | [1, 3, 3, 4]
            | [3, 4]
            | [5, 5]
            | [2, 2, 2, 2, 2]
            | [4, 3, 3]
            | [4, 6]
            | [3, 3, 3]
    );
    let kind = match cue {
        Some(EntityKind::Account) if digits >= 3 || digits >= 2 && run.size >= 5 => {
            EntityKind::Account
        }
        Some(EntityKind::Phone) if (7..=15).contains(&digits) && !run.letters => EntityKind::Phone,
        _ if run.letters => return None,
        // Without a word that says so, by its form alone.
        None if run.plus && digits >= 8 => EntityKind::Phone,
        None if shaped && run.groups.len() > 1 => EntityKind::Phone,
        None if matches!(
            run.groups.as_slice(),
            [4, 4, 4, 4] | [4, 6, 5] | [16] | [15] | [3, 2, 4]
        ) =>
        {
            EntityKind::Account
        }
        None if run.groups.as_slice() == [10] => EntityKind::Phone,
        _ => return None,
    };
    Some((kind, run.end))
}

/// Groups of digits that go on: joined by spaces, hyphens, or commas between short ones.
fn run(tokens: &[Token<'_>], i: usize, lexicon: &Lexicon<'_>) -> Option<Run> {
    let mut out = Run {
        end: i,
        groups: Vec::new(),
        plus: tokens[i].text.starts_with('+'),
        letters: false,
        size: 0,
    };
    while let Some(token) = tokens.get(out.end) {
        let first = out.end == i;
        // `A`, `BH`: letters before or among the digits.
        let spelled = (1..=3).contains(&token.text.len())
            && token.text.bytes().all(|b| b.is_ascii_uppercase())
            && token.text != "I"
            && !lexicon.is("account", &token.lower);
        let made = match spelled {
            true => Some((Vec::new(), true)),
            false => groups(token.text),
        };
        let Some((groups, letters)) = made else { break };
        // A letter alone is no number, unless one follows.
        out.groups.extend(groups);
        out.letters |= letters;
        out.size += token.text.bytes().filter(u8::is_ascii_alphanumeric).count();
        out.end += 1;
        let short = token.digits() <= 4;
        let comma = token.after == "," && short && !first_is_year(token);
        if out.groups.len() >= GROUPS
            || out.end - i >= TOKENS
            || !(token.goes_on() || comma || token.after == ")" && first)
        {
            break;
        }
    }
    // What is read as a number ends with digits.
    while out.end > i && tokens[out.end - 1].digits() == 0 {
        out.end -= 1;
    }
    (!out.groups.is_empty() && out.end > i).then_some(out)
}

fn first_is_year(token: &Token<'_>) -> bool {
    token.number().is_some_and(|n| (1900..=2100).contains(&n))
}

/// The groups of digits of one token, and whether there are letters in it; `None` for what is no
/// such number: a word, an amount, a date, a time.
fn groups(text: &str) -> Option<(Vec<usize>, bool)> {
    if !text.bytes().any(|b| b.is_ascii_digit())
        || text.contains(['$', '€', '£', '%', ':', '/', '@', ','])
    {
        return None;
    }
    let mut out = Vec::new();
    let mut letters = false;
    for part in text.split(['-', '.', '(', ')', '+', '#', '–']) {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        let capitals = part.chars().filter(char::is_ascii_uppercase).count();
        if digits + capitals != part.chars().count() {
            return None;
        }
        letters |= capitals > 0;
        if digits > 0 {
            out.push(digits);
        }
    }
    // `3.5` is no number of anything.
    let decimal = text.contains('.') && out.iter().any(|&d| d < 2);
    (!decimal).then_some((out, letters))
}

/// What the words before say that a number is.
fn cue(tokens: &[Token<'_>], i: usize, lexicon: &Lexicon<'_>) -> Option<EntityKind> {
    for token in tokens[..i].iter().rev().take(LINK) {
        if token.after.contains(['.', '!', '?', ';']) && token.lower != "no" {
            return None;
        }
        let word = token.lower.trim_end_matches("'s").trim_start_matches('#');
        if lexicon.is("account", word) {
            return Some(EntityKind::Account);
        }
        if lexicon.is("phone", word) {
            return Some(EntityKind::Phone);
        }
        if !lexicon.is("link", &token.lower) && token.digits() == 0 {
            return None;
        }
    }
    None
}
