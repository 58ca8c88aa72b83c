//! What an editor does with a TextMate grammar, for grammars of `match`, `begin`, `end`, `captures` and `include`.

use std::cell::RefCell;
use std::collections::HashMap;

use regex_lite::{Captures, Regex};
use serde_json::Value;

pub(super) struct Grammar {
    files: Vec<Value>,
    /// Made once each: they are asked for again with every line.
    regexes: RefCell<HashMap<String, Regex>>,
}

/// Scopes from the outside in, one list a byte of a line.
type Painted = Vec<Vec<String>>;

struct Rule<'a> {
    file: &'a Value,
    rule: &'a Value,
    start: Regex,
}

impl Grammar {
    /// Of these files, the first of which is the language's own.
    pub(super) fn new(files: &[&str]) -> Self {
        let files = files.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        Self { files, regexes: RefCell::default() }
    }

    fn regex(&self, text: &str) -> Regex {
        let mut regexes = self.regexes.borrow_mut();
        regexes.entry(text.to_owned()).or_insert_with(|| Regex::new(text).unwrap()).clone()
    }

    pub(super) fn paint(&self, line: &str) -> Painted {
        let mut painted = vec![Vec::new(); line.len()];
        let file = &self.files[0];
        let end = self.walk(line, 0, &self.rules(file, &file["patterns"]), None, &mut painted);
        assert_eq!(end, line.len());
        painted
    }

    fn rules<'a>(&'a self, file: &'a Value, patterns: &'a Value) -> Vec<Rule<'a>> {
        let patterns = patterns.as_array().map(Vec::as_slice).unwrap_or_default();
        patterns
            .iter()
            .flat_map(|rule| {
                let Some(included) = rule["include"].as_str() else {
                    let start = rule["match"].as_str().or(rule["begin"].as_str()).unwrap();
                    return vec![Rule { file, rule, start: self.regex(start) }];
                };
                let (scope, name) = included.split_once('#').unwrap();
                let file = match scope {
                    "" => file,
                    scope => self.files.iter().find(|file| file["scopeName"] == scope).unwrap(),
                };
                let included = &file["repository"][name]["patterns"];
                assert!(included.is_array(), "there is no {scope}#{name}");
                self.rules(file, included)
            })
            .collect()
    }

    /// Paints from `at` to behind `end`, or to the end of the line.
    fn walk(
        &self,
        line: &str,
        mut at: usize,
        rules: &[Rule<'_>],
        end: Option<(&Regex, &Value)>,
        painted: &mut Painted,
    ) -> usize {
        loop {
            let ends = end.and_then(|(end, captures)| Some((end.captures_at(line, at)?, captures)));
            let found = rules.iter().filter_map(|rule| Some((rule.start.captures_at(line, at)?, rule)));
            // Of equals the first is taken, as the editor does.
            let next = found.min_by_key(|(found, _)| found.get(0).unwrap().start());
            if let Some((ends, captures)) = ends {
                let place = ends.get(0).unwrap();
                if next.as_ref().is_none_or(|(found, _)| found.get(0).unwrap().start() >= place.start()) {
                    capture(&ends, captures, painted);
                    return place.end();
                }
            }
            let Some((found, Rule { file, rule, .. })) = next else { return line.len() };
            let place = found.get(0).unwrap();
            assert!(!place.is_empty(), "{rule} matches nothing");
            at = place.end();
            let name = rule["name"].as_str();
            if let Some(ending) = rule["end"].as_str() {
                let mut inner = vec![Vec::new(); line.len()];
                capture(&found, &rule["beginCaptures"], &mut inner);
                let ending = self.regex(ending);
                let rules = self.rules(file, &rule["patterns"]);
                at = self.walk(line, at, &rules, Some((&ending, &rule["endCaptures"])), &mut inner);
                for (byte, inner) in inner.into_iter().enumerate().take(at).skip(place.start()) {
                    painted[byte].extend(name.map(str::to_owned));
                    painted[byte].extend(inner);
                }
            } else {
                painted[place.range()].iter_mut().for_each(|scopes| scopes.extend(name.map(str::to_owned)));
                capture(&found, &rule["captures"], painted);
            }
        }
    }
}

fn capture(found: &Captures<'_>, captures: &Value, painted: &mut Painted) {
    for (number, capture) in captures.as_object().into_iter().flatten() {
        if let Some(place) = found.get(number.parse().unwrap()) {
            let name = capture["name"].as_str().unwrap();
            painted[place.range()].iter_mut().for_each(|scopes| scopes.push(name.to_owned()));
        }
    }
}
