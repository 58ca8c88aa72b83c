//! The customer directory: another context's data, which a read model copies in.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, RwLock};

use crate::BoxFuture;
use crate::domain::CustomerId;
use crate::lock::{read, write};
use crate::seed::Seed;
use crate::store::StoreError;

/// What the directory knows about a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// First and last name.
    pub name: Arc<str>,
    /// E-mail address.
    pub email: Arc<str>,
}

/// The port to the directory.
pub trait CustomerDirectory: Send + Sync + Debug {
    /// Looks a customer up. `None`: the directory doesn't know them.
    fn find<'a>(&'a self, id: &'a CustomerId) -> BoxFuture<'a, Result<Option<Customer>, StoreError>>;
}

/// A directory that knows everybody: name and address are derived from the id, so any id will do,
/// and the same id always gives the same customer.
#[derive(Debug, Clone, Copy, Default)]
pub struct DerivedDirectory;

const FIRST_NAMES: [&str; 8] = ["Ada", "Alan", "Barbara", "Edsger", "Grace", "Leslie", "Niklaus", "Radia"];
const LAST_NAMES: [&str; 8] = ["Berg", "Costa", "Dubois", "Haas", "Ito", "Kaya", "Moreau", "Silva"];

impl CustomerDirectory for DerivedDirectory {
    fn find<'a>(&'a self, id: &'a CustomerId) -> BoxFuture<'a, Result<Option<Customer>, StoreError>> {
        Box::pin(async move {
            let drawn = Seed::new(0).derive(id.as_str());
            let first = pick(&FIRST_NAMES, drawn.draw(0));
            let last = pick(&LAST_NAMES, drawn.draw(1));
            // The number keeps two customers of one name apart.
            let mut email = format!("{first}.{last}.{:08x}@example.com", drawn.draw(2) >> 32);
            email.make_ascii_lowercase();
            Ok(Some(Customer { name: format!("{first} {last}").into(), email: email.into() }))
        })
    }
}

fn pick(names: &[&'static str; 8], drawn: u64) -> &'static str {
    names[(drawn % 8) as usize]
}

/// A directory of customers that were registered by hand.
#[derive(Debug, Default)]
pub struct RegisteredCustomers(RwLock<HashMap<CustomerId, Customer>>);

impl RegisteredCustomers {
    /// A directory that knows nobody yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers a customer, in place of what was known under that id.
    pub fn register(&self, id: CustomerId, customer: Customer) {
        write(&self.0).insert(id, customer);
    }
}

impl CustomerDirectory for RegisteredCustomers {
    fn find<'a>(&'a self, id: &'a CustomerId) -> BoxFuture<'a, Result<Option<Customer>, StoreError>> {
        Box::pin(async move { Ok(read(&self.0).get(id).cloned()) })
    }
}
