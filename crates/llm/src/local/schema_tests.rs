//! Grammars of schemas; that answers keep to them is tested with a model.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn of(schema: Value) -> Result<String, String> {
    grammar(&schema)
}

#[test]
fn required_properties_stand_in_their_order() {
    let text = of(json!({"type": "object", "required": ["a", "b"],
        "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}))
    .expect("it is plain");
    assert!(text.contains(r#""\"a\": " string"#), "{text}");
    assert!(text.contains(r#""\"b\": " integer"#), "{text}");
    assert!(text.starts_with("root ::= r"), "{text}");
}

#[test]
fn a_score_from_0_to_10_is_one_of_eleven() {
    let text = of(json!({"type": "integer", "minimum": 0, "maximum": 10})).expect("it is plain");
    let rule = text
        .lines()
        .find(|line| line.starts_with("r1 "))
        .expect("a rule");
    assert_eq!(rule.matches('|').count(), 10);
    assert!(of(json!({"type": "integer", "minimum": 3, "maximum": 2})).is_err());
}

#[test]
fn what_a_grammar_cannot_keep_is_refused_by_name() {
    for word in REFUSED {
        let mut schema = json!({"type": "object", "properties": {"a": {}}});
        schema["properties"]["a"][word] = json!({});
        let error = of(schema).expect_err(word);
        assert!(error.contains(word), "{error}");
    }
    let error =
        calls([("clock", &json!({"type": "gibberish"}))].into_iter()).expect_err("no such type");
    assert!(
        error.contains("`clock`") && error.contains("gibberish"),
        "{error}"
    );
}

#[test]
fn schemas_that_are_too_large_or_too_deep_are_refused() {
    let mut deep = json!({"type": "string"});
    for _ in 0..DEPTH + 2 {
        deep = json!({"type": "array", "items": deep});
    }
    assert!(of(deep).expect_err("too deep").contains("deep"));
    let many: Map<String, Value> = (0..RULES).map(|at| (format!("p{at}"), json!({}))).collect();
    let wide = json!({"type": "object", "properties": many});
    assert!(of(wide).expect_err("too large").contains("large"));
}

/// Any schema of the part that is supported, and some that is not.
fn schemas() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({"type": "string"})),
        Just(json!({"type": ["string", "null"], "maxLength": 5000})),
        (0_u64..20, 0_u64..20)
            .prop_map(|(a, b)| json!({"type": "string", "minLength": a, "maxLength": b})),
        (-5_i64..5, 0_i64..300)
            .prop_map(|(a, b)| json!({"type": "integer", "minimum": a, "maximum": b})),
        "\\PC{0,6}".prop_map(|text| json!({"enum": [text, "a\"b\\c\n"]})),
        Just(json!({})),
        Just(json!({"$ref": "#/x"})),
        Just(json!(7)),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|all| json!({"anyOf": all})),
            (inner.clone(), prop::option::of(0_u64..5), 0_u64..3)
                .prop_map(|(items, most, least)| json!({"type": "array", "items": items, "maxItems": most.unwrap_or(9), "minItems": least})),
            (prop::collection::btree_map("\\PC{0,5}", inner, 0..4), prop::bool::ANY).prop_map(|(all, required)| {
                let names: Vec<&String> = all.keys().filter(|_| required).collect();
                json!({"type": "object", "properties": all, "required": names})
            }),
        ]
    })
}

proptest! {
    #[test]
    fn every_rule_that_is_named_is_there(schema in schemas()) {
        if let Ok(text) = of(schema) {
            let known: Vec<&str> = text.lines().filter_map(|line| line.split_once(" ::= ")).map(|(name, _)| name).collect();
            prop_assert_eq!(known.len(), text.lines().count());
            for count in 1..=RULES {
                let name = format!("r{count}");
                if !known.contains(&name.as_str()) {
                    break;
                }
            }
        }
    }
}
