use std::collections::HashMap;
use std::sync::Arc;

use crate::contract::Contract;
use crate::contract::expr::{Nothing, eval};
use crate::language::syntax::{
    CommandCall, Expr, ExprKind, FieldExpr, Ident, Matcher, MatcherKind, QueryCall, Role,
};
use crate::scenario::matcher::bind;
use crate::text::{Code, Diagnostic, did_you_mean};

/// Among so many names at most a near one is looked for.
const MOST_NEAR: usize = 1000;

/// The variables that steps have named so far.
#[derive(Default)]
pub(super) struct Variables {
    names: HashMap<Arc<str>, usize>,
    /// How many there were before the block's first `when` or `then`.
    before_when: Option<usize>,
    asserted: bool,
}

/// The names up to a point, to come back to.
pub(super) struct Mark {
    count: usize,
    before_when: Option<usize>,
    asserted: bool,
}

/// What may be named: all that steps before have named, or only what was there when a watch is armed.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    names: &'a HashMap<Arc<str>, usize>,
    count: usize,
}

impl Variables {
    /// A step begins: it may begin a block, or be its first `when`.
    pub(super) fn enter(&mut self, role: Role, is_let: bool) {
        if role != Role::Then && !is_let && std::mem::take(&mut self.asserted) {
            self.before_when = None;
        }
        self.asserted |= role == Role::Then && !is_let;
        if role != Role::Given && self.before_when.is_none() {
            self.before_when = Some(self.names.len());
        }
    }

    /// Gives a name, which must be new.
    pub(super) fn name(&mut self, name: &Ident, mistakes: &mut Vec<Diagnostic>) {
        let count = self.names.len();
        if self.names.contains_key(&name.text) {
            let what = format!("${} has a value already", name.text);
            mistakes.push(
                Diagnostic::error(Code::NAMED_TWICE, name.span, what)
                    .advise("choose another name: a variable keeps its value for the whole scenario"),
            );
        } else {
            self.names.insert(name.text.clone(), count);
        }
    }

    /// The point that has been reached.
    pub(super) fn mark(&self) -> Mark {
        Mark { count: self.names.len(), before_when: self.before_when, asserted: self.asserted }
    }

    /// Forgets the names that were given behind a point.
    pub(super) fn back_to(&mut self, mark: &Mark) {
        if self.names.len() > mark.count {
            self.names.retain(|_, index| *index < mark.count);
        }
        self.before_when = mark.before_when;
        self.asserted = mark.asserted;
    }

    /// All names.
    pub(super) fn known(&self) -> Known<'_> {
        Known { names: &self.names, count: self.names.len() }
    }

    /// Only the names that were there before the block's first `when`: `never` is armed by then.
    pub(super) fn known_to_watches(&self) -> Known<'_> {
        Known { names: &self.names, count: self.before_when.unwrap_or(self.names.len()) }
    }
}

impl Known<'_> {
    pub(super) fn check_call(&self, call: &CommandCall, contract: &Contract, mistakes: &mut Vec<Diagnostic>) {
        let parts = call.on.iter().chain(&call.key).chain(&call.version);
        self.check_all(parts.chain(values(&call.fields)), contract, mistakes);
    }

    pub(super) fn check_query(&self, call: &QueryCall, contract: &Contract, mistakes: &mut Vec<Diagnostic>) {
        self.check_all(call.on.iter().chain(values(&call.fields)), contract, mistakes);
    }

    pub(super) fn check_matcher(
        &self,
        matcher: &Matcher,
        contract: &Contract,
        mistakes: &mut Vec<Diagnostic>,
    ) {
        matcher.walk(&mut |part| {
            for expr in part.expressions() {
                self.check(expr, contract, mistakes);
            }
            if matches!(part.kind, MatcherKind::Regex(_))
                && let Err(error) = bind(part, &Nothing)
            {
                mistakes.push(error.into());
            }
        });
    }

    fn check_all<'a>(
        &self,
        exprs: impl Iterator<Item = &'a Expr>,
        contract: &Contract,
        mistakes: &mut Vec<Diagnostic>,
    ) {
        for expr in exprs {
            self.check(expr, contract, mistakes);
        }
    }

    /// Whether every name in the expression means something, and whether it has a value if that is known already.
    pub(super) fn check(&self, expr: &Expr, contract: &Contract, mistakes: &mut Vec<Diagnostic>) {
        let mut constant = true;
        expr.walk(&mut |part| match &part.kind {
            ExprKind::Variable(name) => {
                constant = false;
                self.check_variable(name, mistakes);
            }
            ExprKind::New(aggregate) => {
                constant = false;
                check_aggregate(aggregate, contract, mistakes);
            }
            ExprKind::Unique(_) => constant = false,
            _ => {}
        });
        if constant && let Err(error) = eval(expr, &Nothing) {
            mistakes.push(error.into());
        }
    }

    fn check_variable(&self, name: &Ident, mistakes: &mut Vec<Diagnostic>) {
        match self.names.get(&name.text) {
            Some(index) if *index < self.count => {}
            Some(_) => {
                let what =
                    format!("${} gets its value from a command that `never` must be armed before", name.text);
                let mistake = Diagnostic::error(Code::UNKNOWN_VARIABLE, name.span, what);
                mistakes.push(mistake.advise("use what is known before the block's first `when`"));
            }
            None => {
                let what = format!("no step before this one has named ${}", name.text);
                let mistake = Diagnostic::error(Code::UNKNOWN_VARIABLE, name.span, what);
                // Between names of one letter, near means nothing; among very many, looking takes too long.
                let names = self.names.keys().map(|known| &**known).filter(|known| known.len() > 1);
                mistakes.push(match did_you_mean(&name.text, names.take(MOST_NEAR)) {
                    Some(near) => mistake.replace(format!("did you mean `${near}`?"), format!("${near}")),
                    None => {
                        let name = &name.text;
                        mistake.advise(format!(
                            "name it first: `let ${name} = …`, or `-> ${name} = …` behind a command"
                        ))
                    }
                });
            }
        }
    }
}

fn check_aggregate(aggregate: &Ident, contract: &Contract, mistakes: &mut Vec<Diagnostic>) {
    if contract.aggregate(&aggregate.text).is_none() {
        let what = format!("{} has no aggregate `{}`", contract.name(), aggregate.text);
        let mistake = Diagnostic::error(Code::UNKNOWN_AGGREGATE, aggregate.span, what);
        let names = contract.aggregates().map(|aggregate| &*aggregate.name);
        mistakes.push(mistake.suggest(did_you_mean(&aggregate.text, names)));
    }
}

fn values(fields: &[FieldExpr]) -> impl Iterator<Item = &Expr> {
    fields.iter().map(|field| &field.value)
}
