//! Where the boxes of a layered drawing go: ranks from left to right, few crossings, long lines as straight as may be.
//!
//! After Sugiyama, Tagawa & Toda, "Methods for visual understanding of hierarchical system structures", 1981: boxes of
//! a rank are ordered by the middle of their neighbours, to and fro; then each goes to where its neighbours pull it, as
//! far as its order leaves room (pool adjacent violators: Ayer et al., 1955). All numbers are whole, so the same graph
//! is the same drawing everywhere.

/// Rounds of ordering and of pulling. More change little.
const ROUNDS: usize = 24;
/// Between boxes of one rank.
const GAP: i64 = 12;
/// Between ranks.
const BETWEEN: i64 = 34;

/// A box to be placed, or a point that a line goes through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Cell {
    pub(super) rank: usize,
    pub(super) width: i64,
    pub(super) height: i64,
}

/// Where everything is.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Layout {
    /// The middle of each cell.
    pub(super) middles: Vec<(i64, i64)>,
    /// The left and the right end of each rank.
    pub(super) ranks: Vec<(i64, i64)>,
    pub(super) width: i64,
    pub(super) height: i64,
}

/// Places cells. Links connect cells of ranks that are next to each other; others are ignored.
pub(super) fn lay_out(cells: &[Cell], links: &[(usize, usize)]) -> Layout {
    let mut drawing = Drawing::new(cells, links);
    drawing.order();
    drawing.pull();
    drawing.finish()
}

struct Drawing<'a> {
    cells: &'a [Cell],
    /// The cells of each rank, from above.
    ranks: Vec<Vec<usize>>,
    /// The neighbours of each cell in the rank before and in the one behind.
    neighbours: [Vec<Vec<usize>>; 2],
    /// The place of each cell in its rank.
    places: Vec<usize>,
    /// How high the middle of each cell is.
    heights: Vec<i64>,
}

/// To the rank before, or to the one behind.
const BEFORE: usize = 0;
const BEHIND: usize = 1;

impl<'a> Drawing<'a> {
    fn new(cells: &'a [Cell], links: &[(usize, usize)]) -> Self {
        let count = cells.iter().map(|cell| cell.rank + 1).max().unwrap_or(0);
        let mut ranks = vec![Vec::new(); count];
        let mut places = Vec::with_capacity(cells.len());
        for (at, cell) in cells.iter().enumerate() {
            places.push(ranks[cell.rank].len());
            ranks[cell.rank].push(at);
        }
        let mut neighbours = [vec![Vec::new(); cells.len()], vec![Vec::new(); cells.len()]];
        for (a, b) in links {
            let (a, b) = if cells[*a].rank < cells[*b].rank { (*a, *b) } else { (*b, *a) };
            if cells[a].rank + 1 == cells[b].rank {
                neighbours[BEHIND][a].push(b);
                neighbours[BEFORE][b].push(a);
            }
        }
        Self { cells, ranks, neighbours, places, heights: vec![0; cells.len()] }
    }

