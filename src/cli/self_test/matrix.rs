//! What a self-test found, as it comes in and in the end.

use std::collections::BTreeMap;
use std::io::Write as _;

use crate::clause::{self, Level};
use crate::cli::exit::CliError;
use crate::conform::{Conformance, Proof, Stand};
use crate::protocol::ClauseId;

/// The width of the names of defects, in characters.
const NAME: usize = 20;

/// Tells what was found in the sound system; whether that was nothing.
pub(super) fn clean(found: &Conformance) -> Result<bool, CliError> {
    let ids = |fits: fn(&Stand) -> bool| {
        let fitting = found.clauses.iter().filter(move |result| fits(&result.stand));
        fitting.map(|result| result.clause.id).collect::<Vec<_>>()
    };
    let broken = ids(|stand| *stand == Stand::Fail);
    let open = ids(|stand| matches!(stand, Stand::Inconclusive(_)));
    let mut told = match broken[..] {
        [] => "nothing is broken".to_owned(),
        _ => format!("WRONGLY BLAMED for {}", ClauseId::line(broken.iter())),
    };
    if !open.is_empty() {
        told.push_str("; inconclusive: ");
        told.push_str(&ClauseId::line(&open));
    }
    let (name, seed, took) = (&found.subject.name, found.seed, found.took);
    say(&format!("sound   {name}, seed {seed}: {told} ({took:.1?})"))?;
    for result in found.clauses.iter().filter(|result| result.stand == Stand::Fail) {
        for example in result.counterexamples.iter().take(1) {
            say(&format!("        {}: {}", result.clause.id, example.wrong))?;
            for step in &example.story {
                say(&format!("            {step}"))?;
            }
        }
    }
    Ok(broken.is_empty())
}

/// Tells what was found of one bug.
pub(super) fn row(proof: &Proof) -> Result<(), CliError> {
    let word = if proof.holds() { "caught" } else { "WRONG" };
    let mut cells = Vec::new();
    cells.push(if proof.caught.is_empty() {
        "nothing noticed it".to_owned()
    } else {
        ClauseId::line(&proof.caught)
    });
    for (what, ids) in
        [("missed", &proof.missed), ("besides", &proof.besides), ("undeclared", &proof.undeclared)]
    {
        if !ids.is_empty() {
            cells.push(format!("{what}: {}", ClauseId::line(ids)));
        }
    }
    say(&format!("{word:<8}{:<NAME$}  {}", proof.defect, cells.join("; ")))?;
    for (id, how) in &proof.how {
        say(&format!("            {id}: {how}"))?;
    }
    Ok(())
}

/// Tells which clause is proved by which bugs, and what is not as it must be. `open` are clauses that must be kept, were
/// exercised, and that no bug was caught breaking.
pub(super) fn conclude(proofs: &[Proof], elsewhere: &[String], open: &[ClauseId]) -> Result<(), CliError> {
    let mut by_clause: BTreeMap<ClauseId, Vec<&str>> = BTreeMap::new();
    for proof in proofs {
        for id in &proof.caught {
            by_clause.entry(*id).or_default().push(&proof.defect);
        }
    }
    say("\nclause  level   a defect that was caught breaking it")?;
    for clause in clause::all().filter(|clause| clause.is_tested()) {
        match by_clause.get(&clause.id) {
            Some(defects) => {
                say(&format!("{:<8}{:<8}{}", clause.id, clause.level.word(), defects.join(" ")))?;
            }
            None if open.contains(&clause.id) => {
                say(&format!("{:<8}{:<8}NONE", clause.id, clause.level.word()))?;
            }
            None if clause.level != Level::Must => {
                say(&format!("{:<8}{:<8}-", clause.id, clause.level.word()))?;
            }
            None => {}
        }
    }
    let caught = proofs.iter().filter(|proof| !proof.caught.is_empty()).count();
    say(&format!("\n{caught} of {} defects were caught", proofs.len()))?;
    let undeclared: Vec<&str> = proofs
        .iter()
        .filter(|proof| !proof.undeclared.is_empty())
        .map(|proof| proof.defect.as_str())
        .collect();
    if !undeclared.is_empty() {
        say(&format!("clauses failed that these don't declare: {}", undeclared.join(" ")))?;
    }
    if !elsewhere.is_empty() {
        say(&format!("not tried, since this was built without HTTP: {}", elsewhere.join(", ")))?;
    }
    if !open.is_empty() {
        say(&format!("no defect was caught breaking {}", ClauseId::line(open)))?;
    }
    Ok(())
}

fn say(text: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}
