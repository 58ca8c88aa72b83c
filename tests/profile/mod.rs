//! What reading a target profile says of its mistakes, as a user reads it.

mod follow_up;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use proofmark::contract::Contract;
use proofmark::language::parse_contract;
use proofmark::profile::{Profile, contract_name};
use proofmark::suite::ProfileFile;
use proofmark::text::{Area, CATALOGUE, Colour, Diagnostic, Severity, Source, render};

/// Each kind of mistake, with lines that make it. The file begins with `schema = 1` and `contract = "orders"`.
const MISTAKES: &[(&str, &str)] = &[
    ("bad-toml", "name = \"a"),
    ("bad-toml", "name = \"a\"\nname = \"b\""),
    ("unknown-key", "nmae = \"a\""),
    ("unknown-key", "[base]\ndefualt = \"http://a\""),
    ("missing-key", "[query.GetOrderDetails]\nabsent = [404]"),
    ("missing-key", "[[answer]]\nis = \"rejected\""),
    ("missing-key", "[key]\nrequired = true"),
    ("bad-placeholder", "[headers]\nX-Key = \"${key?}\""),
    ("bad-placeholder", "[headers]\nX-Key = \"${key}\"\n[key]"),
    ("wrong-kind-of-value", "name = 3"),
    ("bad-value", "[limits]\nbytes = 0"),
    ("missing-key", "[tls]"),
    ("wrong-kind-of-value", "[tls]\nca = true"),
    ("wrong-kind-of-value", "[command.ConfirmOrder]\nrequest = \"POST /c\"\nbody = { at = 2020-01-01 }"),
    ("bad-value", "[version]\norder = \"nubmer\""),
    ("bad-value", "[headers]\n\"X Y\" = \"z\""),
    ("bad-value", "[[answer]]\nstatus = [\"2xx\", 409]\nis = \"rejected\"\ncode = \"OrderNotFound\""),
    ("bad-value", "[[answer]]\ncommand = []\nstatus = 409\nis = \"rejected\""),
    (
        "unknown-message",
        "[[answer]]\ncommand = [\"AddItem\", \"RemoveItm\"]\nstatus = 409\nis = \"rejected\"",
    ),
    ("bad-value", "[[answer]]\nstatus = [200]\nis = \"accepted\"\ncode = \"OrderNotFound\""),
    ("bad-duration", "[query.GetOrderDetails]\nrequest = \"GET /orders/${on}\"\nbound = \"2 seconds\""),
    ("bad-status", "[[answer]]\nstatus = [412, 999]\nis = \"rejected\""),
    ("bad-status", "[[answer]]\nstatus = \"4x\"\nis = \"rejected\""),
    ("bad-request-line", "[command.ConfirmOrder]\nrequest = \"/orders/${on}/confirm\""),
    ("bad-request-line", "[command.ConfirmOrder]\nrequest = \"POST http://host/orders\""),
    ("bad-request-line", "[command.ConfirmOrder]\nrequest = \"POST /orders/../admin/${on}\""),
    ("bad-request-line", "[command.ConfirmOrder]\nrequest = \"POST /orders/${on}/%2E%2e/x?at=../y\""),
    (
        "bad-path",
        "[query.GetOrderDetails]\nrequest = \"GET /orders/${on}\"\nfields = { total = \"$..total\" }",
    ),
    ("bad-path", "[position]\ncommand = \"X-Position\""),
    ("bad-placeholder", "[command.ConfirmOrder]\nrequest = \"POST /orders/${on\""),
    ("bad-placeholder", "[command.ConfirmOrder]\nrequest = \"POST /orders/${on?}\""),
    ("bad-placeholder", "[query.ListCustomerOrders]\nrequest = \"GET /pages/${.page}\""),
    ("unknown-placeholder", "[command.ConfirmOrder]\nrequest = \"POST /orders/${no}\""),
    ("unknown-placeholder", "[command.ConfirmOrder]\nrequest = \"POST /orders/${version}\""),
    ("bad-page", "[query.ListCustomerOrders]\nrequest = \"GET /orders\""),
    ("bad-page", "[query.ListCustomerOrders]\nrequest = \"POST /find\"\nbody = { at = [\"${.page}\"] }"),
    ("bad-page", "[query.ListCustomerOrders]\nrequest = \"GET /o?p=${.page}\"\npage = { style = \"link\" }"),
    (
        "bad-page",
        "[query.ListCustomerOrders]\nrequest = \"GET /o?skip=0&n=5\"\npage = { style = \"offset\", offset = \"skip\", size = \"n\", max = 10 }",
    ),
    ("unknown-placeholder", "[query.ListCustomerOrders]\nrequest = \"GET /orders/${on}\""),
    ("unknown-placeholder", "[headers]\nX-Tenant = \"${tenant?}\""),
    ("unknown-field", "[command.CancelOrder]\nrequest = \"POST /cancel\"\nbody = { why = \"${.raeson}\" }"),
    (
        "unknown-field",
        "[query.GetOrderDetails]\nrequest = \"GET /orders/${on}\"\nfields = { totl = \"$.total\" }",
    ),
    ("unknown-field", "[type.Item]\nprodct = \"productId\""),
    ("unknown-filter", "[command.CancelOrder]\nrequest = \"POST /c?why=${.reason | uper}\""),
    (
        "unknown-filter",
        "[query.GetOrderDetails]\nrequest = \"GET /o\"\nfields = { status = \"$.state | epoch m\" }",
    ),
    ("bad-value", "[type.Item]\nprice = { as = \"epoch ms\" }"),
    ("bad-value", "[query.GetOrderDetails]\nrequest = \"GET /o\"\nfields = { status = \"$.state | date\" }"),
    ("bad-filter", "[query.GetOrderDetails]\nrequest = \"GET /o\"\nfields = { status = \"$.state | map\" }"),
    ("bad-regex", "[version]\norder = \"number\"\nread = 'header ETag ~ /(\\d+/'"),
    ("unknown-message", "[command.ConfrimOrder]\nrequest = \"POST /confirm\""),
    ("unknown-message", "[query.GetOrder]\nrequest = \"GET /orders/${on}\""),
    ("unknown-message", "[[answer]]\ncommand = \"AddItme\"\nstatus = 409\nis = \"rejected\""),
    ("unknown-rejection", "[[answer]]\nstatus = [404]\nis = \"rejected\"\ncode = \"OrderNotFond\""),
    (
        "unknown-rejection",
        "[[answer]]\nstatus = 400\nis = \"rejected\"\ncode = { from = \"$.c\", map = { A = \"B\" } }",
    ),
    ("unknown-type", "[type.Itme]\nproduct = \"productId\""),
    ("unknown-aggregate", "[id.Ordr]\nby = \"client\""),
    ("missing-key", "[events]\nrequest = \"GET /events?after=${position}\"\nfields = { type = \"$.type\" }"),
    (
        "unknown-event",
        "[events]\nrequest = \"GET /events?order=${on}\"\nfields = { type = \"$.type\" }\nnames = { x = \"OrderCreatd\" }",
    ),
    ("unknown-key", "[events]\nrequest = \"GET /e\"\nfields = { type = \"$.t\", aggregat = \"$.a\" }"),
    ("unknown-placeholder", "[seed-events]\nrequest = \"POST /events/${version}\""),
    ("missing-key", "[rebuild]\nrequst = \"POST /rebuild/${read_model}\""),
    ("unknown-placeholder", "[reset]\nrequest = \"POST /reset/${on}\""),
    ("unknown-message", "[temporal.GetOrderDetail]\nrequest = \"GET /o/${on}?at=${version}\""),
    ("missing-key", "[temporal.GetOrderDetails]\nrequest = \"GET /o/${on}\""),
    ("bad-value", "[temporal.ListCustomerOrders]\nrequest = \"GET /o/${version}\""),
    ("bad-placeholder", "[exec]\ncommand = \"./my-service --token ${secret:TOKEN}\""),
    ("missing-key", "[version]\norder = \"number\"\nask = \"GET /orders/${on}/events\""),
    (
        "missing-key",
        "[query.ListCustomerOrders]\nrequest = \"GET /o\"\npage = { style = \"offset\", size = \"n\", max = 10 }",
    ),
    (
        "missing-key",
        "[query.ListCustomerOrders]\nrequest = \"GET /o\"\npage = { style = \"page\", number = \"p\", max = 10 }",
    ),
    (
        "missing-key",
        "[query.ListCustomerOrders]\nrequest = \"GET /o\"\npage = { style = \"cursor\", cursor = \"after\", size = \"n\" }",
    ),
    ("bad-value", "[query.ListCustomerOrders]\nrequest = \"GET /o\"\npage = { style = \"ofset\" }"),
    ("missing-key", "[query.ListCustomerOrders]\nrequest = \"GET /o\"\npage = { style = \"next\" }"),
    (
        "missing-key",
        "[query.ListCustomerOrders]\nrequest = \"GET /o\"\npage = { style = \"link\", max = 20 }",
    ),
    (
        "unknown-key",
        "[query.ListCustomerOrders]\nrequest = \"GET /o\"\npage = { style = \"link\", next = \"$.next\" }",
    ),
    (
        "unknown-key",
        "[query.ListCustomerOrders]\nrequest = \"GET /o\"\npage = { style = \"cursor\", cursor = \"after\", next = \"$.next\", number = \"p\" }",
    ),
    (
        "unknown-field",
        "[query.GetOrderDetails]\nrequest = \"GET /o/${on}\"\ntolerance = { totl = \"0.005\" }",
    ),
    (
        "unknown-field",
        "[query.GetOrderDetails]\nrequest = \"GET /o/${on}\"\ntolerance = { \"items.prise\" = \"0.005\" }",
    ),
    ("bad-value", "[query.GetOrderDetails]\nrequest = \"GET /o/${on}\"\ntolerance = { status = \"0.005\" }"),
    ("bad-value", "[query.GetOrderDetails]\nrequest = \"GET /o/${on}\"\ntolerance = { total = \"-0.005\" }"),
    (
        "bad-value",
        "[query.GetOrderDetails]\nrequest = \"GET /o/${on}\"\ntolerance = { total = \"a little\" }",
    ),
    ("wrong-kind-of-value", "[query.GetOrderDetails]\nrequest = \"GET /o/${on}\"\nprivate = \"yes\""),
    ("bad-value", "[query.GetOrderDetails]\nrequest = \"GET /o/${on}\"\nfresh = \"\""),
    ("unknown-field", "[generate]\ncustmer = { as = \"uuid\" }"),
    ("bad-value", "[generate]\ncustomer = { as = \"guid\" }"),
    ("bad-value", "[generate]\nquantity = { as = \"uuid\" }"),
    ("bad-value", "[generate]\nproduct = { as = \"uuid\", length = \"2..8\" }"),
    ("bad-value", "[generate]\nreason = { length = \"8..2\" }"),
    ("bad-value", "[generate]\nreason = { length = \"2..8\", alphabet = \"z-a\" }"),
    ("unknown-key", "[generate]\nreason = { lenght = \"2..8\" }"),
    (
        "unknown-message",
        "[[deviates]]\ncommand = \"CreatOrder\"\nrule = \"OrderAlreadyExists\"\ndoes = \"accepts\"\neffect = \"none\"\nbecause = \"b\"",
    ),
    (
        "unknown-rejection",
        "[[deviates]]\ncommand = \"CreateOrder\"\nrule = \"OrderExists\"\ndoes = \"accepts\"\neffect = \"none\"\nbecause = \"b\"",
    ),
    (
        "missing-key",
        "[[deviates]]\ncommand = \"CreateOrder\"\nrule = \"OrderAlreadyExists\"\ndoes = \"accepts\"\neffect = \"none\"",
    ),
    (
        "missing-key",
        "[[deviates]]\ncommand = \"CreateOrder\"\nrule = \"OrderAlreadyExists\"\ndoes = \"accepts\"\nbecause = \"b\"",
    ),
    (
        "bad-value",
        "[[deviates]]\ncommand = \"CreateOrder\"\nrule = \"OrderAlreadyExists\"\ndoes = \"ignores\"\neffect = \"none\"\nbecause = \"b\"",
    ),
    (
        "bad-value",
        "[[deviates]]\ncommand = \"CreateOrder\"\nrule = \"OrderAlreadyExists\"\ndoes = \"rejects\"\nbecause = \" \"",
    ),
    (
        "bad-deviation",
        "[[deviates]]\ncommand = \"CreateOrder\"\nrule = \"OrderAlreadyExists\"\ndoes = \"rejects\"\neffect = \"applied\"\nbecause = \"b\"",
    ),
    (
        "bad-deviation",
        "[[deviates]]\ncommand = \"CreateOrder\"\nrule = \"OrderNotPending\"\ndoes = \"accepts\"\neffect = \"none\"\nbecause = \"b\"",
    ),
    (
        "bad-deviation",
        "[[deviates]]\ncommand = \"CreateOrder\"\nrule = \"OrderAlreadyExists\"\ndoes = \"accepts\"\neffect = \"none\"\nbecause = \"b\"\n[command.CreateOrder]\nnone = true",
    ),
    (
        "bad-deviation",
        "[[deviates]]\ncommand = \"CreateOrder\"\nrule = \"OrderAlreadyExists\"\ndoes = \"accepts\"\neffect = \"none\"\nbecause = \"b\"\n[[deviates]]\ncommand = \"CreateOrder\"\nrule = \"OrderAlreadyExists\"\ndoes = \"accepts\"\neffect = \"applied\"\nbecause = \"c\"",
    ),
    (
        "bad-deviation",
        "[[deviates]]\ncommand = \"CreateOrder\"\nrule = \"OrderAlreadyExists\"\ndoes = \"rejects\"\nbecause = \"b\"\n[[deviates]]\ncommand = \"CreateOrder\"\nrule = \"OrderAlreadyExists\"\ndoes = \"rejects\"\nbecause = \"c\"",
    ),
    (
        "bad-sql",
        "[query.GetOrderDetails]\nsql = \"SELECT * FROM o WHERE id = '${on}'\"\n[database]\nurl = \"${env:D}\"",
    ),
    (
        "bad-sql",
        "[query.GetOrderDetails]\nsql = \"DELETE FROM o WHERE id = ${on}\"\n[database]\nurl = \"${env:D}\"",
    ),
    ("bad-sql", "[query.GetOrderDetails]\nsql = \"SELECT 1; SELECT 2\"\n[database]\nurl = \"${env:D}\""),
    (
        "bad-sql",
        "[query.GetOrderDetails]\nrequest = \"GET /o\"\nsql = \"SELECT 1\"\nabsent = [404]\nprivate = true\n[database]\nurl = \"${env:D}\"",
    ),
    ("bad-sql", "[query.GetOrderDetails]\nsql = \"SELECT 1\"\n[database]\nurl = \"mysql://ann@localhost/o\""),
    (
        "bad-sql",
        "[query.GetOrderDetails]\nsql = \"SELECT 1\"\n[database]\nurl = \"postgres://ann:canary@localhost/o\"",
    ),
    ("missing-key", "[query.GetOrderDetails]\nsql = \"SELECT 1\""),
    ("missing-key", "[database]"),
    (
        "unknown-placeholder",
        "[query.ListCustomerOrders]\nsql = \"SELECT ${on}, ${.page}, ${.page_size}\"\n[database]\nurl = \"${env:D}\"",
    ),
    (
        "bad-page",
        "[query.ListCustomerOrders]\nsql = \"SELECT * FROM o WHERE c = ${.customer}\"\n[database]\nurl = \"${env:D}\"",
    ),
];

