//! `gateway doctor`: looks at an installation, whether it runs or not, and says of each thing that
//! must be right whether it is, what is wrong, and what to do.
//!
//! A check is a function from [`Settings`] to [`Finding`]s and a line in [`CHECKS`]. None changes
//! anything, and none prints a secret.

mod checks;
mod net;
mod report;
mod settings;

pub use report::{Finding, Level, Report};
pub use settings::Settings;

use futures::future::{BoxFuture, join_all};
use std::time::Duration;
use tokio::time::timeout;

/// A check that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a check makes of the settings.
type Check = fn(&Settings) -> BoxFuture<'_, Vec<Finding>>;

/// Every check by its name, in the order of the report.
const CHECKS: [(&str, Check); 12] = [
    ("addresses", |settings| {
        Box::pin(checks::addresses::check(settings))
    }),
    ("ports", |settings| Box::pin(checks::ports::check(settings))),
    ("models", |settings| {
        Box::pin(checks::models::check(settings))
    }),
    ("device", |settings| {
        Box::pin(checks::device::check(settings))
    }),
    ("database", |settings| {
        Box::pin(checks::database::check(settings))
    }),
    ("language model", |settings| {
        Box::pin(checks::providers::check(settings))
    }),
    ("ICE servers", |settings| {
        Box::pin(checks::ice::check(settings))
    }),
    ("telephone", |settings| {
        Box::pin(checks::telephone::check(settings))
    }),
    ("disk", |settings| Box::pin(checks::disk::check(settings))),
    ("data folder", |settings| {
        Box::pin(checks::folder::check(settings))
    }),
    ("privacy", |settings| {
        Box::pin(checks::privacy::check(settings))
    }),
    ("clock", |settings| Box::pin(checks::clock::check(settings))),
];

/// Runs every check at the same time. What the models on disk and the operating system say is read
/// on this thread: nothing else is to be done meanwhile.
pub async fn examine(settings: &Settings) -> Report {
    let run = CHECKS.iter().map(|&(name, check)| async move {
        let found = timeout(PATIENCE, check(settings)).await;
        let late = || {
            vec![Finding::fail(
                "no result in half a minute",
                "look at the network, or at a disk that hangs",
            )]
        };
        (name, found.unwrap_or_else(|_| late()))
    });
    Report::of(join_all(run).await)
}
