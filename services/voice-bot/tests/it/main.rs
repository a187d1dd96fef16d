//! The service as its clients see it: real PostgreSQL, real HTTP.

mod stand_in;
mod support;

mod agents;
mod calls;
mod customers;
mod start;
mod twilio;
