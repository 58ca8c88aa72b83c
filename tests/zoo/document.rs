//! `docs/zoo.md`: its tables are made from the code.

use super::configuration::configurations;
use super::fault::FAULTS;
use super::oddity::{ODDITIES, Oddities, name, true_of};

const PAGE: &str = "docs/zoo.md";

/// The page, as the code says.
fn page() -> String {
    let services = configurations();
    let mut text = format!(
        "# The zoo

<!-- Made from tests/zoo/: UPDATE_DOCUMENTS=1 cargo test zoo::document writes it anew. -->

One small service over HTTP, in `tests/zoo/`, that is odd in {} ways, each of them sound, and broken in {}. It keeps pens: they are opened, stocked, relabelled and closed,
and feed is moved from one to another. Contract and profile say what is so because of an oddity. In a sound service nothing may be found but what is so; a fault must be found, under its clause.

The services are chosen so that each pair of oddities that can meet meets in one of them; {} are enough. Number 0 is plain.
`ZOO=\"3 lost-update\" CLAUSES=OC-5 cargo test zoo::examined::look -- --ignored --nocapture` shows what an examination of one finds; it may be named by numbers, oddities and a fault.

## Oddities

| oddity | what it means | what it breaks, by the letter | services |
|---|---|---|---|
",
        ODDITIES.len(),
        FAULTS.len(),
        services.len(),
    );
    for (oddity, called, means) in ODDITIES {
        let breaks: Vec<_> =
            true_of(*oddity).iter().map(|(clause, why)| format!("{clause}: {why}")).collect();
        let has = |(at, has): (usize, &Oddities)| has.contains(oddity).then(|| at.to_string());
        let numbers: Vec<String> = services.iter().enumerate().filter_map(has).collect();
        text += &format!("| `{called}` | {means} | {} | {} |\n", breaks.join("; "), numbers.join(" "));
    }
    text += "\n## Faults\n\n| fault | what it means | clause | breaks as well |\n|---|---|---|---|\n";
    for twin in FAULTS {
        text +=
            &format!("| `{}` | {} | {} | {} |\n", twin.name, twin.means, twin.clause, twin.also.join(" "));
    }
    text += "\n## Services\n\n| | oddities |\n|---|---|\n";
    for (at, has) in services.iter().enumerate() {
        let names: Vec<&str> = has.iter().map(|oddity| name(*oddity)).collect();
        text += &format!("| {at} | {} |\n", names.join(", "));
    }
    text
}

#[test]
fn the_page_is_what_the_code_says() {
    let page = page();
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(PAGE, &page).expect("the page");
    }
    let written = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(
        written == page,
        "{PAGE} is out of date: UPDATE_DOCUMENTS=1 cargo test zoo::document writes it anew"
    );
}
