use super::codes;
use crate::contract::Contract;
use crate::expr;
use crate::language::syntax::{CommandCall, Expr, ExprKind, FieldExpr, Ident, Matcher, QueryCall, Role};
use crate::text::{Diagnostic, Fix, did_you_mean};

/// The variables that steps have named so far.
#[derive(Clone, Default)]
pub(super) struct Variables {
    names: Vec<Box<str>>,
    /// How many there were before the block's first `when` or `then`.
    before_when: Option<usize>,
    asserted: bool,
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
        if self.names.contains(&name.text) {
            let what = format!("${} has a value already", name.text);
            mistakes.push(
                Diagnostic::error(codes::NAMED_TWICE, name.span, what)
                    .advise("choose another name: a variable keeps its value for the whole scenario"),
            );
        } else {
            self.names.push(name.text.clone());
        }
    }

    /// Only the names that were there before the block's first `when`: `never` is armed by then.
    pub(super) fn known_to_watches(&self) -> Self {
        let count = self.before_when.unwrap_or(self.names.len());
        Self { names: self.names[..count].to_vec(), ..Self::default() }
    }

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
        matcher.expressions(&mut |expr| self.check(expr, contract, mistakes));
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

    /// Whether every name in the expression means something.
    pub(super) fn check(&self, expr: &Expr, contract: &Contract, mistakes: &mut Vec<Diagnostic>) {
        let mut binders: Vec<&str> = Vec::new();
        expr.walk(&mut |part| match &part.kind {
            ExprKind::Variable(name) => self.check_variable(name, mistakes),
            ExprKind::New(aggregate) if contract.aggregate(&aggregate.text).is_none() => {
                let what = format!("{} has no aggregate `{}`", contract.name(), aggregate.text);
                let mistake = Diagnostic::error(codes::UNKNOWN_AGGREGATE, aggregate.span, what);
                mistakes.push(suggest(mistake, aggregate, contract.aggregate_names(), ""));
            }
            ExprKind::Fold(fold) => {
                binders.push(&fold.binder.text);
                check_function(&fold.function, mistakes);
            }
            ExprKind::Call(function, _) => check_function(function, mistakes),
            ExprKind::Name(name) if !binders.contains(&&*name.text) => {
                let what = format!("`{}` is neither a value nor a variable", name.text);
                let mut mistake = Diagnostic::error(codes::BARE_WORD, name.span, what);
                mistake.fix = Some(if self.names.contains(&name.text) {
                    Fix {
                        advice: format!("the variable is written `${}`", name.text),
                        replace: Some((name.span, format!("${}", name.text))),
                    }
                } else {
                    Fix {
                        advice: format!("text goes in quotes: `\"{}\"`", name.text),
                        replace: Some((name.span, format!("\"{}\"", name.text))),
                    }
                });
                mistakes.push(mistake);
            }
            _ => {}
        });
    }

    fn check_variable(&self, name: &Ident, mistakes: &mut Vec<Diagnostic>) {
        if self.names.contains(&name.text) {
            return;
        }
        let what = format!("no step before this one has named ${}", name.text);
        let mistake = Diagnostic::error(codes::UNKNOWN_VARIABLE, name.span, what);
        let suggested = suggest(mistake, name, self.names.iter().map(|name| &**name), "$");
        mistakes.push(match suggested.fix {
            Some(_) => suggested,
            None => {
                suggested.advise(format!("name it first: `let ${0} = …`, or `-> ${0} = …` behind a command", name.text))
            }
        });
    }
}

fn check_function(function: &Ident, mistakes: &mut Vec<Diagnostic>) {
    if !expr::functions().any(|name| name == &*function.text) {
        let what = format!("there is no function `{}`", function.text);
        let mistake = Diagnostic::error(codes::UNKNOWN_FUNCTION, function.span, what);
        mistakes.push(suggest(mistake, function, expr::functions(), ""));
    }
}

fn values(fields: &[FieldExpr]) -> impl Iterator<Item = &Expr> {
    fields.iter().map(|field| &field.value)
}

/// The diagnostic with "did you mean", where one of the names comes near.
pub(super) fn suggest<'a>(
    mut mistake: Diagnostic,
    written: &Ident,
    names: impl IntoIterator<Item = &'a str>,
    decoration: &str,
) -> Diagnostic {
    if let Some(near) = did_you_mean(&written.text, names) {
        let near = format!("{decoration}{near}");
        mistake.fix =
            Some(Fix { advice: format!("did you mean `{near}`?"), replace: Some((written.span, near)) });
    }
    mistake
}
