//! Tests against the public interface, in one binary.

mod values;
