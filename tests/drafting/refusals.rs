//! References, what has to be there, and how a no is told.

use super::check;

fn bank(no: &str) -> String {
    format!(
        "openapi: 3.0.3
info: {{title: bank}}
paths:
  /accounts:
    post:
      requestBody: {{content: {{application/json: {{schema: {{required: [owner], properties: {{owner: {{type: string}}}}}}}}}}}}
      responses: {{201: {{content: {{application/json: {{schema: {{properties: {{id: {{type: string}}}}}}}}}}}}}}
  /accounts/{{id}}:
    get: {{responses: {{200: {{content: {{application/json: {{schema: {{properties: {{id: {{type: string}}}}}}}}}}}}, 404: {{}}}}}}
    delete: {{responses: {{204: {{}}, 404: {no}}}}}
  /cards:
    post:
      requestBody: {{content: {{application/json: {{schema: {{required: [account_id], properties: {{account_id: {{type: string}}}}}}}}}}}}
      responses: {{201: {{}}, 404: {no}}}
  /cards/{{id}}:
    get: {{responses: {{200: {{content: {{application/json: {{schema: {{required: [account_id, limit], properties: {{account_id: {{type: string}}, limit: {{type: number}}}}}}}}}}}}}}}}
  /transfers:
    post:
      requestBody: {{content: {{application/json: {{schema: {{required: [from_account_id, toAccountId], properties: {{from_account_id: {{type: string}}, toAccountId: {{type: string}}, note_id: {{type: string}}}}}}}}}}}}
      responses: {{201: {{}}, 404: {{}}}}
    get: {{responses: {{200: {{content: {{application/json: {{schema: {{type: array, items: {{properties: {{id: {{type: string}}}}}}}}}}}}}}}}}}
"
    )
}

#[test]
fn fields_that_hold_ids_of_others_are_references() {
    let parts = [
        "command CreateCard { account_id: Account }",
        "state account_id: Account?",
        "account_id: self.account_id",
        "reject AccountNotFound when account_id.phase == absent",
        "command = \"CreateCard\"\nstatus = 404\nis = \"rejected\"\ncode = \"AccountNotFound\"",
        "reject AccountNotFound when from_account_id.phase == absent or toAccountId.phase == absent",
        "command CreateTransfer { from_account_id: Account, toAccountId: Account, note_id: string? }",
    ];
    check(&bank("{}"), &parts);
}

/// A body that holds its answer to what is wrong, with these fields.
fn no(fields: &str) -> String {
    bank(&format!("{{content: {{application/json: {{schema: {{properties: {{{fields}}}}}}}}}}}"))
}

#[test]
fn a_no_in_words() {
    for (fields, place) in [
        ("detail: {type: string}, title: {type: string}", "$.detail"),
        ("message: {type: string}", "$.message"),
        ("errors: {type: array, items: {properties: {message: {type: string}}}}", "$.errors[0].message"),
        ("error: {properties: {message: {type: string}}}", "$.error.message"),
        ("error: {type: string}", "$.error"),
    ] {
        let known = format!(
            "command = \"DeleteAccount\"\nstatus = [400, 409, 422]\nat = \"{place}\"\nlike = \"/(?i)not found|"
        );
        let other =
            format!("# code = {{ from = \"{place}\", map = {{ \"/some of the words/\" = \"SomeName\" }} }}");
        check(&no(fields), &[&known, &other]);
    }
}

#[test]
fn a_no_with_codes_in_a_list_of_errors() {
    let parts = [
        "code = { from = \"$.errors[0].code\", map = { ACCOUNT_NOT_FOUND = \"AccountNotFound\" } }",
        "!some of the words",
    ];
    check(
        &no(
            "errors: {type: array, items: {properties: {code: {enum: [ACCOUNT_NOT_FOUND, OTHER]}, message: {type: string}}}}",
        ),
        &parts,
    );
}
