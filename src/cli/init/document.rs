use std::time::Duration;

use reqwest::{Client, StatusCode, Url};

use super::super::exit::CliError;
use super::super::say;
use crate::draft::{NotADescription, Service, read};
use crate::value::Limits;

/// Where services commonly keep their description.
pub(super) const USUAL: [&str; 11] = [
    "/openapi.json",
    "/api/openapi.json",
    "/v3/api-docs",
    "/api-docs",
    "/swagger/v1/swagger.json",
    "/swagger.json",
    "/openapi/v1.json",
    "/api/v1/openapi.json",
    "/docs/openapi.json",
    "/openapi.yaml",
    "/openapi.yml",
];

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

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
    let asked = client
        .get(place.clone())
        .header("accept", "application/json, application/yaml;q=0.9, */*;q=0.1")
        .send()
        .await;
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
