//! Arithmetic: `(2 + 3) * 4 ^ 2`, `15% of 80`, `sqrt(2)`. Nothing but numbers is evaluated.

use super::Called;
use serde_json::{Value, json};

/// Longest expression in characters.
const LENGTH: usize = 500;
/// Deepest nesting.
const DEPTH: usize = 32;
/// Digits that a float can be trusted with.
const DIGITS: usize = 15;

/// What the model is told of this tool.
pub fn declaration() -> llm::Tool {
    llm::Tool {
        name: "calculator".into(),
        description: "Computes an arithmetic expression exactly to 15 digits. Knows + - * / ^ % (remainder, or per cent after a number), \
                      parentheses, pi, e, and sqrt, abs, round, floor, ceil, ln, log (base 10), exp, sin, cos, tan (radians), min, max."
            .into(),
        parameters: json!({
            "type": "object",
            "properties": {"expression": {"type": "string", "description": "Such as (1200 * 1.18) / 12"}},
            "required": ["expression"],
        }),
    }
}

/// Runs a call.
pub fn call(arguments: &Value) -> Called {
    let expression = arguments["expression"].as_str();
    let expression = expression.ok_or("`expression` must be a text")?;
    if expression.chars().count() > LENGTH {
        return Err(format!("the expression is longer than {LENGTH} characters"));
    }
    evaluate(expression).map(written)
}

/// Without the noise of binary fractions: 0.1 + 0.2 is 0.3.
fn written(value: f64) -> String {
    let rounded: f64 = format!("{value:.*e}", DIGITS - 1).parse().unwrap_or(value);
    if rounded != 0.0 && !(1e-9..1e15).contains(&rounded.abs()) {
        format!("{rounded:e}")
    } else {
        format!("{rounded}")
    }
}

fn evaluate(text: &str) -> Result<f64, String> {
    let spoken = text
        .replace(['×', '·'], "*")
        .replace('÷', "/")
        .replace(['−', '–'], "-");
    let letters: Vec<char> = spoken.chars().collect();
    let mut reader = Reader {
        letters: &letters,
        at: 0,
        depth: 0,
    };
    let value = reader.sum()?;
    reader.space();
    match reader.peek() {
        None if value.is_finite() => Ok(value),
        None => Err("the result is not a finite number".into()),
        Some(letter) => Err(format!("`{letter}` is not expected here")),
    }
}

/// Recursive descent: sum, product, sign, power, atom.
struct Reader<'a> {
    letters: &'a [char],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn take(&mut self, wanted: char) -> bool {
        self.space();
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn sum(&mut self) -> Result<f64, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("the expression is nested too deeply".into());
        }
        let mut value = self.product()?;
        loop {
            if self.take('+') {
                value += self.product()?;
            } else if self.take('-') {
                value -= self.product()?;
            } else {
                self.depth -= 1;
                return Ok(value);
            }
        }
    }

    fn product(&mut self) -> Result<f64, String> {
        let mut value = self.sign()?;
        loop {
            if self.take('*') {
                value *= self.sign()?;
            } else if self.take('/') {
                value = divided(value, self.sign()?, |a, b| a / b)?;
            } else if self.take('%') {
                value = divided(value, self.sign()?, |a, b| a % b)?;
            } else if self.word("of") {
                value *= self.sign()?;
            } else {
                return Ok(value);
            }
        }
    }

    fn sign(&mut self) -> Result<f64, String> {
        let mut negative = false;
        loop {
            if self.take('-') {
                negative = !negative;
            } else if !self.take('+') {
                break;
            }
        }
        let value = self.power()?;
        Ok(if negative { -value } else { value })
    }

    fn power(&mut self) -> Result<f64, String> {
        let base = self.atom()?;
        if self.take('^') {
            // To the right: 2^3^2 is 2^9. Each step is a level, so that depth is bounded here too.
            self.depth += 1;
            if self.depth > DEPTH {
                return Err("the expression is nested too deeply".into());
            }
            let exponent = self.sign()?;
            self.depth -= 1;
            return Ok(base.powf(exponent));
        }
        Ok(base)
    }

    fn atom(&mut self) -> Result<f64, String> {
        self.space();
        let value = match self.peek() {
            Some('(') => {
                self.at += 1;
                let value = self.sum()?;
                self.close()?;
                value
            }
            Some(letter) if letter.is_ascii_digit() || letter == '.' => self.number()?,
            Some(letter) if letter.is_alphabetic() => self.name()?,
            Some(letter) => return Err(format!("`{letter}` is not expected here")),
            None => return Err("the expression ends too early".into()),
        };
        Ok(if self.per_cent() {
            value / 100.0
        } else {
            value
        })
    }

    /// `%` is per cent unless something follows that it could be the remainder of.
    fn per_cent(&mut self) -> bool {
        let start = self.at;
        if !self.take('%') {
            return false;
        }
        self.space();
        let of = self.letters[self.at..].starts_with(&['o', 'f']);
        let operand = self.peek().is_some_and(|next| {
            next.is_ascii_digit() || matches!(next, '.' | '(') || next.is_alphabetic()
        });
        if operand && !of {
            self.at = start;
            return false;
        }
        true
    }

    fn close(&mut self) -> Result<(), String> {
        match self.take(')') {
            true => Ok(()),
            false => Err("a parenthesis is not closed".into()),
        }
    }

    fn number(&mut self) -> Result<f64, String> {
        let mut text = String::new();
        while let Some(letter) = self.peek() {
            let exponent = matches!(letter, 'e' | 'E')
                && self.letters.get(self.at + 1).is_some_and(|next| {
                    next.is_ascii_digit()
                        || matches!(next, '+' | '-')
                            && self
                                .letters
                                .get(self.at + 2)
                                .is_some_and(char::is_ascii_digit)
                });
            if exponent {
                text.push('e');
                text.push(self.letters[self.at + 1]);
                self.at += 2;
            } else if letter.is_ascii_digit() || letter == '.' {
                text.push(letter);
                self.at += 1;
            } else if letter == '_' || letter == ',' && self.thousands() {
                self.at += 1;
            } else {
                break;
            }
        }
        text.parse()
            .map_err(|_| format!("`{text}` is not a number"))
    }

    /// A comma with exactly three digits behind it.
    fn thousands(&self) -> bool {
        let rest = &self.letters[self.at + 1..];
        rest.len() >= 3
            && rest[..3].iter().all(char::is_ascii_digit)
            && !rest.get(3).is_some_and(char::is_ascii_digit)
    }

    fn word(&mut self, wanted: &str) -> bool {
        self.space();
        let wanted: Vec<char> = wanted.chars().collect();
        let rest = &self.letters[self.at..];
        let found = rest.starts_with(&wanted)
            && !rest
                .get(wanted.len())
                .is_some_and(|next| next.is_alphanumeric());
        if found {
            self.at += wanted.len();
        }
        found
    }

    fn name(&mut self) -> Result<f64, String> {
        let start = self.at;
        while self.peek().is_some_and(char::is_alphanumeric) {
            self.at += 1;
        }
        let name: String = self.letters[start..self.at]
            .iter()
            .collect::<String>()
            .to_lowercase();
        match name.as_str() {
            "pi" => return Ok(std::f64::consts::PI),
            "e" => return Ok(std::f64::consts::E),
            _ => {}
        }
        if !self.take('(') {
            return Err(format!("`{name}` is not known"));
        }
        let mut values = vec![self.sum()?];
        while self.take(',') {
            values.push(self.sum()?);
        }
        self.close()?;
        applied(&name, &values)
    }
}

