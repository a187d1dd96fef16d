//! The service as its clients see it, with a stand-in for the provider.

mod support;

mod analysis;
mod analysis_rules;
mod analysis_support;
mod analysis_trouble;
mod start;
