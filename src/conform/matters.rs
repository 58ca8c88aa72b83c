//! What clauses can be about in a contract, with one target.

use super::options::{Options, Sought};
use super::reach::{Reach, changes_what_is_there};
use crate::clause::{Matter, Matters, meet};
use crate::contract::explore::Graph;
use crate::contract::rules::World;
use crate::contract::{FieldDef, QueryDef, Type};
use crate::value::Record;

/// What of it is there: of what the target knows, and can be sent in a state that was looked at. Where there are more, nobody knows; a clause
/// about what was not found there could not be tried either.
pub(super) fn of(reach: &Reach) -> Matters {
    Matter::ALL.into_iter().filter(|matter| is_there(reach, *matter)).collect()
}

fn is_there(reach: &Reach, matter: Matter) -> bool {
    match matter {
        Matter::Query => queries(reach).next().is_some(),
        Matter::View => queries(reach).any(|query| query.is_view),
        // Where the target has all pages read, the pages of the contract are not its own.
        Matter::PagedView => {
            let read_whole = &reach.target.describe().promises.paged;
            queries(reach).any(|query| query.paged && !read_whole.contains(&query.name))
        }
        Matter::SharedFact => shares_a_fact(reach),
        Matter::SeveralEffects => {
            let known = reach.contract.commands().filter(|command| reach.target.knows(&command.name));
            known.into_iter().any(|command| command.effects > 1)
        }
        Matter::Invariant => {
            let mut kinds = reach.contract.aggregates();
            kinds.any(|aggregate| !reach.model.invariants(&aggregate.name).is_empty())
        }
        Matter::Command => in_states(reach, |options, _| !options.accepted.is_empty()),
        Matter::ShownEffect => in_states(reach, |options, world| !options.visible(reach, world).is_empty()),
        Matter::Refusal => in_states(reach, |options, _| !options.refused_alone.is_empty()),
        Matter::Change => in_states(reach, |options, world| {
            let mut accepted = options.accepted.iter();
            accepted.any(|(command, _)| changes_what_is_there(&reach.model, world, command))
        }),
        // One that creates under an id of the target's own is everybody's own.
        Matter::SharedChange => in_states(reach, |options, world| {
            let creations = &reach.target.describe().promises.creations;
            options.visible(reach, world).iter().any(|(command, _)| !creations.contains(&command.name))
        }),
        Matter::Forbidding => by_places(reach, &[Sought::Conflicting]),
        Matter::Rivals => {
            by_places(reach, &[Sought::Conflicting, Sought::Overwriting])
                || reach.graphs.iter().any(|graph| adds_up(reach, graph))
        }
        // One that creates under an id of the target's own creates another one each time.
        Matter::Repeatable => {
            let creates = !reach.target.describe().promises.creations.is_empty();
            by_places(reach, &[Sought::Repeatable]) || (creates && by_places(reach, &[Sought::Beginning]))
        }
    }
}

fn queries(reach: &Reach) -> impl Iterator<Item = &QueryDef> {
    reach.contract.queries().filter(|query| reach.target.knows(&query.name))
}

/// Whether some state that the exploration found is one.
fn in_states(reach: &Reach, is_one: impl Fn(&Options, &World<Record>) -> bool) -> bool {
    reach.graphs.iter().any(|graph| {
        let mut worlds = graph.nodes.iter().map(|node| &node.world);
        worlds.any(|world| is_one(&reach.options(graph, world), world))
    })
}

fn by_places(reach: &Reach, sought: &[Sought]) -> bool {
    reach.graphs.iter().any(|graph| sought.iter().any(|one| !reach.places(graph, *one).is_empty()))
}

/// Whether two commands on one aggregate of a graph add up in some state.
fn adds_up(reach: &Reach, graph: &Graph) -> bool {
    let mut worlds = graph.nodes.iter().map(|node| &node.world);
    worlds.any(|world| {
        let options = reach.options(graph, world);
        let mut pairs = options.pairs(reach, (graph, world), Sought::Commuting).iter();
        pairs.any(|pair| meet(&pair.first, &pair.second))
    })
}

/// Whether two read models of one kind of aggregate show a field of the same name, and which row is about which aggregate can be seen.
fn shares_a_fact(reach: &Reach) -> bool {
    let all: Vec<&QueryDef> = queries(reach).collect();
    let is_of_one = |query: &QueryDef| !query.is_view;
    let has_rows = |query: &QueryDef| {
        matches!(query.answer, Type::List(_)) && shown(query).any(|field| names_something(&field.ty))
    };
    let kind = |query: &QueryDef| reach.model.kind_shown(&query.name);
    all.iter().enumerate().any(|(at, one)| {
        all[..at].iter().any(|other| {
            let comparable = match (is_of_one(one), is_of_one(other)) {
                (true, true) => true,
                (true, false) => has_rows(other),
                (false, true) => has_rows(one),
                (false, false) => false,
            };
            let both = |field: &FieldDef| shown(other).any(|known| known.name == field.name);
            comparable && kind(one) == kind(other) && shown(one).any(both)
        })
    })
}

/// The fields that a query shows and the contract decides.
fn shown(query: &QueryDef) -> impl Iterator<Item = &FieldDef> {
    query.shows.iter().flatten().filter(|field| !field.chosen)
}

fn names_something(ty: &Type) -> bool {
    match ty {
        Type::Optional(inner) => names_something(inner),
        other => matches!(other, Type::Id | Type::Reference(_) | Type::Unknown),
    }
}
