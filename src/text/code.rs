//! The catalogue of everything that can be wrong in a file.

/// The stable name of a kind of mistake, such as `unknown-command`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Code(pub &'static str);

impl Code {
    /// What the catalogue says about it.
    pub fn entry(self) -> Option<&'static CodeEntry> {
        CATALOGUE.iter().find(|entry| entry.code == self)
    }
}

/// Which room finds a kind of mistake.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Area {
    /// Reading the file.
    Text,
    /// The words and marks that both kinds of file are made of.
    Words,
    /// The parser of `.scenario` files.
    Scenario,
    /// The parser of `.contract` files.
    Contract,
    /// A contract's names and types.
    Names,
    /// What a scenario writes held against a contract's types.
    Fit,
    /// A scenario as a whole held against its contract.
    Plan,
    /// A contract's rules, explored: what they reach.
    Rules,
    /// Target profiles.
    Profile,
    /// The evaluation of expressions and matchers, while a scenario or a rule is executed.
    Evaluation,
}

/// One kind of mistake in the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct CodeEntry {
    /// Its stable name.
    pub code: Code,
    /// Who finds it.
    pub area: Area,
    /// What it means, in a sentence or two.
    pub doc: &'static str,
}

/// Declares each code as a constant and lists all of them in [`CATALOGUE`].
macro_rules! catalogue {
    ($($area:ident { $(#[doc = $doc:literal] $name:ident = $text:literal;)* })*) => {
        impl Code {
            $($(#[doc = $doc] pub const $name: Self = Self($text);)*)*
        }

        /// Every kind of mistake, in the order of the rooms that find them.
        pub const CATALOGUE: &[CodeEntry] = &[
            $($(CodeEntry { code: Code::$name, area: Area::$area, doc: $doc.trim_ascii() },)*)*
        ];
    };
}

catalogue! {
    Text {
        /// The file can't be opened or read.
        UNREADABLE_FILE = "unreadable-file";
        /// The file is larger than any text written by hand; it is not read at all.
        FILE_TOO_LARGE = "file-too-large";
        /// The file is not UTF-8 text.
        NOT_UTF8 = "not-utf8";
        /// The file holds a NUL byte: it is no text, or text in another encoding.
        BINARY_FILE = "binary-file";
    }
    Words {
        /// A character that means nothing in this language.
        UNKNOWN_CHARACTER = "unknown-character";
        /// A text or regular expression that is not closed on the line it was opened on.
        UNTERMINATED_TEXT = "unterminated-text";
        /// A backslash in a text followed by something that is no escape.
        BAD_ESCAPE = "bad-escape";
        /// A number that JSON would not take either, or a duration with an unknown unit.
        BAD_NUMBER = "bad-number";
        /// A bracket that is not closed where its construct ends.
        UNCLOSED_BRACKET = "unclosed-bracket";
        /// A word or mark that can't stand where it is.
        UNEXPECTED = "unexpected";
        /// Something needed is missing: a name, a value, a duration.
        MISSING = "missing";
        /// Brackets or operators are nested deeper than anybody can read.
        TOO_DEEP = "too-deep";
        /// One field is given twice in one record.
        DUPLICATE_FIELD = "duplicate-field";
        /// `=` where `==` compares.
        SINGLE_EQUALS = "single-equals";
        /// Two comparisons in a row, as in `1 < x < 5`.
        CHAINED_COMPARISON = "chained-comparison";
        /// A function that the language doesn't have.
        UNKNOWN_FUNCTION = "unknown-function";
        /// The file has more mistakes than are worth printing at once.
        TOO_MANY_MISTAKES = "too-many-mistakes";
        /// Part of the language, but this version can't do it yet.
        NOT_YET_SUPPORTED = "not-yet-supported";
    }
    Scenario {
        /// A line that begins with no known word.
        UNKNOWN_STEP = "unknown-step";
        /// A step that belongs to no scenario or background.
        STEP_WITHOUT_SCENARIO = "step-without-scenario";
        /// A scenario that does nothing.
        EMPTY_SCENARIO = "empty-scenario";
        /// Two scenarios of a file have the same name.
        DUPLICATE_SCENARIO = "duplicate-scenario";
        /// Examples that are no table: without rows, with too few cells, or without an outline.
        BAD_EXAMPLES = "bad-examples";
        /// `<column>` in an outline whose examples have no such column.
        UNKNOWN_COLUMN = "unknown-column";
        /// A column of examples that no step uses.
        UNUSED_COLUMN = "unused-column";
        /// Two rows of examples are the same.
        DUPLICATE_ROW = "duplicate-row";
        /// A file without a single scenario.
        NO_SCENARIOS = "no-scenarios";
        /// `feature`, `use` or `background` more than once, or behind the first scenario.
        MISPLACED_HEADER = "misplaced-header";
        /// An included file that includes itself, has scenarios, or speaks another contract.
        BAD_INCLUDE = "bad-include";
        /// Tags that no scenario follows.
        MISPLACED_TAG = "misplaced-tag";
        /// A step that makes no sense in its role, such as `given accepted`.
        MISPLACED_STEP = "misplaced-step";
        /// `key`, `on`, `shows` and the like twice in one step.
        DUPLICATE_CLAUSE = "duplicate-clause";
        /// A word without quotes where a value is expected.
        BARE_WORD = "bare-word";
        /// An assertion that doesn't say what the answer must look like.
        MISSING_SHOWS = "missing-shows";
        /// A number where a duration with a unit is expected.
        MISSING_UNIT = "missing-unit";
    }
    Contract {
        /// A line of a contract that begins with no known word.
        UNKNOWN_CLAUSE = "unknown-clause";
        /// A clause under something it does not belong to, such as `set` under a query.
        MISPLACED_CLAUSE = "misplaced-clause";
        /// One clause twice where it can be said only once.
        REPEATED_CLAUSE = "repeated-clause";
        /// More fields, states, events or members in one place than anybody can read.
        TOO_MANY_PARTS = "too-many-parts";
        /// A contract that does not begin with `contract NAME`.
        MISSING_CONTRACT_NAME = "missing-contract-name";
    }
    Names {
        /// Two things of the same kind have the same name.
        DUPLICATE_NAME = "duplicate-name";
        /// A type that is neither built in nor declared.
        UNKNOWN_TYPE = "unknown-type";
        /// A type that contains itself.
        RECURSIVE_TYPE = "recursive-type";
        /// A range whose lower end is above its upper end.
        EMPTY_RANGE = "empty-range";
        /// A window of instants with an end that is none.
        BAD_INSTANT = "bad-instant";
        /// `emits` or `event` names an event that is not declared.
        UNKNOWN_EVENT = "unknown-event";
        /// A field of an event that neither the event nor the command knows.
        UNKNOWN_EVENT_FIELD = "unknown-event-field";
        /// A state of the aggregate that is not declared.
        UNKNOWN_STATE = "unknown-state";
        /// An aggregate that the contract does not declare.
        UNKNOWN_AGGREGATE = "unknown-aggregate";
        /// A name in an expression that stands for nothing.
        UNKNOWN_NAME = "unknown-name";
    }
    Fit {
        /// A field that the command, query or record doesn't have.
        UNKNOWN_FIELD = "unknown-field";
        /// A field that is expected of an answer, but that the contract doesn't mention. It may be there all the same.
        UNDECLARED_FIELD = "undeclared-field";
        /// A field without a default that is not given.
        MISSING_FIELD = "missing-field";
        /// A value of another kind than the contract says, such as text for a number.
        WRONG_TYPE = "wrong-type";
        /// A text that is no member of the enum it is given for or compared with.
        UNKNOWN_MEMBER = "unknown-member";
    }
    Plan {
        /// A file of scenarios that doesn't say which contract it speaks.
        MISSING_CONTRACT = "missing-contract";
        /// `use` names a contract that there is no file of.
        UNKNOWN_CONTRACT = "unknown-contract";
        /// A command or query that the contract doesn't have.
        UNKNOWN_MESSAGE = "unknown-message";
        /// A command where only a query makes sense, or the other way round, or a word on the outcome of a `given`.
        WRONG_PLACE = "wrong-place";
        /// A command or query of an aggregate, without `on`.
        MISSING_AGGREGATE = "missing-aggregate";
        /// `on` where the contract knows no aggregate.
        NEEDLESS_AGGREGATE = "needless-aggregate";
        /// A rejection that the contract doesn't have.
        UNKNOWN_REJECTION = "unknown-rejection";
        /// A rejection that the contract doesn't have for this command.
        FOREIGN_REJECTION = "foreign-rejection";
        /// A variable that no step before has named.
        UNKNOWN_VARIABLE = "unknown-variable";
        /// A variable that has a value already.
        NAMED_TWICE = "named-twice";
        /// A word on an outcome, or a repetition, without a command before it.
        NO_COMMAND = "no-command";
        /// A racer that no race before has.
        UNKNOWN_RACER = "unknown-racer";
        /// A racer of which nothing is said, though something is said of others in its race.
        UNSPOKEN = "unspoken";
        /// A number of racers or rounds that can't be, or that says nothing.
        IMPOSSIBLE_COUNT = "impossible-count";
        /// What one command brought is said twice.
        SPOKEN_TWICE = "spoken-twice";
        /// A scenario that can't fail.
        NOTHING_ASSERTED = "nothing-asserted";
        /// A `unique` value that goes where no value fits, or into places that no one value fits.
        UNIQUE_FITS_NOWHERE = "unique-fits-nowhere";
        /// A `unique` value of which there are so few that two may be the same.
        FEW_VALUES = "few-values";
        /// A tag that looks like the id of a clause, and is none.
        NO_CLAUSE = "no-clause";
    }
    Rules {
        /// An invariant that does not hold behind a command which the rules accept.
        BROKEN_INVARIANT = "broken-invariant";
        /// A state that is set to a value which its type does not take.
        UNLAWFUL_EFFECT = "unlawful-effect";
        /// A rule that has no value in a state which the rules reach.
        RULE_WITHOUT_VALUE = "rule-without-value";
        /// A command that was accepted in no state that was found.
        NEVER_ACCEPTED = "never-accepted";
        /// A rejection that applied to nothing that was tried.
        NEVER_REJECTS = "never-rejects";
        /// A rejection that applied to everything that was tried.
        ALWAYS_REJECTS = "always-rejects";
        /// A member of a state's enum that no state which was found has.
        UNREACHED_MEMBER = "unreached-member";
    }
    Profile {
        /// The file is not TOML.
        BAD_TOML = "bad-toml";
        /// A key that a section of a profile doesn't have.
        UNKNOWN_KEY = "unknown-key";
        /// A key without which a section of a profile makes no sense.
        MISSING_KEY = "missing-key";
        /// A value of another kind than the key takes, such as a number for text.
        WRONG_KIND_OF_VALUE = "wrong-kind-of-value";
        /// A value of the right kind that the key doesn't take.
        BAD_VALUE = "bad-value";
        /// A duration without a unit, or with one that is unknown.
        BAD_DURATION = "bad-duration";
        /// Something that is no status of HTTP.
        BAD_STATUS = "bad-status";
        /// Something that is no method and path.
        BAD_REQUEST_LINE = "bad-request-line";
        /// A text that is no statement which reads, or a database's address that is none.
        BAD_SQL = "bad-sql";
        /// Something that leads to no place in an answer or a message, or to several.
        BAD_PATH = "bad-path";
        /// A placeholder that is not closed, or has or lacks a `?`.
        BAD_PLACEHOLDER = "bad-placeholder";
        /// A placeholder that stands for nothing where it is.
        UNKNOWN_PLACEHOLDER = "unknown-placeholder";
        /// A page that nobody asks for, or that is asked for twice.
        BAD_PAGE = "bad-page";
        /// A filter that there is not.
        UNKNOWN_FILTER = "unknown-filter";
        /// A filter in a form it does not have.
        BAD_FILTER = "bad-filter";
        /// A variable of the environment that a profile needs and that is not set.
        UNSET_VARIABLE = "unset-variable";
        /// A command or query of the contract that a profile says nothing about.
        NOT_COVERED = "not-covered";
        /// A known departure from the contract that can't be, or that contradicts another.
        BAD_DEVIATION = "bad-deviation";
    }
    Evaluation {
        /// A function used in a form it does not have.
        WRONG_ARGUMENTS = "wrong-arguments";
        /// A value of another kind than an operator, a function or a matcher needs.
        WRONG_KIND = "wrong-kind";
        /// A field or an element that the value at hand does not have.
        NOT_THERE = "not-there";
        /// Values are compared that have no order.
        NO_ORDER = "no-order";
        /// A result that can't be kept exactly; nothing is ever rounded.
        INEXACT = "inexact";
        /// An expression that takes too many steps, or a value that is too deep.
        TOO_MUCH_WORK = "too-much-work";
        /// `unique` or `new` where no ids can be drawn.
        CANNOT_DRAW = "cannot-draw";
        /// Something between `~/` and `/` that is no regular expression.
        BAD_REGEX = "bad-regex";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_kebab_case_and_documented() {
        for (index, entry) in CATALOGUE.iter().enumerate() {
            let code = entry.code.0;
            assert!(
                code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{code}"
            );
            assert!(entry.doc.ends_with('.'), "{code}: {:?}", entry.doc);
            assert!(!CATALOGUE[..index].iter().any(|other| other.code == entry.code), "{code} twice");
        }
    }

    #[test]
    fn a_code_finds_its_entry() {
        assert_eq!(Code::NOT_UTF8.entry().map(|entry| entry.area), Some(Area::Text));
        assert!(Code("no-such-code").entry().is_none());
    }
}
