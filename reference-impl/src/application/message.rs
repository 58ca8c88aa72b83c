//! What a message is.

use super::{CommandError, Envelope, HandlerNotFound, Malformed, Receipt, validation};
use crate::domain::{
    AddItem, CancelOrder, ConfirmOrder, CreateOrder, OrderCommand, RemoveItem, ReplaceItem, RequestDelivery,
};

/// Anything the mediator can be asked to dispatch.
pub trait Message: Send + 'static {
    /// What its name is in errors.
    const NAME: &'static str;
    /// What comes back.
    type Answer: Send + 'static;
    /// What can go wrong. That nobody handles it is always among it.
    type Error: From<HandlerNotFound> + Send + 'static;
}

/// A command on an order: a message type of its own, which the aggregate decides on.
pub trait Command: Into<OrderCommand> + Clone + Send + Sync + 'static {
    /// The command's name.
    const NAME: &'static str;

    /// Checks what can be checked without knowing the order.
    ///
    /// # Errors
    /// The first field that is not in shape.
    fn validate(&self) -> Result<(), Malformed>;
}

/// A command is dispatched in its envelope, to the handler of that command's type.
impl<C: Command> Message for Envelope<C> {
    const NAME: &'static str = C::NAME;
    type Answer = Receipt;
    type Error = CommandError;
}

impl Command for CreateOrder {
    const NAME: &'static str = "CreateOrder";

    fn validate(&self) -> Result<(), Malformed> {
        validation::id("customer", self.customer.as_str())?;
        self.items.iter().try_for_each(|item| validation::id("items.product", item.product.as_str()))
    }
}

impl Command for AddItem {
    const NAME: &'static str = "AddItem";

    fn validate(&self) -> Result<(), Malformed> {
        validation::id("product", self.product.as_str())
    }
}

impl Command for RemoveItem {
    const NAME: &'static str = "RemoveItem";

    fn validate(&self) -> Result<(), Malformed> {
        validation::id("product", self.product.as_str())
    }
}

impl Command for ReplaceItem {
    const NAME: &'static str = "ReplaceItem";

    fn validate(&self) -> Result<(), Malformed> {
        validation::id("product", self.product.as_str())?;
        validation::id("replacement", self.replacement.as_str())
    }
}

impl Command for RequestDelivery {
    const NAME: &'static str = "RequestDelivery";

    fn validate(&self) -> Result<(), Malformed> {
        Ok(())
    }
}

impl Command for ConfirmOrder {
    const NAME: &'static str = "ConfirmOrder";

    fn validate(&self) -> Result<(), Malformed> {
        Ok(())
    }
}

impl Command for CancelOrder {
    const NAME: &'static str = "CancelOrder";

    fn validate(&self) -> Result<(), Malformed> {
        Ok(())
    }
}

/// Whoever learns only at run time which command it is can send it as this type.
impl Command for OrderCommand {
    const NAME: &'static str = "OrderCommand";

    fn validate(&self) -> Result<(), Malformed> {
        match self {
            Self::CreateOrder(command) => command.validate(),
            Self::AddItem(command) => command.validate(),
            Self::RemoveItem(command) => command.validate(),
            Self::ReplaceItem(command) => command.validate(),
            Self::RequestDelivery(command) => command.validate(),
            Self::ConfirmOrder(command) => command.validate(),
            Self::CancelOrder(command) => command.validate(),
        }
    }
}
