use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::time::Duration;

use super::super::exit::CliError;
use super::super::values::duration;
use crate::draft::{Member, Operation, Outline, Service, Shape};

/// Somebody who can be asked.
pub(super) struct Person<'a> {
    pub(super) says: &'a mut dyn BufRead,
    pub(super) hears: &'a mut dyn Write,
}

impl Person<'_> {
    fn tell(&mut self, text: &str) -> Result<(), CliError> {
        Ok(writeln!(self.hears, "{text}")?)
    }

    /// Asks until `understood` makes something of the answer; what it says otherwise is told.
    fn ask<T>(
        &mut self,
        question: &str,
        understood: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, CliError> {
        loop {
            write!(self.hears, "{question} ")?;
            self.hears.flush()?;
            let mut line = String::new();
            if self.says.read_line(&mut line)? == 0 {
                self.tell("")?;
                return Err(CliError::Usage(
                    "the answers ended before the questions; nothing was written".into(),
                ));
            }
            match understood(line.trim()) {
                Ok(answer) => return Ok(answer),
                Err(why) => self.tell(&format!("  {why}"))?,
            }
        }
    }

    /// What a document would have told: the routes of a command and a query, and what is sent.
    pub(super) fn service(&mut self) -> Result<Service, CliError> {
        self.tell("There is no OpenAPI document at the usual places. Three questions instead:")?;
        let collection = self.ask("Where is something new created? (such as POST /orders)", |said| {
            let path = path(said, "POST")?;
            let plain = path.len() > 1 && !path.contains('{');
            plain
                .then_some(path)
                .ok_or_else(|| "A path without parameters is needed, such as /orders.".to_owned())
        })?;
        let fields =
            self.ask("Which texts does its body have? (such as: customer, note; or nothing)", |said| {
                let names: Vec<String> = said
                    .split(',')
                    .map(|name| name.trim().to_owned())
                    .filter(|name| !name.is_empty())
                    .collect();
                match names.iter().find(|name| name.contains(|c: char| c.is_control() || "{}:\"".contains(c)))
                {
                    Some(odd) => Err(format!(
                        "`{}` is no name of a field: names with commas between them are needed.",
                        odd.escape_debug()
                    )),
                    None => Ok(names),
                }
            })?;
        let default = format!("{collection}/{{id}}");
        let item = self.ask(&format!("Where is one shown? [GET {default}]"), |said| {
            let path = if said.is_empty() { default.clone() } else { path(said, "GET")? };
            let shown = path.strip_prefix(&*collection).is_some_and(|rest| {
                rest.starts_with("/{") && rest.ends_with('}') && rest.matches(['/', '{', '}']).count() == 3
            });
            shown.then_some(path).ok_or_else(|| {
                format!("A path with the id behind {collection} is needed, such as {default}.")
            })
        })?;
        let members = fields.into_iter().map(|name| Member {
            name,
            shape: Shape::text(),
            needed: true,
            ..Member::default()
        });
        let body = Shape::Record(members.collect());
        let title = collection.rsplit('/').next().unwrap_or_default().to_owned();
        let post = Operation {
            method: "POST".into(),
            path: collection,
            body: Some(body.clone()),
            ..Operation::default()
        };
        let get = Operation { method: "GET".into(), path: item, answer: Some(body), ..Operation::default() };
        Ok(Service { title, operations: vec![post, get], ..Service::default() })
    }

    /// How long effects may take to show, query by query.
    pub(super) fn bounds(&mut self, outline: &Outline) -> Result<BTreeMap<String, String>, CliError> {
        let mut bounds = BTreeMap::new();
        for query in outline.aggregates.iter().flat_map(|one| &one.queries) {
            let question = format!("How long may an accepted change take to show in {}? [5s]", query.name);
            let bound = self.ask(&question, |said| duration(if said.is_empty() { "5s" } else { said }))?;
            bounds.insert(query.name.clone(), written(bound));
        }
        Ok(bounds)
    }
}

/// A bound as profiles write it.
pub(super) fn written(bound: Duration) -> String {
    format!("{}ms", bound.as_millis())
}

/// The path of a request, with or without its method.
fn path(said: &str, method: &str) -> Result<String, String> {
    let path = said.strip_prefix(method).unwrap_or(said).trim().trim_end_matches('/');
    let plain =
        path.starts_with('/') && path.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.~{}".contains(c));
    plain
        .then(|| path.to_owned())
        .ok_or_else(|| "A path that begins with a slash is needed, without host and query.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::outline;

    #[track_caller]
    fn check(said: &str, heard: &[&str]) -> Result<(Outline, BTreeMap<String, String>), CliError> {
        let (mut says, mut ears) = (said.as_bytes(), Vec::new());
        let mut person = Person { says: &mut says, hears: &mut ears };
        let told = person.service().and_then(|service| {
            let outline = outline(&service, "http://localhost");
            let bounds = person.bounds(&outline)?;
            Ok((outline, bounds))
        });
        let text = String::from_utf8(ears).unwrap();
        for part in heard {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
        told
    }

    #[test]
    fn answers_become_a_service() {
        let (outline, bounds) =
            check("POST /orders\ncustomer, note\n\n200ms\n", &["[GET /orders/{id}]", "in GetOrder? [5s]"])
                .unwrap();
        assert_eq!(outline.contract, "orders");
        let order = &outline.aggregates[0];
        assert_eq!(
            (&*order.commands[0].request, &*order.queries[0].request),
            ("POST /orders", "GET /orders/${on}")
        );
        let fields: Vec<&str> = order.commands[0].fields.iter().map(|field| &*field.name).collect();
        assert_eq!(fields, ["customer", "note"]);
        assert_eq!(bounds.get("GetOrder").map(String::as_str), Some("200ms"));
    }

    #[test]
    fn what_is_not_understood_is_asked_again() {
        let said =
            "orders\n/orders/{id}\n/api/orders/\na:b\n\n/elsewhere/{id}\nGET /api/orders/{order}\nsoon\n\n";
        let heard = [
            "begins with a slash",
            "without parameters",
            "`a:b` is no name",
            "the id behind /api/orders",
            "a unit are needed",
        ];
        let (outline, bounds) = check(said, &heard).unwrap();
        assert_eq!(outline.aggregates[0].queries[0].request, "GET /api/orders/${on}");
        assert_eq!(bounds.get("GetOrder").map(String::as_str), Some("5000ms"));
    }

    #[test]
    fn an_end_of_the_answers_is_an_error() {
        for said in ["", "/orders\n", "/orders\n\n", "/orders\n\n\n", "nonsense\n"] {
            let error = check(said, &["Where is something new created?"]).unwrap_err();
            assert!(error.to_string().contains("ended before the questions"), "{error}");
        }
    }
}
