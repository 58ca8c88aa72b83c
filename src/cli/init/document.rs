use std::path::Path;
use std::time::Duration;

use reqwest::{Client, StatusCode, Url};

use super::super::exit::CliError;
use super::super::say;
use crate::draft::{Documents, NotADescription, Service};
use crate::value::Limits;

/// Where services commonly keep their description.
pub(super) const USUAL: [&str; 16] = [
    "/openapi.json",
    "/api/openapi.json",
    "/v3/api-docs",
    "/api-docs",
    "/api-json",
    "/docs-json",
    "/api/docs-json",
    "/swagger/doc.json",
    "/api/schema",
    "/swagger/v1/swagger.json",
    "/swagger.json",
    "/openapi/v1.json",
    "/api/v1/openapi.json",
    "/docs/openapi.json",
    "/openapi.yaml",
    "/openapi.yml",
];

/// How many bytes the files beside a document may have, all together.
const MOST_BYTES: usize = 64 << 20;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a service that can't be connected to may be just starting.
const STARTING: Duration = Duration::from_secs(1);

/// Between two attempts to connect.
const PAUSE: Duration = Duration::from_millis(50);

/// The description that was named, or the one at a usual place; nothing where there is none.
pub(super) async fn described(named: Option<&str>, url: &Url) -> Result<Option<Service>, CliError> {
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
            let (status, text) = fetch(&client, place.clone()).await?;
            if !status.is_success() {
                return Err(CliError::Init(format!("{named} answers {}", status.as_u16())));
            }
            let documents = Documents::parse(&text).map_err(|why| of(named, &why))?;
            Ok(Some(fetched(&client, &place, documents).await))
        }
        Some(file) => {
            let unreadable = |why: String| CliError::Init(format!("{file} can't be read: {why}"));
            let text = opened(Path::new(file)).map_err(unreadable)?;
            let mut documents = Documents::parse(&text).map_err(|why| of(file, &why))?;
            let folder = Path::new(file).parent().unwrap_or(Path::new(""));
            beside(&mut documents, |name| opened(&folder.join(name)));
            Ok(Some(documents.service()))
        }
        None => search(&client, url).await,
    }
}

/// The bytes of a file, if they are not too many.
fn opened(path: &Path) -> Result<Vec<u8>, String> {
    let most = Limits::default().size as u64;
    let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > most {
        return Err(format!("it has more than {most} bytes"));
    }
    std::fs::read(path).map_err(|error| error.to_string())
}

/// Adds the files that a document refers to, as long as there is room. What is not there is said where it is missing.
fn beside(documents: &mut Documents, open: impl Fn(&str) -> Result<Vec<u8>, String>) {
    let mut room = MOST_BYTES;
    while let Some(name) = documents.missing().first() {
        let text = open(name).ok().filter(|text| text.len() <= room);
        room -= text.as_ref().map_or(0, Vec::len);
        documents.add(name, text.as_deref());
    }
}

/// What a document tells, with the documents that it refers to on the same host.
async fn fetched(client: &Client, place: &Url, mut documents: Documents) -> Service {
    let mut room = MOST_BYTES;
    while let Some(name) = documents.missing().first() {
        let there = place.join(name).ok().filter(|there| there.origin() == place.origin());
        let answer = match there {
            Some(there) => fetch(client, there).await.ok(),
            None => None,
        };
        let text =
            answer.filter(|(status, text)| status.is_success() && text.len() <= room).map(|(_, text)| text);
        room -= text.as_ref().map_or(0, Vec::len);
        documents.add(name, text.as_deref());
    }
    documents.service()
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
        match Documents::parse(&text) {
            Ok(documents) => {
                say(&format!("Found {place}"));
                return Ok(Some(fetched(client, &place, documents).await));
            }
            // Pages and other JSON mean nothing here; a document that can't be read does.
            Err(why @ (NotADescription::Yaml(_) | NotADescription::Swagger)) => {
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
    let began = tokio::time::Instant::now();
    let mut answer = loop {
        let asked = client
            .get(place.clone())
            .header("accept", "application/json, application/yaml;q=0.9, */*;q=0.1")
            .send()
            .await;
        match asked {
            Ok(answer) => break answer,
            Err(error) if error.is_connect() && began.elapsed() + PAUSE < STARTING => {
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(failed(&error)),
        }
    };
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
