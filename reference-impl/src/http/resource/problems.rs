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
    summary: "What a kind of problem means",
    parameters: &["code"],
    body: None,
    successes: &[Success::ok("ProblemKind", &[])],
    problems: &[&[&MALFORMED, &NOT_FOUND]],
    route: || get(explain),
};

#[derive(Debug, Serialize)]
struct Explained {
    code: &'static str,
    statuses: Vec<u16>,
    title: &'static str,
    means: &'static str,
}

async fn explain(Text(code): Text) -> Reply {
    let kind: &Kind = problems()
        .iter()
        .find(|kind| kind.code == code)
        .ok_or_else(|| Problem::new(&NOT_FOUND, "there is no problem of that code"))?;
    let statuses = kind.statuses.iter().map(axum::http::StatusCode::as_u16).collect();
    Answer::ok().json(&Explained { code: kind.code, statuses, title: kind.title, means: kind.means })
}
