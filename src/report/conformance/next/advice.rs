use std::fmt;

use crate::clause::{Matter, Unit};
use crate::conform::lack;
use crate::protocol::Capability;

/// One step: where something is to be written, what for, and how it looks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Advice {
    pub(super) place: Place,
    /// In a sentence without a full stop.
    pub(super) what: &'static str,
    /// Lines to begin with; none where there is nothing to copy.
    pub(super) lines: &'static str,
}

/// Where it is to be written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Place {
    Profile,
    Contract,
    CommandLine,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Profile => "in the profile",
            Self::Contract => "in the contract",
            Self::CommandLine => "on the command line",
        })
    }
}

const fn profile(what: &'static str, lines: &'static str) -> Advice {
    Advice { place: Place::Profile, what, lines }
}

const fn contract(what: &'static str, lines: &'static str) -> Advice {
    Advice { place: Place::Contract, what, lines }
}

const fn command_line(what: &'static str, lines: &'static str) -> Advice {
    Advice { place: Place::CommandLine, what, lines }
}

impl Advice {
    pub(super) const ALLOWED: Self = command_line(
        "these may do harm to a service that somebody else started, so they are tried where that is allowed; a service that is started \
         by `[exec]` is ours to harm",
        "proofmark conform --allow destructive",
    );

    pub(super) const LONGER: Self = command_line(
        "it came to too little evidence, and nothing says why; more time may do",
        "proofmark conform --budget 10m",
    );

    /// The section of a profile that claims a capability.
    pub(super) fn on_claim(capability: Capability) -> Self {
        match capability {
            Capability::Idempotency => profile(
                "the service takes idempotency keys: where they go",
                "[key]\nheader = \"Idempotency-Key\"",
            ),
            Capability::ExpectedVersion => profile(
                "the service takes the version that a command expects: where answers tell it, and where it goes",
                "[version]\norder = \"number\"\nread = \"$.version\"\nwrite = { header = \"If-Match\", value = '\"${version}\"' }",
            ),
            Capability::Position => profile(
                "answers tell which position of the log they reflect: where",
                "[position]\ncommand = \"$.position\"\nquery = \"$.position\"",
            ),
            Capability::Wait => profile(
                "the service says when a read model has caught up: how it is asked",
                "[wait]\nrequest = \"GET /admin/caught-up/${read_model}\"",
            ),
            Capability::EventFeed => profile(
                "what happened can be read as events: where",
                "[events]\nrequest = \"GET /events?after=${position}\"\nrows = \"$.events\"\n\
                 fields = { type = \"$.type\", data = \"$.data\", aggregate = \"$.streamId\", position = \"$.position\" }",
            ),
            Capability::SeedEvents => profile(
                "events can be written without a command: where",
                "[seed-events]\nrequest = \"POST /streams/${on}\"\nbody = { type = \"${name}\", data = \"${fields}\" }",
            ),
            Capability::Rebuild => profile(
                "a read model can be built anew: how that is asked for",
                "[rebuild]\nrequest = \"POST /admin/projections/${read_model}/rebuild\"",
            ),
            Capability::Reset => profile(
                "everything can be removed: how that is asked for",
                "[reset]\nrequest = \"POST /admin/reset\"",
            ),
            Capability::Temporal => profile(
                "a query can be asked as of an earlier version: how, for each such query",
                "[temporal.QUERY]\nrequest = \"GET /things/${on}?as_of=${version}\"",
            ),
            Capability::Actors => profile(
                "who is speaking makes a difference: the credentials of two of them",
                "[auth.alice]\nkind = \"bearer\"\ntoken = \"${secret:ALICE}\"\n\n\
                 [auth.bob]\nkind = \"bearer\"\ntoken = \"${secret:BOB}\"",
            ),
            Capability::Restart => profile(
                "the service can be ended and started again: how it is started",
                "[exec]\ncommand = \"./my-service --port {port}\"",
            ),
            Capability::Asynchronous => profile(
                "commands are taken in first and come to their end later",
                "[claims]\nasynchronous = true",
            ),
            Capability::FaultHooks => profile(
                "the service lets its examiner slow it down and stop it",
                "[claims]\nfault-hooks = true",
            ),
            Capability::Exclusive => {
                profile("nobody else uses the service while it is examined", "[claims]\nexclusive = true")
            }
        }
    }

