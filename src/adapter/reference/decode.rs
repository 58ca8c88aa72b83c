//! What a scenario says, as the order system's own messages. What can't be read is malformed, as it would be
//! over a wire.

use reference_impl::application::{Envelope, GetOrderDetails, ListCustomerOrders};
use reference_impl::domain::{
    AddItem, CancelOrder, ConfirmOrder, CreateOrder, CustomerId, Item, NoDateTime, OffsetDateTime,
    OrderCommand, OrderEvent, OrderId, ProductId, RemoveItem, ReplaceItem, RequestDelivery,
};
use reference_impl::store::{ExpectedVersion, Version as StreamVersion};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::protocol::{Command, Event, Expected, Query, Version};
use crate::value::{Number, Record, Value};

/// The message can't be read; says why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Malformed(pub(super) String);

/// A query the order system knows.
pub(super) enum Question {
    Details(GetOrderDetails),
    List(ListCustomerOrders),
}

/// The command in its envelope.
pub(super) fn envelope(command: &Command) -> Result<Envelope<OrderCommand>, Malformed> {
    let fields = Fields { record: &command.fields, of: &command.name };
    let message: OrderCommand = match &*command.name {
        "CreateOrder" => OrderCommand::CreateOrder(CreateOrder {
            customer: CustomerId::new(fields.text("customer")?),
            items: fields.items("items")?,
        }),
        "AddItem" => {
            let Item { product, quantity, price } = item(&command.fields, &command.name)?;
            OrderCommand::AddItem(AddItem { product, quantity, price })
        }
        "RemoveItem" => {
            OrderCommand::RemoveItem(RemoveItem { product: ProductId::new(fields.text("product")?) })
        }
        "ReplaceItem" => {
            let product = ProductId::new(fields.text("product")?);
            let replacement = ProductId::new(fields.text("replacement")?);
            let (quantity, price) = (fields.whole("quantity")?, fields.decimal("price")?);
            OrderCommand::ReplaceItem(ReplaceItem { product, replacement, quantity, price })
        }
        "RequestDelivery" => {
            OrderCommand::RequestDelivery(RequestDelivery { deliver_at: fields.moment("deliver_at")? })
        }
        "ConfirmOrder" => OrderCommand::ConfirmOrder(ConfirmOrder {}),
        "CancelOrder" => OrderCommand::CancelOrder(CancelOrder { reason: fields.text("reason")?.to_owned() }),
        unknown => return Err(Malformed(format!("there is no command {unknown}"))),
    };
    let mut envelope =
        Envelope::new(order(command.on.as_ref())?, message).expecting(expected(&command.expected)?);
    if let Some(key) = &command.key {
        envelope = envelope.with_key(&**key);
    }
    Ok(envelope)
}

/// The query.
pub(super) fn question(query: &Query) -> Result<Question, Malformed> {
    let fields = Fields { record: &query.fields, of: &query.name };
    match &*query.name {
        "GetOrderDetails" => Ok(Question::Details(GetOrderDetails { order: order(query.on.as_ref())? })),
        "ListCustomerOrders" => {
            let mut list = ListCustomerOrders::new(CustomerId::new(fields.text("customer")?));
            if query.fields.get("page").is_some() {
                list.page = fields.whole("page")?;
            }
            if query.fields.get("page_size").is_some() {
                list.page_size = fields.whole("page_size")?;
            }
            Ok(Question::List(list))
        }
        unknown => Err(Malformed(format!("there is no query {unknown}"))),
    }
}

/// An event that is to have happened, and the order it is to have happened to.
pub(super) fn event(event: &Event) -> Result<(OrderId, OrderEvent), Malformed> {
    let fields = Fields { record: &event.fields, of: &event.name };
    let happened = match &*event.name {
        "OrderCreated" => OrderEvent::OrderCreated {
            customer: CustomerId::new(fields.text("customer")?),
            items: fields.items("items")?,
        },
        "ItemAdded" => {
            let Item { product, quantity, price } = item(&event.fields, &event.name)?;
            OrderEvent::ItemAdded { product, quantity, price }
        }
        "ItemRemoved" => OrderEvent::ItemRemoved { product: ProductId::new(fields.text("product")?) },
        "DeliveryRequested" => OrderEvent::DeliveryRequested { deliver_at: fields.moment("deliver_at")? },
        "OrderConfirmed" => OrderEvent::OrderConfirmed {},
        "OrderCancelled" => OrderEvent::OrderCancelled { reason: fields.text("reason")?.to_owned() },
        unknown => return Err(Malformed(format!("there is no event {unknown}"))),
    };
    Ok((order(Some(&event.on))?, happened))
}

