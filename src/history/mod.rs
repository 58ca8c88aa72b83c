//! Histories: what was asked and what was seen, as JSON Lines. Pure: no clock, no files.
//!
//! One object a line. The first is the [`Header`], with what the target promises; each other has `i` (an index taken atomically outside the
//! call: the order of things in one process), `t` (nanoseconds on a monotonic clock since the run began)
//! and `e`, what happened:
//!
//! | `e` | what | further fields |
//! |---|---|---|
//! | `call` | an operation begins | `op` its number, `c` the client (one session), `k` `cmd` or `qry`, `n` the name, `a` the aggregates, `in` the fields; for commands `id` (a retry has its first attempt's), `try` (0 for the first), `exp` the expected version, `key` the idempotency key |
//! | `ok` | accepted, or answered | `op`, `v` version, `p` position, `out` the body |
//! | `absent` | the declared absence | `op`, `v`, `p` |
//! | `rejected` | a business "no" | `op`, `code` (null: it has no name), `out` |
//! | `unknown` | it may or may not have happened | `op`, `err` one of `timeout 5xx lost unreadable`, `status` |
//! | `not_sent` | the connection was refused | `op`, `err` |
//! | `mark` | something beside operations | `what`, `data` |
//!
//! Numbers are written as the exact literals they are; a reader must not take them for floats.

mod operation;
mod promises;
mod wire;

pub use operation::{Act, Operation};
pub use wire::{Event, Header, Stamp, write_entry, write_header};
