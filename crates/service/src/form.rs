//! Typed values out of form fields and query parameters: wrong ones are 422 with the name of
//! the field, unknown ones become warnings.

use crate::config::parse_bool;
use crate::error::{ApiError, ApiResult};
use serde::{Deserialize, Deserializer, de};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Most fields of a form; the reference knows 28.
const MAX_FIELDS: usize = 100;

/// Lists: their fields may come several times, and are joined by line breaks.
const REPEATABLE: &[&str] = &["hotwords"];

/// Fields by name. Taking one marks it as known; [`Form::warnings`] names those nobody took.
#[derive(Debug, Clone, Default)]
pub struct Form(BTreeMap<String, String>);

impl Form {
    /// A form without fields.
    pub fn new() -> Self {
        Form::default()
    }

    /// Whether no field is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields of a query string.
    pub fn from_query(query: &str) -> ApiResult<Self> {
        let mut form = Form::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            form.insert(name.into_owned(), value.into_owned())?;
        }
        Ok(form)
    }

    /// Adds a field; 422 if it is there already, unless it is a list, or there are too many.
    pub fn insert(&mut self, name: String, value: String) -> ApiResult<()> {
        if self.0.len() >= MAX_FIELDS {
            return Err(ApiError::invalid_parameter(
                cut(&name),
                format!("At most {MAX_FIELDS} fields are read."),
            ));
        }
        match self.0.entry(name) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(value);
                Ok(())
            }
            std::collections::btree_map::Entry::Occupied(mut entry)
                if REPEATABLE.contains(&entry.key().as_str()) =>
            {
                entry.get_mut().push('\n');
                entry.get_mut().push_str(&value);
                Ok(())
            }
            std::collections::btree_map::Entry::Occupied(entry) => {
                let name = cut(entry.key());
                let message = format!("`{name}` is given more than once.");
                Err(ApiError::invalid_parameter(name, message))
            }
        }
    }

    /// Adds a field, or gives one that is there another value; 422 if there are too many.
    pub fn set(&mut self, name: String, value: String) -> ApiResult<()> {
        self.0.remove(&name);
        self.insert(name, value)
    }

    /// A text; empty counts as not given.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).filter(|value| !value.trim().is_empty())
    }

    /// A boolean: true/false, 1/0, yes/no, on/off.
    pub fn bool(&mut self, name: &str) -> ApiResult<Option<bool>> {
        let Some(value) = self.text(name) else {
            return Ok(None);
        };
        let refuse = |why| {
            ApiError::invalid_parameter(name, format!("`{name}` {why}, not `{}`.", cut(&value)))
        };
        parse_bool(&value).map(Some).map_err(refuse)
    }

    /// A number within a range, both ends included.
    pub fn number<T>(&mut self, name: &str, range: RangeInclusive<T>) -> ApiResult<Option<T>>
    where
        T: FromStr + PartialOrd + Display,
    {
        let Some(value) = self.text(name) else {
            return Ok(None);
        };
        match value.trim().parse() {
            Ok(number) if range.contains(&number) => Ok(Some(number)),
            _ => {
                let (low, high) = (range.start(), range.end());
                let message = format!(
                    "`{name}` must be a number from {low} to {high}, not `{}`.",
                    cut(&value)
                );
                Err(ApiError::invalid_parameter(name, message))
            }
        }
    }

    /// One of a few values, in any case; the result is the spelling in `allowed`.
    pub fn one_of(
        &mut self,
        name: &str,
        allowed: &[&'static str],
    ) -> ApiResult<Option<&'static str>> {
        let Some(value) = self.text(name) else {
            return Ok(None);
        };
        let found = allowed
            .iter()
            .find(|choice| choice.eq_ignore_ascii_case(value.trim()));
        found.copied().map(Some).ok_or_else(|| {
            let message = format!(
                "`{name}` must be one of {}, not `{}`.",
                allowed.join(", "),
                cut(&value)
            );
            ApiError::invalid_parameter(name, message)
        })
    }

    /// One line for each field nobody took. Call it after the last of the others.
    pub fn warnings(&self) -> Vec<String> {
        self.0
            .keys()
            .map(|name| format!("The field `{}` is not known and was ignored.", cut(name)))
            .collect()
    }
}

/// A client's own text, short enough to be said back to it.
fn cut(text: &str) -> String {
    let short: String = text.chars().take(64).collect();
    if short.len() < text.len() {
        short + "..."
    } else {
        short
    }
}

/// For `#[serde(deserialize_with)]`: a JSON boolean, or one written as [`parse_bool`] takes it.
pub fn flexible_bool<'de, D: Deserializer<'de>>(reader: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Flexible {
        Bool(bool),
        Number(u8),
        Text(String),
    }
    match Flexible::deserialize(reader)? {
        Flexible::Bool(value) => Ok(value),
        Flexible::Number(number) => parse_bool(&number.to_string()).map_err(de::Error::custom),
        Flexible::Text(text) => parse_bool(&text).map_err(de::Error::custom),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::ErrorCode;
    use proptest::prelude::*;

    fn form(query: &str) -> Form {
        Form::from_query(query).unwrap()
    }

    #[test]
    fn values_are_read_as_people_write_them() {
        let mut form = form("a=Yes&b=0&n=7&x=&mode=Greedy");
        assert_eq!(form.bool("a").unwrap(), Some(true));
        assert_eq!(form.bool("b").unwrap(), Some(false));
        assert_eq!(form.bool("x").unwrap(), None);
        assert_eq!(form.number("n", 1..=10u32).unwrap(), Some(7));
        assert_eq!(
            form.one_of("mode", &["greedy", "strict"]).unwrap(),
            Some("greedy")
        );
        assert!(form.warnings().is_empty());
    }

    #[test]
    fn a_wrong_value_names_its_field_and_what_would_be_right() {
        let error = form("n=11").number("n", 1..=10u32).unwrap_err();
        assert_eq!(
            (error.code, error.param.as_deref()),
            (ErrorCode::InvalidParameter, Some("n"))
        );
        assert!(error.message.contains("from 1 to 10"));
        assert!(
            form("m=x")
                .one_of("m", &["a", "b"])
                .unwrap_err()
                .message
                .contains("a, b")
        );
        assert!(
            form("b=2")
                .bool("b")
                .unwrap_err()
                .message
                .contains("yes, no")
        );
        assert!(form("f=NaN").number("f", 0.0..=1.0).is_err());
    }

    #[test]
    fn a_field_given_twice_is_refused() {
        assert_eq!(
            Form::from_query("a=1&a=2").unwrap_err().param.as_deref(),
            Some("a")
        );
    }

    #[test]
    fn an_unknown_field_is_a_warning() {
        let mut form = form("a=1&colour=red");
        let _ = form.bool("a");
        assert_eq!(
            form.warnings(),
            ["The field `colour` is not known and was ignored."]
        );
    }

    proptest! {
        #[test]
        fn no_query_makes_the_form_panic(query in ".{0,400}") {
            if let Ok(mut form) = Form::from_query(&query) {
                let _ = (form.bool("a"), form.number::<f32>("b", 0.0..=1.0), form.one_of("c", &["x"]));
                let _ = form.warnings();
            }
        }
    }
}
