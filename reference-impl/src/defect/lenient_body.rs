//! `lenient-body`: a malformed command is made to fit.
//!
//! The bug behind it: `Number(body.quantity) || 1`, or a mapper that fills in what it can't read. The client's mistake
//! becomes an order.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use super::occasions::Occasions;
use super::{Defect, Points, Rate, Shows, Strike, WirePoint};

pub(super) const DEFECT: Defect = Defect {
    name: "lenient-body",
    summary: "a quantity that is missing, a text or null is taken for 1",
    default_rate: Rate::Always,
    breaks: &["CH-2"],
    may_break: &["BR-1", "SE-2"],
    shows: Shows::Wire,
    install: |points, strike| Points {
        wire: Arc::new(LenientBody { strike, bodies: Occasions::default(), inner: points.wire }),
        ..points
    },
};

#[derive(Debug)]
struct LenientBody {
    strike: Strike,
    bodies: Occasions,
    inner: Arc<dyn WirePoint>,
}

/// Fits `value`, an item or what holds items, to what is expected.
fn fit(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(fit),
        Value::Object(members) => {
            let counted = members.get("quantity").is_some_and(Value::is_number);
            if members.contains_key("product") && !counted {
                members.insert("quantity".to_owned(), Value::from(1));
            }
            members.values_mut().for_each(fit);
        }
        _ => {}
    }
}

impl WirePoint for LenientBody {
    fn inner(&self) -> Option<&dyn WirePoint> {
        Some(&*self.inner)
    }

    fn body<'a>(&self, sent: &'a [u8]) -> Cow<'a, [u8]> {
        // What is too deep for serde_json, or no JSON, is read as it is.
        match serde_json::from_slice::<Value>(sent) {
            Ok(mut value) if self.strike.hits(self.bodies.next()) => {
                let before = value.clone();
                fit(&mut value);
                if value == before {
                    self.inner.body(sent)
                } else {
                    Cow::Owned(value.to_string().into_bytes())
                }
            }
            _ => self.inner.body(sent),
        }
    }
}
