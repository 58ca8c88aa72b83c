use std::borrow::Cow;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use reqwest::{Method, Url};
use tokio::time::{Instant, timeout_at};

use super::ask::Ask;
use super::capture::Raw;
use super::error::{Failed, NoAnswer, Refused, UrlError};
use super::lines::Line;
use super::target::Shared;
use crate::protocol::Doubt;

/// How often a service may ask to be left alone for a while before that counts as no answer.
const TRIES: u32 = 5;

/// The first pause where the service names none; it doubles.
const PAUSE: Duration = Duration::from_millis(100);

/// The longest pause, whatever the service asks for.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Sends it and reads the answer, within the profile's limits. A service that is busy (429, RFC 6585; 503 with
/// `Retry-After` for what is repeatable) is asked again, unless the answer means something by the profile's rules.
/// Where a login is needed, that comes first; a token that is no good any more (401) is replaced once.
pub(super) async fn send(
    shared: &Shared,
    line: &Line,
    ask: &Ask,
    total: Duration,
    meant: impl Fn(&Raw) -> bool,
) -> Result<Raw, Failed> {
    let deadline = Instant::now() + total;
    let late = |_| Failed::unknown(Doubt::Timeout, None, NoAnswer::Late(total));
    let Some(login) = &ask.login else {
        return timeout_at(deadline, tries(shared, line, ask, &meant)).await.map_err(late)?;
    };
    // Whoever isn't let in has sent nothing yet.
    let token = match timeout_at(deadline, login.token(shared, line, None)).await {
        Ok(token) => token.map_err(Refused::Login)?,
        Err(_) => return Err(Refused::LateLogin(total).into()),
    };
    let signed = login.signed(shared, ask, &token).map_err(Refused::Unsigned)?;
    let raw = timeout_at(deadline, tries(shared, line, &signed, &meant)).await.map_err(late)??;
    if raw.status != 401 {
        return Ok(raw);
    }
    let Ok(Ok(token)) = timeout_at(deadline, login.token(shared, line, Some(&*token))).await else {
        return Ok(raw);
    };
    let Ok(signed) = login.signed(shared, ask, &token) else { return Ok(raw) };
    timeout_at(deadline, tries(shared, line, &signed, &meant)).await.map_err(late)?
}

pub(super) async fn tries(
    shared: &Shared,
    line: &Line,
    ask: &Ask,
    meant: impl Fn(&Raw) -> bool,
) -> Result<Raw, Failed> {
    let mut pause = PAUSE;
    let mut doubtful = false;
    for _ in 0..TRIES {
        let raw = follow(shared, line, ask).await.map_err(|failed| behind(failed, doubtful))?;
        let named = retry_after(&raw);
        let busy = match raw.status {
            429 => true,
            503 => ask.repeatable && named.is_some(),
            _ => false,
        };
        if !busy || meant(&raw) {
            return Ok(Raw { again: doubtful, ..raw });
        }
        // Behind a 503 the command may have been done all the same.
        doubtful |= raw.status == 503;
        tokio::time::sleep(named.unwrap_or(pause).min(LONGEST_PAUSE)).await;
        pause *= 2;
    }
    Err(Failed::unknown(Doubt::Timeout, Some(429), NoAnswer::Busy(TRIES)))
}

/// A refused connection proves nothing any more if the request was on its way before.
fn behind(failed: Failed, doubtful: bool) -> Failed {
    match failed {
        Failed::Refused(why) if doubtful => Failed::unknown(Doubt::Lost, None, why.into()),
        failed => failed,
    }
}

/// The seconds of `Retry-After` (RFC 9110, section 10.2.3). A date is taken as a pause of no said length.
fn retry_after(raw: &Raw) -> Option<Duration> {
    let value = raw.headers.get(RETRY_AFTER)?.to_str().ok()?;
    Some(value.trim().parse().map_or(PAUSE, Duration::from_secs))
}

/// Follows redirects, within the origin only: credentials must not go elsewhere.
async fn follow(shared: &Shared, line: &Line, ask: &Ask) -> Result<Raw, Failed> {
    let mut ask = Cow::Borrowed(ask);
    let limits = &shared.profile.limits;
    for hop in 0..=limits.redirects {
        let raw = once(shared, line, &ask).await.map_err(|failed| behind(failed, hop > 0))?;
        let Some(to) = redirect(&ask, &raw) else {
            let moved = (hop > 0).then(|| Box::new(ask.url.clone()));
            return Ok(Raw { moved, ..raw });
        };
        let next = to.map_err(|why| {
            Failed::unknown(Doubt::Unreadable, Some(raw.status), NoAnswer::LeadsNowhere(why))
        })?;
        if next.origin() != ask.url.origin() {
            let why = NoAnswer::LeadsAway(next.origin().ascii_serialization());
            return Err(Failed::unknown(Doubt::Unreadable, Some(raw.status), why));
        }
        match (raw.status, &ask.method) {
            (307 | 308, _) | (301 | 302, &Method::GET | &Method::HEAD) => {}
            (303, _) => {
                let ask = ask.to_mut();
                ask.method = Method::GET;
                ask.body = None;
                ask.headers.remove(CONTENT_TYPE);
            }
            // RFC 9110, section 15.4: user agents differ in what they make of it.
            (status, method) => {
                let why = NoAnswer::LeadsOpen { method: method.clone(), status };
                return Err(Failed::unknown(Doubt::Unreadable, Some(status), why));
            }
        }
        ask.to_mut().url = next;
    }
    Err(Failed::unknown(Doubt::Unreadable, None, NoAnswer::LeadsOn(limits.redirects)))
}

/// Where an answer leads, if it does.
fn redirect(ask: &Ask, raw: &Raw) -> Option<Result<Url, UrlError>> {
    if !matches!(raw.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = raw.headers.get(LOCATION)?;
    let location = String::from_utf8_lossy(location.as_bytes());
    Some(ask.url.join(&location))
}

pub(super) async fn once(shared: &Shared, line: &Line, ask: &Ask) -> Result<Raw, Failed> {
    line.sends(ask);
    let got = match ask.message() {
        Ok(message) => line.carry(&ask.url, message, shared.profile.limits.bytes).await,
        Err(refused) => Err(refused.into()),
    };
    line.hears(ask, &got);
    got
}
