//! `/problems/{code}`: what a problem's `type` leads to.

use axum::http::Method;
use axum::routing::get;
use serde::Serialize;

use crate::http::answer::{Answer, Reply};
use crate::http::operation::{Operation, Success};
use crate::http::parameters::Text;
use crate::http::problem::{Kind, MALFORMED, NOT_FOUND, Problem, problems};

pub(in crate::http) static EXPLAIN: Operation = Operation {
    id: "explainProblem",
    method: Method::GET,
    path: "/problems/{code}",
    summary: "What a problem's code means, status by status",
    parameters: &["code"],
    body: None,
    successes: &[Success::ok("ProblemKinds", &[])],
    problems: &[&[&MALFORMED, &NOT_FOUND]],
    route: || get(explain),
};

#[derive(Debug, Serialize)]
struct Explained {
    code: &'static str,
    status: u16,
    title: &'static str,
    means: &'static str,
}

async fn explain(Text(code): Text) -> Reply {
    let explained: Vec<_> =
        problems().iter().copied().filter(|kind| kind.code == code).map(explained).collect();
    if explained.is_empty() {
        return Err(Problem::new(&NOT_FOUND, "there is no problem of that code"));
    }
    Answer::ok().json(&explained)
}

fn explained(kind: &'static Kind) -> Explained {
    let Kind { code, status, title, means } = kind;
    Explained { code, status: status.as_u16(), title, means }
}
