//! Target profiles: how one service speaks a contract over HTTP, read with spans and checked against the contract.
//!
//! The file (TOML) becomes a tree, the tree is decoded section by section, and every mistake is told at once. Pure:
//! what comes from the environment is looked up by a function that the caller passes ([`Profile::equip`]).

mod addition;
mod control;
mod decode;
mod definition;
mod equip;
mod extract;
mod filter;
mod follow_up;
mod instant;
mod precise;
mod sql;
mod template;
mod tls;
mod tree;
mod types;

pub use decode::{Reading, contract_name};
pub use definition::Profile;
pub use equip::{Equipment, Outward};
pub use tls::AuthorityError;

pub(crate) use control::{Exec, Feed};
pub(crate) use definition::{
    Absent, AnsweredBy, Body, Command, Credential, Form, Id, IdBy, KeyPlace, Limits, Looks, Meaning,
    PageStyle, Paging, Query, RejectionCode, Request, Rule, Spoken, WriteVersion,
};
pub(crate) use extract::{Extraction, Place};
pub(crate) use filter::{FormError, Way, apply_all, text};
pub(crate) use follow_up::{Login, LoginBody, LookUp, Operation, Poll};
pub(crate) use sql::{Sql, Statement};
pub(crate) use template::{Hole, Origin, Part, Template, dots_in};
pub(crate) use types::FieldError;