fn contract() -> Arc<Contract> {
    let text = std::fs::read_to_string("scenarios/orders/orders.contract").expect("the contract");
    Arc::new(Contract::resolve(&parse_contract(&Source::new("orders.contract", text)).tree).contract)
}

fn read(lines: &str) -> (Source, Vec<Diagnostic>) {
    let source = Source::new("p.toml", format!("schema = 1\ncontract = \"orders\"\n{lines}\n"));
    let diagnostics = Profile::read(&source, &contract()).diagnostics;
    (source, diagnostics)
}

/// The errors; what these small profiles don't cover is tested on its own.
fn errors(lines: &str) -> (Vec<&'static str>, String) {
    let (source, mut diagnostics) = read(lines);
    diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
    let shown = render([(&source, &*diagnostics)], Colour::Plain);
    (diagnostics.iter().map(|diagnostic| diagnostic.code.0).collect(), shown)
}

#[test]
fn each_mistake_is_found_and_told() {
    let mut told = String::new();
    for (code, lines) in MISTAKES {
        let (codes, shown) = errors(lines);
        assert!(codes.contains(code), "{lines}\nexpected {code}, found {codes:?}\n{shown}");
        let _ = writeln!(told, "--- {code}\n{shown}");
    }
    insta::assert_snapshot!(told);
}

