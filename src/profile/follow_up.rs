use std::time::Duration;

use super::definition::{Body, Request};
use super::extract::Extraction;
use super::template::Template;
use crate::value::Path;

/// `[operation]`: a command is only taken in, and a status resource tells how it ends.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    /// The statuses that say so.
    pub(crate) when: Vec<(u16, u16)>,
    pub(crate) poll: Poll,
    pub(crate) state: Extraction,
    pub(crate) done: Vec<String>,
    pub(crate) failed: Vec<String>,
    /// How long it may take.
    pub(crate) within: Duration,
}

/// Where an operation is asked about.
#[derive(Clone, Debug)]
pub(crate) enum Poll {
    /// Where the first answer says.
    Place(Extraction),
    Request(Request),
}

/// `kind = "login"`: credentials are exchanged for a token.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    pub(crate) request: Request,
    pub(crate) body: Option<LoginBody>,
    /// Where the token stands in the answer.
    pub(crate) take: Extraction,
    /// The header field that the token goes into, and how.
    pub(crate) header: String,
    pub(crate) value: Template,
}

#[derive(Clone, Debug)]
pub(crate) enum LoginBody {
    Json(Body),
    /// `application/x-www-form-urlencoded`, as OAuth 2.0 has it (RFC 6749, section 4.3.2).
    Form(Vec<(String, Template)>),
}

/// `by = "lookup"`: the service doesn't say which id it gave, but can be asked.
#[derive(Clone, Debug)]
pub(crate) struct LookUp {
    pub(crate) query: Request,
    pub(crate) rows: Option<Path>,
    /// What the row holds that is looked for.
    pub(crate) wanted: Vec<(Path, Template)>,
    /// Where the id stands in the row.
    pub(crate) take: Extraction,
    /// How long the row may take to show.
    pub(crate) within: Duration,
}
