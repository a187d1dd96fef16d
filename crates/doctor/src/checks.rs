//! What is looked at, a file each.

pub mod addresses;
pub mod clock;
pub mod database;
pub mod device;
pub mod disk;
pub mod folder;
pub mod ice;
pub mod models;
pub mod ports;
pub mod privacy;
pub mod providers;
pub mod telephone;
