//! Answers that come page by page. All pages are read, or the answer is broken: part of a list would be taken for all
//! of it.

use std::collections::HashSet;

use reqwest::Url;

use super::capture::Reply;
use super::error::{RequestError, UrlError};
use super::fill::encode;
use super::link::{self, LinkError};
use super::redact::Redactor;
use super::room::Room;
use super::session::Client;
use crate::contract::QueryDef;
use crate::contract::rules::page_rows;
use crate::profile::{self, Extraction, FormError, PageStyle, text};
use crate::protocol::{Answer, Doubt, Query, Seen, Unknown};
use crate::value::{Number, Value};

/// A service whose pages never end is broken.
const MOST_PAGES: u64 = 1_000;

/// Why pages make no answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
enum PageError {
    /// The profile says that it is told.
    #[error("it does not tell how many rows there are in all")]
    NoTotal,
    /// Where the next page begins has another form than the profile says.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The links of its header can't be read.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// Something else stands where the URL of the next page should.
    #[error("where the URL of the next page should stand is a {0}: does `next` name its place?")]
    NoText(&'static str),
    /// What stands there is no URL.
    #[error("the URL of the next page is none: {0}")]
    NoUrl(#[source] UrlError),
    /// The next page is at another origin.
    #[error(
        "the URL of the next page is at another origin ({to}, not {own}), which is never followed: the service has to be asked at the address that it takes for its own, or has to give URLs without one"
    )]
    Away {
        /// The other origin.
        to: String,
        /// That of the request.
        own: String,
    },
    /// What leads on from this page was there before.
    #[error("page {page} leads back to a page before it: its {what} was there before")]
    Back {
        /// The number of the page.
        page: u64,
        /// Its cursor, or its URL.
        what: &'static str,
    },
    /// A page is like the one before it.
    #[error("pages {before} and {page} are the same: does `page` name the service's own parameter?")]
    Same {
        /// The number of the one.
        before: u64,
        /// The number of the other.
        page: u64,
    },
    /// More pages than are read.
    #[error("there are more than {0} pages")]
    Endless(u64),
    /// More on all pages than is read.
    #[error(
        "up to page {page} there are more than {most} {what}; `{setting}` in [limits] of the profile lets in more"
    )]
    TooMuch {
        /// The number of the page that is too much.
        page: u64,
        /// How many there may be.
        most: usize,
        /// Of what.
        what: &'static str,
        /// The limit that they go beyond.
        setting: &'static str,
    },
}

/// How a page is asked for.
#[derive(Default)]
pub(super) struct PageRequest {
    /// What the request has beside its own parameters.
    pub(super) parameters: Vec<(String, String)>,
    /// Where it goes instead of where the profile says.
    pub(super) url: Option<Url>,
}

/// What leads on to the next page.
#[derive(Clone, Debug)]
enum Next {
    Cursor(String),
    /// It is at the request's own origin.
    At(Url),
}

/// One page.
pub(super) struct Page {
    answer: Answer,
    /// The rows as the service sent them, kept or not.
    rows: Vec<Value>,
    /// Where the next page begins, where it says so; or why that can't be read.
    next: Result<Option<Next>, PageError>,
    /// Where it is.
    url: Option<Url>,
    /// How many values it has.
    values: usize,
    /// How many bytes it has.
    bytes: usize,
}

impl Page {
    /// An answer that nothing follows.
    pub(super) fn only(answer: Answer) -> Self {
        Self { answer, rows: Vec::new(), next: Ok(None), url: None, values: 0, bytes: 0 }
    }

    /// What came back from `url`, where nobody was led elsewhere.
    pub(super) fn read(
        mut answer: Answer,
        spoken: &profile::Query,
        mut reply: Reply,
        url: &Url,
        redactor: &Redactor,
    ) -> Self {
        if let (Some(path), Seen::Found(_)) = (&spoken.total, &answer.seen) {
            let told = reply.json.as_ref().ok().and_then(|json| path.get(json));
            match told.and_then(Value::as_number).and_then(Number::to_u64) {
                Some(total) => answer.total = Some(total),
                None => return Self::only(broken(&PageError::NoTotal)),
            }
        }
        let Some(paging) = &spoken.page else { return Self::only(answer) };
        let url = reply.moved.take().map_or_else(|| url.clone(), |moved| *moved);
        let next = next(&paging.style, &reply, &url, redactor);
        let (values, bytes) = (reply.values, reply.bytes());
        let json = reply.json.unwrap_or(Value::Null);
        let rows = match &spoken.rows {
            Some(path) => path.get(&json).cloned(),
            None => Some(json),
        };
        let rows = match rows {
            Some(Value::List(rows)) => rows,
            _ => Vec::new(),
        };
        Self { answer, rows, next, url: Some(url), values, bytes }
    }
}

