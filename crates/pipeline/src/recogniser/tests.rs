//! Against a stand-in.
