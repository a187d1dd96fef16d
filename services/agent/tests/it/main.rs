//! The service as its clients see it, with a stand-in for the provider.

mod support;

mod start;
