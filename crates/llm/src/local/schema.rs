//! JSON schema to GBNF, llama.cpp's grammar, for the part of JSON schema that our features and tools use.
//!
//! Held to by the grammar: `type`, `properties` (in their order), `required`, `items`, `minItems`,
//! `maxItems`, `enum`, `const`, `anyOf`, `oneOf`, `minLength`, `maxLength`, and `minimum` with `maximum`
//! of integers that are few. Not, so that the answer may break them: `format`, other bounds of
//! numbers, `uniqueItems`. Refused, because an answer without them would have another shape: `$ref`,
//! `allOf`, `not`, `if`, `pattern`, `patternProperties`, `prefixItems`.

use serde_json::{Map, Value};
use std::fmt::Write as _;

/// Most rules of a grammar.
const RULES: usize = 2_000;
/// How deep a schema may be.
const DEPTH: usize = 24;
/// Most values of an integer that are written out.
const WRITTEN: i64 = 200;
/// Largest bound of a repetition; llama.cpp refuses more than two thousand.
const REPEATED: u64 = 1_000;

const REFUSED: [&str; 8] = [
    "$ref",
    "allOf",
    "not",
    "if",
    "pattern",
    "patternProperties",
    "prefixItems",
    "dependentSchemas",
];

/// What every grammar may refer to: JSON with one blank after `:` and `,` and none elsewhere, so that
/// an answer cannot run on in blanks, and with bounded digits.
const BASE: &str = r#"char ::= [^"\\\x7F\x00-\x1F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F]{4})
string ::= "\"" char* "\""
integer ::= "-"? ("0" | [1-9] [0-9]{0,15})
number ::= integer ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,3})?
boolean ::= "true" | "false"
null ::= "null"
value ::= object | array | string | number | boolean | null
object ::= "{" (string ": " value (", " string ": " value)*)? "}"
array ::= "[" (value (", " value)*)? "]"
"#;

/// The grammar of JSON that fits a schema.
///
/// # Errors
/// What of the schema cannot be kept.
pub fn grammar(schema: &Value) -> Result<String, String> {
    let mut rules = Rules::default();
    let fits = rules.of(schema, 0)?;
    Ok(format!("root ::= {fits}\n{}{BASE}", rules.text))
}

/// The grammar of one call of one of these tools: a line break and `{"name": ..., "arguments": ...}`.
///
/// # Errors
/// What of a tool's parameters cannot be kept, with its name.
pub fn calls<'a>(tools: impl Iterator<Item = (&'a str, &'a Value)>) -> Result<String, String> {
    let mut rules = Rules::default();
    let mut choices = Vec::new();
    for (name, parameters) in tools {
        let fits = rules.of(parameters, 0);
        let fits = fits.map_err(|why| format!("the parameters of the tool `{name}`: {why}"))?;
        let begin = format!("\n{{\"name\": {}, \"arguments\": ", Value::from(name));
        choices.push(Ok(format!("{} {fits} \"}}\"", literal(&begin))));
    }
    let call = rules.any(choices)?;
    Ok(format!("root ::= {call}\n{}{BASE}", rules.text))
}

#[derive(Default)]
struct Rules {
    text: String,
    count: usize,
}

impl Rules {
    /// A new rule; its name.
    fn rule(&mut self, body: &str) -> Result<String, String> {
        if self.count == RULES {
            return Err("the schema is too large".into());
        }
        self.count += 1;
        let name = format!("r{}", self.count);
        let _ = writeln!(self.text, "{name} ::= {body}");
        Ok(name)
    }

    /// What fits a schema, as something that can stand in a rule.
    fn of(&mut self, schema: &Value, depth: usize) -> Result<String, String> {
        if depth > DEPTH {
            return Err("the schema is too deep".into());
        }
        let schema = match schema {
            Value::Bool(true) => return Ok("value".into()),
            Value::Object(schema) => schema,
            _ => return Err("a schema is an object or `true`".into()),
        };
        if let Some(word) = REFUSED.iter().find(|word| schema.contains_key(**word)) {
            return Err(format!("`{word}` in a schema is not supported"));
        }
        if let Some(value) = schema.get("const") {
            return Ok(literal(&written(value)));
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return self.any(
                values
                    .iter()
                    .map(|value| Ok(literal(&written(value))))
                    .collect(),
            );
        }
        let choices = schema.get("anyOf").or_else(|| schema.get("oneOf"));
        if let Some(choices) = choices.and_then(Value::as_array) {
            let choices = choices.iter().map(|one| self.of(one, depth + 1));
            let choices = choices.collect();
            return self.any(choices);
        }
        match schema.get("type") {
            Some(Value::Array(types)) => {
                let types = types.iter().filter_map(Value::as_str);
                let choices = types.map(|kind| self.typed(schema, kind, depth)).collect();
                self.any(choices)
            }
            Some(Value::String(kind)) => self.typed(schema, kind, depth),
            None if schema.contains_key("properties") => self.typed(schema, "object", depth),
            None if schema.contains_key("items") => self.typed(schema, "array", depth),
            None => Ok("value".into()),
            Some(_) => Err("`type` in a schema is a name or a list of names".into()),
        }
    }

    fn any(&mut self, choices: Vec<Result<String, String>>) -> Result<String, String> {
        let choices: Vec<String> = choices.into_iter().collect::<Result<_, _>>()?;
        match choices.is_empty() {
            true => Err("a schema that nothing fits".into()),
            false => self.rule(&choices.join(" | ")),
        }
    }

