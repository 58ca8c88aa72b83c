//! Types as they are written, made into types.

use std::collections::HashMap;
use std::sync::Arc;

use crate::contract::{FieldDef, Range, RecordType, Type};
use crate::language::Sink;
use crate::language::syntax::ContractFile;
use crate::language::syntax::contract::{
    Bounds, FieldDecl, Lasts, TryRange, TypeDecl, TypeDeclKind, TypeExpr, TypeExprKind,
};
use crate::text::{Code, Diagnostic, did_you_mean};

/// How many declared types may be inside one another.
const MAX_DEPTH: u32 = 64;

/// Types without arguments that need no declaration.
const BUILT_IN: &[&str] = &["id", "bool", "instant"];

/// Types with arguments, for suggestions.
const BUILT_IN_WITH_ARGUMENTS: &[&str] = &["int", "decimal", "string", "bag"];

/// Whether a type has this name without being declared.
pub(super) fn is_built_in(name: &str) -> bool {
    BUILT_IN.contains(&name) || BUILT_IN_WITH_ARGUMENTS.contains(&name)
}

/// Where a declared type is on its way.
enum Progress {
    Waiting,
    Begun,
    /// Resolved, and how deep declared types are nested in it.
    Done(Type, u32),
}

/// Resolves types, the declared ones when they are first used.
pub(super) struct Types<'a> {
    declared: HashMap<&'a str, (&'a TypeDecl, Progress)>,
    aggregates: HashMap<&'a str, Arc<str>>,
    out: &'a mut Sink,
    /// How deep declared types are nested in the type that was resolved last.
    depth: u32,
}

impl<'a> Types<'a> {
    pub(super) fn new(file: &'a ContractFile, out: &'a mut Sink) -> Self {
        let declared = file.types.iter().rev().map(|decl| (&*decl.name.text, (decl, Progress::Waiting)));
        let aggregates =
            file.aggregates.iter().map(|aggregate| (&*aggregate.name.text, (*aggregate.name.text).into()));
        Self { declared: declared.collect(), aggregates: aggregates.collect(), out, depth: 0 }
    }

    /// The declared type of this name.
    pub(super) fn declared(&mut self, decl: &'a TypeDecl) -> Type {
        self.named(&decl.name)
    }

    pub(super) fn fields(&mut self, fields: &'a [FieldDecl]) -> Vec<FieldDef> {
        let mut deepest = 0;
        let fields = fields.iter().map(|field| {
            let field = self.field(field);
            deepest = deepest.max(self.depth);
            field
        });
        let fields = fields.collect();
        self.depth = deepest;
        fields
    }

    fn field(&mut self, field: &'a FieldDecl) -> FieldDef {
        self.depth = 0;
        let ty = field.ty.as_ref().map_or(Type::Unknown, |ty| self.resolve(ty));
        if let Some(tried) = &field.try_range {
            self.check_tried(tried, field, &ty);
        }
        FieldDef {
            name: field.name.text.clone(),
            ty,
            default: field.default.clone(),
            try_range: field.try_range.as_ref().map(Range::from),
            chosen: field.chosen.is_some(),
            lasts: Lasts::default(),
            span: field.name.span,
        }
    }

    pub(super) fn resolve(&mut self, ty: &'a TypeExpr) -> Type {
        self.depth = 0;
        match &ty.kind {
            TypeExprKind::Name(name) => self.named(name),
            TypeExprKind::Int(bounds) => Type::Int(self.range(bounds.as_ref())),
            TypeExprKind::Decimal(bounds) => Type::Decimal(self.range(bounds.as_ref())),
            TypeExprKind::Text { length, alphabet } => {
                let alphabet = alphabet.as_ref().map(|alphabet| character_ranges(&alphabet.node));
                if let (Some(Err(message)), TypeExprKind::Text { alphabet: Some(written), .. }) =
                    (&alphabet, &ty.kind)
                {
                    self.out.push(|| {
                        Diagnostic::error(Code::EMPTY_RANGE, written.span, *message)
                            .advise("write the characters of a text as `[a-z0-9_]`")
                    });
                }
                Type::Text { length: self.range(length.as_ref()), alphabet: alphabet.and_then(Result::ok) }
            }
            TypeExprKind::Enum(members) => {
                Type::Enum(members.iter().map(|member| member.text.clone()).collect())
            }
            TypeExprKind::List(element) => Type::List(Arc::new(self.resolve(element))),
            TypeExprKind::Bag(element) => Type::Bag(Arc::new(self.resolve(element))),
            TypeExprKind::Optional(inner) => Type::Optional(Arc::new(self.resolve(inner))),
        }
    }

