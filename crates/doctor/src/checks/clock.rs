//! Is the clock right enough for certificates, sessions and the order of records?

use crate::{Finding, Settings};
use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// 2026-01-01: this program did not exist before.
const BEGINNING: u64 = 1_767_225_600;
/// A file from further ahead means that the clock was set back.
const AHEAD: Duration = Duration::from_secs(300);

/// Compares it with what is on disk.
pub async fn check(settings: &Settings) -> Vec<Finding> {
    let auth = settings.common.auth_db_path();
    let data = [auth.as_path(), settings.common.data_dir.as_path()];
    let newest = data
        .iter()
        .filter_map(|path| fs::metadata(path).ok()?.modified().ok())
        .max();
    vec![judge(SystemTime::now(), newest)]
}

fn judge(now: SystemTime, newest: Option<SystemTime>) -> Finding {
    let advice = "let it be set by NTP (`timedatectl set-ntp true`)";
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    if since < BEGINNING {
        return Finding::fail(
            "the clock is years behind: no certificate is valid and no session lasts",
            advice,
        );
    }
    let ahead = newest.and_then(|newest| newest.duration_since(now).ok());
    match ahead.filter(|ahead| *ahead > AHEAD) {
        Some(ahead) => Finding::warn(
            format!(
                "data was written {} minutes ahead of the clock: it was set back",
                ahead.as_secs() / 60
            ),
            advice,
        ),
        None => Finding::ok("the clock is not behind what it has written"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;

    #[test]
    fn a_clock_that_went_back_is_noticed() {
        let now = SystemTime::now();
        assert_eq!(judge(now, Some(now)).level, Level::Ok);
        assert_eq!(judge(now, Some(now + AHEAD * 3)).level, Level::Warn);
        assert_eq!(judge(UNIX_EPOCH, None).level, Level::Fail);
    }
}
