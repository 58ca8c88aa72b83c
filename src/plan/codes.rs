use crate::text::Code;

/// The kinds of mistake that planning finds.
pub const CODES: &[(Code, &str)] = &[
    (UNKNOWN_NAME, "a command or query that the contract doesn't have"),
    (WRONG_PLACE, "a command where only a query makes sense, or the other way round"),
    (MISSING_AGGREGATE, "a command or query that needs `on`, without it"),
    (NEEDLESS_AGGREGATE, "`on` where the contract knows no aggregate"),
    (UNKNOWN_FIELD, "a field that the contract doesn't have"),
    (MISSING_FIELD, "a field that the contract demands, left out"),
    (MISTYPED, "a value of another type than the contract says"),
    (UNKNOWN_CODE, "a rejection that the contract doesn't have"),
    (FOREIGN_CODE, "a rejection that the contract doesn't have for this command"),
    (UNKNOWN_VARIABLE, "a variable that no step before has named"),
    (NAMED_TWICE, "a variable that a step before has named already"),
    (UNKNOWN_AGGREGATE, "`new` of an aggregate that the contract doesn't have"),
    (UNKNOWN_FUNCTION, "a function that there isn't"),
    (BARE_WORD, "a word that is neither a value nor a variable"),
    (NO_COMMAND, "an outcome or a repetition without a command to speak of"),
    (SPOKEN_TWICE, "a second word on one command's outcome"),
    (NOTHING_ASSERTED, "a scenario that can't fail"),
];

pub(super) const UNKNOWN_NAME: Code = Code("unknown-name");
pub(super) const WRONG_PLACE: Code = Code("wrong-place");
pub(super) const MISSING_AGGREGATE: Code = Code("missing-aggregate");
pub(super) const NEEDLESS_AGGREGATE: Code = Code("needless-aggregate");
pub(super) const UNKNOWN_FIELD: Code = Code("unknown-field");
pub(super) const MISSING_FIELD: Code = Code("missing-field");
pub(super) const MISTYPED: Code = Code("mistyped");
pub(super) const UNKNOWN_CODE: Code = Code("unknown-code");
pub(super) const FOREIGN_CODE: Code = Code("foreign-code");
pub(super) const UNKNOWN_VARIABLE: Code = Code("unknown-variable");
pub(super) const NAMED_TWICE: Code = Code("named-twice");
pub(super) const UNKNOWN_AGGREGATE: Code = Code("unknown-aggregate");
pub(super) const UNKNOWN_FUNCTION: Code = Code("unknown-function");
pub(super) const BARE_WORD: Code = Code("bare-word");
pub(super) const NO_COMMAND: Code = Code("no-command");
pub(super) const SPOKEN_TWICE: Code = Code("spoken-twice");
pub(super) const NOTHING_ASSERTED: Code = Code("nothing-asserted");
