//! The service as its clients see it: real PostgreSQL, real HTTP.

mod support;

mod invitations;
mod organizations;
mod rights;
mod start;
