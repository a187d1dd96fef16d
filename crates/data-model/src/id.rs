//! New identifiers.

use uuid::Uuid;

/// A new identifier: UUID version 7, so that what is made later sorts later.
pub fn new_id<I: From<Uuid>>() -> I {
    I::from(Uuid::now_v7())
}
