//! What may be wrong with a service, and which clause has to say so.

use super::oddity::Oddity::{self, *};

/// A bug.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Fault {
    LostUpdate,
    CheckThenInsert,
    RetryTwice,
    LostEffect,
    IgnoredField,
    HalfTransfer,
    MissingRule,
    OffByOne,
    RefusedBooked,
    StaleReads,
    GoesBack,
    WrongTotal,
    PageLoses,
    CentsCut,
    SwappedFields,
    CrossConflict,
    TimeCut,
    ZoneLost,
}

/// What there is to say of a fault.
pub(super) struct Twin {
    pub(super) fault: Fault,
    /// Its name in documents.
    pub(super) name: &'static str,
    pub(super) means: &'static str,
    /// The clause that has to be broken by it.
    pub(super) clause: &'static str,
    /// Clauses that it breaks as well, by the letter.
    pub(super) also: &'static [&'static str],
    /// Where it can be.
    pub(super) needs: &'static [Oddity],
    /// Where it can't be, or can't be seen.
    pub(super) never: &'static [Oddity],
}

const fn twin(
    fault: Fault,
    name: &'static str,
    means: &'static str,
    clause: &'static str,
    also: &'static [&'static str],
    needs: &'static [Oddity],
    never: &'static [Oddity],
) -> Twin {
    Twin { fault, name, means, clause, also, needs, never }
}

pub(super) const FAULTS: &[Twin] = &[
    twin(
        Fault::LostUpdate,
        "lost-update",
        "what is in a pen is read, and written a moment later",
        "OC-5",
        &["BR-5"],
        &[],
        &[OnlyCreation],
    ),
    twin(
        Fault::CheckThenInsert,
        "check-then-insert",
        "whether a pen is there is looked up a moment before it is inserted",
        "BR-5",
        &["OC-3", "OC-5"],
        &[],
        &[Upsert, ServiceIds, IntegerIds, LookedUpIds],
    ),
    twin(
        Fault::RetryTwice,
        "retry-twice",
        "a retry of what was stocked is stocked again",
        "ID-1",
        &["ID-2", "ID-3"],
        &[],
        &[OnlyCreation],
    ),
    twin(
        Fault::LostEffect,
        "lost-effect",
        "every fourth amount never reaches the read model of one pen",
        "EC-1",
        &["EC-4", "CV-1"],
        &[],
        &[OnlyCreation, NoQuery],
    ),
    twin(
        Fault::IgnoredField,
        "ignored-field",
        "the read model of one pen never takes in another label",
        "EC-1",
        &["EC-4", "CV-1"],
        &[],
        &[OnlyCreation, NoQuery],
    ),
    twin(
        Fault::HalfTransfer,
        "half-transfer",
        "every second move takes, and never gives",
        "BR-3",
        &[],
        &[],
        &[OnlyCreation],
    ),
    twin(
        Fault::MissingRule,
        "missing-rule",
        "more can be taken than there is",
        "BR-6",
        &["BR-2", "BR-4", "BR-5"],
        &[],
        &[OnlyCreation],
    ),
    twin(
        Fault::OffByOne,
        "off-by-one",
        "the last bit can't be taken",
        "CH-1",
        &["BR-6"],
        &[],
        &[OnlyCreation],
    ),
    twin(
        Fault::RefusedBooked,
        "refused-booked",
        "what is too much is refused, and taken",
        "BR-1",
        &["EC-3"],
        &[],
        &[OnlyCreation],
    ),
    twin(
        Fault::StaleReads,
        "stale-reads",
        "every tenth effect shows long after the bound",
        "EC-1",
        &["EC-4", "EC-5", "CV-1"],
        &[],
        &[OnlyCreation, NoQuery],
    ),
    twin(
        Fault::GoesBack,
        "goes-back",
        "every third read shows what was there before the last change, for ever",
        "EC-2",
        &["EC-1", "EC-4", "EC-5", "SG-2", "CV-1"],
        &[],
        &[OnlyCreation, NoQuery],
    ),
    twin(
        Fault::WrongTotal,
        "wrong-total",
        "a list counts one row too many",
        "QS-5",
        &[],
        &[Totals],
        &[DollarRows],
    ),
    twin(
        Fault::PageLoses,
        "page-loses",
        "the last row of a full page is on no page",
        "QS-5",
        &["QS-3", "EC-1", "EC-4"],
        &[CursorPages],
        &[],
    ),
    twin(
        Fault::CentsCut,
        "cents-cut",
        "the read model of one pen keeps whole amounts alone",
        "EC-3",
        &["EC-1", "CV-1"],
        &[],
        &[OnlyCreation, NoQuery],
    ),
    twin(
        Fault::SwappedFields,
        "swapped-fields",
        "the read model of one pen shows label and keeper the wrong way round",
        "EC-3",
        &["EC-1", "CV-1"],
        &[],
        &[NoQuery],
    ),
    twin(
        Fault::CrossConflict,
        "cross-conflict",
        "who writes to one pen while somebody else writes to another is told of a conflict",
        "OC-4",
        &["CH-1"],
        &[],
        &[OnlyCreation],
    ),
    twin(
        Fault::TimeCut,
        "time-cut",
        "the read model of one pen keeps the day of an instant alone",
        "EC-3",
        &["EC-1", "EC-4"],
        &[MilliInstants],
        &[NoQuery],
    ),
    twin(
        Fault::ZoneLost,
        "zone-lost",
        "the zone of an instant that is sent is cut off, and what is left is taken for UTC",
        "EC-3",
        &["EC-1", "EC-4"],
        &[OtherZone],
        &[NoQuery],
    ),
];
