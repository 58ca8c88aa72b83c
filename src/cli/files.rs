//! Files that commands leave.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes a file as a whole, by way of a new one beside it: who reads it meanwhile finds the old text or the new one, and a full
/// disk, Ctrl-C or SIGKILL leaves the old one. What a link leads to is written, not the link.
///
/// # Errors
/// Of the system; they don't name the file.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let beside = beside(&path);
    // One who was killed may have left it, and had our number: in a container they mostly have the same.
    let _ = std::fs::remove_file(&beside);
    let written = File::create_new(&beside)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| match std::fs::metadata(&path) {
            Ok(old) => std::fs::set_permissions(&beside, old.permissions()),
            Err(_) => Ok(()),
        })
        .and_then(|()| std::fs::rename(&beside, &path));
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}

/// Short, since the file's own name may be as long as names can be. One process writes one file at a time.
fn beside(path: &Path) -> PathBuf {
    path.with_file_name(format!(".proofmark-{}.tmp", std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_is_in_nobodys_way() {
        let directory = std::env::temp_dir().join(format!("proofmark-files-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let path = directory.join(format!("{}.json", "r".repeat(250)));
        std::fs::write(beside(&path), "half").unwrap();
        replace(&path, "new").unwrap();
        replace(&path, "newer").unwrap();
        let left: Vec<_> = std::fs::read_dir(&directory).unwrap().collect();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_dir_all(&directory).unwrap();
        assert_eq!((&*text, left.len()), ("newer", 1));
    }
}
