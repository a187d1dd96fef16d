//! Passwords: what they must be, and argon2id on threads of their own.
//!
//! Hashing takes tens of milliseconds of a core and 19 MiB. So few threads do it, with low priority
//! and a bounded line before them: sign-ins slow each other down, never everything else.

use api::ErrorCode;
use api::accounts::PasswordRules;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use service::{ApiError, ApiResult};
use std::collections::HashSet;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// What passwords must be.
pub const RULES: PasswordRules = PasswordRules {
    min_length: 8,
    max_length: 128,
    common_refused: true,
};
/// The longest password in bytes: 128 characters of four bytes.
const MOST_BYTES: usize = 512;
/// Those who may wait for each thread; two or three seconds' worth.
const LINE: usize = 64;
/// How much less than everything else the threads get of a busy machine.
const NICENESS: i32 = 10;
/// Checked for accounts that are not there, so that they take as long: fits no password.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The most common ones, in lower case.
static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("../data/common-passwords.txt")
        .lines()
        .collect()
});

/// The threads that hash.
pub struct Passwords {
    jobs: SyncSender<Job>,
}

/// What a thread is asked.
struct Job {
    password: String,
    /// To compare with; none to make a new one.
    stored: Option<String>,
    /// The new hash; none when it did not fit. Closed when nobody waits any more.
    answer: oneshot::Sender<Option<String>>,
}

impl Passwords {
    /// Starts so many threads; they end with the last handle.
    pub fn start(workers: usize) -> io::Result<Self> {
        let (jobs, line) = sync_channel(LINE * workers);
        let line = Arc::new(Mutex::new(line));
        for _ in 0..workers {
            let line = line.clone();
            std::thread::Builder::new()
                .name("passwords".into())
                .spawn(move || work(&line))?;
        }
        Ok(Passwords { jobs })
    }

    /// argon2id of a new password, in PHC form.
    ///
    /// # Errors
    /// 503 `overloaded` when too many wait.
    pub async fn hash(&self, password: &str) -> ApiResult<String> {
        let hash = self.ask(password, None).await?;
        hash.ok_or_else(|| ApiError::internal("a password could not be hashed"))
    }

    /// Whether a password is the one that is stored; without one it takes as long to say no.
    ///
    /// # Errors
    /// 503 `overloaded` when too many wait.
    pub async fn verify(&self, password: &str, stored: Option<&str>) -> ApiResult<bool> {
        let fits = self.ask(password, Some(stored.unwrap_or(NOBODY))).await?;
        Ok(fits.is_some() && stored.is_some())
    }

    async fn ask(&self, password: &str, stored: Option<&str>) -> ApiResult<Option<String>> {
        let (answer, answered) = oneshot::channel();
        let job = Job {
            password: password.to_owned(),
            stored: stored.map(str::to_owned),
            answer,
        };
        let busy = |_| ApiError::overloaded(Duration::from_secs(2));
        let began = Instant::now();
        self.jobs.try_send(job).map_err(busy)?;
        let answer = answered.await.map_err(ApiError::internal);
        service::phases::note("password", began.elapsed());
        answer
    }
}

/// 422 unless a new password is long enough, not too long, and not one everybody tries first.
pub fn check(password: &str, param: &str) -> ApiResult<()> {
    bounded(password, param)?;
    let lengths = RULES.min_length as usize..=RULES.max_length as usize;
    if !lengths.contains(&password.chars().count()) {
        let message = format!(
            "`{param}` must have {} to {} characters.",
            RULES.min_length, RULES.max_length
        );
        return Err(ApiError::invalid_parameter(param, message));
    }
    if COMMON.contains(password.to_lowercase().as_str()) {
        let message = format!("`{param}` is one of the most common passwords; choose another.");
        return Err(ApiError::invalid_parameter(param, message));
    }
    Ok(())
}

/// 422 for what no password can be.
pub fn bounded(password: &str, param: &str) -> ApiResult<()> {
    if (1..=MOST_BYTES).contains(&password.len()) {
        return Ok(());
    }
    let message = format!("`{param}` must have 1 to {} characters.", RULES.max_length);
    Err(ApiError::new(ErrorCode::InvalidParameter, message).with_param(param))
}

fn work(line: &Mutex<Receiver<Job>>) {
    // Of this thread only, as Linux has it. Refused nowhere; without it all is as good as ever.
    let _ = rustix::process::nice(NICENESS);
    loop {
        let next = line.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        if job.answer.is_closed() {
            continue;
        }
        let answer = match job.stored {
            Some(stored) => fits(&job.password, &stored).then_some(stored),
            None => argon2()
                .hash_password(job.password.as_bytes())
                .ok()
                .map(|hash| hash.to_string()),
        };
        let _ = job.answer.send(answer);
    }
}

fn fits(password: &str, stored: &str) -> bool {
    let stored = PasswordHash::new(stored);
    stored.is_ok_and(|stored| {
        argon2()
            .verify_password(password.as_bytes(), &stored)
            .is_ok()
    })
}

/// 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet).
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("these are within its limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let passwords = Passwords::start(1).unwrap();
        let hash = passwords.hash("correct horse").await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(
            passwords
                .verify("correct horse", Some(&hash))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("correct house", Some(&hash))
                .await
                .unwrap()
        );
        assert!(!passwords.verify("correct horse", None).await.unwrap());
        assert!(!passwords.verify("correct horse", Some("?")).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_costs_as_much_as_somebody() {
        assert!(PasswordHash::new(NOBODY).is_ok());
        let stored = PasswordHash::new(NOBODY).unwrap();
        let params = Params::try_from(&stored).unwrap();
        assert_eq!(
            (params.m_cost(), params.t_cost(), params.p_cost()),
            (19 * 1024, 2, 1)
        );
    }

    #[tokio::test]
    async fn a_full_line_is_overloaded_and_says_when_to_come_back() {
        let passwords = Passwords::start(1).unwrap();
        let many = (0..LINE * 3).map(|_| passwords.verify("x", None));
        let answers = futures::future::join_all(many).await;
        let busy = answers.iter().filter_map(|answer| answer.as_ref().err());
        let busy: Vec<_> = busy.collect();
        assert!(busy.len() >= LINE);
        assert!(busy.iter().all(|error| error.code == ErrorCode::Overloaded));
    }

    #[test]
    fn lengths_are_of_characters() {
        assert!(check("sieben7", "password").is_err());
        assert!(check("achtacht", "password").is_ok());
        assert!(check(&"🐎".repeat(128), "password").is_ok());
        assert!(check(&"x".repeat(129), "password").is_err());
        assert!(check(&"x".repeat(1 << 20), "password").is_err());
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        assert!(check("Password", "password").is_err());
        for common in COMMON.iter() {
            assert_eq!(*common, common.to_lowercase());
            assert!(common.len() >= 8, "{common} is too short anyway");
        }
    }
}
