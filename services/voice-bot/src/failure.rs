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

/// 503: the database is away.
pub fn unavailable(error: Error) -> ApiError {
    ApiError::new(
        ErrorCode::DatabaseUnavailable,
        "The database does not answer; try again in a moment.",
    )
    .with_source(error)
}
