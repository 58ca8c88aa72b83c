//! The stores from outside: one suite that every store passes, the one in memory too, and what is
//! special about each.

mod between;
mod courses;
mod defects;
#[cfg(target_os = "linux")]
mod full_disk;
mod killed;
#[cfg(target_os = "linux")]
mod memory;
mod patterns;
mod place;
mod postgres;
mod sqlite;
mod states;
mod suite;

/// Started by the others, where they run on a container.
#[cfg(feature = "containers")]
#[test]
#[ignore = "owns the container of the others"]
fn owns_the_container() {
    throwaway::own();
}
