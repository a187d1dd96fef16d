//! The table of nasty inputs.

use synthesis::spoken::spoken;

use super::{joined, said};

/// Share of the table that is said as written there.
const MUST_PASS: f64 = 1.0;

/// The table's escapes: `\n`, `\t`, `\u{..}`.
pub fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(tail) = rest.strip_prefix('n') {
            out.push('\n');
            rest = tail;
        } else if let Some(tail) = rest.strip_prefix('t') {
            out.push('\t');
            rest = tail;
        } else if let Some((number, tail)) = rest.strip_prefix("u{").and_then(|r| r.split_once('}'))
        {
            out.extend(
                u32::from_str_radix(number, 16)
                    .ok()
                    .and_then(char::from_u32),
            );
            rest = tail;
        } else {
            out.push('\\');
        }
    }
    out + rest
}

#[test]
fn nasty_english_is_said_as_the_table_has_it() {
    let rows: Vec<(String, &str)> = include_str!("en.tsv")
        .lines()
        .filter(|line| {
            !line.starts_with("# Nasty")
                && !line.starts_with("# end")
                && !line.starts_with("# share")
        })
        .map(|line| line.split_once('\t').expect("two columns"))
        .map(|(input, wanted)| (unescape(input), wanted))
        .collect();
    assert!(rows.len() >= 100, "{} rows", rows.len());
    let mut passed = 0;
    for (input, wanted) in &rows {
        let heard = said(input);
        if heard == *wanted {
            passed += 1;
        } else {
            println!("{input:?}\n  wanted {wanted}\n  said   {heard}");
        }
    }
    println!("{passed} of {} inputs are said as wanted", rows.len());
    assert!(f64::from(passed) >= MUST_PASS * rows.len() as f64);
}

/// The rows of a language's table that are said otherwise.
fn astray(language: &str, table: &str) -> Vec<String> {
    let rows: Vec<_> = table
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .collect();
    assert!(rows.len() >= 20, "{} rows", rows.len());
    let astray = rows.into_iter().filter_map(|(input, wanted)| {
        let input = unescape(input);
        let heard = joined(&spoken(&input, language));
        (heard != wanted).then(|| format!("{input:?}\n  wanted {wanted}\n  said   {heard}"))
    });
    astray.collect()
}

#[test]
fn nasty_mandarin_is_said_as_the_table_has_it() {
    let astray = astray("zh", include_str!("zh.tsv"));
    assert!(astray.is_empty(), "{}", astray.join("\n"));
}

#[test]
fn nasty_japanese_is_said_as_the_table_has_it() {
    let astray = astray("ja", include_str!("ja.tsv"));
    assert!(astray.is_empty(), "{}", astray.join("\n"));
}
