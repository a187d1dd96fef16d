//! Whether a field of an answer is what the reference shows: paths like `segments[].words[].start`
//! and kinds like `share or null`.
//!
//! A path is names and places with dots between; `[]` is each of an array, `[any]` one of it, `{}`
//! each value of an object, `last` the last of an array. Each array and object must hold something.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The values of each tag.
pub type Tags = BTreeMap<String, Vec<String>>;

/// What is wrong with the field, if anything.
pub fn check(answer: &Value, path: &str, kind: &str, tags: &Tags) -> Result<(), String> {
    let steps = path.split('.').flat_map(steps).collect::<Vec<_>>();
    walk(Some(answer), &steps, kind, tags).map_err(|why| format!("{path}: {why}"))
}

enum Step<'a> {
    Name(&'a str),
    Each,
    Any,
    Values,
}

fn steps(piece: &str) -> Vec<Step<'_>> {
    let marks = piece.find(['[', '{']).unwrap_or(piece.len());
    let (name, mut marks) = piece.split_at(marks);
    let mut steps = Vec::new();
    if !name.is_empty() {
        steps.push(Step::Name(name));
    }
    while !marks.is_empty() {
        let (step, length) = match marks {
            _ if marks.starts_with("[]") => (Step::Each, 2),
            _ if marks.starts_with("[any]") => (Step::Any, 5),
            _ if marks.starts_with("{}") => (Step::Values, 2),
            _ => panic!("no path: {piece}"),
        };
        steps.push(step);
        marks = &marks[length..];
    }
    steps
}

fn walk(value: Option<&Value>, steps: &[Step], kind: &str, tags: &Tags) -> Result<(), String> {
    let Some((step, rest)) = steps.split_first() else {
        return is(value, kind, tags);
    };
    let array = || value.and_then(Value::as_array).filter(|a| !a.is_empty());
    match step {
        Step::Name(name) => {
            let inner = match value {
                Some(Value::Array(all)) if *name == "last" => all.last(),
                Some(Value::Array(all)) => name.parse().ok().and_then(|at: usize| all.get(at)),
                value => value.and_then(|value| value.get(name)),
            };
            walk(inner, rest, kind, tags)
        }
        Step::Each => {
            let all = array().ok_or("no array with something in it")?;
            all.iter()
                .try_for_each(|one| walk(Some(one), rest, kind, tags))
        }
        Step::Any => {
            let all = array().ok_or("no array with something in it")?;
            let fits = |one| walk(Some(one), rest, kind, tags);
            let mut tried = all.iter().map(fits);
            match tried.find(Result::is_ok) {
                Some(_) => Ok(()),
                None => Err(format!("none of {} is `{kind}`", all.len())),
            }
        }
        Step::Values => {
            let all = value.and_then(Value::as_object).filter(|o| !o.is_empty());
            let all = all.ok_or("no object with something in it")?;
            all.values()
                .try_for_each(|one| walk(Some(one), rest, kind, tags))
        }
    }
}

fn is(value: Option<&Value>, kind: &str, tags: &Tags) -> Result<(), String> {
    if let Some(kind) = kind.strip_suffix(" or null") {
        return match value {
            Some(Value::Null) => Ok(()),
            value => is(value, kind, tags),
        };
    }
    if let Some(kind) = kind.strip_suffix(" or absent") {
        return value.map_or(Ok(()), |value| is(Some(value), kind, tags));
    }
    let Some(value) = value else {
        return match kind {
            "absent" => Ok(()),
            _ => Err("it is missing".into()),
        };
    };
    let (word, rest) = kind.split_once(' ').unwrap_or((kind, ""));
    let text = value.as_str();
    let fits = match word {
        "text" => text.is_some_and(|text| !text.is_empty()),
        "number" => value.is_number(),
        "int" => value.is_u64(),
        "share" => is_share(value),
        "seconds" => text.is_some_and(is_seconds),
        "true" => value == &Value::Bool(true),
        "false" => value == &Value::Bool(false),
        "object" => value.is_object(),
        "absent" => false,
        "is" => shown(value) == rest,
        "starts" => text.is_some_and(|text| text.starts_with(rest)),
        "one" => text.is_some_and(|text| rest.split(' ').any(|one| one == text)),
        "tag" => text.is_some_and(|text| tags[rest].iter().any(|tag| tag == text)),
        "shares" => value
            .as_object()
            .is_some_and(|all| are_shares(all, tags.get(rest))),
        _ => panic!("no kind: {kind}"),
    };
    match fits {
        true => Ok(()),
        false => Err(format!("`{kind}` expected, not {value}")),
    }
}

/// A text as it is, anything else as JSON.
fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn is_share(value: &Value) -> bool {
    value
        .as_f64()
        .is_some_and(|share| (0.0..=1.0).contains(&share))
}

/// `0.823s`.
fn is_seconds(text: &str) -> bool {
    let number = text.strip_suffix('s').and_then(|text| text.split_once('.'));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    number.is_some_and(|(whole, part)| digits(whole) && digits(part))
}

/// Probabilities of known values that sum to one.
fn are_shares(all: &Map<String, Value>, known: Option<&Vec<String>>) -> bool {
    let sum: f64 = all.values().filter_map(Value::as_f64).sum();
    all.values().all(is_share)
        && (sum - 1.0).abs() < 0.02
        && all
            .keys()
            .all(|key| known.is_none_or(|known| known.contains(key)))
}

#[test]
fn a_wrong_field_is_found() {
    let tags = Tags::from([("emotion".to_owned(), vec!["EMOTION_HAPPY".to_owned()])]);
    let answer = serde_json::json!({"a": [{"b": 0.5}, {"b": null}], "t": "0.823s", "e": {"EMOTION_HAPPY": 1.0}});
    for (path, kind) in [
        ("a[].b", "share or null"),
        ("a[any].b", "share"),
        ("a.0.b", "number"),
        ("t", "seconds"),
        ("x", "absent"),
        ("e", "shares emotion"),
    ] {
        assert_eq!(check(&answer, path, kind, &tags), Ok(()));
    }
    for (path, kind) in [
        ("a[].b", "share"),
        ("a.last.b", "number"),
        ("a", "absent"),
        ("t", "number"),
        ("x", "text"),
        ("t[]", "text"),
        ("e", "tag emotion"),
    ] {
        assert!(check(&answer, path, kind, &tags).is_err(), "{path} {kind}");
    }
}
