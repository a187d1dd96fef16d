//! The service as its clients see it: real PostgreSQL, real HTTP.

mod support;

mod accounts;
mod google;
mod invitations;
mod mail;
mod organizations;
mod rights;
mod start;
