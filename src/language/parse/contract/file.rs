//! The clauses of a contract, and what each belongs to.

use super::super::describe::quote;
use super::super::parser::{Parse, Parser, Reported};
use super::super::statement::CONTRACT_STARTS;
use crate::language::lexer::TokenKind;
use crate::language::syntax::ContractFile;
use crate::language::syntax::contract::AggregateDecl;
use crate::text::{Code, Diagnostic, Span, did_you_mean};

/// What the next clause belongs to: always the last of its kind in the tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Owner {
    Nothing,
    Aggregate,
    Command,
    Event,
    Query,
    View,
    /// Something with a mistake in its head; its clauses are parsed and dropped.
    Broken,
}

impl Owner {
    fn in_words(self) -> &'static str {
        match self {
            Self::Nothing | Self::Broken => "the contract itself",
            Self::Aggregate => "an aggregate",
            Self::Command => "a command",
            Self::Event => "an event",
            Self::Query => "a query",
            Self::View => "a view",
        }
    }
}

/// The file so far.
pub(super) struct File {
    pub(super) tree: ContractFile,
    pub(super) owner: Owner,
    /// Whether an aggregate was begun: a view or type ends it for commands, events, queries, states and invariants.
    pub(super) in_aggregate: bool,
}

/// Parses the whole file.
pub(in super::super) fn file(parser: &mut Parser<'_>) -> ContractFile {
    let mut file = File { tree: ContractFile::default(), owner: Owner::Nothing, in_aggregate: false };
    let mut first = true;
    loop {
        parser.begin_statement();
        if parser.peek() == TokenKind::End || parser.has_said_enough() {
            break;
        }
        if std::mem::take(&mut first) && parser.word() != "contract" {
            name_missing(parser);
        }
        let before = parser.pos;
        if file.clause(parser).is_err() {
            skip_to_line(parser, before);
        } else if parser.peek() != TokenKind::End && !parser.at_line_start() {
            parser.end_of_line();
            skip_to_line(parser, before);
        }
    }
    if first {
        name_missing(parser);
    }
    file.tree
}

fn name_missing(parser: &mut Parser<'_>) {
    let span = parser.span();
    if did_you_mean(parser.word(), ["contract"]).is_some() {
        return;
    }
    parser.note(|| {
        Diagnostic::error(Code::MISSING_CONTRACT_NAME, span, "a contract begins with its name")
            .advise("begin with `contract orders`")
    });
}

/// Goes behind `from`, to the next line that begins with a word, at the latest to the end of this clause.
fn skip_to_line(parser: &mut Parser<'_>, from: usize) {
    while parser.peek() != TokenKind::End {
        if parser.pos > from && parser.at_line_start() && !parser.word().is_empty() {
            return;
        }
        parser.bump();
    }
}

impl File {
    fn clause(&mut self, parser: &mut Parser<'_>) -> Parse<()> {
        match parser.word() {
            "contract" => self.name(parser),
            "type" => self.type_decl(parser),
            "aggregate" => self.aggregate(parser),
            "view" => self.view(parser),
            "state" => self.state(parser),
            "command" => self.command(parser),
            "event" => self.event(parser),
            "query" => self.query(parser),
            "invariant" => self.invariant(parser),
            "reject" => self.reject(parser),
            "emits" => self.emits(parser),
            "set" => self.set(parser),
            "in" | "no" | "atomic" => self.command_word(parser),
            "absent" => self.absent_when(parser),
            "shows" => self.shows(parser),
            "of" => self.of(parser),
            "summarises" => self.summarises(parser),
            "newest" | "oldest" | "by" | "unordered" | "paged" | "total" => self.view_words(parser),
            "later" => {
                let word = parser.word_at(1);
                let (tokens, what) = if word == "set" { (2, "`later set`") } else { (3, "`later one of`") };
                Err(parser.not_yet(tokens, what))
            }
            _ => Err(self.unknown(parser)),
        }
    }

    fn name(&mut self, parser: &mut Parser<'_>) -> Parse<()> {
        let start = parser.bump();
        let name = parser.name("the name of the contract")?;
        let empty =
            self.tree.types.is_empty() && self.tree.aggregates.is_empty() && self.tree.views.is_empty();
        if self.tree.name.is_some() {
            repeated(parser, start, "`contract`");
        } else if !empty {
            misplaced(parser, start, "`contract` stands at the beginning of the file");
        }
        self.tree.name.get_or_insert(name);
        Ok(())
    }

    fn aggregate(&mut self, parser: &mut Parser<'_>) -> Parse<()> {
        let start = parser.bump();
        self.owner = Owner::Broken;
        self.in_aggregate = true;
        let name = parser.name("the name of the aggregate")?;
        self.owner = Owner::Aggregate;
        self.tree.aggregates.push(AggregateDecl {
            name,
            states: Vec::new(),
            commands: Vec::new(),
            events: Vec::new(),
            queries: Vec::new(),
            invariants: Vec::new(),
            span: parser.since(start),
        });
        Ok(())
    }

    /// The aggregate that a member belongs to which begins at `start`; its clauses come next.
    pub(super) fn member(
        &mut self,
        parser: &mut Parser<'_>,
        start: Span,
        owner: Owner,
    ) -> Option<&mut AggregateDecl> {
        self.owner = Owner::Broken;
        if !self.in_aggregate {
            let word = parser.slice(start);
            misplaced(parser, start, &format!("`{word}` belongs to an aggregate"));
            return None;
        }
        // An aggregate without a name is not in the tree; what belongs to it must not go to the one before.
        let aggregate = self.tree.aggregates.last_mut()?;
        self.owner = owner;
        Some(aggregate)
    }

    /// Reports a clause that begins at `start` under what it does not belong to.
    pub(super) fn wrong_owner(&self, parser: &mut Parser<'_>, start: Span, wanted: &str) {
        if self.owner == Owner::Broken {
            return;
        }
        let clause = parser.slice(start);
        let owner = self.owner.in_words();
        misplaced(parser, start, &format!("`{clause}` belongs to {wanted}, not to {owner}"));
    }

    fn unknown(&mut self, parser: &mut Parser<'_>) -> Reported {
        let span = parser.span();
        let word = parser.word();
        if word.is_empty() {
            return parser.expected("a clause");
        }
        let known = did_you_mean(word, CONTRACT_STARTS.iter().copied());
        if matches!(known, Some("command" | "event" | "query" | "aggregate" | "view" | "type")) {
            self.owner = Owner::Broken;
        }
        parser.report(|| {
            let diagnostic = Diagnostic::error(Code::UNKNOWN_CLAUSE, span, format!("no clause begins with {}", quote(word)));
            match known {
                Some(_) => diagnostic.suggest(known),
                None => diagnostic.advise(
                    "a line begins with `type`, `aggregate`, `state`, `command`, `reject`, `emits`, `event`, `set`, `query`, \
                     `absent`, `shows`, `invariant` or `view`",
                ),
            }
        })
    }
}

/// Reports a clause that is given twice.
pub(super) fn repeated(parser: &mut Parser<'_>, place: Span, clause: &str) {
    parser.note(|| {
        Diagnostic::error(Code::REPEATED_CLAUSE, place, format!("a second {clause}"))
            .advise("delete one of them")
    });
}

pub(super) fn misplaced(parser: &mut Parser<'_>, place: Span, message: &str) {
    parser.note(|| {
        Diagnostic::error(Code::MISPLACED_CLAUSE, place, message).advise("move it to where it belongs")
    });
}
