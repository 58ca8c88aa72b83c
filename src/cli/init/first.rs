use std::io::IsTerminal as _;

use reqwest::Url;

use super::super::args::InitArgs;
use super::super::exit::{CliError, Exit};
use super::ask::{Person, written};
use super::document::{USUAL, described};
use super::files::{Names, free, laid_out, put, tell};
use crate::draft::{outline, write};
use crate::suite::FOLDER_PROFILE;

/// `proofmark init`: the first three files for a service.
pub(in super::super) fn init(args: &InitArgs) -> Result<Exit, CliError> {
    let url = base(&args.url)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let asks = !args.yes && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let (mut says, mut hears) = (std::io::stdin().lock(), std::io::stderr());
    let mut person = Person { says: &mut says, hears: &mut hears };
    let service = match runtime.block_on(described(args.openapi.as_deref(), &url))? {
        Some(service) => service,
        None if asks => person.service()?,
        None => {
            return Err(CliError::Usage(format!(
                "there is no OpenAPI document at the usual places of {url} ({}); pass it with --openapi FILE or \
                 --openapi URL, or run this on a terminal, where it can ask",
                USUAL.join(", ")
            )));
        }
    };
    let mut outline = outline(&service, url.as_str());
    if outline.aggregates.is_empty() {
        return Err(CliError::Init(format!(
            "none of {} operations creates something that can be asked for (such as POST /orders with GET \
             /orders/{{id}}), so there is nothing to begin with; write the files by hand, as in \
             docs/target-profiles.md",
            service.operations.len()
        )));
    }
    if let Some(name) = &args.name {
        name.clone_into(&mut outline.contract);
    }
    // Nobody is asked in vain.
    let names = Names { files: &outline.contract, profile: args.name.is_none().then_some(FOLDER_PROFILE) };
    free(&args.dir, names, args.force)?;
    let (bounds, guessed) = match args.bound {
        None if asks => (person.bounds(&outline)?, false),
        bound => {
            let queries = outline.aggregates.iter().flat_map(|one| &one.queries);
            let all = queries.filter_map(|query| Some((query.name.clone(), written(bound?))));
            (all.collect(), bound.is_none())
        }
    };
    let files = laid_out(write(&outline, &|query| bounds.get(query).cloned()), names);
    let paths = put(&args.dir, &files, args.force)?;
    tell(&outline, &args.dir, &paths, guessed)?;
    Ok(Exit::Passed)
}

fn base(url: &str) -> Result<Url, CliError> {
    let shown = crate::value::inert_within(url, 200);
    let parsed = Url::parse(url).map_err(|error| CliError::Usage(format!("`{shown}` is no URL: {error}")))?;
    let plain = parsed.query().is_none() && parsed.fragment().is_none();
    let nobody = parsed.username().is_empty() && parsed.password().is_none();
    if !matches!(parsed.scheme(), "http" | "https") || !plain || !nobody {
        return Err(CliError::Usage(
            "--url is where the service is: http:// or https://, host and perhaps a path, without credentials and query"
                .into(),
        ));
    }
    Ok(parsed)
}
