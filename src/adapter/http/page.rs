//! Answers that come page by page. All pages are read, or the answer is broken: part of a list would be taken for all
//! of it.

use std::collections::HashSet;

use super::capture::Reply;
use super::error::RequestError;
use super::room::Room;
use super::session::Client;
use crate::contract::QueryDef;
use crate::profile::{self, FormError, PageStyle, text};
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
    /// The cursor that came with this page was there before.
    #[error("page {0} leads back to a page before it: its cursor was there before")]
    Back(u64),
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

/// One page.
pub(super) struct Page {
    answer: Answer,
    /// The rows as the service sent them, kept or not.
    rows: Vec<Value>,
    /// Where the next page begins, where it says so; or why that can't be read.
    next: Result<Option<String>, FormError>,
    /// How many values it has.
    values: usize,
    /// How many bytes it has.
    bytes: usize,
}

impl Page {
    /// An answer that nothing follows.
    pub(super) fn only(answer: Answer) -> Self {
        Self { answer, rows: Vec::new(), next: Ok(None), values: 0, bytes: 0 }
    }

    pub(super) fn read(mut answer: Answer, spoken: &profile::Query, reply: Reply) -> Self {
        if let (Some(path), Seen::Found(_)) = (&spoken.total, &answer.seen) {
            let told = reply.json.as_ref().ok().and_then(|json| path.get(json));
            match told.and_then(Value::as_number).and_then(Number::to_u64) {
                Some(total) => answer.total = Some(total),
                None => return Self::only(broken(&PageError::NoTotal)),
            }
        }
        let Some(paging) = &spoken.page else { return Self::only(answer) };
        let next = match &paging.style {
            PageStyle::Cursor { next, .. } => reply.take(next).map(|next| {
                let next = next.filter(|next| !matches!(next, Value::Null | Value::Bool(false)));
                next.map(|next| text(&next)).filter(|next| !next.is_empty())
            }),
            PageStyle::Page { .. } | PageStyle::Offset { .. } => Ok(None),
        };
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
        Self { answer, rows, next, values, bytes }
    }
}

/// Which page comes next.
#[derive(Default)]
struct Place {
    page: u64,
    /// How many rows came before.
    before: u64,
    cursor: Option<String>,
    /// Every cursor there was.
    cursors: HashSet<String>,
    last: Vec<Value>,
    /// How many rows the page had that was read last.
    last_sent: u64,
    /// How many values and bytes all pages have so far.
    values: usize,
    bytes: usize,
}

impl Place {
    fn parameters(&self, paging: &profile::Paging) -> Vec<(String, String)> {
        let mut parameters = Vec::new();
        match &paging.style {
            PageStyle::Page { number, first } => {
                parameters.push((number.clone(), first.saturating_add(self.page).to_string()));
            }
            PageStyle::Offset { offset, first } => {
                parameters.push((offset.clone(), first.saturating_add(self.before).to_string()));
            }
            PageStyle::Cursor { cursor, .. } => {
                parameters.extend(self.cursor.clone().map(|at| (cursor.clone(), at)));
            }
        }
        parameters.extend(paging.size.as_ref().map(|(name, max)| (name.clone(), max.to_string())));
        parameters
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
    fn goes_on(&mut self, paging: &profile::Paging, page: Page) -> Result<bool, PageError> {
        let sent = page.rows.len() as u64;
        self.last_sent = sent;
        if let PageStyle::Cursor { .. } = paging.style {
            let Some(next) = page.next? else { return Ok(false) };
            if !self.cursors.insert(next.clone()) {
                return Err(PageError::Back(self.page + 1));
            }
            self.cursor = Some(next);
        } else {
            if sent > 0 && page.rows == self.last {
                return Err(PageError::Same { before: self.page, page: self.page + 1 });
            }
            if paging.size.as_ref().is_none_or(|(_, max)| sent < *max) {
                return Ok(false);
            }
        }
        self.page += 1;
        self.before += sent;
        self.last = page.rows;
        Ok(true)
    }
}

impl Client {
    /// Asks, once or page by page; all pages together have the time of one operation. `beside` is a parameter that
    /// each request has.
    pub(super) async fn pages(
        &self,
        query: &Query,
        spoken: &profile::Query,
        def: &QueryDef,
        beside: Option<(String, String)>,
    ) -> Result<Answer, RequestError> {
        let total = self.shared.profile.limits.total;
        let Some(paging) = &spoken.page else {
            let parameters: Vec<_> = beside.into_iter().collect();
            return self.page(query, spoken, def, &parameters, total).await.map(|page| page.answer);
        };
        let deadline = tokio::time::Instant::now() + total;
        let (mut place, mut room) = (Place::default(), Room::default());
        let mut all: Option<Answer> = None;
        let mut totals = Vec::new();
        for _ in 0..MOST_PAGES {
            let enough = room.has_values(place.values, self.shared.profile.limits.values);
            // When the time is up before there is room, the next page says so.
            let _ = tokio::time::timeout_at(deadline, enough).await;
            let mut parameters = place.parameters(paging);
            parameters.extend(beside.clone());
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            let mut page = self.page(query, spoken, def, &parameters, left).await?;
            if let Err(why) = place.takes_in(&page, &self.shared.profile.limits) {
                return Ok(broken(&why));
            }
            let Seen::Found(Value::List(kept)) = &mut page.answer.seen else { return Ok(page.answer) };
            let kept = std::mem::take(kept);
            totals.extend(page.answer.total);
            match &mut all {
                Some(Answer { seen: Seen::Found(Value::List(before)), .. }) => before.extend(kept),
                _ => all = Some(Answer { seen: Seen::Found(Value::List(kept)), ..page.answer.clone() }),
            }
            match place.goes_on(paging, page) {
                Ok(true) => {}
                Ok(false) => {
                    let mut all = all.unwrap_or_else(|| Answer::new(Seen::Found(Value::List(Vec::new()))));
                    // Each page tells it: of several that differ, the one that is not so many as were sent.
                    let sent = place.before + place.last_sent;
                    all.total = totals.iter().find(|total| **total != sent).or(totals.first()).copied();
                    return Ok(all);
                }
                Err(why) => return Ok(broken(&why)),
            }
        }
        Ok(broken(&PageError::Endless(MOST_PAGES)))
    }
}

fn broken(why: &PageError) -> Answer {
    let detail = why.to_string();
    Answer::new(Seen::Broken(Unknown { doubt: Doubt::Unreadable, status: None, detail }))
}
