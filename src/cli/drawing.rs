//! `proofmark generate --graph`: the states that a contract's rules reach, as a drawing. Nothing is sent.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::exit::{CliError, Exit};
use super::files;
use super::generate::read;
use crate::contract::explore::{Bounds, Graph, dot, explore, svg};
use crate::contract::rules::Interpreted;
use crate::text::path_name;

/// A file for a drawing, and by its ending in which form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Drawing {
    path: PathBuf,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    Dot,
    Svg,
}

impl FromStr for Drawing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let path = PathBuf::from(text);
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let form = match ending.to_ascii_lowercase().as_str() {
            "dot" | "gv" => Form::Dot,
            "svg" => Form::Svg,
            _ => return Err("a file that ends in .svg, for a picture, or in .dot, for Graphviz".into()),
        };
        Ok(Self { path, form })
    }
}

/// Explores the contract, says how large that is, and draws it.
pub(super) fn draw(contract: &Path, drawings: &[Drawing]) -> Result<Exit, CliError> {
    let (_, model) = match read(contract) {
        Ok(read) => read,
        Err(exit) => return Ok(exit),
    };
    let graphs = explore(&model, Bounds::default());
    let mut out = std::io::stdout().lock();
    for graph in &graphs {
        writeln!(out, "{}", graph.in_words())?;
    }
    for Drawing { path, form } in drawings {
        let drawn = match form {
            Form::Dot => dot(&model, &graphs),
            Form::Svg => svg(&model, &graphs),
        };
        files::replace(path, &drawn).map_err(|source| CliError::Write { path: path.clone(), source })?;
        writeln!(out, "written  {}", path_name(path))?;
    }
    told(&mut out, &model, &graphs)?;
    Ok(Exit::Passed)
}

/// What the drawing can't show.
fn told(out: &mut impl std::io::Write, model: &Interpreted, graphs: &[Graph]) -> Result<(), std::io::Error> {
    if graphs.is_empty() {
        writeln!(out, "warning: `{}` has no aggregates, so the drawing is empty", model.contract().name())?;
    }
    for broken in graphs.iter().flat_map(|graph| &graph.broken) {
        writeln!(out, "{broken}")?;
    }
    Ok(())
}