    fn typed(
        &mut self,
        schema: &Map<String, Value>,
        kind: &str,
        depth: usize,
    ) -> Result<String, String> {
        match kind {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, depth),
            "string" => self.string(schema),
            "integer" => self.integer(schema),
            "number" | "boolean" | "null" => Ok(kind.to_owned()),
            other => Err(format!("the type `{other}` in a schema is not known")),
        }
    }

    /// Properties in their order, those that are not required or not.
    fn object(&mut self, schema: &Map<String, Value>, depth: usize) -> Result<String, String> {
        let none = Map::new();
        let properties = match schema.get("properties") {
            Some(Value::Object(properties)) => properties,
            Some(_) => return Err("`properties` in a schema is an object".into()),
            None => &none,
        };
        if properties.is_empty() {
            return Ok("object".into());
        }
        let required = |name: &str| {
            let names = schema.get("required").and_then(Value::as_array);
            names.is_some_and(|names| names.iter().any(|one| one == name))
        };
        // From the last one backwards: what may come after a property, and what may come first.
        let (mut later, mut first) = ("\"\"".to_owned(), Some("\"\"".to_owned()));
        for (name, schema) in properties.iter().rev() {
            let value = self.of(schema, depth + 1)?;
            let key = literal(&format!("{}: ", Value::from(name.as_str())));
            let pair = self.rule(&format!("{key} {value}"))?;
            let begun = format!("{pair} {later}");
            (later, first) = if required(name) {
                (self.rule(&format!("\", \" {pair} {later}"))?, Some(begun))
            } else {
                let first = first.map_or(begun.clone(), |first| format!("{begun} | {first}"));
                (
                    self.rule(&format!("\", \" {pair} {later} | {later}"))?,
                    Some(first),
                )
            };
        }
        let inner = self.rule(&first.unwrap_or_default())?;
        self.rule(&format!("\"{{\" {inner} \"}}\""))
    }

    fn array(&mut self, schema: &Map<String, Value>, depth: usize) -> Result<String, String> {
        let item = match schema.get("items") {
            Some(items) => self.of(items, depth + 1)?,
            None => "value".into(),
        };
        let (least, most) = (bound(schema, "minItems")?, bound(schema, "maxItems")?);
        let least = least.unwrap_or(0);
        let body = match (least, most) {
            (_, Some(0)) => "\"[]\"".to_owned(),
            (_, Some(most)) if most < least => return Err("a schema that nothing fits".into()),
            (0, most) => {
                let rest = repeat(0, most.map(|most| most - 1));
                format!("\"[\" ({item} (\", \" {item}){rest})? \"]\"")
            }
            (least, most) => {
                let rest = repeat(least - 1, most.map(|most| most - 1));
                format!("\"[\" {item} (\", \" {item}){rest} \"]\"")
            }
        };
        self.rule(&body)
    }

    fn string(&mut self, schema: &Map<String, Value>) -> Result<String, String> {
        let (least, most) = (bound(schema, "minLength")?, bound(schema, "maxLength")?);
        // Longer than grammars can count: such a bound is not kept.
        let most = most.filter(|most| *most < REPEATED);
        if least.is_none() && most.is_none() {
            return Ok("string".into());
        }
        let least = least.unwrap_or(0);
        if most.is_some_and(|most| most < least) {
            return Err("a schema that nothing fits".into());
        }
        self.rule(&format!("\"\\\"\" char{} \"\\\"\"", repeat(least, most)))
    }

    /// Few values are written out, so that a score from 0 to 10 is one.
    fn integer(&mut self, schema: &Map<String, Value>) -> Result<String, String> {
        let of = |name: &str| schema.get(name).and_then(Value::as_i64);
        let (Some(least), Some(most)) = (of("minimum"), of("maximum")) else {
            return Ok("integer".into());
        };
        match most.checked_sub(least) {
            Some(span) if (0..WRITTEN).contains(&span) => {
                let values = (least..=most).map(|value| Ok(literal(&value.to_string())));
                let values = values.collect();
                self.any(values)
            }
            Some(span) if span < 0 => Err("a schema that nothing fits".into()),
            _ => Ok("integer".into()),
        }
    }
}

fn bound(schema: &Map<String, Value>, name: &str) -> Result<Option<u64>, String> {
    let bound = match schema.get(name) {
        None => return Ok(None),
        Some(bound) => bound
            .as_u64()
            .ok_or_else(|| format!("`{name}` in a schema is a number from 0"))?,
    };
    match name.starts_with("min") && bound > REPEATED {
        true => Err(format!("`{name}` in a schema is at most {REPEATED}")),
        false => Ok(Some(bound.min(REPEATED))),
    }
}

fn repeat(least: u64, most: Option<u64>) -> String {
    match most {
        Some(most) => format!("{{{least},{most}}}"),
        None if least == 0 => "*".into(),
        None => format!("{{{least},}}"),
    }
}

/// JSON as the grammar has it.
fn written(value: &Value) -> String {
    match value {
        Value::Array(all) => {
            let all: Vec<String> = all.iter().map(written).collect();
            format!("[{}]", all.join(", "))
        }
        Value::Object(all) => {
            let pair = |(key, value): (&String, &Value)| {
                format!("{}: {}", Value::from(key.as_str()), written(value))
            };
            let all: Vec<String> = all.iter().map(pair).collect();
            format!("{{{}}}", all.join(", "))
        }
        other => other.to_string(),
    }
}

/// A text as GBNF writes it.
fn literal(text: &str) -> String {
    let mut out = String::from("\"");
    for sign in text.chars() {
        match sign {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            sign if (sign as u32) < 0x20 || sign == '\u{7f}' => {
                let _ = write!(out, "\\x{:02X}", sign as u32);
            }
            sign => out.push(sign),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
