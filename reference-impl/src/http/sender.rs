//! Commands: from a request's headers to an envelope, and from its outcome to an answer.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use uuid::Uuid;

use super::Api;
use super::answer::{Answer, REPLAYED, Reply};
use super::caller::Caller;
use super::key::idempotency_key;
use super::precondition::{Expectation, never_holds};
use super::problem::{INTERNAL_ERROR, PRECONDITION_REQUIRED, Problem};
use super::wire;
use crate::application::{Command, Envelope, IdempotencyKey, Receipt, ReplayMark};
use crate::domain::{CreateOrder, OrderId};
use crate::store::{CommandId, ExpectedVersion, MessageId};

const COMMAND_ID: HeaderName = HeaderName::from_static("x-command-id");
const CAUSATION_ID: HeaderName = HeaderName::from_static("x-causation-id");

/// Sends a command for whoever is asking, on the conditions in the headers.
#[derive(Debug)]
pub(super) struct Sender {
    caller: Caller,
    expectation: Expectation,
    key: Option<IdempotencyKey>,
    command_id: Option<CommandId>,
    causation: Option<MessageId>,
}

impl FromRequestParts<Api> for Sender {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, api).await?;
        let headers = &parts.headers;
        let expectation = Expectation::of_command(headers)?;
        if api.requires_version() && expectation == Expectation::Unsaid {
            return Err(Problem::new(&PRECONDITION_REQUIRED, PRECONDITION_REQUIRED.means));
        }
        Ok(Self {
            caller,
            expectation,
            key: idempotency_key(headers)?,
            command_id: id(headers, &COMMAND_ID)?.map(CommandId::new),
            causation: id(headers, &CAUSATION_ID)?.map(MessageId::new),
        })
    }
}

impl Sender {
    /// Creates an order: 201, with its place.
    pub(super) async fn create(self, order: OrderId, command: CreateOrder) -> Reply {
        let expected = match self.expectation {
            Expectation::Unsaid => ExpectedVersion::Any,
            Expectation::Version(expected) => expected,
            // What is to be created can't be there.
            Expectation::Exists | Expectation::Never => return Err(never_holds()),
        };
        let (receipt, replayed) = self.dispatch(order, command, expected).await?;
        let answer = Answer::new(StatusCode::CREATED).located(order);
        accepted(answer, &receipt, replayed)
    }

    /// Sends a command on an order that is there: 200.
    pub(super) async fn send(self, order: OrderId, command: impl Command) -> Reply {
        let expected = match self.expectation {
            // No command but the first is accepted where no order is; the reason is then the better
            // answer (RFC 9110, section 13.2.1).
            Expectation::Unsaid | Expectation::Exists => ExpectedVersion::Any,
            Expectation::Version(expected) => expected,
            Expectation::Never => return Err(never_holds()),
        };
        let (receipt, replayed) = self.dispatch(order, command, expected).await?;
        accepted(Answer::ok(), &receipt, replayed)
    }

    async fn dispatch(
        self,
        order: OrderId,
        command: impl Command,
        expected: ExpectedVersion,
    ) -> Result<(Receipt, bool), Problem> {
        let Self { caller: Caller { system, actor }, key, command_id, causation, .. } = self;
        let replay = ReplayMark::default();
        let envelope = Envelope {
            key,
            expected,
            command_id,
            causation,
            actor,
            ..Envelope::new(order, command).noting_replay(&replay)
        };
        // In a task of its own: a client that hangs up must not leave a command half done, with its
        // event written and its key forgotten.
        let outcome = tokio::spawn(async move { system.send(envelope).await }).await;
        match outcome {
            Ok(Ok(receipt)) => Ok((receipt, replay.is_set())),
            Ok(Err(error)) => Err(mark(Problem::of_command(error, expected), replay.is_set())),
            Err(panic) => Err(Problem::failure(&INTERNAL_ERROR, &panic)),
        }
    }
}

fn accepted(answer: Answer, receipt: &Receipt, replayed: bool) -> Reply {
    let answer = answer.tagged(receipt.version).at(receipt.position).replayed(replayed);
    answer.json(&wire::Receipt::from(receipt))
}

fn mark(problem: Problem, replayed: bool) -> Problem {
    if replayed { problem.with(REPLAYED, HeaderValue::from_static("true")) } else { problem }
}

fn id(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Uuid>, Problem> {
    let read = |value: &HeaderValue| value.to_str().ok().and_then(|text| Uuid::parse_str(text.trim()).ok());
    match headers.get(name) {
        None => Ok(None),
        Some(value) => {
            read(value).map(Some).ok_or_else(|| Problem::malformed(format!("{name} must be a UUID")))
        }
    }
}
