//! What is shown, where, and how lists are paged.

use super::check;

fn accounts(paths: &str) -> String {
    format!(
        "openapi: 3.0.3
info: {{title: bank}}
servers: [{{url: 'https://{{where}}.example/{{base}}/', variables: {{where: {{default: a}}, base: {{default: v1}}}}}}]
paths:
  /accounts:
    post:
      requestBody: {{content: {{application/json: {{schema: {{required: [owner], properties: {{owner: {{type: string}}}}}}}}}}}}
      responses: {{201: {{content: {{application/json: {{schema: {{properties: {{id: {{type: string}}}}}}}}}}}}}}
{paths}"
    )
}

const ONE: &str = "{responses: {200: {content: {application/json: {schema: &one {properties: {id: {type: string}, owner: {type: string}}}}}}, 404: {}}}";

#[test]
fn reads_have_a_side_of_their_own() {
    let views = format!("  /views/accounts/{{account}}:\n    get: {ONE}\n");
    let parts = [
        "query GetAccount",
        "request = \"GET /views/accounts/${on}\"",
        "owner: self.owner",
        "eventually GetAccount on $account",
    ];
    check(&accounts(&views), &parts);
    // Something else is called the same: what has a creator of its own is no view.
    let other = format!("  /bank/accounts:\n    post: {{}}\n  /bank/accounts/{{id}}:\n    get: {ONE}\n  /accounts/{{id}}:\n    get: {ONE}\n").replacen("&one ", "", 1);
    check(
        &accounts(&other),
        &[
            "aggregate Account2",
            "request = \"GET /bank/accounts/${on}\"",
            "request = \"GET /accounts/${on}\"",
        ],
    );
}

#[test]
fn servers_with_variables() {
    check(
        &accounts(&format!("  /accounts/{{id}}:\n    get: {ONE}\n")),
        &["default = \"http://localhost:1/v1\""],
    );
}

/// A list with these parameters, in a record with these fields beside the rows.
#[track_caller]
fn list(parameters: &[&str], fields: &str, parts: &[&str]) {
    let each: Vec<String> = parameters
        .iter()
        .map(|name| format!("{{name: {name}, in: query, schema: {{type: integer, maximum: 50}}}}"))
        .collect();
    let paths = format!(
        "    get:
      parameters: [{}]
      responses: {{200: {{content: {{application/json: {{schema: {{properties: {{rows: {{type: array, items: {{properties: {{id: {{type: string}}}}}}}}, {fields}}}}}}}}}}}}}
",
        each.join(", ")
    );
    check(&accounts(&paths), parts);
}

#[test]
fn pages() {
    list(
        &["page", "size"],
        "n: {}",
        &[
            "page = { style = \"page\", number = \"page\", size = \"size\", first = 1, max = 50 }",
            "rows = \"$.rows\"",
            "!total",
        ],
    );
    list(
        &["skip", "take"],
        "n: {}",
        &["page = { style = \"offset\", offset = \"skip\", size = \"take\", max = 50 }"],
    );
    list(&["offset", "limit"], "n: {}", &["style = \"offset\""]);
    list(
        &["cursor", "limit"],
        "next_cursor: {type: string}",
        &[
            "page = { style = \"cursor\", cursor = \"cursor\", next = \"$.next_cursor\", size = \"limit\", max = 50 }",
        ],
    );
    list(
        &["after"],
        "meta: {properties: {next: {type: string}}}",
        &["page = { style = \"cursor\", cursor = \"after\", next = \"$.meta.next\" }"],
    );
    list(&["cursor"], "n: {}", &["!style"]);
}

#[test]
fn urls_of_next_pages() {
    for (field, place) in [
        ("next: {type: string, format: uri, nullable: true}", "$.next"),
        ("meta: {properties: {nextPage: {type: string, format: uri-reference}}}", "$.meta.nextPage"),
        ("'@odata.nextLink': {type: string}", r#"$[\"@odata.nextLink\"]"#),
        ("links: {properties: {self: {type: string}, next: {type: string}}}", "$.links.next"),
        ("_links: {properties: {next: {properties: {href: {type: string}}}}}", "$._links.next.href"),
    ] {
        list(&[], field, &[&format!("page = {{ style = \"next\", next = \"{place}\" }}")]);
    }
    // A cursor that stands in a URL can be followed there only.
    list(
        &["cursor", "limit"],
        "next: {type: string, format: uri}",
        &["page = { style = \"next\", next = \"$.next\", size = \"limit\", max = 50 }"],
    );
    list(&["page", "size"], "next: {type: string, format: uri}", &["style = \"page\""]);
    list(&[], "next: {type: string}", &["!style"]);
    let paths = "    get:
      responses: {200: {headers: {Link: {schema: {type: string}}}, content: {application/json: {schema: {type: array, items: {properties: {id: {type: string}}}}}}}}
";
    check(&accounts(paths), &["page = { style = \"link\" }"]);
}

#[test]
fn totals() {
    list(&[], "total: {type: integer}", &["total = \"$.total\"", "unordered\ntotal\n"]);
    list(&[], "meta: {properties: {total_count: {type: integer}}}", &["total = \"$.meta.total_count\""]);
    list(&[], "total: {type: string}", &["!total = "]);
}

#[test]
fn versions_in_the_body() {
    let paths = |field: &str| {
        format!(
            "  /accounts/{{id}}:
    get: {{responses: {{200: {{content: {{application/json: {{schema: {{properties: {{id: {{type: string}}, version: {{type: integer}}}}}}}}}}}}}}}}
    patch: {{requestBody: {{content: {{application/json: {{schema: {{properties: {{owner: {{type: string}}, {field}: {{type: integer}}}}}}}}}}}}}}
"
        )
    };
    let parts = [
        "[version]\norder = \"number\"\nread = \"$.version\"\nwrite = { field = \"expectedVersion\" }",
        "!${.expectedVersion",
        "command ChangeAccount { owner: string? }",
    ];
    check(&accounts(&paths("expectedVersion")), &parts);
    check(&accounts(&paths("floor")), &["![version]"]);
}

#[test]
fn ids_of_owners_that_are_numbers() {
    let paths = "  /banks/{bankId}/desks:
    parameters: [{name: bankId, in: path, required: true, schema: {type: integer, minimum: 1}}]
    post: {}
  /banks/{bankId}/desks/{id}:
    parameters: [{name: bankId, in: path, required: true, schema: {type: integer, minimum: 1}}]
    get: {responses: {200: {content: {application/json: {schema: {properties: {id: {type: string}}}}}}}}
";
    check(&accounts(paths), &["command CreateDesk { bankId: int 1.. }", "query GetDesk { bankId: int 1.. }"]);
}
