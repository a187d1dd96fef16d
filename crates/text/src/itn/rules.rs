//! The rules all languages share: amounts, money, measures, fractions, ordinals.

use super::amount::Amount;
use super::scan::{Found, Rule, Scan};

/// Rules of every language, in the order of their rank among equally long finds.
pub(super) const COMMON: [Rule; 6] = [
    money,
    measure,
    fraction,
    super::digits::telephone,
    ordinal,
    cardinal,
];

/// Phrases that are always written the same, but after `at`: `twenty four seven`.
pub(super) fn fixed(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let (end, written) = scan.phrase("fixed", i).filter(|_| !scan.after_number(i))?;
    let at = i > 0 && scan.joined(i) && scan.phrase("at", i - 1).is_some();
    (!at && !scan.counts(end)).then(|| Found::new(end, written))
}

/// Whole numbers from here on are written in digits wherever they stand; smaller ones stay
/// words unless something else (a unit, a date) asks for digits.
const FROM: u128 = 10;

/// `twenty three`, `minus sixty`, `five million`, `sixty point two`.
fn cardinal(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let amount = scan.amount(i)?;
    // `mil gracias`; the `cent` of `pour cent`.
    if scan.phrase("idiom", i).is_some()
        || i > 0
            && scan
                .phrase("percent", i - 1)
                .is_some_and(|(end, _)| end > i)
    {
        return None;
    }
    let small = amount.value.is_some_and(|value| value < FROM);
    (!amount.weak && !amount.vague && !small).then(|| Found::new(amount.end, amount.written()))
}

/// `twenty first`: from the tenth on.
fn ordinal(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let (value, end) = scan.ordinal(i)?;
    // `a tenth of it`, `a twenty second delay`: neither has a place in a row.
    let part = i > 0 && scan.joined(i) && scan.style.articles.contains(&scan.word(i - 1));
    (value >= FROM && !part)
        .then(|| Found::new(end, (scan.style.ordinal)(value, scan.word(end - 1))))
}

/// `five dollars and twenty cents`, `two point five billion dollars`, `one cent`.
fn money(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let amount = scan.amount(i)?;
    let mut at = amount.end;
    if let Some((end, _)) = scan.phrase("of", at)
        && scan.joined(at)
        && amount.magnitude.is_some()
    {
        at = end;
    }
    if !scan.joined(at) {
        return None;
    }
    if let Some((end, sign)) = scan.phrase("cents", at) {
        let cents = amount.value.filter(|cents| (1..100).contains(cents))?;
        let digits = format!("0{}{cents:02}", scan.style.decimal_mark);
        return Some(Found::new(end, with_sign(scan, &digits, None, sign)));
    }
    let (end, sign) = scan.phrase("currency", at)?;
    let (end, digits) = match amount.value.and_then(|_| cents(scan, end)) {
        Some((end, cents)) => {
            let mark = scan.style.decimal_mark;
            (end, format!("{}{mark}{cents:02}", amount.digits))
        }
        None => (end, amount.digits),
    };
    Some(Found::new(
        end,
        with_sign(scan, &digits, amount.magnitude.as_deref(), sign),
    ))
}

/// What follows a currency: `and twenty cents`, `sixty three`.
fn cents(scan: &Scan<'_>, i: usize) -> Option<(usize, u128)> {
    let (at, with) = match scan.phrase("with", i) {
        Some((end, value)) if scan.joined(i) => (end, Some(value)),
        _ => (i, None),
    };
    let number = scan.number(at).filter(|_| scan.joined(at))?;
    let value = number.value;
    if scan.joined(number.end)
        && let Some((end, _)) = scan.phrase("cents", number.end)
    {
        return (value < 100).then_some((end, value));
    }
    // Without the word for cents: only where nothing else is counted.
    let counted = scan.joined(number.end) && scan.phrase("not-counted", number.end).is_none();
    let bare = with.is_none_or(|with| with == "bare");
    (bare && (10..100).contains(&value) && !counted).then_some((number.end, value))
}

