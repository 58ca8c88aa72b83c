//! Pairing matchers with elements, each used at most once, so that as many matchers as possible get one.
//!
//! Taking the first element that fits can fail where a pairing exists (`[any, 1]` against `[1, 2]`), so this is a
//! maximum bipartite matching: Hopcroft and Karp, "An n^5/2 algorithm for maximum matchings in bipartite graphs",
//! SIAM Journal on Computing 2(4), 1973.
//!
//! Bound, for m matchers and n elements: constants are paired by hashing in O(m + n); the others ask at most m × n
//! times whether one matches, keep at most m² pairs and search them in O(m^2.5).

use std::collections::{HashMap, VecDeque};

use super::Bound;
use crate::value::Value;

/// For each of `items` the index of its element, if it got one.
pub(super) fn pair(items: &[Bound], elements: &[Value]) -> Vec<Option<usize>> {
    let mut pairs = vec![None; items.len()];
    let taken = pair_constants(items, elements, &mut pairs);
    let others = items.iter().enumerate().filter(|(_, item)| item.constant().is_none());
    let (indices, others): (Vec<usize>, Vec<&Bound>) = others.unzip();
    let free = || elements.iter().enumerate().filter(|(at, _)| !taken[*at]);
    // A matcher with as many candidates as there are matchers gets one whatever the others take: more are no use.
    let candidates = others.iter().map(|item| {
        let fits = free().filter(|(_, element)| item.matches(Some(element)));
        fits.map(|(at, _)| at).take(others.len()).collect()
    });
    let matching = Matching::maximum(candidates.collect(), elements.len());
    for (index, element) in indices.into_iter().zip(matching.of_left) {
        pairs[index] = element;
    }
    pairs
}

/// Pairs the matchers that are constants. Nothing is lost by doing it first: only equal elements fit a constant, and
/// for all other matchers one of those is as good as another. Returns which elements are taken.
fn pair_constants(items: &[Bound], elements: &[Value], pairs: &mut [Option<usize>]) -> Vec<bool> {
    let mut taken = vec![false; elements.len()];
    if items.iter().all(|item| item.constant().is_none()) {
        return taken;
    }
    let mut places: HashMap<&Value, Vec<usize>> = HashMap::new();
    for (at, element) in elements.iter().enumerate().rev() {
        places.entry(element).or_default().push(at);
    }
    for (pair, item) in pairs.iter_mut().zip(items) {
        *pair = item.constant().and_then(|constant| places.get_mut(constant)?.pop());
        if let Some(at) = pair {
            taken[*at] = true;
        }
    }
    taken
}

/// A matching under way. Left are matchers, right are elements.
struct Matching {
    candidates: Vec<Vec<usize>>,
    of_left: Vec<Option<usize>>,
    of_right: Vec<Option<usize>>,
    /// Length of the shortest alternating path from an unmatched left to this one; `None` if there is none.
    distance: Vec<Option<usize>>,
    /// How many candidates were tried in this phase.
    tried: Vec<usize>,
}

impl Matching {
    fn maximum(candidates: Vec<Vec<usize>>, right: usize) -> Self {
        let left = candidates.len();
        let mut matching = Self {
            candidates,
            of_left: vec![None; left],
            of_right: vec![None; right],
            distance: vec![None; left],
            tried: vec![0; left],
        };
        while matching.measure() {
            matching.tried.fill(0);
            for start in 0..left {
                if matching.of_left[start].is_none() {
                    matching.augment(start);
                }
            }
        }
        matching
    }

    /// Breadth-first search: sets the distances; whether any alternating path ends at an unmatched right.
    fn measure(&mut self) -> bool {
        let mut queue = VecDeque::new();
        for (left, pair) in self.of_left.iter().enumerate() {
            self.distance[left] = pair.is_none().then_some(0);
            if pair.is_none() {
                queue.push_back((left, 0));
            }
        }
        let mut found = false;
        while let Some((left, distance)) = queue.pop_front() {
            for right in &self.candidates[left] {
                match self.of_right[*right] {
                    None => found = true,
                    Some(next) if self.distance[next].is_none() => {
                        self.distance[next] = Some(distance + 1);
                        queue.push_back((next, distance + 1));
                    }
                    Some(_) => {}
                }
            }
        }
        found
    }

    /// Depth-first search along growing distances, on a stack of its own; turns the path it finds.
    fn augment(&mut self, start: usize) {
        let mut path = vec![start];
        while let Some(&left) = path.last() {
            let Some(&right) = self.candidates[left].get(self.tried[left]) else {
                // A dead end for the rest of this phase.
                self.distance[left] = None;
                path.pop();
                continue;
            };
            self.tried[left] += 1;
            match self.of_right[right] {
                None => {
                    for left in path {
                        let right = self.candidates[left][self.tried[left] - 1];
                        self.of_left[left] = Some(right);
                        self.of_right[right] = Some(left);
                    }
                    return;
                }
                Some(next) if self.distance[next] == self.distance[left].map(|distance| distance + 1) => {
                    path.push(next);
                }
                Some(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The size of a maximum matching of `candidates`.
    fn size(candidates: &[&[usize]]) -> usize {
        let candidates: Vec<_> = candidates.iter().map(|candidates| candidates.to_vec()).collect();
        let matching = Matching::maximum(candidates.clone(), 16);
        for (left, right) in matching.of_left.iter().enumerate() {
            if let Some(right) = right {
                assert!(candidates[left].contains(right));
                assert_eq!(matching.of_right[*right], Some(left), "used once");
            }
        }
        matching.of_left.iter().flatten().count()
    }

    #[test]
    fn finds_pairings_that_greed_misses() {
        assert_eq!(size(&[&[0, 1], &[0]]), 2);
        assert_eq!(size(&[&[0, 1], &[1, 2], &[0]]), 3);
        assert_eq!(size(&[&[0, 1], &[0, 1], &[0, 1]]), 2);
        assert_eq!(size(&[&[0], &[0, 1], &[1, 2], &[2, 3], &[3, 4]]), 5);
        assert_eq!(size(&[&[4, 3], &[3, 2], &[2, 1], &[1, 0], &[0]]), 5);
        assert_eq!(size(&[&[], &[7]]), 1);
        assert_eq!(size(&[]), 0);
    }

    #[test]
    fn a_long_chain_is_neither_slow_nor_deep() {
        // Taking the first candidate leaves the last matcher only a path through all of them.
        const LENGTH: usize = 20_000;
        let mut candidates: Vec<_> = (0..LENGTH - 1).map(|at| vec![at, at + 1]).collect();
        candidates.push(vec![0]);
        let matching = Matching::maximum(candidates, LENGTH);
        assert_eq!(matching.of_left.iter().flatten().count(), LENGTH);
    }
}