#[test]
fn every_kind_of_mistake_is_made_here() {
    // Made below.
    let elsewhere = ["unset-variable", "not-covered"];
    for entry in CATALOGUE.iter().filter(|entry| entry.area == Area::Profile) {
        let code = entry.code.0;
        assert!(elsewhere.contains(&code) || MISTAKES.iter().any(|(made, _)| *made == code), "{code}");
    }
}

#[test]
fn all_mistakes_come_at_once() {
    let (codes, _) = errors(
        "[bsae]\n[command.ConfrimOrder]\n[query.GetOrderDetails]\nrequest = \"GET /${no}\"\nbound = \"1\"",
    );
    assert_eq!(codes, ["unknown-message", "unknown-placeholder", "bad-duration", "unknown-key"]);
}

#[test]
fn what_a_profile_does_not_cover_is_a_warning() {
    let (source, diagnostics) = read("[command.\"*\"]\nrequest = \"POST /commands\"\nbody = \"${fields}\"");
    assert!(diagnostics.iter().all(|diagnostic| diagnostic.severity == Severity::Warning));
    insta::assert_snapshot!(render([(&source, &*diagnostics)], Colour::Plain));
}

#[test]
fn few_values_are_a_warning() {
    let (source, mut diagnostics) =
        read("[generate]\nreason = { length = \"2..3\", alphabet = \"a-z\" }\ncustomer = { as = \"uuid\" }");
    diagnostics.retain(|diagnostic| diagnostic.code.0 != "not-covered");
    assert!(diagnostics.iter().all(|diagnostic| diagnostic.severity == Severity::Warning));
    insta::assert_snapshot!(render([(&source, &*diagnostics)], Colour::Plain));
}

