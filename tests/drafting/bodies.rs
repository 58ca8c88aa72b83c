//! How bodies are made of fields, and what becomes of those that aren't JSON.

use super::{check, crates, drafted};

#[test]
fn some_fields_are_only_shown_and_others_only_sent() {
    let schema = "{required: [name, made, updatedAt, serverNow], properties: {name: {type: string}, made: {type: string, format: date-time, readOnly: true}, updatedAt: {type: string, format: date-time, readOnly: true}, serverNow: {type: string, format: date-time, readOnly: true}, pin: {type: string, writeOnly: true}}}";
    let parts = [
        "command CreateCrate { name: string, pin: string? }",
        "chosen made: instant",
        "chosen on change updatedAt: instant",
        "volatile serverNow: instant",
        "!chosen pin",
        "!${.made",
    ];
    check(&crates(schema, schema), &parts);
}

#[test]
fn wrappers() {
    let inner = "{required: [name], properties: {name: {type: string}}}";
    let wrapped = format!("{{properties: {{data: {inner}}}}}");
    check(
        &crates(&wrapped, &wrapped),
        &[
            "body = { data = { name = \"${.name}\" } }",
            "set name = name",
            "rows = \"$.data\"",
            "name: self.name",
        ],
    );
    let twice = format!("{{properties: {{data: {{properties: {{'the crate': {inner}}}}}}}}}");
    check(&crates(&twice, "{}"), &["body = { data = { \"the crate\" = { name = \"${.name}\" } } }"]);
}

#[test]
fn bodies_that_are_no_records() {
    let list = "{type: array, minItems: 2, items: {required: [n], properties: {n: {type: integer}}}}";
    check(
        &crates(list, "{}"),
        &["items: [CrateItem]", "body = \"${.items}\"", "items: [{ n: 1 }, { n: 1 }]"],
    );
    check(
        &crates("{type: object, additionalProperties: {type: integer}}", "{}"),
        &["entries: CrateEntries", "body = \"${.entries}\""],
    );
    check(&crates("{type: string, maxLength: 5}", "{}"), &["value: string ..5", "body = \"${.value}\""]);
    check(&crates("{}", "{}"), &["# its body may be anything, says the document"]);
    let within = format!("{{properties: {{data: {list}}}}}");
    check(
        &crates(&within, "{}"),
        &["data: [CrateDatum]?", "body = { data = \"${.data?}\" }"]
            .map(|part| part.replace("CrateDatum", "CrateData"))
            .each_ref()
            .map(|part| &**part),
    );
}

fn of_type(media: &str, method: &str) -> String {
    format!(
        "{}  /crates/{{id}}/move:
    {method}:
      requestBody: {{required: true, content: {{'{media}': {{schema: {{required: [to], properties: {{to: {{type: string}}}}}}}}}}}}
      responses: {{204: {{}}}}
",
        crates("{properties: {name: {type: string}}}", "{}")
    )
}

#[test]
fn what_is_not_json_is_said() {
    for media in ["application/x-www-form-urlencoded", "multipart/form-data", "application/xml", "text/plain"]
    {
        let line = format!("# POST /crates/{{id}}/move: it takes {media}, which profiles can't send");
        check(&of_type(media, "post"), &["# Not drafted, and why:", &line, "!MoveCrate"]);
    }
    for media in ["application/vnd.store.v2+json; charset=utf-8", "application/merge-patch+json"] {
        let line = format!("# the document wants the type {media}; it is sent as application/json.");
        check(&of_type(media, "patch"), &[&line, "to = \"${.to}\""]);
    }
    check(&of_type("application/json; charset=utf-8", "post"), &["!the document wants"]);
}

#[test]
fn a_type_that_all_bodies_have_is_said_once() {
    let all = of_type("application/vnd.api+json", "patch").replace(
        "application/json: {schema: {properties: {name",
        "application/vnd.api+json: {schema: {properties: {name",
    );
    check(&all, &["[headers]\nContent-Type = \"application/vnd.api+json\"\n", "!the document wants"]);
    check(&of_type("application/json", "patch"), &["![headers]"]);
}

/// One operation that is beyond all bounds takes nothing from the next one.
#[test]
fn each_operation_has_a_budget_of_its_own() {
    let wide: Vec<String> = (0..150).map(|n| format!("p{n}: {{$ref: '#/components/schemas/B'}}")).collect();
    let leaves: Vec<String> = (0..150).map(|n| format!("q{n}: {{type: string}}")).collect();
    let schemas = format!(
        "components: {{schemas: {{A: {{properties: {{{}}}}}, B: {{properties: {{{}}}}}}}}}\n",
        wide.join(", "),
        leaves.join(", ")
    );
    let many: Vec<String> = (0..20)
        .map(|n| {
            format!(
                "  /crates/{{id}}/a{n}:\n    post:\n      requestBody: {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/A'}}}}}}}}\n"
            )
        })
        .collect();
    let last = "  /crates/{id}/last:\n    post:\n      requestBody: {content: {application/json: {schema: {required: [word], properties: {word: {type: string}}}}}}\n";
    let document = format!("{}{}{last}{schemas}", crates("{}", "{}"), many.concat());
    let text = drafted(&document);
    assert!(text.contains("command LastCrate { word: string }"), "the last one is lost");
    assert!(text.contains("is left out: there is too much of it"), "nothing is said");
}
