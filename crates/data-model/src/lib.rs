//! Who uses the gateway and what they own, on PostgreSQL 15 or newer.
//!
//! [`Database`] holds the pool. What belongs to an organization is reached through
//! [`Database::tenant`] only, so that no query can forget whose data it may touch; people, sign-ins
//! and organizations themselves have repositories of their own. Every query is checked against the
//! schema in `migrations/` when it is compiled (`scripts/queries.sh` renews the descriptions).
//! Nothing here knows of HTTP.

mod actor;
mod agents;
mod audit;
mod calls;
mod column;
mod customers;
mod database;
mod erasure;
mod error;
mod guests;
mod id;
mod invitations;
mod memberships;
mod oauth;
mod one_time_tokens;
mod organizations;
mod page;
mod refresh;
mod reseal;
mod retention;
mod sealed;
mod sessions;
mod tenant;
mod users;

pub use actor::Actor;
pub use agents::{Agent, AgentChange, NewAgent};
pub use audit::{AuditEntry, Event};
pub use calls::{
    Answering, Call, CallFilter, CallItem, CallSearch, Ending, FoundCall, NewCall, Progress,
    ProviderCall, ReceivedCall, Started as StartedCall,
};
pub use customers::{Customer, CustomerChange, NewCustomer};
pub use database::{Database, PoolOptions};
pub use erasure::CustomerCall;
pub use error::{Error, Result};
pub use id::new_id;
pub use invitations::{Invitation, Preview};
pub use memberships::OrganizationMember;
pub use oauth::{Identified, Identity};
pub use one_time_tokens::{NewToken, PendingReset, Verification};
pub use organizations::Organization;
pub use page::{Cursor, Page, Paging};
pub use refresh::Refreshed;
pub use reseal::Resealed;
pub use retention::OldCall;
pub use sealed::is_sealed_object;
pub use sessions::{NewSession, Purpose, SignedIn, Started};
pub use tenant::Tenant;
pub use users::{Credentials, Membership, NewAccount, Profile};
