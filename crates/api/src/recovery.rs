//! Forgotten passwords and unverified addresses: the types of the endpoints that send letters.

use crate::accounts::Password;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/auth/forgot-password`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct ForgotPassword {
    /// What they signed up with.
    #[schema(min_length = 3, max_length = 254, format = Email)]
    pub email: String,
}

/// Body of `POST /api/auth/reset-password`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct ResetPassword {
    /// From the link of the letter.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub token: String,
    /// The new one: 8 to 128 characters, none of the most common ones.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    pub password: Password,
}

/// Body of `POST /api/auth/verify-email`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct VerifyEmail {
    /// From the link of the letter.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub token: String,
}

/// What was done, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Told {
    /// One sentence.
    pub message: String,
}
