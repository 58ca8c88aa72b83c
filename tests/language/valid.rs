//! Files without a mistake, and what becomes of them.

use proofmark::contract::{Contract, Type};
use proofmark::language::syntax::{ExprKind, MatcherKind, Role, ScenarioFile, StepKind};
use proofmark::language::{parse_contract, parse_scenarios};
use proofmark::text::{Colour, Source, render};

use super::common::{files, folder, orders, source};

#[test]
fn valid_files_have_no_mistakes() {
    for path in files("valid") {
        let source = source(&path);
        let found = if source.name().ends_with(".contract") {
            let parsed = parse_contract(&source);
            let mut found = parsed.diagnostics;
            found.extend(Contract::resolve(&parsed.tree).diagnostics);
            found
        } else {
            parse_scenarios(&source).diagnostics
        };
        assert!(found.is_empty(), "{}", render([(&source, found.as_slice())], Colour::Plain));
    }
}

fn steps(text: &str) -> ScenarioFile {
    let source = Source::new("t", format!("scenario \"t\"\n{text}\n"));
    let parsed = parse_scenarios(&source);
    assert!(
        parsed.diagnostics.is_empty(),
        "{}",
        render([(&source, parsed.diagnostics.as_slice())], Colour::Plain)
    );
    parsed.tree
}

fn check_steps(text: &str, expected: &[&str]) {
    let tree = steps(text);
    let found: Vec<String> =
        tree.scenarios[0].steps.iter().map(|step| format!("{:?} {}", step.role, kind(&step.kind))).collect();
    assert_eq!(found, expected, "{text}");
}

