//! What was done in scenarios and experiments, held against a contract.

use std::collections::HashMap;
use std::sync::Arc;

use super::Rules;
use crate::history::{Act, Course, Deed, Header};
use crate::judge::judge;
use crate::run::settings;
use crate::value::Value;

/// What a contract does not allow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// The experiment.
    pub experiment: Arc<str>,
    /// What the case is about: of a scenario its name.
    pub name: String,
    /// What is wrong, as a sentence without a full stop.
    pub wrong: String,
}

/// Why a case can't be held against a contract, which knows commands and queries of one actor and nothing else; nothing for one
/// that can.
pub(super) fn beyond(course: &Course) -> Option<&'static str> {
    let did = |deed| course.deeds.iter().any(|done| done.deed == deed);
    if did(Deed::Seed) {
        return Some("an event was made to happen");
    }
    if did(Deed::Spoiled) {
        return Some("a command was made wrong");
    }
    if !course.actors.is_empty() {
        return Some("others than the default actor spoke");
    }
    let mut keys: HashMap<&str, Option<&Value>> = HashMap::new();
    for operation in &course.operations {
        let Act::Submit { command, .. } = &operation.act else { continue };
        let Some(key) = &command.key else { continue };
        let on = command.on.as_ref();
        if *keys.entry(key).or_insert(on) != on {
            return Some("a key was used for several aggregates");
        }
    }
    None
}

pub(super) fn broken(rules: &Rules, header: &Header, course: &Course) -> Vec<Broken> {
    let promises = Arc::new(header.promises.clone());
    let settings = crate::judge::Settings {
        ours: course.names.iter().map(|(_, value)| value.clone()).collect(),
        matrix: false,
        ..settings(promises, header.capabilities, header.alone)
    };
    let judged = judge(&*rules.model, &settings, &course.operations);
    let about = &course.case.about;
    let name = about.get("name").or_else(|| about.get("number"));
    let name = name.map_or_else(String::new, |name| match name {
        Value::Text(text) => text.to_string(),
        other => other.to_json(),
    });
    let broken =
        |wrong: String| Broken { experiment: course.case.experiment.clone(), name: name.clone(), wrong };
    judged.mismatches.iter().map(|mismatch| broken(mismatch.to_string())).collect()
}
