//! Types of the wire in columns: enums are stored as text, identifiers as UUIDs.
//!
//! In a checked query, `role AS "role: Text<Role>"` fills a field of type `Role`,
//! `agent_id AS "agent_id!: Maybe<AgentId>"` one of type `Option<AgentId>`; a column of UUIDs that
//! are never null fills a field of any identifier as it is.

use api::Role;
use api::accounts::AuthProvider;
use api::agents::VoiceGender;
use api::calls::{CallStatus, Direction};
use api::ids::{
    AgentId, AuditId, CallId, CustomerId, InvitationId, OrganizationId, SessionId, UserId,
};
use sqlx::error::BoxDynError;
use sqlx::postgres::PgValueRef;
use sqlx::{Decode, Postgres, ValueRef};

/// What is stored as something simpler.
pub(crate) trait Stored: Sized {
    fn read(value: PgValueRef<'_>) -> Result<Self, BoxDynError>;
}

/// A `T` in a text column that is never null.
#[derive(Debug)]
pub(crate) struct Text<T>(T);

/// A `T` in a column that may be null.
#[derive(Debug)]
pub(crate) struct Maybe<T>(Option<T>);

impl<'r, T: Stored> Decode<'r, Postgres> for Text<T> {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        T::read(value).map(Text)
    }
}

impl<'r, T: Stored> Decode<'r, Postgres> for Maybe<T> {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let read = (!value.is_null()).then(|| T::read(value));
        read.transpose().map(Maybe)
    }
}

impl<T> From<Maybe<T>> for Option<T> {
    fn from(maybe: Maybe<T>) -> Self {
        maybe.0
    }
}

macro_rules! texts {
    ($($name:ty),*) => {$(
        impl Stored for $name {
            fn read(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
                <&str as Decode<Postgres>>::decode(value)?.parse().map_err(Into::into)
            }
        }

        impl From<Text<$name>> for $name {
            fn from(text: Text<$name>) -> Self {
                text.0
            }
        }
    )*};
}

macro_rules! uuids {
    ($($name:ty),*) => {$(
        impl Stored for $name {
            fn read(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
                <uuid::Uuid as Decode<Postgres>>::decode(value).map(Into::into)
            }
        }
    )*};
}

texts!(AuthProvider, CallStatus, Direction, Role, VoiceGender);
uuids!(
    AgentId,
    AuditId,
    CallId,
    CustomerId,
    InvitationId,
    OrganizationId,
    SessionId,
    UserId
);