fn kind(kind: &StepKind) -> String {
    let debug = format!("{kind:?}");
    debug.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

#[test]
fn and_and_let_have_the_role_before_them() {
    check_steps(
        "let $a = 1\ngiven X on $a\nand Y\nlet $b = 2\nwhen Z\nand X\nthen accepted\nlet $c = 3\nand settled",
        &[
            "Given Let",
            "Given Command",
            "Given Command",
            "Given Let",
            "When Command",
            "When Command",
            "Then Accepted",
            "Then Let",
            "Then Settled",
        ],
    );
}

#[test]
fn what_follows_a_name_tells_queries_from_commands() {
    check_steps("when X on $o", &["When Command"]);
    check_steps("then X on $o", &["Then Read"]);
    check_steps("when X on $o shows 5", &["When Read"]);
    check_steps("given X on $o absent", &["Given Read"]);
    check_steps("then X on $o key \"k\"", &["Then Command"]);
    check_steps("then X at version 3", &["Then Command"]);
}

#[test]
fn a_step_goes_on_until_a_line_begins_another() {
    let tree = steps(
        "when X on $o {\n  a: 1,\n\n  then: 2,\n  and: [true\n    and false]\n}\n  key \"k\"\n# a comment\nthen accepted",
    );
    assert_eq!(tree.scenarios[0].steps.len(), 2);
    let StepKind::Command(call) = &tree.scenarios[0].steps[0].kind else { panic!() };
    assert_eq!(call.fields.len(), 3);
    assert!(call.key.is_some());
}

#[test]
fn a_condition_may_go_over_lines_inside_brackets() {
    let tree = steps("let $a = (if 1 < 2\n  then 3\n  else 4)\nthen accepted");
    assert_eq!(tree.scenarios[0].steps.len(), 2);
}

#[test]
fn operators_bind_as_they_should() {
    let check = |text: &str, expected: &str| {
        let tree = steps(&format!("let $x = {text}"));
        let StepKind::Let { value, .. } = &tree.scenarios[0].steps[0].kind else { panic!() };
        assert_eq!(shape(&value.kind), expected, "{text}");
    };
    check("1 + 2 * 3", "(1 + (2 * 3))");
    check("1 - 2 - 3", "((1 - 2) - 3)");
    check("not 1 == 2 and 3 < 4 or true", "((not (1 == 2) and (3 < 4)) or true)");
    check("-1 * -2", "(-1 * -2)");
    check("(1 + 2) * 3", "((1 + 2) * 3)");
    check("$a.b[0].c + 1", "($a.b[0].c + 1)");
    check("if 1 < 2 then 3 else 4 + 5", "if (1 < 2) then 3 else (4 + 5)");
    check("$a with { b: 1 }", "($a with)");
    check("sum(i in $a, i.b) + count([])", "(sum(i in $a, i.b) + count([]))");
    check("unique \"a\"", "unique \"a\"");
}

fn shape(kind: &ExprKind) -> String {
    use proofmark::language::syntax::{BinaryOp, CompareOp, UnaryOp};
    match kind {
        ExprKind::Literal(value) => value.to_string(),
        ExprKind::List(items) => {
            format!("[{}]", items.iter().map(|item| shape(&item.kind)).collect::<Vec<_>>().join(", "))
        }
        ExprKind::Record(_) => "{}".into(),
        ExprKind::Variable(name) => format!("${}", name.text),
        ExprKind::Name(name) | ExprKind::New(name) => name.text.to_string(),
        ExprKind::Field(base, name) => format!("{}.{}", shape(&base.kind), name.text),
        ExprKind::Index(base, index) => format!("{}[{}]", shape(&base.kind), shape(&index.kind)),
        ExprKind::Unary(UnaryOp::Not, operand) => format!("not {}", shape(&operand.kind)),
        ExprKind::Unary(UnaryOp::Negate, operand) => format!("-{}", shape(&operand.kind)),
        ExprKind::Binary(op, left, right) => {
            let op = match op {
                BinaryOp::Or => "or",
                BinaryOp::And => "and",
                BinaryOp::Add => "+",
                BinaryOp::Subtract => "-",
                BinaryOp::Multiply => "*",
                BinaryOp::Compare(CompareOp::Equal) => "==",
                BinaryOp::Compare(CompareOp::Less) => "<",
                BinaryOp::Compare(_) => "?",
            };
            format!("({} {op} {})", shape(&left.kind), shape(&right.kind))
        }
        ExprKind::If(condition, yes, no) => {
            format!("if {} then {} else {}", shape(&condition.kind), shape(&yes.kind), shape(&no.kind))
        }
        ExprKind::With(base, _) => format!("({} with)", shape(&base.kind)),
        ExprKind::Call(function, arguments) => {
            let arguments: Vec<String> = arguments.iter().map(|argument| shape(&argument.kind)).collect();
            format!("{}({})", function.text, arguments.join(", "))
        }
        ExprKind::Fold(fold) => {
            let body = fold.body.as_ref().map_or_else(String::new, |body| format!(", {}", shape(&body.kind)));
            format!("{}({} in {}{body})", fold.function.text, fold.binder.text, shape(&fold.list.kind))
        }
        ExprKind::Unique(prefix) => format!("unique {}", shape(&prefix.kind)),
    }
}

#[test]
fn a_bare_matcher_is_a_value_without_comparisons() {
    let tree = steps("then eventually X shows $a + 1 unless 5");
    let StepKind::Eventually { unless: Some(unless), .. } = &tree.scenarios[0].steps[0].kind else {
        panic!()
    };
    assert!(matches!(unless.kind, MatcherKind::Equals(_)));
}

#[test]
fn spans_are_the_very_text() {
    let text = "scenario \"t\"\n  when CreateOrder on $o { a: [1, 2] } key \"k\" -> $v = items[0].price  # comment\n  then accepted\n";
    let source = Source::new("t", text);
    let tree = parse_scenarios(&source).tree;
    let step = &tree.scenarios[0].steps[0];
    assert_eq!(step.role, Role::When);
    assert_eq!(source.slice(step.span), "CreateOrder on $o { a: [1, 2] } key \"k\" -> $v = items[0].price");
    let StepKind::Command(call) = &step.kind else { panic!() };
    assert_eq!(source.slice(call.fields[0].value.span), "[1, 2]");
    assert_eq!(source.slice(call.captures[0].name.span), "$v");
    assert_eq!(&*call.captures[0].path.node, "items[0].price");
    assert_eq!(source.slice(tree.scenarios[0].name.span), "\"t\"");
}

#[test]
fn the_orders_have_names_and_types() {
    let orders = orders();
    assert_eq!(orders.name(), "orders");
    let names: Vec<&str> = orders.commands().map(|command| &*command.name).collect();
    assert_eq!(names, ["CreateOrder", "AddItem", "RemoveItem", "ConfirmOrder", "CancelOrder"]);
    let create = orders.command("CreateOrder").unwrap();
    assert_eq!(&*create.aggregate, "Order");
    assert_eq!(create.rejections.len(), 4);
    assert!(create.field("customer").unwrap().is_required());
    assert!(
        orders.is_rejection("InvalidPrice")
            && orders.is_rejection("KeyReused")
            && !orders.is_rejection("Nope")
    );
    assert_eq!(orders.suggest_message("ConfrimOrder"), Some("ConfirmOrder"));
    assert_eq!(orders.suggest_rejection("OrderNotPendin"), Some("OrderNotPending"));
    let list = orders.query("ListCustomerOrders").unwrap();
    assert!(list.is_view && !list.needs_on());
    assert!(!list.field("page").unwrap().is_required());
    assert!(matches!(&list.answer, Type::List(row) if matches!(&**row, Type::Record(_))));
}

#[test]
fn what_queries_show_has_types() {
    let orders = orders();
    let check = |query: &str, field: &str, expected: &str| {
        let shows = orders.query(query).unwrap().shows.as_ref().unwrap();
        let ty = &shows.iter().find(|shown| &*shown.name == field).unwrap().ty;
        assert_eq!(ty.in_words(), expected, "{query}.{field}");
    };
    check("GetOrderDetails", "customer", "an id");
    check("GetOrderDetails", "status", "one of `absent`, `pending`, `confirmed`, `cancelled`");
    check("GetOrderDetails", "items", "a list");
    check("GetOrderDetails", "total", "a number");
    check("GetOrderDetails", "item_count", "an integer");
    check("ListCustomerOrders", "order", "the id of `Order`");
    let shorthand =
        Contract::resolve(&parse_contract(&source(&folder("valid").join("everything.contract"))).tree)
            .contract;
    let shows = shorthand.query("Get").unwrap().shows.as_ref().unwrap();
    assert_eq!(shows[0].ty.in_words(), "an id");
}
