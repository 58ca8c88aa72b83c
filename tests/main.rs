//! The one integration-test binary.

// A test fails by panicking, also in its helpers.
#![allow(clippy::unwrap_used)]

mod language;
