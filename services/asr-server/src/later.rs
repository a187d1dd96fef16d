//! Parameters of the API reference that are checked, but have no effect yet.

use service::{ApiError, ApiResult, Form};

/// What a parameter may hold.
enum Kind {
    Bool,
    Int(i64, i64),
    Float(f64, f64),
    Choice(&'static [&'static str]),
    /// Free text of at most so many bytes.
    Text(usize),
}

/// A parameter, and the value that asks for nothing more than what is done today.
struct Later {
    name: &'static str,
    kind: Kind,
    inert: &'static str,
}

const fn later(name: &'static str, kind: Kind, inert: &'static str) -> Later {
    Later { name, kind, inert }
}

const LATER: &[Later] = &[
    later("use_lm", Kind::Bool, "false"),
    later(
        "lm_mode",
        Kind::Choice(&["greedy", "balanced", "strict"]),
        "greedy",
    ),
    later("lm_alpha", Kind::Float(0.0, 10.0), "0"),
    later("lm_beta", Kind::Float(-10.0, 10.0), "0"),
    later("hotwords", Kind::Text(8_192), ""),
    later("hotword_weight", Kind::Float(0.0, 100.0), ""),
    later("n_best", Kind::Int(1, 20), "1"),
];

/// Takes these parameters out of the form: 422 for a wrong one, a warning for one that would
/// have changed something.
pub fn check(form: &mut Form, warnings: &mut Vec<String>) -> ApiResult<()> {
    for Later { name, kind, inert } in LATER {
        let given = match kind {
            Kind::Bool => form.bool(name)?.map(|value| value.to_string()),
            Kind::Int(low, high) => form
                .number(name, *low..=*high)?
                .map(|value| value.to_string()),
            Kind::Float(low, high) => form
                .number(name, *low..=*high)?
                .map(|value| value.to_string()),
            Kind::Choice(allowed) => form.one_of(name, allowed)?.map(str::to_owned),
            Kind::Text(limit) => match form.text(name) {
                Some(text) if text.len() > *limit => {
                    let message = format!(
                        "`{name}` must have at most {limit} bytes, not {}.",
                        text.len()
                    );
                    return Err(ApiError::invalid_parameter(*name, message));
                }
                text => text,
            },
        };
        if given.is_some_and(|value| value != *inert) {
            warnings.push(format!("`{name}` is not available yet and has no effect."));
        }
    }
    Ok(())
}

/// The names, for the test that the documentation lists them all.
#[cfg(test)]
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    LATER.iter().map(|later| later.name)
}