#[test]
fn a_password_in_a_profile_is_not_repeated() {
    // The line of the file is shown; what is said of it adds nothing.
    let (source, diagnostics) = read("[database]\nurl = \"postgres://ann:canary@localhost/o\"");
    assert!(source.text().contains("canary"));
    assert!(diagnostics.iter().any(|diagnostic| diagnostic.code.0 == "bad-sql"));
    assert!(!format!("{diagnostics:?}").contains("canary"), "{diagnostics:?}");
}

#[test]
fn a_database_that_answers_nothing_is_a_warning() {
    let (source, mut diagnostics) = read("[database]\nurl = \"sqlite:o.db\"");
    diagnostics.retain(|diagnostic| diagnostic.code.0 != "not-covered");
    assert!(diagnostics.iter().all(|diagnostic| diagnostic.severity == Severity::Warning));
    insta::assert_snapshot!(render([(&source, &*diagnostics)], Colour::Plain));
}

#[test]
fn deviations_are_told_in_a_sentence_each() {
    let lines = "[[deviates]]\ncommand = \"CreateOrder\"\nrule = \"OrderAlreadyExists\"\ndoes = \"accepts\"\neffect = \"none\"\nbecause = \"opening twice is a no-op here\"\n[[deviates]]\ncommand = \"ConfirmOrder\"\nrule = \"Unauthorized\"\ndoes = \"rejects\"\nbecause = \"nobody may\"";
    let source = Source::new("p.toml", format!("schema = 1\ncontract = \"orders\"\n{lines}\n"));
    let reading = Profile::read(&source, &contract());
    let told: Vec<String> = reading.profile.deviations().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "CreateOrder is accepted, without effect, where OrderAlreadyExists applies: opening twice is a no-op here",
            "ConfirmOrder is rejected with Unauthorized where that does not apply: nobody may",
        ]
    );
}

