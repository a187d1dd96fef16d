//! The service as its clients see it: real PostgreSQL, real HTTP.

mod support;

mod accounts;
mod google;
mod mail;
mod start;
