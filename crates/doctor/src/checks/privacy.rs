//! Is `HIPAA_MODE` set up so that it can keep what it promises?

use crate::{Finding, Settings};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Looks at the mode and its key.
pub async fn check(settings: &Settings) -> Vec<Finding> {
    if !settings.common.hipaa_mode {
        return vec![Finding::ok("HIPAA_MODE is off")];
    }
    let mut found = vec![key(settings.common.hipaa_key_file.as_deref())];
    if settings.is_public() && !settings.public_url.starts_with("https://") {
        found.push(Finding::fail(
            "HIPAA_MODE is on, but PUBLIC_URL is not https: what is said travels in the open",
            "put a proxy that speaks TLS in front",
        ));
    }
    if settings.common.metrics_public {
        found.push(Finding::warn(
            "HIPAA_MODE is on, and METRICS_PUBLIC too",
            "let Prometheus ask from this machine",
        ));
    }
    found
}

fn key(path: Option<&Path>) -> Finding {
    let Some(path) = path else {
        return Finding::ok("HIPAA_MODE is on; its key is made in the folder keys of DATA_DIR");
    };
    let shown = path.display();
    match fs::metadata(path) {
        Err(error) => Finding::fail(
            format!("HIPAA_KEY_FILE {shown} cannot be read: {error}"),
            format!(
                "make one with `(umask 077; openssl rand -hex 32 > {shown})`, or leave it out to have one made"
            ),
        ),
        Ok(file) if file.permissions().mode() & 0o077 != 0 => Finding::fail(
            format!("others can read HIPAA_KEY_FILE {shown}"),
            format!("chmod 600 {shown}, and change the key if anybody may have read it"),
        ),
        Ok(_) => Finding::ok(format!("HIPAA_MODE is on with the key in {shown}")),
    }
}
