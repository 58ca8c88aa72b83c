//! From the syntax of a contract to its names and types.

mod declare;
mod expressions;
mod kinds;
mod members;
mod names;
mod types;

use super::Contract;
use crate::language::syntax::ContractFile;
use crate::language::{Sink, parse_contract};
use crate::text::{Code, Diagnostic, Source};

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
        Resolved { contract, diagnostics: once_each(diagnostics.finish()) }
    }

    /// Parses and resolves a contract, and keeps its text. Whatever is wrong with it is left out, and told by whoever makes a
    /// model of it.
    pub fn read(source: &Source) -> Self {
        Self::resolve(&parse_contract(source).tree).contract.with_source(source)
    }
}

/// Without what says the same of one place in other words: that a name stands for nothing where it was to be a member of an
/// enum, and that a value is of the wrong type for one more reason.
fn once_each(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let before = found.clone();
    let same = |one: &Diagnostic, code: Code| {
        before.iter().position(|other| other.span == one.span && other.code == code)
    };
    let mut index = 0;
    found.retain(|one| {
        index += 1;
        match one.code {
            Code::UNKNOWN_NAME => same(one, Code::UNKNOWN_MEMBER).is_none(),
            Code::WRONG_TYPE => same(one, Code::WRONG_TYPE) == Some(index - 1),
            _ => true,
        }
    });
    found
}
