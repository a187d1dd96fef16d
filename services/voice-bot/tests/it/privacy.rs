//! `HIPAA_MODE`: what is on the disk, who read what, what goes when it is old or when somebody asks.

mod disk;
mod erasure;
mod retention;
mod switching;

use crate::support::Bot;
use std::path::{Path, PathBuf};

/// Files below these folders that hold a text, in any place.
fn holding(folders: &[&Path], text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left: Vec<PathBuf> = folders.iter().map(|path| path.to_path_buf()).collect();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).into_iter().flatten().flatten();
            left.extend(entries.map(|entry| entry.path()));
        } else if let Ok(bytes) = std::fs::read(&path)
            && bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes())
        {
            found.push(path);
        }
    }
    found
}

/// The folder of the whole cluster, with everything that is written so far.
async fn cluster(bot: &Bot) -> PathBuf {
    let pool = bot.pool().await;
    sqlx::query("CHECKPOINT")
        .execute(&pool)
        .await
        .expect("a checkpoint");
    let folder: String = sqlx::query_scalar("SHOW data_directory")
        .fetch_one(&pool)
        .await
        .expect("the server tells");
    let folder = PathBuf::from(folder);
    let is_readable = std::fs::read_dir(&folder).is_ok();
    assert!(
        is_readable,
        "the cluster's files must be readable to the test"
    );
    folder
}

/// Whether sealed texts of ours are in the database at all: without it, finding no word says nothing.
async fn is_sealed(bot: &Bot, table: &str) -> bool {
    let sealed = format!("SELECT count(*) > 0 AND bool_and(sealed_with IS NOT NULL) FROM {table}");
    sqlx::query_scalar(sqlx::AssertSqlSafe(sealed))
        .fetch_one(&bot.pool().await)
        .await
        .expect("a count")
}
