//! What may be odd about a sound service, and which oddities no service has at once.

use std::collections::BTreeSet;

/// A thing that is odd about a service, and right all the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Oddity {
    ServiceIds,
    IntegerIds,
    LookedUpIds,
    ZuluInstants,
    OffsetInstants,
    MilliInstants,
    OtherZone,
    DollarRows,
    FreeText,
    Upsert,
    UuidFields,
    SelfMoves,
    Floats,
    EqualStates,
    Replicas,
    NoWait,
    Everybody,
    Totals,
    OnlyCreation,
    NoQuery,
    PlainText,
    ErrorsIn200,
    IdleClosed,
    Hiccups,
    CursorPages,
    TinyPages,
    NewestFirst,
    Reborn,
    OptionalFields,
    OtherReplays,
    ConflictsAs500,
}

use Oddity::*;

/// Each with its name in documents, and what it means.
pub(super) const ODDITIES: &[(Oddity, &str, &str)] = &[
    (ServiceIds, "service-ids", "the service makes ids up, and tells them in the answer"),
    (IntegerIds, "integer-ids", "the same, and they are whole numbers"),
    (LookedUpIds, "looked-up-ids", "the same, and only a query tells them"),
    (ZuluInstants, "zulu-instants", "instants are shown in UTC, with `Z`"),
    (OffsetInstants, "offset-instants", "instants are shown in UTC, with `+00:00`"),
    (MilliInstants, "milli-instants", "instants are shown with milliseconds, zero ones as well"),
    (OtherZone, "other-zone", "instants are shown in a zone of the service's own, `+05:30`"),
    (
        DollarRows,
        "dollar-rows",
        "a list shows rows of others to everybody, with texts such as `$5 off` and `${7*7}`",
    ),
    (FreeText, "free-text", "views show texts that anybody may write anything into"),
    (Upsert, "upsert", "what is created again is overwritten"),
    (UuidFields, "uuid-fields", "a field and keys have to be UUIDs"),
    (SelfMoves, "self-moves", "a transfer to oneself is accepted, and nothing comes of it"),
    (Floats, "floats", "amounts are shown as binary floats, within a declared tolerance"),
    (EqualStates, "equal-states", "a slow read model passes through states that look alike: on, off, on"),
    (Replicas, "replicas", "reads go round two replicas of which one is behind, within the bound"),
    (
        NoWait,
        "no-wait",
        "nobody tells when read models have caught up, and the bound is a hundred times the lag",
    ),
    (Everybody, "everybody", "a list without a filter, for everybody"),
    (Totals, "totals", "a list tells how many rows there are of everybody's, and a view sums them up"),
    (OnlyCreation, "only-creation", "things are created, and never change"),
    (NoQuery, "no-query", "nothing can be asked"),
    (PlainText, "plain-text", "commands are answered in plain words"),
    (ErrorsIn200, "errors-in-200", "a refusal is a 200 with errors in it"),
    (IdleClosed, "idle-closed", "connections that were idle for a second are closed"),
    (Hiccups, "hiccups", "the lag is now and then ten times the usual, within the bound"),
    (CursorPages, "cursor-pages", "a list is read page by page, by cursors"),
    (TinyPages, "tiny-pages", "pages have two rows"),
    (NewestFirst, "newest-first", "a list begins with what was created last"),
    (Reborn, "reborn", "what was removed can be made again"),
    (OptionalFields, "optional-fields", "fields may be left out, and some have a value then"),
    (OtherReplays, "other-replays", "a retry is answered with another status than the first time"),
    (ConflictsAs500, "conflicts-as-500", "a conflict of versions is a 500 with words of the database"),
];

/// Of each group, a service has one at most.
const EITHER: &[(&[Oddity], &str)] = &[
    (&[ServiceIds, IntegerIds, LookedUpIds], "ids come from one place"),
    (&[ZuluInstants, OffsetInstants, MilliInstants, OtherZone], "instants are written in one form"),
    (&[PlainText, ErrorsIn200], "plain words hold no errors to look for"),
];

/// What makes no sense beside what.
const CLASHES: &[(Oddity, &[Oddity], &str)] = &[
    (
        NoQuery,
        &[
            LookedUpIds,
            ZuluInstants,
            OffsetInstants,
            MilliInstants,
            OtherZone,
            DollarRows,
            FreeText,
            Floats,
            EqualStates,
            Replicas,
            NoWait,
            Everybody,
            Totals,
            Hiccups,
            CursorPages,
            TinyPages,
            NewestFirst,
        ],
        "it would have to be seen",
    ),
    (
        OnlyCreation,
        &[SelfMoves, Floats, EqualStates, Reborn, ConflictsAs500],
        "nothing happens behind the creation",
    ),
    (Upsert, &[ServiceIds, IntegerIds, LookedUpIds], "a new id is nobody's yet"),
    (Reborn, &[ServiceIds, IntegerIds, LookedUpIds], "a new id is nobody's yet"),
];

/// Why no service has both; nothing if one may.
pub(super) fn clash(one: Oddity, other: Oddity) -> Option<&'static str> {
    let either = EITHER.iter().find(|(group, _)| group.contains(&one) && group.contains(&other));
    let apart = |a, b| CLASHES.iter().find(|(first, rest, _)| *first == a && rest.contains(&b));
    let clash = apart(one, other).or_else(|| apart(other, one));
    either.filter(|_| one != other).map(|(_, why)| *why).or(clash.map(|(.., why)| *why))
}

/// What a service has.
pub(super) type Oddities = BTreeSet<Oddity>;

/// The name in documents.
pub(super) fn name(oddity: Oddity) -> &'static str {
    let found = ODDITIES.iter().find(|(known, ..)| *known == oddity);
    found.map(|(_, name, _)| *name).expect("each has its line")
}

/// Clauses that no service has to keep and that one with this oddity doesn't, by the letter: each with the reason.
pub(super) fn true_of(oddity: Oddity) -> &'static [(&'static str, &'static str)] {
    match oddity {
        Replicas => &[("SG-2", "the replica that is behind shows what was there before")],
        PlainText => &[("CH-3", "plain words are no problem document")],
        OtherReplays => &[("CH-3", "the 409 of a retry is no problem document")],
        _ => &[],
    }
}
