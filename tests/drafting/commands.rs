//! Which operations are commands of what, and what they are called.

use super::{check, crates};

fn with(more: &str) -> String {
    format!(
        "{}{more}",
        crates(
            "{required: [name], properties: {name: {type: string}}}",
            "{properties: {name: {type: string}}}"
        )
    )
}

/// Nothing shows what they do: nobody should send them without having looked.
#[test]
fn what_nothing_shows_is_switched_off() {
    let login = "  /login:\n    post:\n      requestBody: {content: {application/json: {schema: {required: [user], properties: {user: {type: string}}}}}}\n";
    let parts = [
        "aggregate Login",
        "# Switched off in the profile: nothing in the document shows what it does.",
        "[command.DoLogin]\nnone = true\n",
        "# request = \"POST /login\"\n# body = { user = \"${.user}\" }",
    ];
    check(&with(login), &parts);
    let owned = "  /rooms/{room}/doors/{door}:\n    patch:\n      requestBody: {content: {application/json: {schema: {properties: {open: {type: boolean}}}}}}\n";
    let parts = [
        "aggregate Room",
        "nothing in the document makes what it changes",
        "# request = \"PATCH /rooms/${on}/doors/${.door}\"",
    ];
    check(&with(owned), &parts);
}

/// What is made by PUT alone, under an id that the client chooses.
#[test]
fn put_creates() {
    let put = "  /labels/{name}:
    put:
      requestBody: {content: {application/json: {schema: &l {required: [colour], properties: {colour: {type: string}}}}}}
      responses: {204: {}}
    get: {responses: {200: {content: {application/json: {schema: *l}}}, 404: {}}}
    delete: {responses: {204: {}}}
";
    let parts = [
        "command PutLabel { colour: string }",
        "set colour = colour",
        "[id.Label]\nby = \"client\"",
        "request = \"PUT /labels/${on}\"",
        "!LabelAlreadyExists",
        "request = \"DELETE /labels/${on}\"",
    ];
    check(&with(put), &parts);
}

#[test]
fn a_second_one_is_refused() {
    check(
        &with(""),
        &["reject CrateAlreadyExists when self.phase != absent", "!code = \"CrateAlreadyExists\""],
    );
    let own = "openapi: 3.0.0
info: {title: x}
paths:
  /seats:
    post:
      requestBody: {content: {application/json: {schema: {required: [id], properties: {id: {type: string}}}}}}
      responses: {201: {}, 409: {}}
  /seats/{id}: {get: {responses: {200: {content: {application/json: {schema: {properties: {id: {type: string}}}}}}}}}
";
    check(
        own,
        &[
            "scenario \"a second seat under the same id is refused\"",
            "given CreateSeat on $seat\nwhen CreateSeat on $seat\nthen rejected SeatAlreadyExists",
        ],
    );
}

#[test]
fn names_of_the_document_are_taken_if_they_are_of_the_business() {
    let named = |id: &str| with(&format!("  /crates/{{id}}/seal:\n    post: {{operationId: {id}}}\n"));
    for good in ["sealForever", "seal_forever", "seal-forever"] {
        check(&named(good), &["command SealForever", "[command.SealForever]"]);
    }
    for noise in [
        "seal",
        "CratesController_seal",
        "seal_crate_crates_id_seal_post",
        "crates_seal",
        "insideSealAdd",
        "sealForever1",
        "sealForeverUsingPOST",
        "crates.seal",
    ] {
        check(&named(noise), &["command SealCrate"]);
    }
}

#[test]
fn no_command_is_called_like_a_query() {
    let two = with("  /crates/{id}/look:\n    post: {operationId: lookInside}\n")
        .replace("    get:", "    get:\n      operationId: lookInside");
    check(&two, &["command LookInside2", "query LookInside\n"]);
}
