//! The other files that a scenario file names: backgrounds that it includes, and tables of examples.
//!
//! Whoever has the files is asked for them. Their texts are put behind the file's own, so that each place in any of them
//! is one span; see [`Source::locate`].

use std::path::Path;
use std::sync::Arc;

use super::csv;
use super::lexer::{TokenKind, lex_part};
use super::sink::Sink;
use crate::text::{Joiner, MAX_FILE_BYTES, Source, Span};

/// A file may take in so many bytes of others, and name so many: more is a mistake in a script that writes them.
const MOST_BYTES: u64 = 4 * MAX_FILE_BYTES;
const MOST_FILES: usize = 1000;

/// Finds a file: by where the file is that it is named in, and the name that stands there. It must always give a file
/// under the same name; or say why there is none.
pub type Find<'a> = &'a mut dyn FnMut(&Path, &str) -> Result<Arc<Source>, String>;

/// A file's name in a text.
struct Mention {
    at: Span,
    name: String,
    is_table: bool,
}

/// The scenario file with everything that it includes, and the tables of its examples. What can't be found is told when the
/// file is parsed; one that was never linked is parsed as if these were empty.
pub fn link(source: &Arc<Source>, find: Find<'_>) -> Arc<Source> {
    let text = source.text();
    // Most files name no others, and looking closer takes time.
    if !text.contains("include") && !text.contains("examples") {
        return source.clone();
    }
    let mut joiner = source.join();
    let mut named = 0_usize;
    let mut waiting = vec![joiner.own()];
    while let Some(part) = waiting.pop() {
        for mention in mentions(joiner.text(), part) {
            named += 1;
            let linked = if named > MOST_FILES || joiner.text().len() as u64 > MOST_BYTES {
                Err(format!("more than {MOST_FILES} files, or {} MiB of them, are named", MOST_BYTES >> 20))
            } else {
                find(joiner.path_at(part), &mention.name).map(|found| {
                    let (at, new) = joiner.file(&found);
                    match (mention.is_table, new) {
                        (true, true) => spell_out(&mut joiner, at),
                        (false, true) => waiting.push(at),
                        _ => {}
                    }
                    at
                })
            };
            joiner.link(mention.at, linked);
        }
    }
    if named == 0 { source.clone() } else { Arc::new(joiner.finish()) }
}

/// `include "…"` and `examples from "…"` at the beginning of a line.
fn mentions(text: &str, part: Span) -> Vec<Mention> {
    let tokens = lex_part(text, part, &mut Sink::default());
    let word = |at: usize| tokens.get(at).and_then(|token| text.get(token.span.range())).unwrap_or_default();
    let mut mentions = Vec::new();
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.first) {
        let is_table = word(at) == "examples" && word(at + 1) == "from";
        if token.kind != TokenKind::Name || !(is_table || word(at) == "include") {
            continue;
        }
        let named = at + 1 + usize::from(is_table);
        if let Some(token) = tokens.get(named).filter(|token| token.kind == TokenKind::Text) {
            let raw = word(named).trim_matches('"');
            let name = raw.replace("\\\\", "\\");
            mentions.push(Mention { at: token.span, name, is_table });
        }
    }
    mentions
}

/// Cells in which quotes are written twice are put behind all, as they are meant.
fn spell_out(joiner: &mut Joiner, table: Span) {
    // What is wrong with the table is told where it is used.
    let records = csv::records(joiner.text(), table).unwrap_or_default();
    for cell in records.iter().flat_map(|record| &record.cells).filter(|cell| cell.doubled) {
        let meaning = joiner.text().get(cell.span.range()).unwrap_or_default().replace("\"\"", "\"");
        joiner.means(cell.span, &meaning);
    }
}
