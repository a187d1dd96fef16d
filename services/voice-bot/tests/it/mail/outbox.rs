//! Letters as files.

use super::{forget, sign_up, token};
use crate::support::Bot;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The files of a folder, the oldest first, once there are so many.
pub async fn files(folder: &Path, count: usize) -> Vec<PathBuf> {
    for _ in 0..1000 {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let visible = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            path.is_file() && !name.starts_with('.')
        };
        let mut files: Vec<_> = entries.map(|entry| entry.path()).filter(visible).collect();
        if files.len() == count {
            files.sort();
            return files;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let held = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let held: Vec<_> = held.map(|entry| entry.file_name()).collect();
    panic!("{} holds {held:?}, not {count} letters", folder.display());
}

#[tokio::test]
async fn without_a_mail_server_letters_stay_in_the_outbox_for_their_owner_to_read() {
    let bot = Bot::start().await;
    let outbox = bot.data.path().join("outbox");
    let visitor = sign_up(&bot, "jane@example.com").await;
    let letters = files(&outbox, 1).await;
    let mode = letters[0].metadata().expect("it is there").permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    assert!(letters[0].extension().is_some_and(|is| is == "eml"));
    let text = std::fs::read_to_string(&letters[0]).expect("a text");
    assert!(text.contains("\r\nTo: jane@example.com\r\n"), "{text}");
    // Quoted-printable cuts long lines.
    let text = text.replace("=\r\n", "").replace("=3D", "=");
    let body = json!({"token": token(&text)});
    visitor
        .post("/api/auth/verify-email", body)
        .await
        .expect(200);
    let me = visitor.get("/api/auth/me").await.expect(200);
    assert_eq!(me["user"]["email_verified"], true);
    forget(&bot, "jane@example.com").await;
    files(&outbox, 2).await;
}
