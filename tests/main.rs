//! The one integration-test binary.

mod language;
