//! The stores from outside: one suite that every store passes, the one in memory too, and what is
//! special about each.

mod courses;
mod defects;
mod killed;
mod patterns;
mod place;
mod postgres;
mod server;
mod sqlite;
mod states;
mod suite;
