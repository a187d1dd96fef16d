//! One organization's data. Whatever is reached through here carries its id into every query.

use crate::database::Database;
use api::ids::OrganizationId;
use sealing::Sealer;
use sqlx::PgPool;

/// The data of one organization.
#[derive(Debug, Clone, Copy)]
pub struct Tenant<'a> {
    database: &'a Database,
    organization: OrganizationId,
}

impl<'a> Tenant<'a> {
    pub(crate) fn new(database: &'a Database, organization: OrganizationId) -> Self {
        Tenant {
            database,
            organization,
        }
    }

    /// Whose data this is.
    pub fn id(&self) -> OrganizationId {
        self.organization
    }

    pub(crate) fn sealer(&self) -> &'a Sealer {
        self.database.sealer()
    }

    pub(crate) fn pool(&self) -> &'a PgPool {
        self.database.pool()
    }
}
