//! Laws of values: exact arithmetic, total order, JSON, paths, bounded printing.

mod arithmetic;
mod big;
mod generate;
mod json;
mod order;
mod printing;
