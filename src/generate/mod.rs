//! What to do: sequences of steps that are made up rather than written, from a contract's rules.
//!
//! A [`Sequence`](crate::step::Sequence) names the ids it needs instead of holding them, so that it can be tried again in a world where other
//! ids are taken, be made smaller, and be written down as a scenario. Whether what came of it was right is not decided here.
//!
//! Three [`Source`](crate::step::Source)s give sequences: [`Random`] ones, and [`Walks`] that cover each state or each transition of the
//! graph that the contract's rules span. A [`Weave`] adds reads, retries and demanded versions to them; a [`Reduction`]
//! makes one that fails smaller, and `script` of `scenario` writes it down as a scenario. [`Charted`] counts which transitions were
//! taken.

mod chance;
mod charted;
mod fresh;
mod lead;
mod names;
mod pairs;
mod palette;
mod random;
mod reads;
mod reduction;
mod walk;
mod weave;

pub use charted::Charted;
pub use names::drawn;
pub(crate) use names::need;
pub use pairs::{
    Pair, commuting_among, commuting_pairs, conflicting_among, conflicting_pairs, overwriting_among,
};
pub use random::{Random, Settings};
pub use reduction::Reduction;
pub use walk::{Cover, Walks};
pub use weave::Weave;
