//! The `proofmark` command.

/// What is made on one thread is often dropped on another, as sequences and their values are: the usual allocator is slow
/// at that. The library leaves the choice to whoever uses it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> proofmark::cli::Exit {
    proofmark::cli::main()
}
