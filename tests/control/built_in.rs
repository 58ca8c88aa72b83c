use std::sync::Arc;
use std::time::Duration;

use proofmark::adapter::{ControlError, Reference, Session as _, Target as _, World, WorldSeed};
use proofmark::protocol::{Actor, Answer, Capability, Event, Outcome, Query, Receipt, Seen, Version};
use proofmark::value::{Number, Record, Value};

pub(crate) const ORDER: &str = "00000000-0000-4000-8000-000000000001";
pub(crate) const WITHIN: Duration = Duration::from_secs(10);

pub(crate) fn event(name: &str, fields: impl IntoIterator<Item = (&'static str, Value)>) -> Event {
    Event {
        name: name.into(),
        on: Value::from(ORDER),
        fields: fields.into_iter().map(|(name, value)| (Arc::from(name), value)).collect(),
        version: None,
        position: None,
        id: None,
        causation: None,
    }
}

pub(crate) fn item(product: &'static str, price: &str) -> Value {
    Value::from(Record::from([
        ("product", Value::from(product)),
        ("quantity", Value::from(2)),
        ("price", Value::Number(Number::parse(price).expect("a number"))),
    ]))
}

/// An order that was opened, got a line more, and was cancelled.
pub(crate) fn story() -> [Event; 3] {
    let price = Value::Number(Number::parse("0.10").expect("a number"));
    let (product, quantity) = (Value::from("milk"), Value::from(1));
    [
        event(
            "OrderCreated",
            [("customer", Value::from("ann")), ("items", Value::List(vec![item("tea", "4.50")]))],
        ),
        event("ItemAdded", [("product", product), ("quantity", quantity), ("price", price)]),
        event("OrderCancelled", [("reason", Value::from("too late"))]),
    ]
}

pub(crate) fn details() -> Query {
    Query { name: "GetOrderDetails".into(), on: Some(Value::from(ORDER)), fields: Record::new() }
}

/// Seeds the story; each event is one version more.
pub(crate) async fn tell(control: &impl World) {
    for (version, event) in (1..).zip(story()) {
        let Outcome::Accepted(Receipt { version: got, .. }) = control.seed(&event).await else {
            panic!("{event:?} is not accepted: {}", control.seed(&event).await);
        };
        assert_eq!(got, Some(Version::Number(version)));
    }
}

pub(crate) async fn ask(world: &impl World) -> Answer {
    let mut session = world.open(&Actor::default()).await.expect("a session");
    session.ask(&details()).await.answer
}

pub(crate) fn field(answer: &Answer, name: &str) -> String {
    let Seen::Found(found) = &answer.seen else { panic!("nothing is found: {:?}", answer.seen) };
    found.get(name).unwrap_or_else(|| panic!("{name} is not in {}", found.to_json())).to_json()
}

/// What every target that claims all of this has to do alike.
pub(crate) async fn does_what_it_claims(world: &impl World) {
    tell(world).await;
    keeps_what_it_claims(world).await;
}

/// The same where the story was told already.
pub(crate) async fn keeps_what_it_claims(world: &impl World) {
    let control = &world;
    assert!(control.caught_up(WITHIN).await);
    assert_eq!(field(&ask(world).await, "status"), "\"cancelled\"");

    let told = control.events(Some(&Value::from(ORDER)), None).await.expect("events");
    let fields = |events: &[Event]| -> Vec<_> {
        events.iter().map(|event| (event.name.clone(), event.on.clone(), event.fields.clone())).collect()
    };
    assert_eq!(fields(&told), fields(&story()));
    assert_eq!(
        told.iter().map(|event| event.version.clone()).collect::<Vec<_>>(),
        [1, 2, 3].map(|version| Some(Version::Number(version)))
    );
    assert!(told.iter().all(|event| event.id.is_some() && event.causation.is_some()), "{told:?}");
    let later = control.events(Some(&Value::from(ORDER)), told[0].position).await.expect("events");
    assert_eq!(later, told[1..]);
    assert_eq!(control.events(None, None).await.expect("the whole feed"), told);

    let earlier = control.as_of(&details(), &Version::Number(2)).await.expect("an answer");
    assert_eq!(field(&earlier, "status"), "\"pending\"");
    assert_eq!(field(&earlier, "total"), "9.10");
    let never = control.as_of(&details(), &Version::Number(4)).await.expect("an answer");
    assert_eq!(never.seen, Seen::Absent);

    assert_eq!(control.rebuild("order_summary", WITHIN).await, Ok(()));
    assert_eq!(field(&ask(world).await, "status"), "\"cancelled\"");
    let unknown = control.rebuild("no_such_model", WITHIN).await;
    assert!(
        matches!(unknown, Err(ControlError::Failed(ref why)) if why.contains("no_such_model")),
        "{unknown:?}"
    );
}

#[tokio::test]
async fn the_built_in_system_does_what_it_claims() {
    for target in [Reference::strong(), Reference::eventual(Duration::from_millis(5))] {
        for capability in
            [Capability::EventFeed, Capability::SeedEvents, Capability::Rebuild, Capability::Temporal]
        {
            assert!(target.describe().capabilities.claims(capability), "{capability}");
        }
        let world = target.world(WorldSeed(1)).await.expect("a world");
        does_what_it_claims(&world).await;
    }
}

#[tokio::test]
async fn what_can_not_have_happened_is_refused() {
    let world = Reference::strong().world(WorldSeed(1)).await.expect("a world");
    let control = &world;
    let said = |outcome: Outcome| match outcome {
        Outcome::Rejected(rejection) => rejection.detail.map(|detail| detail.to_string()).unwrap_or_default(),
        other => panic!("not rejected: {other}"),
    };
    let unborn = control.seed(&event("OrderConfirmed", [])).await;
    assert!(said(unborn).contains("OrderConfirmed can't happen"));
    let unknown = control.seed(&event("OrderLost", [])).await;
    assert_eq!(said(unknown), "there is no event OrderLost");
    let bare = control.seed(&event("OrderCreated", [])).await;
    assert_eq!(said(bare), "OrderCreated needs `customer`");
    let elsewhere = Event { on: Value::from("o-1"), ..event("OrderConfirmed", []) };
    assert!(said(control.seed(&elsewhere).await).contains("no UUID"));
    assert_eq!(control.events(None, None).await, Ok(Vec::new()));
    let list = Query { name: "ListCustomerOrders".into(), on: None, fields: Record::new() };
    assert!(control.as_of(&list, &Version::Number(1)).await.is_err());
}
