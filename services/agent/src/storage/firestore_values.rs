//! Documents as Firestore's REST API writes them: every value with its type.

use super::{Turn, TurnRole, words};
use api::conversation::Note;
use serde_json::{Value, json};

/// Words of a note that are searched.
const WORDS: usize = 200;

fn string(text: &str) -> Value {
    json!({"stringValue": text})
}

fn read<'a>(document: &'a Value, field: &str) -> Option<&'a str> {
    document["fields"][field]["stringValue"].as_str()
}

/// Fields of a note.
pub fn of_note(note: &Note) -> Value {
    let words: Vec<Value> = words(&note.text, WORDS)
        .iter()
        .map(|word| string(word))
        .collect();
    json!({
        "sort": string(&note.id),
        "text": string(&note.text),
        "language": string(&note.language),
        "created_at": string(&note.created_at),
        "words": {"arrayValue": {"values": words}},
    })
}

/// A note of its document.
pub fn to_note(document: &Value) -> Option<Note> {
    Some(Note {
        id: read(document, "sort")?.to_owned(),
        text: read(document, "text")?.to_owned(),
        language: read(document, "language")?.to_owned(),
        created_at: read(document, "created_at")?.to_owned(),
    })
}

/// Fields of a turn.
pub fn of_turn(id: &str, turn: &Turn) -> Value {
    json!({"sort": string(id), "role": string(turn.role.as_str()), "text": string(&turn.text)})
}

/// A turn of its document.
pub fn to_turn(document: &Value) -> Option<Turn> {
    Some(Turn {
        role: TurnRole::of(read(document, "role")?),
        text: read(document, "text")?.to_owned(),
    })
}

/// `{collection}` under a parent, newest first.
pub fn newest(collection: &str, before: Option<&str>, limit: usize, offset: usize) -> Value {
    let mut query = json!({
        "from": [{"collectionId": collection}],
        "orderBy": [{"field": {"fieldPath": "sort"}, "direction": "DESCENDING"}],
        "limit": limit,
    });
    if offset > 0 {
        query["offset"] = offset.into();
    }
    if let Some(before) = before {
        query["startAt"] = json!({"values": [string(before)], "before": false});
    }
    json!({"structuredQuery": query})
}

/// Notes with any of these words.
pub fn with_words(wanted: &[String], limit: usize) -> Value {
    let values: Vec<Value> = wanted.iter().map(|word| string(word)).collect();
    json!({"structuredQuery": {
        "from": [{"collectionId": "notes"}],
        "where": {"fieldFilter": {
            "field": {"fieldPath": "words"},
            "op": "ARRAY_CONTAINS_ANY",
            "value": {"arrayValue": {"values": values}},
        }},
        "limit": limit,
    }})
}
