use crate::contract::FieldDef;
use crate::profile::template::{Hole, Origin};
use crate::text::{Code, Diagnostic, did_you_mean};
use crate::value::PathStep;

/// What placeholders may stand in one place.
#[derive(Clone)]
pub(super) struct Scope<'a> {
    /// What the place is called.
    pub(super) place: &'a str,
    pub(super) words: &'static [&'static str],
    pub(super) fields: Fields<'a>,
    /// Whether what holds the placeholder can be left out.
    pub(super) optional: bool,
}

/// The fields that `${.field}` can name.
#[derive(Clone, Copy)]
pub(super) enum Fields<'a> {
    None,
    /// Of a command or query of this name.
    Of(&'a str, &'a [FieldDef]),
}

impl<'a> Scope<'a> {
    /// What is known before anything is sent.
    pub(super) fn config(place: &'a str) -> Self {
        Self { place, words: &[], fields: Fields::None, optional: true }
    }

    pub(super) fn with(place: &'a str, words: &'static [&'static str]) -> Self {
        Self { words, ..Self::config(place) }
    }

    /// The same where nothing can be left out.
    pub(super) fn required(&self) -> Self {
        Self { optional: false, ..self.clone() }
    }

    pub(super) fn check(&self, hole: &Hole, out: &mut Vec<Diagnostic>) {
        let word = match &hole.origin {
            Origin::On => "on",
            Origin::Fields => "fields",
            Origin::Name => "name",
            Origin::Key => "key",
            Origin::Version => "version",
            Origin::Position => "position",
            Origin::ReadModel => "read_model",
            Origin::Opened(_) => "opened",
            Origin::Answer(_) if !self.words.contains(&"answer") => {
                let what = format!("{} has no answer at hand", self.place);
                let advice = "a part of an answer can be sent where one has come before: in `poll` of [operation] and in look-ups";
                out.push(Diagnostic::error(Code::UNKNOWN_PLACEHOLDER, hole.span, what).advise(advice));
                return;
            }
            Origin::Answer(_) => "answer",
            Origin::Token => "token",
            Origin::Field(path) => return self.field(path.steps().first(), hole, out),
            Origin::Env(_) | Origin::Secret(_) | Origin::Var(_) => "",
        };
        if !word.is_empty() && !self.words.contains(&word) {
            let what = format!("{} has no `${{{word}}}`", self.place);
            out.push(Diagnostic::error(Code::UNKNOWN_PLACEHOLDER, hole.span, what));
        }
        self.may_be_left_out(hole, out);
    }

    fn may_be_left_out(&self, hole: &Hole, out: &mut Vec<Diagnostic>) {
        if hole.optional && !self.optional {
            let what = format!("nothing can be left out of {}", self.place);
            out.push(Diagnostic::error(Code::BAD_PLACEHOLDER, hole.span, what).advise("remove the `?`"));
        }
    }

    fn field(&self, step: Option<&PathStep>, hole: &Hole, out: &mut Vec<Diagnostic>) {
        let (Fields::Of(message, fields), Some(PathStep::Field(name))) = (self.fields, step) else {
            let what = format!("{} knows no fields", self.place);
            out.push(Diagnostic::error(Code::UNKNOWN_PLACEHOLDER, hole.span, what));
            return;
        };
        let Some(field) = fields.iter().find(|field| *field.name == **name) else {
            let what = format!("{message} has no field `{name}`");
            let near = did_you_mean(name, fields.iter().map(|field| &*field.name));
            let mistake = Diagnostic::error(Code::UNKNOWN_FIELD, hole.span, what);
            out.push(match near {
                Some(near) => mistake.advise(format!("did you mean `.{near}`?")),
                None => mistake,
            });
            return;
        };
        self.may_be_left_out(hole, out);
        if !self.optional && !field.is_required() {
            let what = format!("a scenario may leave `{name}` out, and {} needs it", self.place);
            out.push(Diagnostic::error(Code::BAD_PLACEHOLDER, hole.span, what));
        }
    }
}
