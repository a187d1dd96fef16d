//! Keeps three lists of metrics the same: what the sources record, what `docs/operating.md` says,
//! and what the Grafana dashboard asks for.

#![allow(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Rendered by hand, so no macro names them.
const BY_HAND: [&str; 6] = [
    "up",
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
    "process_open_fds",
    "process_threads",
    "process_start_time_seconds",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Name and meaning, as the gateway tells them.
fn told() -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("services/gateway/src/metrics.tsv")).unwrap();
    let pair = |line: &str| {
        let (name, meaning) = line.split_once('\t').unwrap();
        (name.to_owned(), meaning.to_owned())
    };
    text.lines().map(pair).collect()
}

fn names() -> BTreeSet<String> {
    told().into_iter().map(|(name, _)| name).collect()
}

fn sources(folder: &Path, into: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") && !path.ends_with("target") {
            sources(&path, into);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            into.push(fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_metric_that_is_recorded_is_told_with_its_meaning_and_no_other() {
    let mut files = Vec::new();
    for part in ["crates", "services"] {
        sources(&root().join(part), &mut files);
    }
    let recorded = Regex::new(
        r#"(?:counter|gauge|histogram)!\(\s*"([a-z0-9_]+)"|Count::new\("([a-z0-9_]+)"\)"#,
    )
    .unwrap();
    let mut found: BTreeSet<String> = BY_HAND.map(str::to_owned).into();
    for file in &files {
        for names in recorded.captures_iter(file) {
            let name = names.get(1).or_else(|| names.get(2)).unwrap();
            found.insert(name.as_str().to_owned());
        }
    }
    assert!(found.len() > 40, "the sources are where they should be");
    assert_eq!(found, names());
}

#[test]
fn the_page_for_operators_has_every_metric_with_its_meaning() {
    let page = fs::read_to_string(root().join("docs/operating.md")).unwrap();
    for (name, meaning) in told() {
        let line = format!("| `{name}` | {meaning} |");
        assert!(page.contains(&line), "docs/operating.md lacks: {line}");
    }
}

#[test]
fn the_dashboard_asks_only_for_metrics_that_exist_and_for_all_of_them() {
    let path = root().join("docker/grafana/whissle-gateway.json");
    let dashboard: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut asked = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "an id twice");
        for target in panel["targets"].as_array().into_iter().flatten() {
            asked.extend(metrics_of(target["expr"].as_str().unwrap()));
        }
    }
    assert_eq!(asked, names());
}

/// The metrics of a PromQL expression, parts of histograms as the histogram.
fn metrics_of(expression: &str) -> BTreeSet<String> {
    let cut = |pattern: &str, text: &str| {
        Regex::new(pattern)
            .unwrap()
            .replace_all(text, " ")
            .into_owned()
    };
    let text = cut(r"\{[^}]*\}", expression);
    let text = cut(r"\[[^\]]*\]", &text);
    let text = cut(r"\b(by|without|on|ignoring)\s*\([^)]*\)", &text);
    let text = cut(r"[a-z_]+\s*\(", &text);
    let word = Regex::new(r"[a-zA-Z_:][a-zA-Z0-9_:]*").unwrap();
    let parts = ["_bucket", "_sum", "_count"];
    let words = word.find_iter(&text).map(|word| {
        let word = word.as_str();
        let part = parts.iter().find_map(|part| word.strip_suffix(part));
        part.unwrap_or(word).to_owned()
    });
    words
        .filter(|word| !["sum", "topk"].contains(&word.as_str()))
        .collect()
}