fn divided(a: f64, b: f64, how: fn(f64, f64) -> f64) -> Result<f64, String> {
    if b == 0.0 {
        return Err("division by zero".into());
    }
    Ok(how(a, b))
}

fn applied(name: &str, values: &[f64]) -> Result<f64, String> {
    let value = match (name, values) {
        ("min", values) => values.iter().copied().fold(f64::INFINITY, f64::min),
        ("max", values) => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        ("sqrt", [x]) => x.sqrt(),
        ("abs", [x]) => x.abs(),
        ("round", [x]) => x.round(),
        ("floor", [x]) => x.floor(),
        ("ceil", [x]) => x.ceil(),
        ("ln", [x]) => x.ln(),
        ("log", [x]) => x.log10(),
        ("exp", [x]) => x.exp(),
        ("sin", [x]) => x.sin(),
        ("cos", [x]) => x.cos(),
        ("tan", [x]) => x.tan(),
        _ => return Err(format!("`{name}` of {} values is not known", values.len())),
    };
    if value.is_finite() {
        Ok(value)
    } else {
        Err(format!("`{name}` is not defined there"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn computed(expression: &str) -> Called {
        call(&json!({ "expression": expression }))
    }

    #[test]
    fn arithmetic_is_right_and_in_the_usual_order() {
        for (expression, result) in [
            ("2 + 3 * 4", "14"),
            ("(2 + 3) * 4", "20"),
            ("-2 ^ 2", "-4"),
            ("2 ^ 3 ^ 2", "512"),
            ("2 ^ -1", "0.5"),
            ("0.1 + 0.2", "0.3"),
            ("15% of 80", "12"),
            ("200 * 18%", "36"),
            ("17 % 5", "2"),
            ("1,200 * 2", "2400"),
            ("max(1, 2.5, -3)", "2.5"),
            ("sqrt(16) + abs(-2)", "6"),
            ("1e3 / 8", "125"),
            ("10 ÷ 4 × 2", "5"),
            ("2*pi", "6.28318530717959"),
            ("2^100", "1.26765060022823e30"),
        ] {
            assert_eq!(computed(expression).as_deref(), Ok(result), "{expression}");
        }
    }

    #[test]
    fn what_is_no_arithmetic_is_an_error_that_says_so() {
        for (expression, reason) in [
            ("1 / 0", "division by zero"),
            ("1 +", "the expression ends too early"),
            ("(1", "a parenthesis is not closed"),
            ("1 2", "`2` is not expected here"),
            ("import(os)", "`os` is not known"),
            ("sqrt(-1)", "`sqrt` is not defined there"),
            ("9^9^9", "the result is not a finite number"),
        ] {
            assert_eq!(computed(expression), Err(reason.to_owned()), "{expression}");
        }
        assert!(computed(&"(".repeat(400)).is_err());
        assert!(computed(&"1^".repeat(240)).is_err());
        assert!(computed(&"1".repeat(501)).is_err());
        assert!(call(&json!({"expression": 1})).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[-0-9a-z.,()+*/^% ]{0,60}") {
            let _ = evaluate(&text);
        }

        #[test]
        fn sums_of_whole_numbers_are_exact(a in -1_000_000i64..1_000_000, b in -1_000_000i64..1_000_000) {
            prop_assert_eq!(computed(&format!("{a} + {b}")), Ok((a + b).to_string()));
        }
    }
}
