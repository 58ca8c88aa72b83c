//! The `proofmark` command.

fn main() -> proofmark::cli::Exit {
    proofmark::cli::main()
}
