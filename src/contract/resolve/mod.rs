//! From the syntax of a contract to its names and types.

mod declare;
mod expressions;
mod kinds;
mod members;
mod names;
mod types;

use super::Contract;
use crate::language::Sink;
use crate::language::syntax::ContractFile;
use crate::text::Diagnostic;

/// What came out of a contract's syntax: its names and types as far as they are known, and everything that is wrong.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The contract. What could not be resolved is unknown in it, and fits everything.
    pub contract: Contract,
    /// The mistakes, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

impl Contract {
    /// Resolves the names and types of a parsed file.
    pub fn resolve(file: &ContractFile) -> Resolved {
        let mut diagnostics = Sink::default();
        let contract = declare::contract(file, &mut diagnostics);
        expressions::check(&contract, file, &mut diagnostics);
        Resolved { contract, diagnostics: diagnostics.finish() }
    }
}