/// What leads on from an answer that came from `url`; nothing where it is the last.
fn next(style: &PageStyle, reply: &Reply, url: &Url, redactor: &Redactor) -> Result<Option<Next>, PageError> {
    let told = |next: &Extraction| -> Result<Option<Value>, FormError> {
        let next = reply.take(next)?;
        Ok(next.filter(|next| !matches!(next, Value::Null | Value::Bool(false)) && *next != "".into()))
    };
    match style {
        PageStyle::Page { .. } | PageStyle::Offset { .. } => Ok(None),
        PageStyle::Cursor { next, .. } => Ok(told(next)?.map(|next| Next::Cursor(text(&next)))),
        PageStyle::Next { next } => match told(next)? {
            Some(Value::Text(to)) => located(url, &to, redactor).map(Some),
            Some(other) => Err(PageError::NoText(other.kind())),
            None => Ok(None),
        },
        PageStyle::Link => {
            let to = link::next(&reply.headers("link"), url)?;
            to.map(|to| located(url, &to, redactor)).transpose()
        }
    }
}

/// Where a reference in an answer from `own` leads (RFC 3986, section 5): nowhere but to the same origin, for credentials go along.
fn located(own: &Url, to: &str, redactor: &Redactor) -> Result<Next, PageError> {
    let mut url = own.join(&redactor.restored_with(to, encode)).map_err(PageError::NoUrl)?;
    if url.origin() != own.origin() {
        let shown = |url: &Url| redactor.text(&url.origin().ascii_serialization());
        return Err(PageError::Away { to: shown(&url), own: shown(own) });
    }
    url.set_fragment(None);
    Ok(Next::At(url))
}

/// Which page comes next.
#[derive(Default)]
struct Place {
    page: u64,
    /// How many rows came before.
    before: u64,
    next: Option<Next>,
    /// Every cursor or URL there was.
    marks: HashSet<String>,
    last: Vec<Value>,
    /// How many rows the page had that was read last.
    last_sent: u64,
    /// How many values and bytes all pages have so far.
    values: usize,
    bytes: usize,
}

impl Place {
    /// How the page is asked for. `beside` is a parameter that each request has.
    fn request(&self, paging: &profile::Paging, beside: Option<&(String, String)>) -> PageRequest {
        let mut parameters = Vec::new();
        if let Some(Next::At(url)) = &self.next {
            return PageRequest { parameters, url: Some(with(url, beside)) };
        }
        match &paging.style {
            PageStyle::Page { number, first } => {
                parameters.push((number.clone(), first.saturating_add(self.page).to_string()));
            }
            PageStyle::Offset { offset, first } => {
                parameters.push((offset.clone(), first.saturating_add(self.before).to_string()));
            }
            PageStyle::Cursor { cursor, .. } => {
                if let Some(Next::Cursor(at)) = &self.next {
                    parameters.push((cursor.clone(), at.clone()));
                }
            }
            PageStyle::Next { .. } | PageStyle::Link => {}
        }
        parameters.extend(paging.size.as_ref().map(|(name, max)| (name.clone(), max.to_string())));
        parameters.extend(beside.cloned());
        PageRequest { parameters, url: None }
    }

    /// Whether all that was read, with this page, is still no more than is read.
    fn takes_in(&mut self, page: &Page, limits: &profile::Limits) -> Result<(), PageError> {
        self.values += page.values;
        self.bytes += page.bytes;
        let rows = usize::try_from(self.before).unwrap_or(usize::MAX).saturating_add(page.rows.len());
        for (count, most, what, setting) in [
            (rows, limits.rows, "rows", "rows"),
            (self.values, limits.values, "values", "values"),
            (self.bytes, limits.read_bytes, "bytes", "read_bytes"),
        ] {
            if count > most {
                return Err(PageError::TooMuch { page: self.page + 1, most, what, setting });
            }
        }
        Ok(())
    }

