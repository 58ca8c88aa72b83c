//! The functions of the language, one line each.
//!
//! Nearly all go over a list: `f(xs)` is short for `f(x in xs, x)`. To add one: its code and its line below.

mod arithmetic;
mod call;
mod choose;
mod elements;
mod truth;

use call::Shape;
pub(crate) use call::misused;
pub(super) use call::{call, fold};

/// A function, documented.
#[derive(Debug)]
pub struct Function {
    /// What it is called.
    pub name: &'static str,
    /// How it is written, one line a form.
    pub forms: &'static [&'static str],
    /// What it gives.
    pub means: &'static str,
    /// An expression that is true.
    pub example: &'static str,
    shape: Shape,
}

/// All functions.
pub static FUNCTIONS: &[Function] = &[
    Function {
        name: "count",
        forms: &["count(list)", "count(x in list, condition)"],
        means: "how many elements there are, or for how many the condition holds",
        example: "count(x in [1, 2, 3], x > 1) == 2",
        shape: Shape::OverList { needs_body: false, run: arithmetic::count },
    },
    Function {
        name: "sum",
        forms: &["sum(list)", "sum(x in list, number)"],
        means: "the exact sum; 0 for an empty list",
        example: "sum(x in [1, 2], x * 0.10) == 0.3",
        shape: Shape::OverList { needs_body: false, run: arithmetic::sum },
    },
    Function {
        name: "any",
        forms: &["any(list)", "any(x in list, condition)"],
        means: "whether the condition holds for at least one element; false for an empty list",
        example: "any(x in [1, 2], x > 1)",
        shape: Shape::OverList { needs_body: false, run: truth::any },
    },
    Function {
        name: "all",
        forms: &["all(list)", "all(x in list, condition)"],
        means: "whether the condition holds for each element; true for an empty list",
        example: "all(x in [1, 2], x > 0)",
        shape: Shape::OverList { needs_body: false, run: truth::all },
    },
    Function {
        name: "filter",
        forms: &["filter(x in list, condition)"],
        means: "the elements for which the condition holds, in their order",
        example: "filter(x in [1, 2, 3], x != 2) == [1, 3]",
        shape: Shape::OverList { needs_body: true, run: choose::filter },
    },
    Function {
        name: "map",
        forms: &["map(x in list, value)"],
        means: "the value for each element, in their order",
        example: "map(x in [1, 2], x + 1) == [2, 3]",
        shape: Shape::OverList { needs_body: true, run: choose::map },
    },
    Function {
        name: "min",
        forms: &["min(list)", "min(x in list, value)"],
        means: "the least of numbers or texts; an error for an empty list",
        example: "min([3, 1, 2]) == 1",
        shape: Shape::OverList { needs_body: false, run: choose::min },
    },
    Function {
        name: "max",
        forms: &["max(list)", "max(x in list, value)"],
        means: "the greatest of numbers or texts; an error for an empty list",
        example: "max(x in [{ price: 3 }, { price: 5 }], x.price) == 5",
        shape: Shape::OverList { needs_body: false, run: choose::max },
    },
    Function {
        name: "distinct",
        forms: &["distinct(list)", "distinct(x in list, value)"],
        means: "each value once, where it first appeared",
        example: "distinct([1, 2, 1.0]) == [1, 2]",
        shape: Shape::OverList { needs_body: false, run: choose::distinct },
    },
    Function {
        name: "contains",
        forms: &["contains(list, value)"],
        means: "whether the value is one of the elements",
        example: "contains([\"a\", \"b\"], \"b\")",
        shape: Shape::Plain { arity: 2, run: truth::contains },
    },
];