pub(super) fn order(on: Option<&Value>) -> Result<OrderId, Malformed> {
    match on {
        Some(Value::Text(text)) => Uuid::parse_str(text).map(OrderId::new).map_err(|_| {
            Malformed(format!("{} is no order id: it is no UUID", Value::Text(text.clone()).brief(80)))
        }),
        Some(other) => Err(Malformed(format!("an order id is text, not {}", other.kind()))),
        None => Err(Malformed("the order id is missing".into())),
    }
}

fn expected(expected: &Expected) -> Result<ExpectedVersion, Malformed> {
    match expected {
        Expected::Any => Ok(ExpectedVersion::Any),
        Expected::Exactly(Version::Number(0)) => Ok(ExpectedVersion::NoStream),
        Expected::Exactly(Version::Number(number)) => Ok(ExpectedVersion::Exact(StreamVersion::new(*number))),
        Expected::Exactly(Version::Opaque(_)) => Err(Malformed("a version is a whole number".into())),
    }
}

fn item(record: &Record, of: &str) -> Result<Item, Malformed> {
    let fields = Fields { record, of };
    Ok(Item {
        product: ProductId::new(fields.text("product")?),
        quantity: fields.whole("quantity")?,
        price: fields.decimal("price")?,
    })
}

/// The fields of one message, each read as what it must be.
struct Fields<'a> {
    record: &'a Record,
    of: &'a str,
}

impl<'a> Fields<'a> {
    fn get(&self, name: &str) -> Result<&'a Value, Malformed> {
        self.record.get(name).ok_or_else(|| Malformed(format!("{} needs `{name}`", self.of)))
    }

    fn wrong(&self, name: &str, needed: &str, value: &Value) -> Malformed {
        Malformed(format!("`{name}` of {} must be {needed}, not {}", self.of, value.brief(80)))
    }

    fn text(&self, name: &str) -> Result<&'a str, Malformed> {
        match self.get(name)? {
            Value::Text(text) => Ok(text),
            other => Err(self.wrong(name, "text", other)),
        }
    }

    fn moment(&self, name: &str) -> Result<OffsetDateTime, Malformed> {
        let text = self.text(name)?;
        text.parse()
            .map_err(|_: NoDateTime| self.wrong(name, "a date and time with an offset", &Value::from(text)))
    }

    fn number(&self, name: &str, needed: &str) -> Result<(&'a Number, &'a Value), Malformed> {
        match self.get(name)? {
            value @ Value::Number(number) => Ok((number, value)),
            other => Err(self.wrong(name, needed, other)),
        }
    }

    fn whole<T: TryFrom<i64>>(&self, name: &str) -> Result<T, Malformed> {
        let (number, value) = self.number(name, "a whole number")?;
        let whole = number.to_i64().and_then(|whole| T::try_from(whole).ok());
        whole.ok_or_else(|| self.wrong(name, "a whole number of a sensible size", value))
    }

    fn decimal(&self, name: &str) -> Result<Decimal, Malformed> {
        let (number, value) = self.number(name, "a number")?;
        number.decimal().ok_or_else(|| self.wrong(name, "a number of at most 28 digits", value))
    }

    fn items(&self, name: &str) -> Result<Vec<Item>, Malformed> {
        let Value::List(items) = self.get(name)? else {
            return Err(self.wrong(name, "a list", self.get(name)?));
        };
        let items = items.iter().map(|value| match value {
            Value::Record(record) => item(record, "an item"),
            other => Err(self.wrong(name, "a list of items", other)),
        });
        items.collect()
    }
}
