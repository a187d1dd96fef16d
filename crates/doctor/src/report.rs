//! What was found, as text for people and as JSON.

use serde::Serialize;
use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Works, but not everything, or not as well.
    Warn,
    /// Does not work.
    Fail,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What is so.
    pub what: String,
    /// What to do, where something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Finding {
    /// As it should be.
    pub fn ok(what: impl Into<String>) -> Self {
        Finding {
            level: Level::Ok,
            what: what.into(),
            advice: None,
        }
    }

    /// Works, but not everything, or not as well.
    pub fn warn(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Finding {
            level: Level::Warn,
            what: what.into(),
            advice: Some(advice.into()),
        }
    }

    /// Does not work.
    pub fn fail(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Finding {
            level: Level::Fail,
            ..Finding::warn(what, advice)
        }
    }
}

/// A finding and the check it is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The check.
    pub check: &'static str,
    /// What it found.
    #[serde(flatten)]
    pub finding: Finding,
}

/// Everything that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The worst of all lines.
    pub level: Level,
    /// In the order of the checks.
    pub lines: Vec<Line>,
}

impl Report {
    /// Of checks and what they found.
    pub fn of(found: Vec<(&'static str, Vec<Finding>)>) -> Self {
        let lines: Vec<Line> = found
            .into_iter()
            .flat_map(|(check, findings)| {
                findings
                    .into_iter()
                    .map(move |finding| Line { check, finding })
            })
            .collect();
        let worst = lines.iter().map(|line| line.finding.level).max();
        Report {
            level: worst.unwrap_or(Level::Ok),
            lines,
        }
    }

    /// As a JSON document.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("strings only")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Line { check, finding } in &self.lines {
            let level = match finding.level {
                Level::Ok => "ok  ",
                Level::Warn => "warn",
                Level::Fail => "FAIL",
            };
            writeln!(f, "{level}  {check}: {}", finding.what)?;
            if let Some(advice) = &finding.advice {
                writeln!(f, "      -> {advice}")?;
            }
        }
        let count = |level| {
            self.lines
                .iter()
                .filter(|l| l.finding.level == level)
                .count()
        };
        write!(
            f,
            "{} ok, {} to look at, {} wrong",
            count(Level::Ok),
            count(Level::Warn),
            count(Level::Fail)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_as_bad_as_its_worst_line() {
        let report = Report::of(vec![
            ("a", vec![Finding::ok("fine")]),
            (
                "b",
                vec![
                    Finding::warn("so so", "mend it"),
                    Finding::fail("broken", "replace it"),
                ],
            ),
        ]);
        assert_eq!(report.level, Level::Fail);
        let text = report.to_string();
        assert!(
            text.contains("FAIL  b: broken\n      -> replace it"),
            "{text}"
        );
        assert!(text.ends_with("1 ok, 1 to look at, 1 wrong"), "{text}");
        let json: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
        assert_eq!(json["lines"][0]["check"], "a");
        assert_eq!(json["lines"][2]["level"], "fail");
    }
}
