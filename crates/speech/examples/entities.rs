//! How well entities are found: precision and recall of each type on marked sentences.
//!
//! `cargo run --release -p speech --example entities -- measure/texts/entities-en.txt --names DIR`
//! reads sentences with their entities marked (`[PERSON Diana] called`), looks for them by rules, and
//! by the model `en-core-web-sm` in DIR as well where given, and prints a table. Exact: type and span
//! are right. Overlap: the type is right and the spans share a character. `--lower` takes capitals and
//! marks away first.

use anyhow::Context;
use clap::Parser;
use speech::{NameKind, Names};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Instant;
use text::entities::{Entity, EntityKind, Name, with_names};

#[derive(Parser)]
struct Arguments {
    /// Marked sentences, one a line; `#` begins a comment.
    sentences: PathBuf,
    /// Folder of the model; rules alone without.
    #[arg(long)]
    names: Option<PathBuf>,
    /// Text without capitals and marks.
    #[arg(long)]
    lower: bool,
    /// Print what is missed and what is wrong.
    #[arg(long)]
    errors: bool,
}

/// Type and span in characters.
type Marked = (String, Range<usize>);

#[derive(Default)]
struct Counts {
    marked: usize,
    found: usize,
    exact: usize,
    recalled: usize,
    precise: usize,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let names = arguments.names.as_deref().map(Names::load).transpose()?;
    let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
    let (mut sentences, mut seconds) = (0_usize, 0.0);
    let file = std::fs::read_to_string(&arguments.sentences)?;
    for line in file
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
    {
        let (text, marked) = unmarked(line, arguments.lower).context("a bracket left open")?;
        let started = Instant::now();
        let found: Vec<Marked> = found(&text, names.as_ref())
            .into_iter()
            .map(|e| (e.kind.as_str().to_owned(), e.span))
            .collect();
        seconds += started.elapsed().as_secs_f64();
        sentences += 1;
        score(&marked, &found, &mut counts);
        if arguments.errors && marked != found {
            let show = |list: &[Marked]| {
                let value =
                    |r: &Range<usize>| text.chars().skip(r.start).take(r.len()).collect::<String>();
                list.iter()
                    .map(|(k, r)| format!("{k} {}", value(r)))
                    .collect::<Vec<_>>()
                    .join("; ")
            };
            println!(
                "{text}\n  wanted {}\n  found  {}",
                show(&marked),
                show(&found)
            );
        }
    }
    println!(
        "| type | marked | found | precision | recall | precision, overlap | recall, overlap |"
    );
    println!("|---|---|---|---|---|---|---|");
    let mut all = Counts::default();
    for (kind, c) in &counts {
        row(kind, c);
        all.marked += c.marked;
        all.found += c.found;
        all.exact += c.exact;
        all.recalled += c.recalled;
        all.precise += c.precise;
    }
    row("all", &all);
    println!(
        "{sentences} sentences, {:.2} ms each",
        seconds * 1e3 / sentences as f64
    );
    Ok(())
}

fn found(text: &str, names: Option<&Names>) -> Vec<Entity> {
    let names: Vec<Name> = names
        .map(|names| names.find(text))
        .unwrap_or_default()
        .into_iter()
        .map(|name| Name {
            kind: match name.kind {
                NameKind::Person => EntityKind::Person,
                NameKind::Organization => EntityKind::Org,
                NameKind::Place => EntityKind::Place,
            },
            span: name.span,
        })
        .collect();
    with_names(text, "en", &names)
}

/// The text of a marked line, and what is marked in it.
fn unmarked(line: &str, lower: bool) -> Option<(String, Vec<Marked>)> {
    let plain = |part: &str| match lower {
        true => text::plain(part, "en"),
        false => part.to_owned(),
    };
    let mut text = String::new();
    let mut marked = Vec::new();
    let mut rest = line;
    let push = |text: &mut String, part: &str| {
        let part = plain(part);
        if lower && !text.is_empty() && !part.is_empty() {
            text.push(' ');
        }
        let start = text.chars().count();
        text.push_str(&part);
        start..text.chars().count()
    };
    while let Some((before, after)) = rest.split_once('[') {
        let (inner, after) = after.split_once(']')?;
        let (kind, value) = inner.split_once(' ')?;
        push(&mut text, before);
        let span = push(&mut text, value);
        marked.push((kind.to_owned(), span));
        rest = after;
    }
    push(&mut text, rest);
    Some((text, marked))
}

fn score(marked: &[Marked], found: &[Marked], counts: &mut BTreeMap<String, Counts>) {
    let shares = |a: &Marked, b: &Marked| a.0 == b.0 && a.1.start < b.1.end && b.1.start < a.1.end;
    for one in marked {
        let c = counts.entry(one.0.clone()).or_default();
        c.marked += 1;
        c.exact += usize::from(found.contains(one));
        c.recalled += usize::from(found.iter().any(|f| shares(one, f)));
    }
    for one in found {
        let c = counts.entry(one.0.clone()).or_default();
        c.found += 1;
        c.precise += usize::from(marked.iter().any(|m| shares(m, one)));
    }
}

fn row(kind: &str, c: &Counts) {
    let share = |part: usize, whole: usize| match whole {
        0 => "-".to_owned(),
        _ => format!("{:.0} %", 100.0 * part as f64 / whole as f64),
    };
    println!(
        "| {kind} | {} | {} | {} | {} | {} | {} |",
        c.marked,
        c.found,
        share(c.exact, c.found),
        share(c.exact, c.marked),
        share(c.precise, c.found),
        share(c.recalled, c.marked),
    );
}