#[test]
fn without_its_contract_nothing_more_is_said() {
    for (text, code) in [("schema = 1", "missing-key"), ("contract = 3", "wrong-kind-of-value")] {
        let mistakes = contract_name(&Source::new("p.toml", text)).expect_err("no contract");
        assert_eq!(mistakes.iter().map(|mistake| mistake.code.0).collect::<Vec<_>>(), [code]);
    }
}

#[test]
fn what_comes_from_the_environment_has_to_be_there() {
    let lines = "[base]\ndefault = \"${env:URL}\"\n[auth]\nkind = \"bearer\"\ntoken = \"${secret:TOKEN}\"";
    let source = Source::new("p.toml", format!("schema = 1\ncontract = \"orders\"\n{lines}\n"));
    let profile = Profile::read(&source, &contract()).profile;
    let missing = profile.equip(false, &|_| None).expect_err("nothing is set");
    assert_eq!(missing.len(), 2);
    insta::assert_snapshot!(render([(&source, &*missing)], Colour::Plain));
    let short = profile.equip(true, &|_| Some("abc".into())).expect_err("too short a secret");
    assert_eq!(short.len(), 1, "what only [base] needs is not looked up when there is a URL");
    let equipment = profile.equip(true, &|_| Some("a-long-secret".into())).expect("all is there");
    assert!(!format!("{equipment:?} {profile:?}").contains("a-long-secret"));
}

