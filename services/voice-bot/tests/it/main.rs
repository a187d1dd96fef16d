//! The service as its clients see it: real PostgreSQL, real HTTP.

mod support;

mod accounts;
mod invitations;
mod organizations;
mod rights;
mod start;
