//! What every request passes on its way in and every answer on its way out.

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use super::problem::{ANSWER_TIMEOUT, HEADERS_TOO_LARGE, Problem, Reason, URI_TOO_LONG, Written};
use super::{Api, Connection, Fault, Limits};

/// Turns away what is too large, gives up on what takes too long, and tells of failures.
pub(super) async fn guard(State(api): State<Api>, request: Request, next: Next) -> Response {
    let limits = api.limits_now();
    if let Err(problem) = check(&request, limits) {
        return told(&api, problem.into_response());
    }
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().cloned();
    let connection = request.extensions().get::<Connection>().copied();
    let answer = async {
        match connection {
            Some(connection) => connection.answering(next.run(request)).await,
            None => next.run(request).await,
        }
    };
    let mut response = match timeout(limits.answer_timeout, answer).await {
        Ok(response) => response,
        Err(late) => Problem::failure(&ANSWER_TIMEOUT, &late).into_response(),
    };
    if let Some(Reason(reason)) = response.extensions_mut().remove::<Reason>() {
        // The route and not the path: what stands in a path is the client's own business.
        let path = path.as_ref().map_or("?", MatchedPath::as_str);
        api.tell(&Fault { route: format!("{method} {path}"), reason });
    }
    told(&api, response)
}

/// A problem as it leaves.
fn told(api: &Api, mut response: Response) -> Response {
    if let Some(Written(document)) = response.extensions_mut().remove::<Written>()
        && let Some(other) = api.wire().problem(&document)
    {
        response.headers_mut().remove(CONTENT_LENGTH);
        *response.body_mut() = Body::from(other);
    }
    response
}

fn check(request: &Request, limits: &Limits) -> Result<(), Problem> {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target > limits.target_bytes {
        let detail = format!("at most {} bytes are taken", limits.target_bytes);
        return Err(Problem::new(&URI_TOO_LONG, detail));
    }
    let headers = request.headers();
    if headers.len() > limits.header_fields || bytes(headers) > limits.header_bytes {
        let Limits { header_fields, header_bytes, .. } = limits;
        let detail = format!("at most {header_fields} fields and {header_bytes} bytes are taken");
        return Err(Problem::new(&HEADERS_TOO_LARGE, detail));
    }
    Ok(())
}

fn bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}
