//! The service as its clients see it: real PostgreSQL, real HTTP.

mod speakers;
mod stand_in;
mod support;

mod accounts;
mod agents;
mod calls;
mod customers;
mod google;
mod invitations;
mod live;
mod mail;
mod members;
mod organizations;
mod privacy;
mod rights;
mod start;
mod twilio;