fn with_sign(scan: &Scan<'_>, digits: &str, magnitude: Option<&str>, sign: &str) -> String {
    let (minus, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    let magnitude = magnitude.map(|word| format!(" {word}")).unwrap_or_default();
    if (scan.style.sign_first)(sign) {
        format!("{minus}{sign}{digits}{magnitude}")
    } else {
        format!("{minus}{digits}{magnitude} {sign}")
    }
}

/// `five kilometers per hour`, `fifty six point three per square kilometer`, `ten percent`.
fn measure(scan: &Scan<'_>, i: usize) -> Option<Found> {
    if let Some(found) = fraction(scan, i)
        && scan.joined(found.end)
        && let at = scan
            .phrase("of", found.end)
            .map_or(found.end, |(end, _)| end)
        && (at == found.end || scan.joined(at))
        && let Some((end, unit)) = unit(scan, at, "unit")
    {
        let (end, per) = per(scan, end).unwrap_or((end, String::new()));
        return Some(Found::new(end, format!("{} {unit}{per}", found.text)));
    }
    let amount = scan.amount(i)?;
    if !scan.joined(amount.end) {
        return None;
    }
    let Amount { end: at, .. } = amount;
    let written = amount.written();
    if let Some((end, percent)) = scan.phrase("percent", at) {
        let space = scan.style.before_percent;
        return Some(Found::new(end, format!("{written}{space}{percent}")));
    }
    // `one foot in the grave`.
    let idiom = amount.value == Some(1) && scan.phrase("not-one", at).is_some();
    if let Some((end, unit)) = unit(scan, at, "unit").filter(|_| !idiom) {
        if let Some((after, half)) = and_a_half(scan, end).filter(|_| amount.value.is_some()) {
            return Some(Found::new(after, format!("{written} {half} {unit}")));
        }
        let (end, per) = per(scan, end).unwrap_or((end, String::new()));
        return Some(Found::new(end, format!("{written} {unit}{per}")));
    }
    let (end, per) = per(scan, at)?;
    (!amount.vague).then(|| Found::new(end, format!("{written} {per}")))
}

/// What follows the unit in `dos metros y medio`.
fn and_a_half(scan: &Scan<'_>, i: usize) -> Option<(usize, &'static str)> {
    let (half, _) = scan.phrase("mixed", i).filter(|_| scan.joined(i))?;
    scan.phrase("half", half).filter(|_| scan.joined(half))
}

/// `square kilometers`, `metros cúbicos`.
fn unit(scan: &Scan<'_>, i: usize, kind: &'static str) -> Option<(usize, String)> {
    let (at, mut power) = match scan.phrase("power", i) {
        Some((end, power)) if scan.joined(end) => (end, power),
        _ => (i, ""),
    };
    let (mut end, unit) = scan.phrase(kind, at)?;
    if power.is_empty()
        && scan.joined(end)
        && let Some((after, value)) = scan.phrase("power-after", end)
    {
        (end, power) = (after, value);
    }
    // Units without a sign for their powers: `sq ft`.
    Some(match (unit.strip_suffix('!'), power) {
        (Some(unit), "²") => (end, format!("sq {unit}")),
        (Some(unit), "³") => (end, format!("cu {unit}")),
        (Some(unit), _) => (end, unit.to_owned()),
        (None, _) => (end, format!("{unit}{power}")),
    })
}

/// `per hour`.
fn per(scan: &Scan<'_>, i: usize) -> Option<(usize, String)> {
    let (at, _) = scan.phrase("per", i).filter(|_| scan.joined(i))?;
    if !scan.joined(at) {
        return None;
    }
    let (end, unit) = unit(scan, at, "unit").or_else(|| unit(scan, at, "time-unit"))?;
    Some((end, format!("/{unit}")))
}

/// `two thirds`, `minus one half`, `two and a half`.
fn fraction(scan: &Scan<'_>, i: usize) -> Option<Found> {
    let (at, minus) = match scan.phrase("minus", i) {
        Some((end, sign)) if scan.joined(end) && !scan.after_number(i) => (end, sign),
        _ => (i, ""),
    };
    if let Some((end, fraction)) = simple_fraction(scan, at) {
        return Some(Found::new(end, format!("{minus}{fraction}")));
    }
    let whole = scan
        .number(at)
        .filter(|number| number.magnitude.is_none())?;
    let and = scan
        .phrase("mixed", whole.end)
        .filter(|_| scan.joined(whole.end));
    let begin = and.map_or(whole.end, |(end, _)| end);
    if !scan.joined(begin) || and.is_none() && !scan.style.lexicon.has("mixed-bare") {
        return None;
    }
    let (end, fraction) = match scan.phrase("half", begin) {
        Some((end, half)) if and.is_some() => (end, half.to_owned()),
        _ => simple_fraction(scan, begin)?,
    };
    Some(Found::new(
        end,
        format!("{minus}{} {fraction}", whole.value),
    ))
}

fn simple_fraction(scan: &Scan<'_>, i: usize) -> Option<(usize, String)> {
    let above = scan.number(i).filter(|number| number.value > 0)?;
    if !scan.joined(above.end) {
        return None;
    }
    let kind = if above.value == 1 {
        "part-one"
    } else {
        "part-many"
    };
    let (end, below) = scan.phrase(kind, above.end)?;
    Some((end, format!("{}/{below}", above.value)))
}