    /// Goes on to the page behind this one; `false` behind the last.
    fn goes_on(
        &mut self,
        paging: &profile::Paging,
        page: Page,
        beside: Option<&(String, String)>,
    ) -> Result<bool, PageError> {
        let sent = page.rows.len() as u64;
        self.last_sent = sent;
        if let PageStyle::Page { .. } | PageStyle::Offset { .. } = paging.style {
            if sent > 0 && page.rows == self.last {
                return Err(PageError::Same { before: self.page, page: self.page + 1 });
            }
            if paging.size.as_ref().is_none_or(|(_, max)| sent < *max) {
                return Ok(false);
            }
        } else {
            let Some(next) = page.next? else { return Ok(false) };
            let (what, mark) = match &next {
                Next::Cursor(cursor) => ("cursor", cursor.clone()),
                Next::At(url) => {
                    // A page that leads to itself leads back as well.
                    self.marks.extend(page.url.map(|own| with(&own, beside).into()));
                    ("URL", with(url, beside).into())
                }
            };
            if !self.marks.insert(mark) {
                return Err(PageError::Back { page: self.page + 1, what });
            }
            self.next = Some(next);
        }
        self.page += 1;
        self.before += sent;
        self.last = page.rows;
        Ok(true)
    }
}

impl Client {
    /// Asks, once or page by page; all pages together have the time of one operation. `beside` is a parameter that
    /// each request has, and `pages` gets how many rows each page had.
    pub(super) async fn pages(
        &self,
        (query, spoken, def): (&Query, &profile::Query, &QueryDef),
        beside: Option<(String, String)>,
        pages: &mut Vec<u64>,
    ) -> Result<Answer, RequestError> {
        let total = self.shared.profile.limits.total;
        let Some(paging) = &spoken.page else {
            let asked = PageRequest { parameters: beside.into_iter().collect(), url: None };
            return self.page(query, spoken, def, &asked, total).await.map(|page| page.answer);
        };
        let wanted = if def.paged { page_rows(def, &query.fields) } else { Some(0..usize::MAX) };
        let Some(wanted) = wanted else {
            let why = "all pages are read (`page` in the profile), and the contract has no such page to cut from them";
            return Ok(Answer::new(Seen::NotSent(why.to_owned())));
        };
        let deadline = tokio::time::Instant::now() + total;
        let (mut place, mut room) = (Place::default(), Room::default());
        let mut all: Option<Answer> = None;
        let mut totals = Vec::new();
        for _ in 0..MOST_PAGES {
            let enough = room.has_values(place.values, self.shared.profile.limits.values);
            // When the time is up before there is room, the next page says so.
            let _ = tokio::time::timeout_at(deadline, enough).await;
            let asked = place.request(paging, beside.as_ref());
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            let mut page = self.page(query, spoken, def, &asked, left).await?;
            if let Err(why) = place.takes_in(&page, &self.shared.profile.limits) {
                return Ok(broken(&why));
            }
            let Seen::Found(Value::List(kept)) = &mut page.answer.seen else { return Ok(page.answer) };
            let kept = std::mem::take(kept);
            pages.push(page.rows.len() as u64);
            totals.extend(page.answer.total);
            match &mut all {
                Some(Answer { seen: Seen::Found(Value::List(before)), .. }) => before.extend(kept),
                _ => all = Some(Answer { seen: Seen::Found(Value::List(kept)), ..page.answer.clone() }),
            }
            match place.goes_on(paging, page, beside.as_ref()) {
                Ok(true) => {}
                Ok(false) => {
                    let mut all = all.unwrap_or_else(|| Answer::new(Seen::Found(Value::List(Vec::new()))));
                    // Each page tells it: of several that differ, the one that is not so many as were sent.
                    let sent = place.before + place.last_sent;
                    if let Seen::Found(Value::List(rows)) = &mut all.seen {
                        rows.truncate(wanted.end);
                        rows.drain(..wanted.start.min(rows.len()));
                    }
                    all.total = totals.iter().find(|total| **total != sent).or(totals.first()).copied();
                    return Ok(all);
                }
                Err(why) => return Ok(broken(&why)),
            }
        }
        Ok(broken(&PageError::Endless(MOST_PAGES)))
    }
}

/// A URL with a parameter more, unless the service has kept it.
fn with(url: &Url, beside: Option<&(String, String)>) -> Url {
    let mut url = url.clone();
    if let Some((name, value)) = beside
        && !url.query_pairs().any(|(own, is)| own == *name && is == *value)
    {
        url.query_pairs_mut().append_pair(name, value);
    }
    url
}

fn broken(why: &PageError) -> Answer {
    let detail = why.to_string();
    Answer::new(Seen::Broken(Unknown { doubt: Doubt::Unreadable, status: None, detail }))
}
