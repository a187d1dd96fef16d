//! What the network sees of a token: its norm, first character, last three, and shape.

use super::hash;
use super::msgpack::Value;
use super::tokenizer::Token;
use std::collections::HashMap;

/// Ids of norm, prefix, suffix and shape.
pub(super) type Features = [u64; 4];

/// Strings that stand for others, and ids that are no hashes.
pub(super) struct Vocabulary {
    /// By the id of the form as written.
    norms: HashMap<u64, String>,
    symbols: HashMap<&'static str, u64>,
}

impl Vocabulary {
    /// From the lookups of the pipeline.
    pub fn new(lookups: &Value) -> Option<Self> {
        let mut norms = HashMap::new();
        let mut symbols = HashMap::new();
        for line in include_str!("strings.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'))
        {
            let mut columns = line.split('\t');
            match (columns.next()?, columns.next()?, columns.next()?) {
                ("norm", form, norm) => {
                    norms.insert(hash::string(form), norm.to_owned());
                }
                (_, name, number) => {
                    symbols.insert(name, number.parse().ok()?);
                }
            }
        }
        for (id, norm) in lookups.get("lexeme_norm")?.entries()? {
            norms.insert(id.unsigned()?, norm.text()?.to_owned());
        }
        Some(Self { norms, symbols })
    }

    pub fn features(&self, token: &Token, text: &str) -> Features {
        let form = &text[token.span.clone()];
        let norm = match &token.norm {
            Some(norm) => norm.clone(),
            None => match self.norms.get(&self.id(form)) {
                Some(norm) => norm.clone(),
                None => form.to_lowercase(),
            },
        };
        let prefix: String = form.chars().take(1).collect();
        let suffix = form
            .char_indices()
            .rev()
            .nth(2)
            .map_or(form, |(at, _)| &form[at..]);
        [norm.as_str(), &prefix, suffix, &shape(form)].map(|string| self.id(string))
    }

    fn id(&self, string: &str) -> u64 {
        self.symbols
            .get(string)
            .copied()
            .unwrap_or_else(|| hash::string(string))
    }
}

/// `Xxxxx` for `Diana`: letters and digits by kind, at most four alike in a row.
fn shape(form: &str) -> String {
    let mut out = String::new();
    let (mut last, mut run) = (None, 0);
    for c in form.chars() {
        let kind = match c {
            _ if c.is_alphabetic() && c.is_uppercase() => 'X',
            _ if c.is_alphabetic() => 'x',
            _ if c.is_numeric() => 'd',
            c => c,
        };
        run = if last == Some(kind) { run + 1 } else { 0 };
        last = Some(kind);
        if run < 4 {
            out.push(kind);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::shape;

    #[test]
    fn shapes_are_those_of_the_models_library() {
        for (form, wanted) in [
            ("Hello", "Xxxxx"),
            ("aaaaaaB12345-x", "xxxxXdddd-x"),
            ("McDonald's", "XxXxxxx'x"),
            ("日本", "xx"),
            ("U.S.", "X.X."),
        ] {
            assert_eq!(shape(form), wanted);
        }
    }
}
