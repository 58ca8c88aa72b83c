//! The clauses that the reference keeps, each as a test: `core::BR-1`, `session::EC-5`.

use std::process::ExitCode;

use proofmark::adapter::Reference;

fn main() -> ExitCode {
    proofmark::testing::clauses(Reference::strong(), "scenarios/orders/orders.contract")
}
