//! Every name of the reference and the test that proves it: `names.tsv` is found in the text of the
//! reference by `extract.py`, `proofs.toml` says who proves what, and docs/reference-coverage.md is
//! written from both.

use crate::examples::{folder, read};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

/// A name in the reference.
#[derive(Debug, Clone)]
pub struct Name {
    /// Endpoint, parameter, field and so on.
    pub kind: String,
    /// Heading under which it stands.
    pub section: String,
    /// As it is written there.
    pub name: String,
}

/// All, in the order of the reference.
pub fn names() -> Vec<Name> {
    let text = read("names.tsv");
    let cells = text.lines().map(|line| line.split('\t'));
    let names = cells.map(|mut cells| {
        let mut next = || cells.next().expect("three columns").to_owned();
        Name {
            kind: next(),
            section: next(),
            name: next(),
        }
    });
    names.collect()
}

/// Which names are proven by which tests; the first rule that fits counts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    kind: Option<String>,
    section: Option<String>,
    /// With `*` at the end, all that begin so.
    names: Option<Vec<String>>,
    /// `FILE::TEST`, or a file of `examples/`.
    #[serde(default)]
    by: Vec<String>,
    /// What is different, or why nothing proves it.
    note: Option<String>,
    #[serde(default)]
    missing: bool,
}

impl Proof {
    fn fits(&self, name: &Name) -> bool {
        let same = |wanted: &Option<String>, is: &String| wanted.as_ref().is_none_or(|w| w == is);
        let named = |wanted: &String| match wanted.strip_suffix('*') {
            Some(start) => name.name.starts_with(start),
            None => *wanted == name.name,
        };
        same(&self.kind, &name.kind)
            && same(&self.section, &name.section)
            && self
                .names
                .as_ref()
                .is_none_or(|names| names.iter().any(named))
    }
}

fn proofs() -> Vec<Proof> {
    #[derive(Deserialize)]
    struct File {
        proof: Vec<Proof>,
    }
    let file: File = toml::from_str(&read("proofs.toml")).expect("proofs.toml is well-formed");
    file.proof
}

fn root() -> PathBuf {
    folder().join("../..")
}

fn exists(test: &str) -> bool {
    match test.split_once("::") {
        Some((file, test)) => std::fs::read_to_string(root().join(file))
            .is_ok_and(|text| text.contains(&format!("fn {test}("))),
        None => folder().join("examples").join(test).exists(),
    }
}

#[test]
fn every_name_has_a_test_that_exists_or_is_said_to_have_none() {
    let (names, proofs) = (names(), proofs());
    let unproven: Vec<&Name> = names
        .iter()
        .filter(|name| !proofs.iter().any(|proof| proof.fits(name)))
        .collect();
    assert!(unproven.is_empty(), "no proof for {unproven:#?}");
    let first = |name: &Name| proofs.iter().position(|proof| proof.fits(name));
    let used: BTreeSet<usize> = names.iter().filter_map(first).collect();
    for (at, proof) in proofs.iter().enumerate() {
        assert!(used.contains(&at), "this proves nothing: {proof:#?}");
        assert_eq!(proof.by.is_empty(), proof.missing, "{proof:#?}");
        assert!(!proof.missing || proof.note.is_some(), "why? {proof:#?}");
        for test in &proof.by {
            assert!(exists(test), "there is no {test}");
        }
    }
}

#[test]
fn every_error_code_is_in_a_test() {
    let text = std::fs::read_to_string(root().join("docs/errors.md")).expect("the page of errors");
    let codes = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let mut tests = String::new();
    for folder in ["services", "crates", "tests"] {
        gather(&root().join(folder), &mut tests);
    }
    let untested: Vec<&str> = codes
        .filter(|code| !tests.contains(&format!("\"{code}\"")))
        .collect();
    let known: &[&str] = &UNTESTED_CODES;
    assert_eq!(untested, known, "docs/reference-coverage.md lists them");
}

/// Codes that no test asks for by name.
const UNTESTED_CODES: [&str; 0] = [];

/// All sources of tests below a folder.
fn gather(folder: &std::path::Path, into: &mut String) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("target") {
            gather(&path, into);
        } else if path.extension().is_some_and(|end| end == "rs")
            && path.components().any(|part| part.as_os_str() == "tests")
        {
            into.push_str(&std::fs::read_to_string(&path).unwrap_or_default());
        }
    }
}

#[test]
fn the_page_of_coverage_is_up_to_date() {
    let path = root().join("docs/reference-coverage.md");
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("the docs can be written");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == page,
        "stale; run: UPDATE_DOCS=1 cargo test -p e2e --test reference page"
    );
}

fn page() -> String {
    let (names, proofs) = (names(), proofs());
    let proof = |name: &Name| proofs.iter().find(|proof| proof.fits(name));
    let missing: Vec<&Name> = names
        .iter()
        .filter(|name| proof(name).is_none_or(|proof| proof.missing))
        .collect();
    let mut page = String::from(HEAD);
    let _ = writeln!(
        page,
        "{} names, {} of them proven, {} missing.\n\n## Missing\n\n| what | name | why |\n|---|---|---|",
        names.len(),
        names.len() - missing.len(),
        missing.len()
    );
    for name in missing {
        let why = proof(name).and_then(|proof| proof.note.as_deref());
        let _ = writeln!(
            page,
            "| {} | `{}` | {} |",
            name.kind,
            name.name,
            why.unwrap_or_default()
        );
    }
    let mut section = "";
    for name in &names {
        if name.section != section {
            section = &name.section;
            let _ = writeln!(
                page,
                "\n## {section}\n\n| what | name | proven by |\n|---|---|---|"
            );
        }
        let (by, note) = proof(name).map_or((&[][..], None), |proof| {
            (&proof.by[..], proof.note.as_deref())
        });
        let mut cell: Vec<String> = by
            .iter()
            .map(|test| format!("`{}`", test.rsplit('/').next().unwrap_or(test)))
            .collect();
        cell.extend(note.map(str::to_owned));
        let _ = writeln!(
            page,
            "| {} | `{}` | {} |",
            name.kind,
            name.name,
            cell.join("; ")
        );
    }
    page
}

const HEAD: &str = "# What of the API reference is proven

<!-- Generated: UPDATE_DOCS=1 cargo test -p e2e --test reference page -->

Every name in the reference, in its order, and the tests that prove it: `FILE.rs::TEST`, or an example of
`tests/reference/examples/`, which `reference::every_example_of_the_reference_runs_as_printed` runs as it is printed.
The names are found in the text of the reference by `tests/reference/extract.py`; `tests/reference/proofs.toml` says
who proves what.

";
