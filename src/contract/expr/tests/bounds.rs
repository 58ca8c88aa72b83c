use std::borrow::Cow;

use super::super::build::*;
use super::super::{Scope, eval};
use super::check;
use crate::value::Value;

/// Runs `body` on a stack that holds the tree's own recursive drop; evaluation needs no such thing.
fn roomy(body: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(body).expect("a thread");
    thread.join().expect("no panic");
}

#[test]
fn long_chains_are_walked_without_recursion() {
    roomy(|| {
        const LENGTH: usize = 100_000;
        let sum = (0..LENGTH).fold(lit("0"), |sum, _| binary(sum, "+", lit("1")));
        let path = (0..LENGTH).fold(lit("{}"), |base, _| with(base, vec![set("a", lit("1"))]));
        let lists = (0..LENGTH).fold(lit("[]"), |list, _| binary(list, "+", lit("[1]")));
        std::thread::scope(|scope| {
            // 256 KiB are enough for the evaluation itself.
            let small = std::thread::Builder::new().stack_size(256 << 10);
            let run = move || {
                check(&sum, "100000");
                check(&path, "{a: 1}");
                check(&call_count(lists), "100000");
                std::mem::forget((sum, path));
            };
            small.spawn_scoped(scope, run).expect("a thread").join().expect("no overflow");
        });
    });
}

/// Counts by evaluating, and leaves the deep tree to the end of the process instead of dropping it.
fn call_count(list: crate::language::syntax::Expr) -> crate::language::syntax::Expr {
    let value = eval(&list, &super::World::new()).expect("a list");
    std::mem::forget(list);
    call("count", [constant(&value)])
}

#[test]
fn deep_trees_are_refused_on_a_small_stack() {
    let deep = (0..1000).fold(lit("1"), |deep, _| negate(deep));
    check(&deep, "this is nested more than 256 levels deep");
    let fine = (0..126).fold(lit("1"), |deep, _| fold("sum", expr_list(deep), Some(name("x"))));
    check(&fine, "1");
}

#[test]
fn chains_inside_chains_fit_the_stack_of_an_ordinary_thread() {
    // Each level leans further to the left than recursion goes, and the next one stands at its far end.
    let level = |deep| (0..9).fold(binary(lit("1"), "+", deep), |sum, _| binary(sum, "+", lit("1")));
    roomy(move || {
        let [fine, deep] = [255, 256].map(|levels| (0..levels).fold(lit("0"), |deep, _| level(deep)));
        std::thread::scope(|scope| {
            // What threads have unless they are told otherwise.
            let ordinary = std::thread::Builder::new().stack_size(2 << 20);
            let run = || {
                check(&fine, "2550");
                check(&deep, "this is nested more than 256 levels deep");
            };
            ordinary.spawn_scoped(scope, run).expect("a thread").join().expect("no overflow");
        });
    });
}

fn expr_list(element: crate::language::syntax::Expr) -> crate::language::syntax::Expr {
    expr(crate::language::syntax::ExprKind::List(vec![element]))
}

#[test]
fn folds_inside_folds_run_out_of_steps() {
    let list = || lit(&format!("[{}1]", "1, ".repeat(999)));
    let folds = (0..5).fold(name("x"), |body, _| fold("sum", list(), Some(body)));
    let folds = fold("sum", list(), Some(folds));
    check(
        &folds,
        "this takes more than 10000000 steps to evaluate; use shorter lists, or fewer folds inside folds",
    );
}

/// `$v`: what the last `let` gave.
struct Last(Value);

impl Scope for Last {
    fn variable(&self, _: &str) -> Option<Cow<'_, Value>> {
        Some(Cow::Borrowed(&self.0))
    }
}

#[test]
fn values_do_not_grow_without_end_from_let_to_let() {
    let copies = expr(crate::language::syntax::ExprKind::List((0..10).map(|_| var("v")).collect()));
    let mut last = Last(Value::Null);
    let error = loop {
        match eval(&copies, &last) {
            Ok(value) => last = Last(value),
            Err(error) => break error,
        }
    };
    assert_eq!(error.code.0, "too-much-work");
}

#[test]
fn values_do_not_grow_deep_from_let_to_let() {
    let deeper = expr_list(var("v"));
    let mut last = Last(Value::Null);
    let error = (0..10_000).find_map(|_| match eval(&deeper, &last) {
        Ok(value) => {
            last = Last(value);
            None
        }
        Err(error) => Some(error),
    });
    assert_eq!(
        error.map(|error| error.to_string()).as_deref(),
        Some("this value is more than 512 levels deep")
    );
}
