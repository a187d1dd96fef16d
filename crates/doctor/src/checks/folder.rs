//! Can the data folder be written, and only by us?

use crate::{Finding, Settings};
use rustix::fs::{Access, access};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Looks at the folder and at the secrets in it.
pub async fn check(settings: &Settings) -> Vec<Finding> {
    let folder = &settings.common.data_dir;
    let mut found = vec![writable(folder)];
    let auth = settings.common.auth_db_path();
    let auth = auth.parent().unwrap_or(folder);
    let secrets = ["tokens.db", "admin_token.txt", "internal_secret"].map(|name| auth.join(name));
    let keys = fs::read_dir(folder.join("keys"))
        .into_iter()
        .flatten()
        .flatten();
    let open: Vec<PathBuf> = secrets
        .into_iter()
        .chain(keys.map(|entry| entry.path()))
        .filter(|path| fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0))
        .collect();
    if open.is_empty() {
        return found;
    }
    let open: Vec<String> = open.iter().map(|path| path.display().to_string()).collect();
    let open = open.join(" ");
    found.push(Finding::fail(
        format!("others can read secrets: {open}"),
        format!("chmod 600 {open}; then change these secrets"),
    ));
    found
}

fn writable(folder: &Path) -> Finding {
    let shown = folder.display();
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let Some(there) = absolute.ancestors().find(|folder| folder.exists()) else {
        return Finding::fail(
            format!("{shown} cannot be made"),
            "set DATA_DIR to a folder of yours",
        );
    };
    let me = rustix::process::geteuid().as_raw();
    if access(there, Access::WRITE_OK | Access::EXEC_OK).is_err() {
        let owner = fs::metadata(there).map_or(0, |folder| folder.uid());
        let there = there.display();
        return Finding::fail(
            format!("user {me} cannot write {there}, which belongs to user {owner}"),
            format!("chown -R {me} {there}, or set DATA_DIR to a folder of yours"),
        );
    }
    if there == absolute {
        Finding::ok(format!("{shown} can be written by user {me}"))
    } else {
        Finding::ok(format!("{shown} is not there yet; user {me} can make it"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;

    #[test]
    fn a_folder_that_is_not_there_yet_is_judged_by_the_one_above() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(writable(&folder.path().join("a/b")).level, Level::Ok);
        assert!(
            writable(Path::new("/proc/none"))
                .what
                .contains("cannot write")
                || rustix::process::geteuid().is_root()
        );
    }
}
