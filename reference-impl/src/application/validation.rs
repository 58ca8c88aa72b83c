//! The pipeline's first step: what is malformed goes no further.

use super::{Command, CommandError, Envelope, Handler, Malformed, Receipt, Refusal};

/// The longest identifier or key that is taken, in bytes.
const MAX_ID_BYTES: usize = 255;

/// Checks the shape of a command before the next step sees it.
#[derive(Debug, Clone)]
pub struct Validated<H> {
    next: H,
}

impl<H> Validated<H> {
    /// Checks, then hands on to `next`.
    pub const fn new(next: H) -> Self {
        Self { next }
    }
}

impl<C: Command, H: Handler<Envelope<C>>> Handler<Envelope<C>> for Validated<H> {
    async fn handle(&self, envelope: Envelope<C>) -> Result<Receipt, CommandError> {
        check(&envelope).map_err(Refusal::from)?;
        self.next.handle(envelope).await
    }
}

fn check<C: Command>(envelope: &Envelope<C>) -> Result<(), Malformed> {
    if let Some(key) = &envelope.key {
        id("idempotency key", key.as_str())?;
    }
    if let Some(actor) = &envelope.actor {
        id("actor", actor.as_str())?;
    }
    envelope.command.validate()
}

/// An identifier must say something, and not too much.
pub(super) fn id(field: &'static str, text: &str) -> Result<(), Malformed> {
    if text.trim().is_empty() {
        return Err(Malformed { field, problem: "must not be blank".to_owned() });
    }
    if text.len() > MAX_ID_BYTES {
        let problem = format!("must be at most {MAX_ID_BYTES} bytes long, not {}", text.len());
        return Err(Malformed { field, problem });
    }
    Ok(())
}
