//! What a service, a folder or a disk may do to the command without costing its user anything: docs/hostile.md.

mod memory;
mod service;
