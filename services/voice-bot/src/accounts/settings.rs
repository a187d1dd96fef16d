//! Settings of accounts, from the environment or the same flags.

use clap::{ArgAction, Args};
use service::parse_bool;

/// Who may sign up, and how often strangers may try.
#[derive(Debug, Clone, Args)]
pub struct AccountSettings {
    /// Whether anybody may sign up; without, people come by invitation only
    #[arg(long, env = "SIGNUP_ENABLED", default_value = "true", value_parser = parse_bool, action = ArgAction::Set)]
    pub signup_enabled: bool,

    /// Whether there are guests
    #[arg(long, env = "GUEST_ENABLED", default_value = "true", value_parser = parse_bool, action = ArgAction::Set)]
    pub guest_enabled: bool,

    /// Days after which an idle guest is removed with everything of theirs
    #[arg(long, env = "GUEST_DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub guest_days: u32,

    /// Sign-ins a minute from one address (IPv6: one /64)
    #[arg(long, env = "LOGIN_RPM", default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub login_rpm: u32,

    /// Sign-ins a minute to one account
    #[arg(long, env = "LOGIN_ACCOUNT_RPM", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub login_account_rpm: u32,

    /// Accounts, and guests, made a minute from one address
    #[arg(long, env = "SIGNUP_RPM", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub signup_rpm: u32,

    /// Sessions refreshed a minute from one address
    #[arg(long, env = "REFRESH_RPM", default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub refresh_rpm: u32,

    /// E-mails an hour that may be asked for to one address; ten times as many from one client's
    #[arg(long, env = "EMAILS_PER_HOUR", default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub emails_per_hour: u32,

    /// Threads that hash passwords [default: half the cores]
    #[arg(long, env = "PASSWORD_WORKERS", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub password_workers: Option<u16>,

    /// Adds a key that signs sessions, deletes those long retired, and exits; a running service notices within seconds
    #[arg(long)]
    pub rotate_keys: bool,
}

impl Default for AccountSettings {
    /// The defaults of the flags without reading the environment, for tests and embedding.
    fn default() -> Self {
        AccountSettings {
            signup_enabled: true,
            guest_enabled: true,
            guest_days: 30,
            login_rpm: 120,
            login_account_rpm: 10,
            signup_rpm: 60,
            refresh_rpm: 600,
            emails_per_hour: 6,
            password_workers: None,
            rotate_keys: false,
        }
    }
}

impl AccountSettings {
    /// Threads that hash passwords.
    pub fn password_workers(&self) -> usize {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        self.password_workers
            .map_or((cores / 2).max(1), usize::from)
    }
}