    /// What gives a contract something that a clause is about.
    pub(super) fn on_matter(matter: Matter) -> Self {
        match matter {
            Matter::Command => contract(
                "a command that the rules accept in some state, and that the profile has a `[command.NAME]` for",
                "",
            ),
            Matter::Query => contract("a query, and in the profile its `[query.NAME]`", ""),
            Matter::View => contract("a view: a list of what is there", ""),
            Matter::PagedView => contract(
                "a view that is `paged`, and in the profile the page in its request, without `page`",
                "",
            ),
            Matter::ShownEffect => contract("a query that shows a field which a command `sets`", ""),
            Matter::SharedFact => contract("a second query or view that shows the same field", ""),
            Matter::SeveralEffects => contract("a command with several effects, if the service has one", ""),
            Matter::Invariant => contract("what always holds of an aggregate", "invariant \"…\" CONDITION"),
            Matter::Refusal => contract(
                "when the service refuses a command: the rule, by the code that its answer has",
                "reject CODE when CONDITION",
            ),
            Matter::Forbidding => contract(
                "a rule by which one command is refused once another one was accepted",
                "reject CODE when self.phase == …",
            ),
            Matter::Rivals => contract(
                "two commands on one aggregate of which a query shows who came, or who came last",
                "",
            ),
            Matter::Change => contract("a command that changes what is there already", ""),
            Matter::SharedChange => contract(
                "a command on an aggregate that several clients know, and a query that shows its effect",
                "",
            ),
            Matter::Repeatable => {
                contract("a command that has an effect each time it is sent, such as one that adds", "")
            }
        }
    }

    /// What lets a case of an experiment come to something; nothing for a reason that this version doesn't know.
    pub(super) fn on_cases(why: &str) -> Option<Self> {
        let advice = match why {
            lack::TURNED_AWAY => contract(
                "the service refuses a command that the rules accept: the rule that is missing at that command, or values that it \
                 takes (`[generate]` in the profile)",
                "reject CODE when CONDITION",
            ),
            lack::NO_STATE => contract(
                "no state that the commands lead to has what these clauses look at: a command or a rule that brings it, or a profile \
                 that has the commands switched on (`none = true` switches one off)",
                "",
            ),
            lack::NO_REST => profile(
                "nothing says when read models have caught up, or they don't within their bound: how the service is asked, or how long \
                 each query may lag",
                "[wait]\nrequest = \"GET /admin/caught-up/${read_model}\"",
            ),
            lack::NOT_TOLD => profile(
                "what was sent shows in no answer: the fields of a query (`fields`), or where answers tell the version",
                "[version]\norder = \"number\"\nread = \"$.version\"",
            ),
            lack::NO_MORE | lack::TIME_UP | lack::STOPPED => {
                command_line("there was no time for more", "proofmark conform --budget 10m")
            }
            lack::NO_OVERLAP => command_line(
                "commands that were to race came one after the other: on a machine with more cores, or with more time, some meet",
                "proofmark conform --budget 10m",
            ),
            _ => return None,
        };
        Some(advice)
    }

    /// What brings evidence of a kind that is short, where no case says why.
    pub(super) fn on_evidence(unit: Unit) -> Self {
        match unit {
            Unit::Rejections => contract(
                "more commands that are refused: the rules by which the service refuses, each with its code",
                "reject CODE when CONDITION",
            ),
            Unit::ProbedWrites | Unit::Rereads | Unit::Comparisons => contract(
                "more that is set by a command and shown by a query: fields that `sets` and `shows` have in common",
                "",
            ),
            Unit::Errors => profile(
                "answers that tell of an error: the `[[answer]]` by which they are told from others",
                "[[answer]]\nstatus = [\"4xx\"]\nat = \"$.code\"\nis = \"rejected\"\ncode = { from = \"$.code\" }",
            ),
            Unit::Walks => contract("a view that is `paged`, with enough rows for several pages", ""),
            Unit::Waits => Self::on_claim(Capability::Wait),
            Unit::Events | Unit::Cursors => Self::on_claim(Capability::EventFeed),
            Unit::Versions => Self::on_claim(Capability::Temporal),
            Unit::Rebuilds => Self::on_claim(Capability::Rebuild),
            Unit::Intrusions => Self::on_claim(Capability::Actors),
            Unit::Retries => contract(
                "a command that may be sent again: one that has an effect each time it is sent, such as one that adds",
                "",
            ),
            Unit::Bursts | Unit::Pairs => contract(
                "commands on one aggregate that are accepted in one state, or of which one forbids another",
                "",
            ),
            Unit::Commands
            | Unit::Malformed
            | Unit::Sequences
            | Unit::Queries
            | Unit::Answers
            | Unit::Attacks => Self::LONGER,
        }
    }
}
