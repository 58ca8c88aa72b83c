use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use smallvec::SmallVec;

use super::Value;

/// Named values in the order they were written; names are unique. Equality and hashing ignore the order.
///
/// Shared until changed: cloning is cheap.
#[derive(Clone, Default)]
pub struct Record(Arc<Fields>);

#[derive(Clone, Default)]
struct Fields {
    list: SmallVec<[(Arc<str>, Value); INSIDE]>,
    /// Position by name, kept once there are more than [`SCANNED`] fields.
    #[expect(clippy::box_collection, reason = "most records have none, and a map is six words large")]
    index: Option<Box<HashMap<Arc<str>, usize>>>,
}

/// Up to so many fields stand in the record itself; more take another piece of memory. Lines, states and events mostly have
/// no more, and are copied all the time where rules are evaluated.
const INSIDE: usize = 4;

/// Up to so many fields looking a name up by going through them beats hashing it. Beyond, an answer with 100,000
/// fields must not make reading or comparing it quadratic.
const SCANNED: usize = 24;

impl Record {
    /// A record without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value called `name`.
    #[inline]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.position(name).map(|at| &self.0.list[at].1)
    }

    /// The same, sooner if it stands at that place, as it does where fields come in the order of their declaration.
    #[inline]
    pub(crate) fn get_near(&self, at: usize, name: &str) -> Option<&Value> {
        match self.0.list.get(at) {
            Some((field, value)) if same(field, name) => Some(value),
            _ => self.get(name),
        }
    }

    /// Whether there is a field called `name`.
    pub fn contains(&self, name: &str) -> bool {
        self.0.position(name).is_some()
    }

    /// Sets `name` to `value` where it stands, or behind all others if it is new. Returns what was there.
    pub fn insert(&mut self, name: impl Into<Arc<str>>, value: impl Into<Value>) -> Option<Value> {
        Arc::make_mut(&mut self.0).insert(name.into(), value.into())
    }

    /// Takes the field called `name` out. Linear in the number of fields.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.0.position(name)?;
        let fields = Arc::make_mut(&mut self.0);
        let (_, value) = fields.list.remove(at);
        fields.index = None;
        fields.reindex();
        Some(value)
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.0.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.list.is_empty()
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> + DoubleEndedIterator {
        self.0.list.iter().map(|(name, value)| (&**name, value))
    }

    /// Names and values, in order; the names can be shared.
    pub fn fields(&self) -> &[(Arc<str>, Value)] {
        &self.0.list
    }

    /// The names, in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.list.iter().map(|(name, _)| &**name)
    }
}

/// Whether two names are the same; mostly they are so to the byte in memory, since whoever reads a contract shares them.
#[inline]
fn same(a: &str, b: &str) -> bool {
    std::ptr::eq(a, b) || a == b
}

impl Fields {
    #[inline]
    fn position(&self, name: &str) -> Option<usize> {
        match &self.index {
            None => self.list.iter().position(|(field, _)| same(field, name)),
            Some(index) => index.get(name).copied(),
        }
    }

    fn insert(&mut self, name: Arc<str>, value: Value) -> Option<Value> {
        if let Some(at) = self.position(&name) {
            return Some(std::mem::replace(&mut self.list[at].1, value));
        }
        if let Some(index) = &mut self.index {
            index.insert(Arc::clone(&name), self.list.len());
        }
        self.list.push((name, value));
        self.reindex();
        None
    }

    fn reindex(&mut self) {
        if self.index.is_none() && self.list.len() > SCANNED {
            let positions = self.list.iter().enumerate();
            self.index = Some(Box::new(positions.map(|(at, (name, _))| (Arc::clone(name), at)).collect()));
        }
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.len() == other.len()
                && self.fields().iter().enumerate().all(|(at, (name, value))| {
                    // Mostly both come in the same order.
                    let same = other.fields().get(at).filter(|(other, _)| other == name);
                    same.map(|(_, other)| other).or_else(|| other.get(name)) == Some(value)
                }))
    }
}

impl Eq for Record {}

impl Hash for Record {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // A sum does not depend on the order.
        let sum = self.fields().iter().fold(0_u64, |sum, field| {
            let mut hasher = DefaultHasher::new();
            field.hash(&mut hasher);
            sum.wrapping_add(hasher.finish())
        });
        state.write_usize(self.len());
        state.write_u64(sum);
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Of fields with the same name the last one wins.
impl<N: Into<Arc<str>>, V: Into<Value>> FromIterator<(N, V)> for Record {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(iter: I) -> Self {
        let iter = iter.into_iter();
        let mut fields = Fields { list: SmallVec::with_capacity(iter.size_hint().0), index: None };
        for (name, value) in iter {
            fields.insert(name.into(), value.into());
        }
        Self(Arc::new(fields))
    }
}

impl<N: Into<Arc<str>>, V: Into<Value>, const LEN: usize> From<[(N, V); LEN]> for Record {
    fn from(fields: [(N, V); LEN]) -> Self {
        fields.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(names: impl Iterator<Item = usize>) -> Record {
        names.map(|n| (format!("field{n}"), Value::from(n))).collect()
    }

    #[test]
    fn names_are_unique_and_keep_their_place() {
        let mut record = Record::from([("a", 1), ("b", 2), ("a", 3)]);
        assert_eq!(record.iter().collect::<Vec<_>>(), [("a", &Value::from(3)), ("b", &Value::from(2))]);
        assert_eq!(record.insert("a", 4), Some(Value::from(3)));
        assert_eq!(record.remove("a"), Some(Value::from(4)));
        assert_eq!(record.names().collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn equality_and_hash_ignore_the_order() {
        let hash = |record: &Record| {
            let mut hasher = DefaultHasher::new();
            record.hash(&mut hasher);
            hasher.finish()
        };
        for len in [0, 1, 3, SCANNED, SCANNED + 1, 1000] {
            let (up, down) = (numbered(0..len), numbered((0..len).rev()));
            assert_eq!(up, down);
            assert_eq!(hash(&up), hash(&down));
            let mut other = down.clone();
            other.insert("field0", "changed");
            assert_ne!(up, other);
        }
    }

    #[test]
    fn many_fields_are_not_quadratic() {
        // Scanning would take some 10^10 comparisons of names, minutes.
        let (up, down) = (numbered(0..100_000), numbered((0..100_000).rev()));
        assert_eq!(up, down);
        assert_eq!(up.get("field99999"), Some(&Value::from(99_999)));
    }

    #[test]
    fn a_clone_is_not_changed_with_its_origin() {
        let mut record = Record::from([("a", 1)]);
        let clone = record.clone();
        record.insert("a", 2);
        assert_eq!(clone.get("a"), Some(&Value::from(1)));
    }
}
