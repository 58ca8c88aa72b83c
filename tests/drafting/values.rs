//! What a schema says of a value, as types, rules or comments.

use super::{check, crates};

/// A body with one field of this schema.
#[track_caller]
fn field(schema: &str, parts: &[&str]) {
    let body = format!("{{required: [it], properties: {{it: {schema}}}}}");
    check(&crates(&body, &body), parts);
}

#[test]
fn maps_are_records_under_any_name() {
    let parts = [
        "type CrateIt { example: string? }",
        "# A map: `example` stands for any name.",
        "it: CrateIt",
        "it = \"${.it}\"",
        "it: {}",
    ];
    field("{type: object, additionalProperties: {type: string}}", &parts);
    field("{type: object}", &parts);
    field("{additionalProperties: true}", &parts);
    field("{type: object, patternProperties: {'^x-': {type: integer}}}", &["{ example: int? }"]);
    field(
        "{type: object, additionalProperties: {type: object, required: [n], properties: {n: {type: integer}}}}",
        &["{ n: int }", "example: ItExample?"],
    );
}

#[test]
fn a_record_without_fields_is_sent_as_that() {
    field("{type: object, additionalProperties: false}", &["it = {}", "!it:"]);
}

#[test]
fn whole_numbers_of_a_list() {
    field("{type: integer, enum: [3, 1, 2]}", &["it: int 1..3 }", "!reject Malformed"]);
    field(
        "{type: integer, enum: [1, 2, 4]}",
        &["it: int 1..4", "reject Malformed when it != 1 and it != 2 and it != 4"],
    );
    field("{enum: [0.5, 2]}", &["it: decimal 0.5..2", "when it != 0.5 and it != 2"]);
    field("{type: integer, oneOf: [{const: 1, title: small}, {const: 2, title: large}]}", &["it: int 1..2"]);
    field("{const: 7}", &["it: int 7..7"]);
}

#[test]
fn words_of_a_list() {
    field("{enum: [low, high]}", &["type CrateIt = low | high"]);
    field("{oneOf: [{const: low}, {const: high}]}", &["type CrateIt = low | high"]);
    field(
        "{enum: [a b, c]}",
        &["it: string }", "reject Malformed when it != \"a b\" and it != \"c\"", "it: \"a b\""],
    );
    // What is always the same is no field.
    field("{const: crate}", &["it = \"crate\"", "command CreateCrate\n"]);
    field("{enum: ['${on}']}", &["it = \"$${on}\""]);
}

#[test]
fn ends_that_are_outside() {
    for schema in
        ["{type: number, exclusiveMinimum: 0}", "{type: number, minimum: 0, exclusiveMinimum: true}"]
    {
        field(schema, &["it: decimal 0..", "reject Malformed when it <= 0", "it: 1 }"]);
    }
    field(
        "{type: number, exclusiveMaximum: 1, minimum: 0}",
        &["it: decimal 0..1", "when it >= 1", "it: 0 }"],
    );
    field("{type: integer, exclusiveMinimum: 0, exclusiveMaximum: 10}", &["it: int 1..9"]);
    field("{type: integer, minimum: 0, exclusiveMinimum: true}", &["it: int 1.."]);
    field("{type: number, minimum: 0.01, maximum: 5}", &["it: decimal 0.01..5", "!Malformed when"]);
}

/// Inside of a type nothing can be refused; a comment says what is.
#[test]
fn laws_within_types() {
    let list = "{type: array, items: {type: object, required: [n], properties: {n: {enum: [1, 5]}, p: {type: number, exclusiveMinimum: 0}}}}";
    field(
        list,
        &["# CrateIt is refused where n != 1 and n != 5; say so", "# CrateIt is refused where p <= 0"],
    );
}

#[test]
fn one_of_several_forms() {
    let pay = "{oneOf: [{required: [iban], properties: {iban: {type: string}}}, {required: [card], properties: {card: {type: string}}}]}";
    field(pay, &["# `it` has 2 forms, of which this is the first.", "{ iban: string }"]);
    let told = "{discriminator: {propertyName: kind, mapping: {bank: '#/components/schemas/Bank'}}, oneOf: [{$ref: '#/components/schemas/Bank'}, {required: [card], properties: {card: {type: string}}}]}";
    let document = format!(
        "{}components: {{schemas: {{Bank: {{required: [iban], properties: {{iban: {{type: string}}}}}}}}}}\n",
        crates(told, "{}")
    );
    check(&document, &["body = { kind = \"bank\", iban = \"${.iban}\" }", "# the body has 2 forms"]);
    // An answer may have any of them: what all have is shown.
    let shown = "{oneOf: [{required: [a, b], properties: {a: {type: string}, b: {type: string}}}, {required: [a], properties: {a: {type: string}, c: {type: string}}}]}";
    check(&crates("{}", shown), &["chosen on change a: string", "! b: string", "! c: string"]);
}

#[test]
fn parts_demand_fields_of_each_other() {
    let body = "{allOf: [{properties: {name: {type: string}}}, {required: [name]}]}";
    check(&crates(body, body), &["command CreateCrate { name: string }"]);
}

/// What has no end, or leads nowhere, is left out, and said at the place.
#[test]
fn what_is_left_out_is_said() {
    let tree = "&tree {required: [name], properties: {name: {type: string}, below: {type: array, items: {$ref: '#/components/schemas/Tree'}}}}";
    let document = format!(
        "{}components: {{schemas: {{Tree: {tree}}}}}\n",
        crates("{$ref: '#/components/schemas/Tree'}", "{}")
    );
    check(&document, &["# `below.[]` is left out: it holds itself.", "{ name: string }"]);
    field(
        "{$ref: '#/nowhere'}",
        &["# `it` is left out: its reference #/nowhere leads nowhere.", "# `it` has to be there.", "!it:"],
    );
    field("{$ref: 'gone.yaml'}", &["# `it` is left out: its reference gone.yaml leads nowhere."]);
}

#[test]
fn what_no_type_says_is_said() {
    field("{type: string, format: email}", &["# `it` has the format email", "it: \"someone@example.com\""]);
    field(
        "{type: string, pattern: '^[A-Z]+-[0-9]+$', example: AB-1}",
        &["# `it` has to fit the pattern ^[A-Z]+-[0-9]+$", "it: \"AB-1\""],
    );
    field("{type: integer, multipleOf: 5}", &["# `it` is a multiple of 5"]);
    field("{type: string, format: uuid}", &["!has the format"]);
}

#[test]
fn no_type_is_called_like_an_aggregate() {
    // The field of a crate and the thing of its own would have the same name.
    let more = "  /crate-its:\n    post: {}\n    get: {responses: {200: {content: {application/json: {schema: {type: array, items: {properties: {id: {type: string}}}}}}}}}\n";
    let two = "{required: [it, other], properties: {other: {type: string}, it: {required: [n], properties: {n: {type: integer}}}}}";
    check(&format!("{}{more}", crates(two, "{}")), &["aggregate CrateIt\n", "type CrateIt2 { n: int }"]);
}
