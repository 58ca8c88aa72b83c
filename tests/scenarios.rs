//! Every shipped scenario as a named test, in both modes of synchronisation, in-process and over HTTP:
//! `strong::rules::no item goes …`, `http-strong::rules::no item goes …`.
//!
//! With `PROOFMARK_TARGET=profile.toml`, and `PROOFMARK_URL` where the profile names no base, they run against that
//! service instead.
//! A test that fails prints what `proofmark run` would.

#[cfg(feature = "http")]
mod service;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use proofmark::adapter::Reference;
use proofmark::protocol::{Capability, Verdict};
use proofmark::report::failure;
use proofmark::run::{RunEvent, Runner};
use proofmark::scenario::{Action, Plan};
use proofmark::suite::Suite;
use proofmark::text::Colour;
use tokio::runtime::Runtime;

/// Far enough behind for a read at once to miss what was written.
const LAG: Duration = Duration::from_millis(20);

fn main() -> ExitCode {
    let args = Arguments::from_args();
    let suite = Suite::load(["scenarios"]).expect("the scenarios can be read");
    let plans = match suite.plans() {
        Ok(plans) => plans,
        Err(mistakes) => {
            let mistakes = mistakes.clone();
            let failed = Trial::test("lint", move || Err(Failed::from(mistakes.to_string())));
            return libtest_mimic::run(&args, vec![failed]).exit_code();
        }
    };
    let runtime = Arc::new(Runtime::new().expect("a runtime"));
    #[cfg(feature = "http")]
    if let Some(service) = service::own() {
        let runner = Runner::new(service.clone());
        let trials = plans
            .iter()
            .map(|plan| trial("service", service::typed(), plan.clone(), runner.clone(), runtime.clone()));
        let code = libtest_mimic::run(&args, trials.collect()).exit_code();
        assert!(
            service.has_spoken(),
            "nothing was ever accepted or found: are the URL and the profile right?"
        );
        return code;
    }
    let mut modes = vec![
        ("strong", "--sync strong".to_owned(), Runner::new(Reference::strong())),
        ("eventual", "--sync eventual --lag 20ms".to_owned(), Runner::new(Reference::eventual(LAG))),
    ];
    #[cfg(feature = "http")]
    modes.extend(service::served(&runtime, LAG));
    #[cfg(feature = "http")]
    modes.extend(service::tenants(&runtime, LAG));
    let trials = modes.into_iter().flat_map(|(mode, options, runner)| {
        let runtime = &runtime;
        plans
            .iter()
            .filter(move |plan| is_of_tenants(plan) || !mode.starts_with("tenants"))
            .map(move |plan| trial(mode, options.clone(), plan.clone(), runner.clone(), runtime.clone()))
    });
    libtest_mimic::run(&args, trials.collect()).exit_code()
}

fn trial(mode: &str, options: String, plan: Arc<Plan>, runner: Runner, runtime: Arc<Runtime>) -> Trial {
    let stem = std::path::Path::new(plan.source.name()).file_stem().unwrap_or_default().to_string_lossy();
    let name = format!("{mode}::{stem}::{}", plan.name);
    // What can't be done over HTTP is shown as ignored rather than counted as passed.
    let seeds =
        plan.blocks.iter().flat_map(|block| &block.steps).any(|step| matches!(*step.action, Action::Seed(_)));
    let claims = |capability| runner.describe().capabilities.claims(capability);
    let unclaimed =
        seeds && !claims(Capability::SeedEvents) || is_of_tenants(&plan) && !claims(Capability::Actors);
    let trial = Trial::test(name, move || {
        let mut block = String::new();
        let note = |event: &RunEvent<'_>| {
            if let RunEvent::Scenario(result) = event
                && result.verdict != Verdict::Pass
            {
                let place = result.plan.place();
                let again = format!("proofmark run {place} --seed {} {options}", result.seed.0);
                block = failure(result, &again, Colour::Plain);
            }
        };
        let summary = runtime.block_on(runner.run(&[plan], note)).map_err(|error| error.to_string())?;
        if summary.all_passed() { Ok(()) } else { Err(Failed::from(block)) }
    });
    trial.with_ignored_flag(unclaimed)
}

/// Whether it is about several tenants, which only some targets know.
fn is_of_tenants(plan: &Plan) -> bool {
    plan.tags.iter().any(|tag| &**tag == "tenants")
}