    fn named(&mut self, name: &'a crate::language::syntax::Ident) -> Type {
        match &*name.text {
            "id" => return Type::Id,
            "bool" => return Type::Bool,
            "instant" => return Type::Instant,
            _ => {}
        }
        if let Some(aggregate) = self.aggregates.get(&*name.text) {
            return Type::Reference(aggregate.clone());
        }
        let Some((decl, progress)) = self.declared.get_mut(&*name.text) else {
            if self.out.is_full() {
                return Type::Unknown;
            }
            let known = self
                .declared
                .keys()
                .chain(self.aggregates.keys())
                .chain(BUILT_IN)
                .chain(BUILT_IN_WITH_ARGUMENTS);
            let known = did_you_mean(&name.text, known.copied());
            let diagnostic =
                Diagnostic::error(Code::UNKNOWN_TYPE, name.span, format!("there is no type `{}`", name.text));
            self.out.push(|| match known {
                Some(_) => diagnostic.suggest(known),
                None => diagnostic.advise(format!("declare it: `type {} {{ … }}`", name.text)),
            });
            return Type::Unknown;
        };
        let decl: &'a TypeDecl = decl;
        match progress {
            Progress::Done(ty, depth) => {
                self.depth = *depth;
                return ty.clone();
            }
            Progress::Begun => {
                self.out.push(|| {
                    Diagnostic::error(
                        Code::RECURSIVE_TYPE,
                        name.span,
                        format!("`{}` contains itself", name.text),
                    )
                    .related(decl.name.span, "declared here")
                    .advise("refer to the other one by its `id`")
                });
                return Type::Unknown;
            }
            Progress::Waiting => *progress = Progress::Begun,
        }
        self.declare(decl)
    }

    fn declare(&mut self, decl: &'a TypeDecl) -> Type {
        let mut ty = match &decl.kind {
            TypeDeclKind::Record(fields) => {
                let fields = self.fields(fields);
                Type::Record(Arc::new(RecordType { name: Some(decl.name.text.clone()), fields, open: false }))
            }
            TypeDeclKind::Alias(ty) => self.resolve(ty),
        };
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.out.push(|| {
                Diagnostic::error(Code::TOO_DEEP, decl.name.span, "types are nested too deeply")
                    .advise(format!("at most {MAX_DEPTH} types may be inside one another"))
            });
            ty = Type::Unknown;
            self.depth = 0;
        }
        if let Some((_, progress)) = self.declared.get_mut(&*decl.name.text) {
            *progress = Progress::Done(ty.clone(), self.depth);
        }
        ty
    }

    fn range(&mut self, bounds: Option<&Bounds>) -> Range {
        let Some(bounds) = bounds else { return Range::default() };
        self.check_bounds(bounds);
        Range::from(bounds)
    }

    /// A `try` is of what the field is.
    fn check_tried(&mut self, tried: &TryRange, field: &FieldDecl, ty: &Type) {
        let is_instant = match ty {
            Type::Optional(inner) => matches!(**inner, Type::Instant),
            ty => matches!(ty, Type::Instant),
        };
        let (span, told, advice) = match tried {
            TryRange::Numbers(bounds) if !is_instant => return self.check_bounds(bounds),
            TryRange::Numbers(bounds) => {
                (bounds.span, "an instant is in no range of numbers", "\"2026-01-01T00:00:00Z\"..")
            }
            TryRange::Moments { from: Some(from), to: Some(to), span } if is_instant => {
                if from > to {
                    self.out.push(|| {
                        Diagnostic::error(
                            Code::EMPTY_RANGE,
                            *span,
                            "nothing is in this range: it begins behind its end",
                        )
                        .replace("write the earlier instant first", format!("\"{to}\"..\"{from}\""))
                    });
                }
                return;
            }
            TryRange::Moments { .. } if is_instant || matches!(ty, Type::Unknown) => return,
            TryRange::Moments { span, .. } => (*span, "only an instant is in a window of instants", "0..12"),
        };
        let words = ty.in_words();
        self.out.push(|| {
            Diagnostic::error(Code::WRONG_TYPE, span, told)
                .label(format!("`{}` is {words}", field.name.text))
                .advise(format!("write it like `try {advice}`"))
        });
    }

    fn check_bounds(&mut self, bounds: &Bounds) {
        let (Some(min), Some(max)) = (&bounds.min, &bounds.max) else { return };
        if let (Some(min), Some(max)) = (min.decimal(), max.decimal())
            && min > max
        {
            self.out.push(|| {
                Diagnostic::error(
                    Code::EMPTY_RANGE,
                    bounds.span,
                    "nothing is in this range: it begins behind its end",
                )
                .replace("write the smaller number first", format!("{max}..{min}"))
            });
        }
    }
}

/// `a-z0-9_` as ranges of characters; a `-` at either end stands for itself.
fn character_ranges(text: &str) -> Result<Arc<[(char, char)]>, &'static str> {
    let chars: Vec<char> = text.chars().collect();
    let mut ranges = Vec::new();
    let mut rest = chars.as_slice();
    while let [first, tail @ ..] = rest {
        let (last, behind) = match tail {
            ['-', last, behind @ ..] => (last, behind),
            _ => (first, tail),
        };
        if last < first {
            return Err("nothing is in this range: it begins behind its end");
        }
        ranges.push((*first, *last));
        rest = behind;
    }
    if ranges.is_empty() { Err("a text is made of at least one character") } else { Ok(ranges.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alphabets_are_ranges() {
        let check = |text, expected: Option<&[(char, char)]>| {
            assert_eq!(character_ranges(text).ok().as_deref(), expected, "{text}");
        };
        check("a-z0-9_", Some(&[('a', 'z'), ('0', '9'), ('_', '_')]));
        check("-a", Some(&[('-', '-'), ('a', 'a')]));
        check("a-", Some(&[('a', 'a'), ('-', '-')]));
        check("z-a", None);
        check("", None);
    }
}
