//! What keeps the house in order: who may use whom, how long a file may be, no file that nothing mentions.

mod files;
mod layering;
mod one_way;

use std::path::{Path, PathBuf};

/// All Rust files below a directory of the repository, with their text.
fn rust_files(below: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut waiting = vec![root.join(below)];
    let mut files = Vec::new();
    while let Some(directory) = waiting.pop() {
        for entry in std::fs::read_dir(&directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() && !path.ends_with("target") {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a text");
                files.push((path.strip_prefix(root).expect("below the root").to_owned(), text));
            }
        }
    }
    assert!(!files.is_empty(), "nothing below {below}");
    files
}
