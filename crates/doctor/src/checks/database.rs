//! Does PostgreSQL answer, and is it new enough?

use crate::{Finding, Settings};
use data_model::{Database, PoolOptions};
use std::fs;
use std::path::{Path, PathBuf};

/// Oldest version that is supported.
const OLDEST: u32 = 15;

/// Asks `DATABASE_URL`, or looks at the private cluster.
pub async fn check(settings: &Settings) -> Vec<Finding> {
    let given = settings
        .database_url
        .as_ref()
        .filter(|url| !url.expose().is_empty());
    let socket = std::env::var_os("PGSOCKET").filter(|path| !path.is_empty());
    let socket = socket.map_or_else(|| settings.common.data_dir.join("postgres"), PathBuf::from);
    let socket = std::path::absolute(&socket).unwrap_or(socket);
    let private = format!(
        "postgresql://whissle@{}/whissle",
        socket.display().to_string().replace('/', "%2F")
    );
    let url = given.map_or(private.as_str(), |url| url.expose());
    let options = PoolOptions {
        connections: 1,
        ..PoolOptions::default()
    };
    let Ok(database) = Database::new(url, options) else {
        return vec![Finding::fail(
            "DATABASE_URL cannot be read",
            "it must look like postgresql://user:password@host:5432/name, with / and @ of a password percent-encoded",
        )];
    };
    let answer = database.server_version().await;
    database.close().await;
    vec![match answer {
        Ok(version) => answered(&version),
        Err(error) if given.is_some() => Finding::fail(
            format!("PostgreSQL does not answer at DATABASE_URL: {error}"),
            "start it, or mend the address, user or password; everything but calls and accounts works without",
        ),
        Err(_) => private_cluster(),
    }]
}

fn answered(version: &str) -> Finding {
    let major = version.split(['.', ' ', 'd', 'b', 'r']).next();
    match major.and_then(|major| major.parse::<u32>().ok()) {
        Some(major) if major < OLDEST => Finding::fail(
            format!("PostgreSQL is version {version}"),
            format!("use version {OLDEST} or newer"),
        ),
        _ => Finding::ok(format!("PostgreSQL {version} answers")),
    }
}

/// It does not run; could it?
fn private_cluster() -> Finding {
    let folder = fs::read_dir("/usr/lib/postgresql").ok();
    let mut versions = folder.into_iter().flatten().flatten();
    if versions.any(|version| is_server(&version.path())) {
        Finding::warn(
            "the private PostgreSQL does not run",
            "it starts with the other services (`make run`, or the container)",
        )
    } else {
        Finding::fail(
            "PostgreSQL is not installed, and DATABASE_URL is not set",
            "install the package postgresql, or set DATABASE_URL to a server of yours",
        )
    }
}

fn is_server(version: &Path) -> bool {
    version.join("bin/postgres").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;

    #[test]
    fn old_versions_are_told_from_new_ones() {
        for (version, level) in [
            ("14.9", Level::Fail),
            ("15.0", Level::Ok),
            ("17.2 (Debian 17.2-1)", Level::Ok),
            ("18beta1", Level::Ok),
        ] {
            assert_eq!(answered(version).level, level, "{version}");
        }
    }
}
