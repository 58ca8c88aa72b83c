//! The mediator: finds the handler of a message by the message's type.
//!
//! Whoever sends knows the message only (Gamma et al., "Design Patterns", 1994: Mediator).

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;

use super::{HandlerNotFound, Message};
use crate::BoxFuture;

/// What a message leads to.
pub type Outcome<M> = Result<<M as Message>::Answer, <M as Message>::Error>;

/// Handles messages of one type. A step of a pipeline is a handler that holds the next one.
pub trait Handler<M: Message>: Send + Sync + 'static {
    /// Handles the message.
    fn handle(&self, message: M) -> impl Future<Output = Outcome<M>> + Send;
}

/// [`Handler`] in a form that can be kept in a registry.
trait Registered<M: Message>: Send + Sync {
    fn handle(&self, message: M) -> BoxFuture<'_, Outcome<M>>;
}

impl<M: Message, H: Handler<M>> Registered<M> for H {
    fn handle(&self, message: M) -> BoxFuture<'_, Outcome<M>> {
        Box::pin(Handler::handle(self, message))
    }
}

/// The registry of handlers.
pub struct Mediator {
    /// By the message's type. Each value is a `Box<dyn Registered<M>>` of that type `M`.
    handlers: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
}

impl Mediator {
    /// Starts a registry.
    pub fn builder() -> MediatorBuilder {
        MediatorBuilder { handlers: HashMap::with_capacity(16) }
    }

    /// Hands a message to its handler.
    ///
    /// # Errors
    /// [`HandlerNotFound`] where there is none; otherwise whatever the handler says.
    pub async fn dispatch<M: Message>(&self, message: M) -> Outcome<M> {
        let handler = self.handlers.get(&TypeId::of::<M>());
        match handler.and_then(|handler| handler.downcast_ref::<Box<dyn Registered<M>>>()) {
            Some(handler) => handler.handle(message).await,
            None => Err(HandlerNotFound { message: M::NAME }.into()),
        }
    }
}

impl fmt::Debug for Mediator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mediator").field("handlers", &self.handlers.len()).finish()
    }
}

/// A mediator in the making.
pub struct MediatorBuilder {
    handlers: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
}

impl MediatorBuilder {
    /// Registers the handler of messages of type `M`, in place of a former one.
    #[must_use]
    pub fn register<M: Message>(mut self, handler: impl Handler<M>) -> Self {
        let handler: Box<dyn Registered<M>> = Box::new(handler);
        self.handlers.insert(TypeId::of::<M>(), Box::new(handler));
        self
    }

    /// The mediator.
    pub fn build(self) -> Mediator {
        Mediator { handlers: self.handlers }
    }
}

impl fmt::Debug for MediatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MediatorBuilder").field("handlers", &self.handlers.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Eq)]
    struct Ping(u32);

    impl Message for Ping {
        const NAME: &'static str = "Ping";
        type Answer = u32;
        type Error = HandlerNotFound;
    }

    #[derive(Debug, PartialEq, Eq)]
    struct Pong(u32);

    impl Message for Pong {
        const NAME: &'static str = "Pong";
        type Answer = u32;
        type Error = HandlerNotFound;
    }

    struct Plus(u32);

    impl Handler<Ping> for Plus {
        async fn handle(&self, Ping(number): Ping) -> Result<u32, HandlerNotFound> {
            Ok(number + self.0)
        }
    }

    #[tokio::test]
    async fn a_message_goes_to_the_handler_of_its_type() {
        let mediator = Mediator::builder().register::<Ping>(Plus(1)).build();
        assert_eq!(mediator.dispatch(Ping(41)).await, Ok(42));
    }

    #[tokio::test]
    async fn a_message_nobody_is_registered_for_is_not_handled() {
        let mediator = Mediator::builder().register::<Ping>(Plus(1)).build();
        assert_eq!(mediator.dispatch(Pong(41)).await, Err(HandlerNotFound { message: "Pong" }));
    }

    #[tokio::test]
    async fn registering_again_replaces() {
        let mediator = Mediator::builder().register::<Ping>(Plus(1)).register::<Ping>(Plus(2)).build();
        assert_eq!(mediator.dispatch(Ping(40)).await, Ok(42));
    }
}