    /// Orders each rank by its neighbours, to and fro, and keeps the order with the fewest crossings.
    fn order(&mut self) {
        let mut best = (self.crossings(), self.ranks.clone());
        for round in 0..ROUNDS {
            let count = self.ranks.len();
            let side = if round % 2 == 0 { BEFORE } else { BEHIND };
            for step in 0..count {
                let rank = if side == BEFORE { step } else { count - 1 - step };
                let mut order = std::mem::take(&mut self.ranks[rank]);
                order.sort_by_key(|cell| (self.median(*cell, side), self.places[*cell]));
                self.take(rank, order);
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.ranks.clone());
            }
        }
        for (rank, order) in best.1.into_iter().enumerate() {
            self.take(rank, order);
        }
    }

    fn take(&mut self, rank: usize, order: Vec<usize>) {
        for (place, cell) in order.iter().enumerate() {
            self.places[*cell] = place;
        }
        self.ranks[rank] = order;
    }

    /// Twice the place in the middle of a cell's neighbours; its own where it has none.
    fn median(&self, cell: usize, side: usize) -> usize {
        let mut places: Vec<usize> =
            self.neighbours[side][cell].iter().map(|other| self.places[*other]).collect();
        places.sort_unstable();
        match places.len() {
            0 => 2 * self.places[cell],
            count if count % 2 == 1 => 2 * places[count / 2],
            count => places[count / 2 - 1] + places[count / 2],
        }
    }

    /// How many pairs of links cross.
    fn crossings(&self) -> usize {
        let mut crossings = 0;
        for (rank, order) in self.ranks.iter().enumerate() {
            let width = self.ranks.get(rank + 1).map_or(0, Vec::len);
            let mut tree = vec![0_usize; width + 1];
            let mut before = 0;
            for cell in order {
                let mut ends: Vec<usize> =
                    self.neighbours[BEHIND][*cell].iter().map(|other| self.places[*other]).collect();
                ends.sort_unstable();
                // Those before that end further down cross it: a Fenwick tree counts those that don't.
                for end in &ends {
                    let (mut at, mut above) = (end + 1, 0);
                    while at > 0 {
                        above += tree[at];
                        at &= at - 1;
                    }
                    crossings += before - above;
                }
                before += ends.len();
                for end in ends {
                    let mut at = end + 1;
                    while at <= width {
                        tree[at] += 1;
                        at += at & at.wrapping_neg();
                    }
                }
            }
        }
        crossings
    }

    /// Moves each cell to where its neighbours are, as far as the order of its rank leaves room.
    fn pull(&mut self) {
        for round in 0..=ROUNDS {
            let count = self.ranks.len();
            for step in 0..count {
                let rank = if round % 2 == 0 { step } else { count - 1 - step };
                // In the last rounds both sides pull, so that what was straight stays so.
                let sides: &[usize] = match round {
                    round if round + 4 > ROUNDS => &[BEFORE, BEHIND],
                    round if round % 2 == 0 => &[BEFORE],
                    _ => &[BEHIND],
                };
                self.settle(rank, sides);
            }
        }
    }

    fn settle(&mut self, rank: usize, sides: &[usize]) {
        let order = &self.ranks[rank];
        // What is above each cell in its rank if nothing is between but the gaps.
        let (mut above, mut offset) = (Vec::with_capacity(order.len()), 0);
        for (place, cell) in order.iter().enumerate() {
            if let Some(before) = place.checked_sub(1).and_then(|before| order.get(before)) {
                offset += i64::midpoint(self.cells[*before].height, self.cells[*cell].height) + GAP;
            }
            above.push(offset);
        }
        let wanted = order.iter().zip(&above).map(|(cell, above)| {
            let pulls = sides.iter().flat_map(|side| &self.neighbours[*side][*cell]);
            let (sum, count) =
                pulls.fold((0, 0), |(sum, count), other| (sum + self.heights[*other], count + 1));
            (if count == 0 { self.heights[*cell] } else { sum / count }) - above
        });
        let pooled = pooled(wanted);
        for ((cell, above), height) in order.iter().zip(above).zip(pooled) {
            self.heights[*cell] = height + above;
        }
    }

    fn finish(self) -> Layout {
        let top = (0..self.cells.len()).map(|at| self.heights[at] - self.cells[at].height / 2).min();
        let top = top.unwrap_or(0);
        let (mut ranks, mut left) = (Vec::with_capacity(self.ranks.len()), 0);
        for order in &self.ranks {
            let width = order.iter().map(|cell| self.cells[*cell].width).max().unwrap_or(0);
            ranks.push((left, left + width));
            left += width + BETWEEN;
        }
        let middles: Vec<(i64, i64)> = self
            .cells
            .iter()
            .zip(&self.heights)
            .map(|(cell, height)| {
                let (left, right) = ranks[cell.rank];
                (i64::midpoint(left, right), height - top)
            })
            .collect();
        let bottom = middles.iter().zip(self.cells).map(|((_, y), cell)| y + cell.height / 2).max();
        let width = ranks.last().map_or(0, |(_, right)| *right);
        Layout { middles, ranks, width, height: bottom.unwrap_or(0) }
    }
}

/// The numbers, none less than the one before, that are nearest to the wanted ones: runs that fall become their mean.
fn pooled(wanted: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for wanted in wanted {
        runs.push((wanted, 1));
        while let [.., (sum, count), (last, of)] = runs[..] {
            // Compared as fractions: what is rounded to the same may still fall.
            if sum * of <= last * count {
                break;
            }
            runs.truncate(runs.len() - 2);
            runs.push((sum + last, count + of));
        }
    }
    let even = |(sum, count): (i64, i64)| (0..count).map(move |_| sum.div_euclid(count));
    runs.into_iter().flat_map(even).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_falls_becomes_its_mean() {
        let check = |wanted: &[i64], expected: &[i64]| {
            assert_eq!(pooled(wanted.iter().copied()), expected, "{wanted:?}");
        };
        check(&[], &[]);
        check(&[1, 2, 3], &[1, 2, 3]);
        check(&[3, 1], &[2, 2]);
        check(&[5, 4, 0, 9], &[3, 3, 3, 9]);
        check(&[-5, -6], &[-6, -6]);
    }

    #[test]
    fn nothing_overlaps_and_lines_do_not_cross_without_need() {
        let cell = |rank| Cell { rank, width: 40, height: 20 };
        // Two chains that are listed crosswise.
        let cells = [cell(0), cell(0), cell(1), cell(1), cell(2), cell(2)];
        let links = [(0, 3), (1, 2), (2, 5), (3, 4)];
        let layout = lay_out(&cells, &links);
        for (at, (x, y)) in layout.middles.iter().enumerate() {
            assert!(*x >= 20 && *y >= 10 && *x <= layout.width - 20 && *y <= layout.height - 10);
            for (other_x, other_y) in &layout.middles[..at] {
                assert!((x - other_x).abs() >= 40 || (y - other_y).abs() >= 20, "{layout:?}");
            }
        }
        for (a, b) in links {
            assert_eq!(layout.middles[a].1, layout.middles[b].1, "straight: {layout:?}");
        }
    }
}