#[test]
fn the_shipped_profiles_have_no_mistakes() {
    for shipped in ["reference", "order-tables"] {
        let file = ProfileFile::load(Path::new(&format!("scenarios/orders/{shipped}.toml")));
        assert_eq!(file.mistakes().to_string(), "");
    }
}

#[test]
fn the_profiles_in_the_documents_have_no_mistakes() {
    for document in ["docs/target-profiles.md", "README.md"] {
        let text = std::fs::read_to_string(document).expect("the document");
        let mut profiles = text.split("```toml\n").skip(1);
        let profile = profiles.next().and_then(|rest| rest.split("```").next()).expect("a profile");
        let source = Source::new(document, profile);
        let mut diagnostics = Profile::read(&source, &contract()).diagnostics;
        diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
        assert!(diagnostics.is_empty(), "{}", render([(&source, &*diagnostics)], Colour::Plain));
    }
}

#[test]
fn no_text_makes_the_reader_panic() {
    let contract = contract();
    let whole = std::fs::read_to_string("scenarios/orders/reference.toml").expect("the profile");
    let read = |text: String| {
        let source = Source::new("p.toml", text);
        let _ = contract_name(&source);
        let diagnostics = Profile::read(&source, &contract).diagnostics;
        // Spans that lie outside of the text would make this panic.
        let _ = render([(&source, &*diagnostics)], Colour::Plain);
    };
    for (at, _) in whole.char_indices().step_by(3) {
        read(whole[..at].to_owned());
        for mark in ["${", "}", "$", "\"", "|", "/", "?", "'", "é", "[", "="] {
            if (at / 3) % 11 == mark.len() {
                read(format!("{}{mark}{}", &whole[..at], &whole[at..]));
            }
        }
    }
    read(format!("name = {}", "[".repeat(100_000)));
    read(format!("[{}]", "a.".repeat(50_000)));
    for piece in [
        "$",
        "${",
        "${}",
        "${|}",
        "${.}",
        "${a|map(}",
        "$${",
        "${é",
        "${.é[}",
        "${ .a | x(y) }",
        "${secret:}",
    ] {
        for place in [
            "[command.ConfirmOrder]\nrequest = \"POST /a@\"",
            "[position]\nquery = \"@\"",
            "[vars]\nx = \"@\"",
        ] {
            read(format!("schema = 1\ncontract = \"orders\"\n{}", place.replace('@', piece)));
        }
    }
    for piece in [
        "$",
        "$.",
        "$[",
        "header",
        "header ",
        "header X ~",
        "header X ~ /",
        "header X ~ //",
        "header X ~ /a/ b",
        "| lower",
        "$ | ",
    ] {
        read(format!("schema = 1\ncontract = \"orders\"\n[position]\nquery = \"{piece}\""));
        read(format!("schema = 1\ncontract = \"orders\"\n[position]\nquery = \"\\u00e9{piece}\\\"\""));
    }
}
