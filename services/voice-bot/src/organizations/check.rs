//! What slugs and addresses may be.

use crate::input;
use rand::Rng;
use rand::distr::Alphanumeric;
use service::{ApiError, ApiResult};

/// Characters of a slug at most.
const SLUG: usize = 64;

/// A slug as it is.
pub fn slug(text: &str) -> ApiResult<String> {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let fits = (1..=SLUG).contains(&text.len())
        && text.bytes().all(known)
        && !text.starts_with('-')
        && !text.ends_with('-');
    fits.then(|| text.to_owned()).ok_or_else(|| {
        let message = "`slug` must have 1 to 64 small letters, digits and hyphens, with no hyphen first or last.";
        ApiError::invalid_parameter("slug", message)
    })
}

/// A slug for a name: what of it a slug can hold, and something random so that it is free.
pub fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars().take(40) {
        match character.to_ascii_lowercase() {
            letter if letter.is_ascii_alphanumeric() => slug.push(letter),
            _ if slug.ends_with('-') || slug.is_empty() => (),
            _ => slug.push('-'),
        }
    }
    let slug = slug.trim_end_matches('-');
    let random = rand::rng().sample_iter(Alphanumeric).take(8);
    let random: String = random.map(char::from).collect();
    let random = random.to_ascii_lowercase();
    match slug {
        "" => format!("org-{random}"),
        slug => format!("{slug}-{random}"),
    }
}

/// An address that a letter can be written to.
pub fn email(text: &str) -> ApiResult<String> {
    let email = input::email("email", text)?;
    let known: Result<lettre::Address, _> = email.parse();
    known.map(|_| email).map_err(|_| {
        ApiError::invalid_parameter(
            "email",
            "`email` must be one address such as name@example.com.",
        )
    })
}

/// An address that only who knows it recognises: `c***@example.com`.
pub fn masked(email: &str) -> String {
    let (local, domain) = email.rsplit_once('@').unwrap_or((email, ""));
    let first: String = local.chars().take(1).collect();
    format!("{first}***@{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_made_of_any_name_is_a_slug() {
        for name in [
            "Acme Corp",
            "  ",
            "Ünïcode & Söhne",
            "日本",
            "--",
            &"x".repeat(300),
            "a",
        ] {
            let made = slug_of(name);
            assert!(slug(&made).is_ok(), "{name}: {made}");
        }
        assert!(slug_of("Acme Corp!").starts_with("acme-corp-"));
    }

    #[test]
    fn slugs_are_small_letters_digits_and_hyphens() {
        for good in ["a", "acme", "a-1", &"x".repeat(64)] {
            assert!(slug(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "Acme", "a b", "a\0", "ä", &"x".repeat(65)] {
            assert!(slug(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_masked_address_shows_where_it_is_but_not_whose() {
        assert_eq!(masked("colleague@example.com"), "c***@example.com");
    }
}
