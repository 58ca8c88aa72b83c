//! Drawings of graphs: nothing lies on anything else, whatever is in a name is a text, and the same graph is the same
//! drawing.

use proofmark::contract::explore::{Bounds, Graph, dot, explore, svg};
use proofmark::contract::rules::Interpreted;

use super::super::model::{shipped, written};

const SHIPPED: [&str; 3] =
    ["scenarios/orders/orders.contract", "scenarios/bank/bank.contract", "scenarios/stock/stock.contract"];

/// Numbers that lie between two landmarks, names that are long, two aggregates that have nothing to do with each other.
fn hostile() -> Interpreted {
    let long = "x".repeat(300);
    written(&format!(
        "contract test\naggregate Box\n  state kind: empty | {long}\n  state level: int 0..100 = 0\n  command Fill{long} {{ level: int 0..100 }}\n    reject Same when level == self.level\n    set kind = {long}\n    set level = level\naggregate Lamp\n  state on: bool = false\n  command Switch\n    set on = not self.on\n"
    ))
}

fn drawn(model: &Interpreted) -> (Vec<Graph>, String) {
    let graphs = explore(model, Bounds::default());
    let picture = svg(model, &graphs);
    (graphs, picture)
}

/// The numbers of an element's attributes.
fn numbers<const N: usize>(tag: &str, names: [&str; N]) -> [i64; N] {
    names.map(|name| {
        let (_, rest) = tag.split_once(&format!(" {name}=\"")).unwrap_or_else(|| panic!("{name} in {tag}"));
        rest.split('"').next().and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{tag}"))
    })
}

/// The tags of a text of XML, each closed in its order, with what stands behind it.
fn tags(xml: &str) -> Vec<(&str, &str)> {
    let (mut tags, mut open) = (Vec::new(), Vec::new());
    for piece in xml.split('<').skip(2) {
        let (tag, text) = piece.split_once('>').unwrap_or_else(|| panic!("no tag: {piece}"));
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "{xml}");
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        tags.push((tag, text));
    }
    assert!(open.is_empty(), "{open:?}");
    tags
}

#[test]
fn boxes_and_labels_lie_beside_each_other_and_on_the_picture() {
    let models = SHIPPED.map(shipped).into_iter().chain([hostile()]);
    for model in models {
        let (graphs, picture) = drawn(&model);
        let tags = tags(&picture);
        let [width, height] = numbers(tags[0].0, ["width", "height"]);
        // Each graph is in a group of its own that is moved downwards.
        let (mut down, mut places, mut states) = (0, Vec::new(), 0);
        for (tag, text) in tags {
            if let Some((_, moved)) = tag.split_once("translate(") {
                down = moved.split([' ', ')']).nth(1).and_then(|y| y.parse().ok()).expect("how far down");
            } else if tag.starts_with("rect class=\"box\"") {
                let [x, y, wide, high] = numbers(tag, ["x", "y", "width", "height"]);
                places.push((x, y + down, x + wide, y + down + high));
                states += 1;
            } else if tag.starts_with("text class=\"label\"") {
                let [x, y] = numbers(tag, ["x", "y"]);
                let half = i64::try_from(text.chars().count() * 3).expect("a short text");
                places.push((x - half, y + down - 10, x + half, y + down + 2));
            }
        }
        assert_eq!(states, graphs.iter().map(|graph| graph.nodes.len()).sum::<usize>());
        for (at, (left, top, right, bottom)) in places.iter().enumerate() {
            assert!(*left >= 0 && *top >= 0 && *right <= width && *bottom <= height, "outside: {picture}");
            for other in &places[..at] {
                let apart = *right <= other.0 || other.2 <= *left || *bottom <= other.1 || other.3 <= *top;
                assert!(apart, "{:?} lies on {other:?}\n{picture}", places[at]);
            }
        }
    }
}

#[test]
fn the_start_and_the_ends_are_marked_and_everything_has_a_title() {
    let model = shipped("scenarios/bank/bank.contract");
    let (graphs, picture) = drawn(&model);
    let ends = (0..graphs[0].nodes.len()).filter(|node| graphs[0].is_end(*node)).count();
    assert!(ends > 0);
    assert_eq!(picture.matches("class=\"frame\"").count(), ends);
    assert_eq!(picture.matches("\nthe start").count(), 1);
    let groups = picture.matches("class=\"state\"").count() + picture.matches("class=\"arrow\"").count();
    assert_eq!(picture.matches("<title>").count(), groups, "and one for the whole picture with an id");
    assert!(picture.contains("role=\"img\"") && picture.contains("prefers-color-scheme: dark"));
    let refused = "CloseAccount: refused by AccountNotOpen";
    assert!(picture.contains(refused), "{picture}");
}

#[test]
fn what_is_accepted_and_changes_nothing_stays_in_its_state() {
    let model = written(
        "contract test\naggregate Lamp\n  state on: bool = false\n  command Switch\n    set on = not self.on\n  command Touch\n    no effect\n",
    );
    let (graphs, picture) = drawn(&model);
    let states = graphs[0].nodes.len();
    assert_eq!(picture.matches("Touch: accepted, and the state is as before").count(), states, "{picture}");
    let groups = picture.split("<g class=\"arrow\">").skip(1);
    let arrows: Vec<&str> = groups.filter_map(|rest| rest.split("</g>").next()).collect();
    assert!(!arrows.is_empty() && arrows.iter().all(|arrow| !arrow.contains("Touch")), "{picture}");
}

#[test]
fn whatever_is_in_a_name_is_a_text() {
    let model = hostile();
    let (graphs, picture) = drawn(&model);
    assert!(
        graphs[0].nodes.iter().any(|node| node.label.contains("0<…<1") || node.label.contains("1<…<100"))
    );
    assert!(picture.contains("1&lt;…&lt;100") && !picture.contains("<…"), "{picture}");
    let drawn = dot(&model, &graphs);
    assert!(drawn.contains("1<…<100"), "quoted, it is a text: {drawn}");
}

#[test]
fn the_same_graph_is_the_same_drawing() {
    for path in SHIPPED {
        assert_eq!(drawn(&shipped(path)).1, drawn(&shipped(path)).1, "{path}");
    }
}

#[test]
fn a_graph_in_the_language_of_graphviz_has_all_states_and_arrows() {
    let model = shipped("scenarios/bank/bank.contract");
    let graphs = explore(&model, Bounds::default());
    let drawn = dot(&model, &graphs);
    assert!(drawn.contains("OpenAccount") && drawn.contains("Account: absent"), "{drawn}");
    assert_eq!(drawn.matches('"').count() % 2, 0);
    let labels = drawn.lines().filter(|line| line.trim_start().starts_with("s0_"));
    let (arrows, states): (Vec<&str>, Vec<&str>) = labels.partition(|line| line.contains(" -> "));
    assert_eq!(states.len(), graphs[0].nodes.len());
    let mut pairs: Vec<_> = graphs[0]
        .edges
        .iter()
        .filter(|edge| edge.fired == proofmark::contract::explore::Fired::Accepted)
        .collect();
    pairs.sort_by_key(|edge| (edge.from, edge.to));
    pairs.dedup_by_key(|edge| (edge.from, edge.to));
    assert_eq!(arrows.len(), pairs.len(), "{drawn}");
    assert_eq!(states.iter().filter(|line| line.contains("peripheries=2")).count(), 2);
    assert!(drawn.contains("15 states"), "{drawn}");
}
