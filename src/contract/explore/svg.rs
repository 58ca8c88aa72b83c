//! Graphs as pictures: SVG that needs nothing else, in the colours of whoever looks at it.

use std::fmt::Write as _;

use super::abstraction::{Told, told};
use super::arrows::{Arrow, Loops, arrows};
use super::graph::Graph;
use super::layout::{Cell, Layout, lay_out};
use crate::contract::rules::Interpreted;
use crate::text::Xml;

/// How wide a character is taken for, in tenths: of names, and of what is written smaller.
const BOLD: usize = 78;
const SMALL: usize = 64;
/// How high a line is.
const LINE: i64 = 16;
/// Inside of boxes, and around everything.
const PADDING: i64 = 8;
const MARGIN: i64 = 24;
/// How high a loop below a box is.
const LOOP: i64 = 22;
/// Longest text of a line, in characters.
const LONGEST: usize = 40;
/// So many commands of an arrow are named; the others are counted.
const NAMED: usize = 3;
const STYLE: &str = "
svg { color-scheme: light dark; color: #1f2328; background: #ffffff; font: 12px system-ui, sans-serif }
@media (prefers-color-scheme: dark) { svg { color: #e6edf3; background: #0d1117 } }
text { fill: currentColor } .name { font-weight: 600 } .head { font-size: 15px; font-weight: 600 }
.small, .label { font-size: 11px } .small { opacity: .75 }
.state rect { fill: currentColor; fill-opacity: .05; stroke: currentColor }
.state .frame { fill: none } .line { fill: none; stroke: currentColor; stroke-opacity: .5 }
.back { stroke-dasharray: 5 3 } .tip { fill: currentColor }
.arrow:hover .line { stroke-opacity: 1; stroke-width: 2.5 } .arrow:hover .label { font-weight: 600 }
";

/// The graphs as one picture, below each other. States are boxes with what people call them, the start has an arrow
/// from nowhere and an end a double frame; commands that are accepted are arrows, those that go back are dashed;
/// what changes nothing is a loop below its state. Whatever has a title tells more when it is pointed at, and to a
/// screen reader.
pub fn svg(model: &Interpreted, graphs: &[Graph]) -> String {
    let pictures: Vec<Picture<'_>> = graphs.iter().map(|graph| Picture::new(model, graph)).collect();
    let head = 2 * LINE;
    let width = pictures.iter().map(Picture::width).max().unwrap_or(0) + 2 * MARGIN;
    let height: i64 = pictures.iter().map(|picture| picture.layout.height + head + MARGIN).sum();
    let height = height + MARGIN + 2 * LINE;
    let size = [width.to_string(), height.to_string(), format!("0 0 {width} {height}")];
    let mut xml = Xml::new();
    let attributes = [
        ("xmlns", "http://www.w3.org/2000/svg"),
        ("width", &*size[0]),
        ("height", &*size[1]),
        ("viewBox", &*size[2]),
        ("role", "img"),
        ("aria-labelledby", "title what"),
    ];
    xml.element("svg", &attributes, |xml| {
        xml.text("title", &[("id", "title")], &format!("The states of {}", model.contract().name()));
        let sizes: Vec<String> = graphs.iter().map(Graph::in_words).collect();
        xml.text("desc", &[("id", "what")], &sizes.join("; "));
        xml.text("style", &[], STYLE);
        xml.element("defs", &[], tip);
        let mut top = MARGIN;
        for picture in &pictures {
            write(xml, "head", (MARGIN, top + LINE), &picture.graph.in_words());
            top += head;
            let moved = format!("translate({MARGIN} {top})");
            xml.element("g", &[("transform", &*moved)], |xml| picture.draw(xml));
            top += picture.layout.height + MARGIN;
        }
        let legend = "double frame: no way out · dashed: goes back · loop: changes nothing";
        write(xml, "small", (MARGIN, top + LINE), legend);
    });
    xml.finish()
}

/// The tip of an arrow.
fn tip(xml: &mut Xml) {
    let attributes = [
        ("id", "tip"),
        ("viewBox", "0 0 8 8"),
        ("refX", "7"),
        ("refY", "4"),
        ("markerWidth", "8"),
        ("markerHeight", "8"),
        ("markerUnits", "userSpaceOnUse"),
        ("orient", "auto"),
    ];
    xml.element("marker", &attributes, |xml| xml.empty("path", &[("class", "tip"), ("d", "M0 0L8 4L0 8z")]));
}

/// One graph, laid out.
struct Picture<'a> {
    graph: &'a Graph,
    states: Vec<State>,
    arrows: Vec<Arrow>,
    /// For each arrow: the cells that it goes through, from where it begins.
    ways: Vec<Vec<usize>>,
    cells: Vec<Cell>,
    layout: Layout,
}

/// What a box shows.
struct State {
    /// Each line, and whether it is a name.
    lines: Vec<(bool, String)>,
    loops: Loops,
    /// Without its loops.
    height: i64,
}

impl State {
    fn new(told: Vec<Told>, loops: Loops) -> Self {
        let mut lines = Vec::new();
        for told in told {
            lines.push((true, short(&told.name)));
            let mut line = String::new();
            for piece in told.rest {
                if !line.is_empty() && line.chars().count() + piece.chars().count() > LONGEST / 2 {
                    lines.push((false, short(&std::mem::take(&mut line))));
                }
                let comma = if line.is_empty() { "" } else { ", " };
                let _ = write!(line, "{comma}{piece}");
            }
            if !line.is_empty() {
                lines.push((false, short(&line)));
            }
        }
        let height = LINE * whole(lines.len()) + 2 * PADDING;
        Self { lines, loops, height }
    }

    fn loops(&self) -> Vec<String> {
        let accepted = (!self.loops.accepted.is_empty()).then(|| self.loops.accepted.join(", "));
        let refused = (self.loops.refused > 0).then(|| format!("{} refused", self.loops.refused));
        accepted.into_iter().chain(refused).map(|text| short(&text)).collect()
    }

    fn cell(&self, rank: usize) -> Cell {
        let loops = self.loops();
        let lines = self.lines.iter().map(|(name, text)| wide(text, if *name { BOLD } else { SMALL }));
        let loop_width = loops.iter().map(|text| 34 + wide(text, SMALL));
        let width = lines.chain(loop_width).max().unwrap_or(0) + 2 * PADDING;
        Cell { rank, width, height: self.height + LOOP * whole(loops.len()) }
    }

    /// Everything about it, for whoever points at it.
    fn title(&self, graph: &Graph, at: usize) -> String {
        let mut title = graph.nodes[at].label.clone();
        if at == 0 {
            title.push_str("\nthe start");
        }
        if graph.is_end(at) {
            title.push_str("\nan end: nothing leads away");
        }
        for command in &self.loops.accepted {
            let _ = write!(title, "\n{command}: accepted, and the state is as before");
        }
        for (command, reasons) in &self.loops.refusals {
            let _ = write!(title, "\n{command}: refused by {}", reasons.join(", "));
        }
        title
    }
}

impl<'a> Picture<'a> {
    fn new(model: &Interpreted, graph: &'a Graph) -> Self {
        let (arrows, loops) = arrows(model, graph);
        let told = |at: usize| told(model, &graph.nodes[at].world, &graph.subjects, &graph.landmarks);
        let states: Vec<State> =
            loops.into_iter().enumerate().map(|(at, loops)| State::new(told(at), loops)).collect();
        let depth = |at: usize| graph.nodes[at].depth;
        // Between the ranks of states there are ranks of labels, so that no label lies on anything else.
        let mut cells: Vec<Cell> =
            states.iter().enumerate().map(|(at, state)| state.cell(2 * depth(at))).collect();
        let (mut ways, mut links) = (Vec::new(), Vec::new());
        for arrow in &arrows {
            let (from, to) = (2 * depth(arrow.from), 2 * depth(arrow.to));
            // A label stands close to where its arrow begins.
            let label_rank = if to < from { from - 1 } else { from + 1 };
            let written = labels(arrow);
            let label = Cell {
                rank: label_rank,
                width: written.iter().map(|line| wide(line, SMALL)).max().unwrap_or(0) + PADDING,
                height: LINE * whole(written.len()),
            };
            let through: Vec<usize> = match (from, to) {
                (from, to) if from < to => (from + 1..to).collect(),
                (from, to) if from > to => (to + 1..from).rev().collect(),
                _ => vec![label_rank],
            };
            let mut way = vec![arrow.from];
            for rank in through {
                way.push(cells.len());
                cells.push(if rank == label_rank { label } else { Cell { rank, width: 0, height: 2 } });
            }
            way.push(arrow.to);
            links.extend(way.windows(2).map(|pair| (pair[0], pair[1])));
            ways.push(way);
        }
        let layout = lay_out(&cells, &links);
        Self { graph, states, arrows, ways, cells, layout }
    }

    fn width(&self) -> i64 {
        self.layout.width.max(wide(&self.graph.in_words(), 90))
    }

    fn draw(&self, xml: &mut Xml) {
        for (arrow, way) in self.arrows.iter().zip(&self.ways) {
            xml.element("g", &[("class", "arrow")], |xml| self.arrow(xml, arrow, way));
        }
        for (at, state) in self.states.iter().enumerate() {
            xml.element("g", &[("class", "state")], |xml| self.state(xml, at, state));
        }
    }

    /// The middle of a state's box, without its loops.
    fn middle(&self, at: usize) -> (i64, i64) {
        let (x, y) = self.layout.middles[at];
        (x, y - (self.cells[at].height - self.states[at].height) / 2)
    }

    fn arrow(&self, xml: &mut Xml, arrow: &Arrow, way: &[usize]) {
        let label = |at: usize| self.graph.nodes[at].label.replace('\n', "; ");
        let (from, to) = (label(arrow.from), label(arrow.to));
        let title = format!("{}: from {from} to {to}", arrow.commands.join(", "));
        xml.text("title", &[], &title);
        let rank = |at: usize| self.cells[way[at]].rank;
        let (first, last) = (0, way.len().saturating_sub(1));
        let back = rank(last) < rank(first);
        let mut path = String::new();
        // Where the line has come to; nothing behind a label, where it begins anew.
        let mut pen: Option<(i64, i64)> = None;
        for (place, cell) in way.iter().enumerate() {
            let (left, right) = self.layout.ranks[self.cells[*cell].rank];
            let is_state = place == first || place == last;
            let (x, y) = if is_state { self.middle(*cell) } else { self.layout.middles[*cell] };
            let half = self.cells[*cell].width / 2;
            let y = if is_state { y + self.port(*cell, way, place) } else { y };
            // In which direction the line runs here; one within a rank turns round at its label.
            let turns = rank(first) == rank(last);
            let (enter, leave) = if back || (turns && place == last) { (right, left) } else { (left, right) };
            let edge = |outer: i64| if outer == right { x + half } else { x - half };
            if let Some((from_x, from_y)) = pen {
                let bend = i64::midpoint(from_x, enter);
                let _ = write!(path, "C{bend} {from_y} {bend} {y} {enter} {y}");
                // A piece without length would have no direction for the tip.
                if edge(enter) != enter {
                    let _ = write!(path, "H{}", edge(enter));
                }
            }
            if place == last {
                break;
            }
            let leave = if turns && place != first { enter } else { leave };
            let is_label = !is_state && half > 0;
            let start = edge(leave);
            if is_state || is_label {
                let _ = write!(path, "M{start} {y}");
            }
            let _ = write!(path, "H{leave}");
            pen = Some((leave, y));
            if is_label {
                Self::label(xml, arrow, (x, y));
            }
        }
        let class = if back { "line back" } else { "line" };
        xml.empty("path", &[("class", class), ("d", &*path), ("marker-end", "url(#tip)")]);
    }

    /// How far from a box's middle an arrow begins or ends: those on one side are spread by where they go.
    fn port(&self, cell: usize, way: &[usize], place: usize) -> i64 {
        let next = way[if place == 0 { 1 } else { place - 1 }];
        let behind = self.cells[next].rank > self.cells[cell].rank;
        let mut all: Vec<(i64, usize)> = Vec::new();
        for other in self.ways.iter().filter(|other| other.first() == Some(&cell)) {
            all.push((self.layout.middles[other[1]].1, other[1]));
        }
        for other in self.ways.iter().filter(|other| other.last() == Some(&cell)) {
            all.push((self.layout.middles[other[other.len() - 2]].1, other[other.len() - 2]));
        }
        all.retain(|(_, near)| (self.cells[*near].rank > self.cells[cell].rank) == behind);
        all.sort_unstable();
        let count = whole(all.len());
        let own = whole(all.iter().position(|(_, near)| *near == next).unwrap_or(0));
        let room = self.states[cell].height - 2 * PADDING;
        if count < 2 { 0 } else { room * own / (count - 1) - room / 2 }
    }

    fn label(xml: &mut Xml, arrow: &Arrow, (x, y): (i64, i64)) {
        let lines = labels(arrow);
        let top = y - LINE * whole(lines.len()) / 2;
        for (line, text) in (0..).zip(&lines) {
            let at = [x.to_string(), (top + LINE * line + 12).to_string()];
            let attributes = [("class", "label"), ("x", &*at[0]), ("y", &*at[1]), ("text-anchor", "middle")];
            xml.text("text", &attributes, text);
        }
    }

    fn state(&self, xml: &mut Xml, at: usize, state: &State) {
        xml.text("title", &[], &state.title(self.graph, at));
        let (x, y) = self.middle(at);
        let width = self.cells[at].width;
        let (left, top) = (x - width / 2, y - state.height / 2);
        frame(xml, "box", (left, top), (width, state.height));
        if self.graph.is_end(at) {
            frame(xml, "frame", (left + 3, top + 3), (width - 6, state.height - 6));
        }
        if at == 0 {
            let path = format!("M{} {y}H{left}", left - 20);
            xml.empty("path", &[("class", "line"), ("d", &*path), ("marker-end", "url(#tip)")]);
        }
        for (line, (name, text)) in (0..).zip(&state.lines) {
            let class = if *name { "name" } else { "small" };
            write(xml, class, (left + PADDING, top + PADDING + LINE * line + 12), text);
        }
        for (number, text) in (0..).zip(state.loops()) {
            // Each further one goes below the one before.
            let (start, deep) = (left + PADDING, LOOP * (number + 1) - 4);
            let bottom = top + state.height;
            let path = format!(
                "M{start} {bottom}C{start} {low} {end} {low} {end} {bottom}",
                low = bottom + deep + 6,
                end = start + 18 + 6 * number
            );
            xml.empty("path", &[("class", "line"), ("d", &*path), ("marker-end", "url(#tip)")]);
            write(xml, "small", (start + 28 + 6 * number, bottom + deep - 2), &text);
        }
    }
}

fn frame(xml: &mut Xml, class: &str, (x, y): (i64, i64), (width, height): (i64, i64)) {
    let numbers = [x, y, width, height].map(|number| number.to_string());
    let [x, y, width, height] = &numbers;
    let place = [("x", &**x), ("y", y), ("width", width), ("height", height)];
    let attributes: Vec<_> = [("class", class)].into_iter().chain(place).chain([("rx", "8")]).collect();
    xml.empty("rect", &attributes);
}

fn write(xml: &mut Xml, class: &str, (x, y): (i64, i64), text: &str) {
    let at = [x.to_string(), y.to_string()];
    xml.text("text", &[("class", class), ("x", &*at[0]), ("y", &*at[1])], text);
}

/// What stands at an arrow.
fn labels(arrow: &Arrow) -> Vec<String> {
    let mut lines: Vec<String> = arrow.commands.iter().take(NAMED).map(|name| short(name)).collect();
    let more = arrow.commands.len().saturating_sub(NAMED);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

/// A text that is not too long for the picture; its title has all of it.
fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let head: String = text.chars().take(LONGEST - 1).collect();
    format!("{head}…")
}

/// About how wide a text is, each character so many tenths.
fn wide(text: &str, tenths: usize) -> i64 {
    whole(text.chars().count() * tenths / 10) + 2
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX / 1_000_000)
}
