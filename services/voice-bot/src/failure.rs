//! What goes wrong in the database, as clients hear of it.

use api::ErrorCode;
use data_model::Error;
use service::ApiError;

/// Constraints that a caller can hit: the code, the parameter at fault, and what to say.
const CONSTRAINTS: &[(&str, ErrorCode, &str, &str)] = &[
    (
        "users_email_key",
        ErrorCode::EmailTaken,
        "email",
        "There is an account with this e-mail address already.",
    ),
    (
        "organizations_slug_key",
        ErrorCode::SlugTaken,
        "slug",
        "Another organization has this slug.",
    ),
    (
        "agents_phone_number",
        ErrorCode::PhoneNumberTaken,
        "phone_number",
        "Another agent answers this telephone number.",
    ),
    (
        "customers_phone_number",
        ErrorCode::PhoneNumberTaken,
        "phone_number",
        "Another customer has this telephone number.",
    ),
    (
        "customers_phone_index",
        ErrorCode::PhoneNumberTaken,
        "phone_number",
        "Another customer has this telephone number.",
    ),
];

/// An error of the repositories as an answer. `what` names the thing that was looked for, such as `agent`.
pub fn of(what: &'static str) -> impl Fn(Error) -> ApiError {
    move |error| match error {
        Error::NotFound => ApiError::not_found(format!("There is no such {what}.")),
        Error::LastOwner => ApiError::new(
            ErrorCode::LastOwner,
            "An organization needs an owner; make somebody else one first.",
        ),
        Error::Role(role) => ApiError::new(
            ErrorCode::RoleRequired,
            format!("This takes the role {role}."),
        ),
        Error::Conflict(message) => ApiError::new(ErrorCode::Conflict, message),
        Error::Expired => ApiError::new(
            ErrorCode::ExpiredToken,
            "The token is unknown, used or too old; ask for a new letter.",
        )
        .with_param("token"),
        Error::Recipient => ApiError::new(
            ErrorCode::WrongRecipient,
            "This invitation is for another e-mail address; sign in with that one.",
        ),
        Error::TooMany(wait) => {
            ApiError::new(ErrorCode::RateLimited, "Too often; try again later.")
                .with_retry_after(wait)
        }
        Error::Unavailable(_) => unavailable(error),
        Error::Sealed => ApiError::invalid_parameter(
            "q",
            "Words cannot be looked for while HIPAA_MODE keeps transcripts encrypted; agents, customers, states and times can.",
        ),
        Error::Sealing(ref missing @ sealing::Error::UnknownKey { .. }) => key_missing(missing),
        Error::Constraint(ref name) => {
            let known = CONSTRAINTS
                .iter()
                .find(|(constraint, ..)| constraint == name);
            match known {
                Some(&(_, code, param, message)) => ApiError::new(code, message).with_param(param),
                None => ApiError::internal(error),
            }
        }
        error => ApiError::internal(error),
    }
}

/// What a file of ours that cannot be read means: 503 where its key is missing.
pub fn of_disk(error: std::io::Error) -> ApiError {
    let inner = error.get_ref().and_then(|error| error.downcast_ref());
    match inner {
        Some(missing @ sealing::Error::UnknownKey { .. }) => key_missing(missing),
        _ => ApiError::internal(error),
    }
}

fn key_missing(error: &sealing::Error) -> ApiError {
    tracing::error!(%error, "a key is missing");
    let message = "This is encrypted with a key that the server lacks; its log says which.";
    ApiError::new(ErrorCode::NotReady, message)
}

/// 503: the database is away.
pub fn unavailable(error: Error) -> ApiError {
    ApiError::new(
        ErrorCode::DatabaseUnavailable,
        "The database does not answer; try again in a moment.",
    )
    .with_source(error)
}
