//! From tokens to trees: recursive descent, a file a construct.
//!
//! The file is taken apart into statements first (a step, a clause), by lines and brackets. A mistake spoils at most
//! its own statement, and inside brackets only its own element.

mod brackets;
mod call;
mod contract;
mod describe;
mod event;
mod expression;
mod header;
mod include;
mod later;
mod literal;
mod matcher;
mod measure;
mod operand;
mod outline;
mod parser;
mod race;
mod scenario;
mod statement;
mod step;
mod table;

#[cfg(test)]
pub(super) use operand::FUNCTIONS;
pub(super) use parser::Dialect;
pub(super) use statement::{CONTRACT_STARTS, SCENARIO_STARTS, dangles};

use parser::Parser;

use crate::language::lexer::lex;
use crate::language::sink::Sink;
use crate::language::syntax::{ContractFile, ScenarioFile};
use crate::text::{Code, Diagnostic, MAX_FILE_BYTES, Source, Span};

/// What came out of a source: the tree as far as it could be made, and everything that is wrong.
#[derive(Clone, Debug)]
pub struct Parsed<T> {
    /// The tree. If there are errors it lacks what could not be understood.
    pub tree: T,
    /// The mistakes, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a `.scenario` file.
pub fn parse_scenarios(source: &Source) -> Parsed<ScenarioFile> {
    parse(source, Dialect::Scenario, scenario::file)
}

/// Parses a `.contract` file.
pub fn parse_contract(source: &Source) -> Parsed<ContractFile> {
    parse(source, Dialect::Contract, contract::file)
}

fn parse<T: Default>(
    source: &Source,
    dialect: Dialect,
    file: impl FnOnce(&mut Parser<'_>) -> T,
) -> Parsed<T> {
    let mut sink = Sink::default();
    if source.own_text().len() as u64 > MAX_FILE_BYTES {
        sink.push(|| {
            let message = format!("this text has more than the {} MiB a file may have", MAX_FILE_BYTES >> 20);
            Diagnostic::error(Code::FILE_TOO_LARGE, Span::default(), message)
                .advise("split it into several files")
        });
        return Parsed { tree: T::default(), diagnostics: sink.finish() };
    }
    let tokens = lex(source.own_text(), &mut sink);
    let mut parser = Parser::new(source, tokens, dialect, sink);
    let tree = file(&mut parser);
    Parsed { tree, diagnostics: parser.finish() }
}
