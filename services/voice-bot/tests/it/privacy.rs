//! `HIPAA_MODE`: what is on the disk, who read what, what goes when it is old or when somebody asks.

mod disk;
mod erasure;
mod retention;
mod switching;

use crate::support::Bot;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Files below these folders that hold a text, in any place.
fn holding(folders: &[&Path], text: &str) -> Vec<PathBuf> {
    let mut grep = Command::new("grep");
    grep.args(["-rlaF", "-e", text]).args(folders);
    // Files may go while it reads, which it complains about.
    let output = grep.output().expect("grep is installed");
    let found = String::from_utf8_lossy(&output.stdout).into_owned();
    found.lines().map(PathBuf::from).collect()
}

/// The folder of the bot's database in the cluster, and that of the cluster's log, with everything
/// that is written so far.
async fn cluster(bot: &Bot) -> [PathBuf; 2] {
    let pool = bot.pool().await;
    sqlx::query("CHECKPOINT")
        .execute(&pool)
        .await
        .expect("a checkpoint");
    let (folder, database): (String, i64) = sqlx::query_as(
        "SELECT current_setting('data_directory'), oid::int8 FROM pg_database WHERE datname = current_database()",
    )
    .fetch_one(&pool)
    .await
    .expect("the server tells");
    let folder = PathBuf::from(folder);
    let folders = [
        folder.join("base").join(database.to_string()),
        folder.join("pg_wal"),
    ];
    for folder in &folders {
        let is_readable = std::fs::read_dir(folder).is_ok();
        assert!(is_readable, "the test must be able to read {folder:?}");
    }
    folders
}

/// Whether sealed texts of ours are in the database at all: without it, finding no word says nothing.
async fn is_sealed(bot: &Bot, table: &str) -> bool {
    let sealed = format!("SELECT count(*) > 0 AND bool_and(sealed_with IS NOT NULL) FROM {table}");
    sqlx::query_scalar(sqlx::AssertSqlSafe(sealed))
        .fetch_one(&bot.pool().await)
        .await
        .expect("a count")
}
