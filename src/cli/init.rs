use std::collections::BTreeMap;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::{Client, StatusCode, Url};

use super::args::InitArgs;
use super::exit::{CliError, Exit};
use super::run::quoted;
use super::say;
use crate::draft::{Member, NotADescription, Operation, Outline, Service, Shape, outline, read, write};
use crate::value::Limits;

/// Where services commonly keep their description.
const USUAL: [&str; 9] = [
    "/openapi.json",
    "/api/openapi.json",
    "/v3/api-docs",
    "/api-docs",
    "/swagger/v1/swagger.json",
    "/swagger.json",
    "/openapi/v1.json",
    "/api/v1/openapi.json",
    "/docs/openapi.json",
];

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// `proofmark init`: the first three files for a service.
pub(super) fn init(args: &InitArgs) -> Result<Exit, CliError> {
    let url = base(&args.url)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let asks = !args.yes && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let service = match runtime.block_on(described(args.openapi.as_deref(), &url))? {
        Some(service) => service,
        None if asks => questions()?,
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
    let bounds = bounds(args, &outline, asks)?;
    let files = write(&outline, &|query| bounds.get(query).cloned());
    let paths = put(&args.dir, &files, args.force)?;
    tell(&outline, &paths, bounds.is_empty())?;
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

/// The description that was named, or the one at a usual place; nothing where there is none.
async fn described(named: Option<&str>, url: &Url) -> Result<Option<Service>, CliError> {
    // A second call finds it installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .no_proxy()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::limited(3))
        .build();
    let client = client.map_err(|error| CliError::Init(format!("the HTTP client can't be made: {error}")))?;
    match named {
        Some(named) if named.starts_with("http://") || named.starts_with("https://") => {
            let place = base_of_document(named)?;
            let (status, text) = fetch(&client, place).await?;
            if !status.is_success() {
                return Err(CliError::Init(format!("{named} answers {}", status.as_u16())));
            }
            read(&text).map(Some).map_err(|why| of(named, &why))
        }
        Some(file) => {
            let most = Limits::default().size as u64;
            let unreadable = |why: String| CliError::Init(format!("{file} can't be read: {why}"));
            let size = std::fs::metadata(file).map_err(|error| unreadable(error.to_string()))?.len();
            if size > most {
                return Err(unreadable(format!("it has more than {most} bytes")));
            }
            let text = std::fs::read(file).map_err(|error| unreadable(error.to_string()))?;
            read(&text).map(Some).map_err(|why| of(file, &why))
        }
        None => search(&client, url).await,
    }
}

fn of(place: &str, why: &NotADescription) -> CliError {
    CliError::Init(format!("{place} is no description that can be read: {why}"))
}

fn base_of_document(named: &str) -> Result<Url, CliError> {
    Url::parse(named).map_err(|error| CliError::Usage(format!("--openapi: `{named}` is no URL: {error}")))
}

/// Looks at the usual places. Only reads, and nothing that could change anything.
async fn search(client: &Client, url: &Url) -> Result<Option<Service>, CliError> {
    let below = url.as_str().trim_end_matches('/').to_owned();
    let mut at_root = url.clone();
    at_root.set_path("");
    let root = at_root.as_str().trim_end_matches('/').to_owned();
    let mut bases = vec![below];
    bases.extend(Some(root).filter(|root| *root != bases[0]));
    let mut found = None;
    for (base, place) in bases.iter().flat_map(|base| USUAL.iter().map(move |place| (base, place))) {
        let Ok(place) = Url::parse(&format!("{base}{place}")) else { continue };
        let (status, text) = fetch(client, place.clone()).await?;
        if !status.is_success() {
            continue;
        }
        match read(&text) {
            Ok(service) => {
                say(&format!("Found {place}"));
                return Ok(Some(service));
            }
            // Pages and other JSON mean nothing here; a document that can't be read does.
            Err(why @ (NotADescription::Yaml | NotADescription::Swagger)) => {
                found = found.or(Some(of(place.as_str(), &why)));
            }
            Err(_) => {}
        }
    }
    found.map_or(Ok(None), Err)
}

/// An answer, as far as it is within bounds.
async fn fetch(client: &Client, place: Url) -> Result<(StatusCode, Vec<u8>), CliError> {
    let failed = |error: &reqwest::Error| {
        let mut why = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(inner) = source {
            why = format!("{why}: {inner}");
            source = inner.source();
        }
        CliError::Unanswered(why)
    };
    let most = Limits::default().size;
    let asked = client.get(place.clone()).header("accept", "application/json").send().await;
    let mut answer = asked.map_err(|error| failed(&error))?;
    let status = answer.status();
    let mut text = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(|error| failed(&error))? {
        if text.len() + part.len() > most {
            return Err(CliError::Init(format!("{place} answers with more than {most} bytes")));
        }
        text.extend_from_slice(&part);
    }
    Ok((status, text))
}

fn ask(question: &str) -> Result<String, CliError> {
    let mut err = std::io::stderr();
    write!(err, "{question} ")?;
    err.flush()?;
    let mut line = String::new();
    if std::io::stdin().lock().read_line(&mut line)? == 0 {
        return Err(CliError::Usage("the answers ended before the questions".into()));
    }
    Ok(line.trim().to_owned())
}

/// What a document would have told: the routes of a command and a query, and what is sent.
fn questions() -> Result<Service, CliError> {
    say("There is no OpenAPI document at the usual places. Three questions instead:");
    let collection = loop {
        let path = ask("Where is something new created? (such as POST /orders)")?;
        let path = path.trim_start_matches("POST").trim().trim_end_matches('/').to_owned();
        if path.len() > 1 && path.starts_with('/') && !path.contains(['{', '?', ' ', '"', '\\']) {
            break path;
        }
        say("A path is needed that begins with a slash, without parameters.");
    };
    let fields = ask("Which texts does its body have? (such as: customer, note; or nothing)")?;
    let member = |name: &str| Member {
        name: name.trim().to_owned(),
        shape: Shape::Text { sample: None, most: None, uuid: false },
        required: true,
    };
    let members: Vec<Member> = fields.split(',').filter(|name| !name.trim().is_empty()).map(member).collect();
    let default = format!("{collection}/{{id}}");
    let item = ask(&format!("Where is it shown? [GET {default}]"))?;
    let item = item.trim_start_matches("GET").trim().to_owned();
    let item = if item.is_empty() { default } else { item };
    let title = collection.rsplit('/').next().unwrap_or_default().to_owned();
    let body = Shape::Record(members);
    let post = Operation {
        method: "POST".into(),
        path: collection,
        body: Some(body.clone()),
        ..Operation::default()
    };
    let get = Operation { method: "GET".into(), path: item, answer: Some(body), ..Operation::default() };
    Ok(Service { title, operations: vec![post, get], ..Service::default() })
}

/// How long effects may take to show: as said, or asked for.
fn bounds(args: &InitArgs, outline: &Outline, asks: bool) -> Result<BTreeMap<String, String>, CliError> {
    let queries = || outline.aggregates.iter().flat_map(|one| &one.queries).map(|query| query.name.clone());
    let ms = |bound: Duration| format!("{}ms", bound.as_millis());
    if let Some(bound) = args.bound {
        return Ok(queries().map(|name| (name, ms(bound))).collect());
    }
    let mut bounds = BTreeMap::new();
    for name in queries().filter(|_| asks) {
        loop {
            let said = ask(&format!("How long may an accepted change take to show in {name}? [5s]"))?;
            match super::args::duration(if said.is_empty() { "5s" } else { &said }) {
                Ok(bound) => {
                    bounds.insert(name, ms(bound));
                    break;
                }
                Err(why) => say(&why),
            }
        }
    }
    Ok(bounds)
}

/// Writes all files or, where one is there already, none.
fn put(dir: &Path, files: &[(String, String)], force: bool) -> Result<Vec<PathBuf>, CliError> {
    let failed = |path: &Path, error: &std::io::Error| {
        CliError::Init(format!("can't write {}: {error}", path.display()))
    };
    std::fs::create_dir_all(dir).map_err(|error| failed(dir, &error))?;
    let paths: Vec<PathBuf> = files.iter().map(|(name, _)| dir.join(name)).collect();
    if let Some(there) = paths.iter().find(|path| !force && path.symlink_metadata().is_ok()) {
        return Err(CliError::Usage(format!(
            "{} is there already, and nothing was written; --force overwrites, --dir and --name choose other files",
            there.display()
        )));
    }
    for (path, (_, text)) in paths.iter().zip(files) {
        let mut how = std::fs::OpenOptions::new();
        // Who was first between the look and now keeps the file.
        if force {
            how.write(true).create(true).truncate(true)
        } else {
            how.write(true).create_new(true)
        };
        let mut file = how.open(path).map_err(|error| failed(path, &error))?;
        file.write_all(text.as_bytes()).map_err(|error| failed(path, &error))?;
    }
    Ok(paths)
}

fn tell(outline: &Outline, paths: &[PathBuf], guessed: bool) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    let what =
        ["the rules, as far as they could be guessed", "how the service is spoken to", "a first example"];
    for (path, what) in paths.iter().zip(what) {
        writeln!(out, "wrote {}  ({what})", path.display())?;
    }
    let count = |counted: usize, one: &str, many: &str| {
        format!("{counted} {}", if counted == 1 { one } else { many })
    };
    let commands = outline.aggregates.iter().map(|one| one.commands.len()).sum();
    let queries = outline.aggregates.iter().map(|one| one.queries.len()).sum();
    writeln!(
        out,
        "\n{} and {} of {}; {} left out, listed at the end of the contract",
        count(commands, "command", "commands"),
        count(queries, "query", "queries"),
        count(outline.aggregates.len(), "aggregate", "aggregates"),
        count(outline.left.len(), "operation", "operations")
    )?;
    if guessed {
        writeln!(
            out,
            "The bound of each query is a guess, 5s: say in the profile what the service promises."
        )?;
    }
    let path =
        |index: usize| paths.get(index).map(|path| quoted(&path.to_string_lossy())).unwrap_or_default();
    let (contract, profile, scenario) = (path(0), path(1), path(2));
    let text = std::fs::read_to_string(&paths[1]).unwrap_or_default();
    let secrets: std::collections::BTreeSet<&str> = text
        .split("${secret:")
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .collect();
    writeln!(out, "\nNext:")?;
    for secret in secrets {
        writeln!(out, "  export {secret}=…   # what the service wants to see; it shows up in no output")?;
    }
    writeln!(out, "  proofmark lint {contract} {profile} {scenario}")?;
    writeln!(out, "  proofmark run {scenario} --target {profile}   # creates something in the service")?;
    writeln!(out, "Then read the comments in the files: each is something to decide.")?;
    Ok(())
}
