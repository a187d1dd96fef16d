//! Runs the tables of `tests/itn` and keeps `docs/text.md` true to the outcome.
//! `UPDATE_DOCS=1 cargo test -p text` writes it anew.
//!
//! A table is named by its language (`en.tsv`, `hi_en.tsv`: Hindi with English words). A line is
//! what was said and what is to be written; `#: published`, `#: adapted` and `#: own` say where
//! the cases below them come from.

#![allow(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const BEGIN: &str =
    "<!-- Generated from crates/text/tests/itn: UPDATE_DOCS=1 cargo test -p text -->\n";
const END: &str = "<!-- End of what is generated -->";
/// Fewest cases of a table, and the least share of them that must pass.
const CASES: usize = 40;
const LEAST: f64 = 0.95;

#[derive(Default)]
struct Outcome {
    passed: usize,
    total: usize,
    by_origin: BTreeMap<String, (usize, usize)>,
    failed: Vec<[String; 3]>,
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn run(table: &str, language: &str) -> Outcome {
    let mut outcome = Outcome::default();
    let mut origin = "own".to_owned();
    for line in table.lines() {
        if let Some(name) = line.strip_prefix("#:") {
            origin = name.trim().to_owned();
        }
        let Some((spoken, written)) = line.split_once('\t').filter(|_| !line.starts_with('#'))
        else {
            continue;
        };
        let ours = text::itn::itn(spoken, language);
        let passed = ours == written;
        let counts = outcome.by_origin.entry(origin.clone()).or_default();
        *counts = (counts.0 + usize::from(passed), counts.1 + 1);
        outcome.passed += usize::from(passed);
        outcome.total += 1;
        if !passed {
            outcome.failed.push([spoken.into(), ours, written.into()]);
        }
    }
    outcome
}

fn outcomes() -> BTreeMap<String, Outcome> {
    let tables = std::fs::read_dir(folder("tests/itn")).unwrap();
    tables
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "tsv"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let language = name.split('_').next().unwrap().to_owned();
            let outcome = run(&std::fs::read_to_string(&path).unwrap(), &language);
            (name, outcome)
        })
        .collect()
}

fn page(outcomes: &BTreeMap<String, Outcome>) -> String {
    let mut page = format!(
        "{BEGIN}\n| table | cases | right | as published | adapted | our own |\n|---|---|---|---|---|---|\n"
    );
    for (name, outcome) in outcomes {
        let share = 100.0 * outcome.passed as f64 / outcome.total as f64;
        let of = |origin: &str| match outcome.by_origin.get(origin) {
            Some((passed, total)) => format!("{passed}/{total}"),
            None => "-".into(),
        };
        let columns = [of("published"), of("adapted"), of("own")].join(" | ");
        writeln!(
            page,
            "| `{name}` | {} | {share:.1} % | {columns} |",
            outcome.total
        )
        .unwrap();
    }
    page += "\nCases that fail:\n\n| table | said | ours | wanted |\n|---|---|---|---|\n";
    for (name, outcome) in outcomes {
        for [spoken, ours, written] in &outcome.failed {
            writeln!(page, "| `{name}` | {spoken} | {ours} | {written} |").unwrap();
        }
    }
    page
}

#[test]
fn the_tables_pass_as_the_page_says() {
    let outcomes = outcomes();
    for (name, outcome) in &outcomes {
        assert!(
            outcome.total >= CASES,
            "{name}: only {} cases",
            outcome.total
        );
        let share = outcome.passed as f64 / outcome.total as f64;
        assert!(
            share >= LEAST,
            "{name}: {share:.3} right; wrong: {:#?}",
            outcome.failed
        );
    }
    let path = folder("../../docs/text.md");
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let page = page(&outcomes);
    let (head, rest) = written.split_once(BEGIN).unwrap_or((&written, ""));
    let tail = rest.split_once(END).map_or("", |(_, tail)| tail);
    let fresh = format!("{head}{page}\n{END}{tail}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, fresh).unwrap();
        return;
    }
    assert!(
        written == fresh,
        "docs/text.md is out of date (did a case pass before that fails now?): UPDATE_DOCS=1 cargo test -p text"
    );
}
