//! Names of files as they are shown, in messages, reports and commands to type.

use std::fmt::Write as _;
use std::path::Path;

/// The name of a file as it is shown: as it is, or, where a terminal would act on a part of it or it is not UTF-8, as a
/// quoted word of a shell (`$'caf\351'`, as `ls` shows it; POSIX.1-2024, section 2.2.4). Two names are never shown alike.
pub fn path_name(path: impl AsRef<Path>) -> String {
    let bytes = path.as_ref().as_os_str().as_encoded_bytes();
    match std::str::from_utf8(bytes) {
        Ok(name) if !is_special(name) => name.to_owned(),
        _ => dollar_quoted(bytes),
    }
}

/// The name of a file as a word for a shell.
pub fn path_word(path: impl AsRef<Path>) -> String {
    word_of(&path_name(path))
}

/// A file's shown name, alone or with more behind it (`FILE:LINE`), as a word for a shell.
pub fn word_of(name: &str) -> String {
    // It is one already.
    if name.starts_with(OPEN) { name.to_owned() } else { word(name) }
}

/// A text as a word for a POSIX shell.
pub fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// Whether `c` just shows: no control character, and none that is invisible or changes the direction of text
/// (Unicode Technical Report 36, section 2.10.2, names the latter as a means of deception).
pub fn is_inert(c: char) -> bool {
    let hidden = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    !c.is_control() && !hidden
}

const OPEN: &str = "$'";

/// Whether a name can't be shown as it is; one that looks like a quoted one can't either.
fn is_special(name: &str) -> bool {
    name.starts_with(OPEN) || !name.chars().all(is_inert)
}

fn dollar_quoted(bytes: &[u8]) -> String {
    let mut out = OPEN.to_owned();
    // Three octal digits always: a digit of the name may follow.
    let escape = |out: &mut String, bytes: &[u8]| {
        for byte in bytes {
            let _ = write!(out, "\\{byte:03o}");
        }
    };
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' | '\'' => out.extend(['\\', c]),
                '\n' => out.push_str("\\n"),
                c if is_inert(c) => out.push(c),
                c => escape(&mut out, c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        escape(&mut out, chunk.invalid());
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in ["a/b.scenario", "mine orders/it's.scenario", r"back\slash", "café", "", "10$'"] {
            assert_eq!(path_name(name), name);
        }
    }

    #[test]
    fn a_terminal_does_not_act_on_a_name() {
        assert_eq!(path_name("a\u{1b}[31m1\n'\\"), r"$'a\033[31m1\n\'\\'");
        assert_eq!(path_name("a\u{202e}b"), r"$'a\342\200\256b'");
        assert_eq!(path_name("$'a'"), r"$'$\'a\''");
    }

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(word("scenarios/a-b.scenario:3"), "scenarios/a-b.scenario:3");
        assert_eq!(word("my orders/it's"), r"'my orders/it'\''s'");
        assert_eq!(word(""), "''");
        assert_eq!(path_word("my orders"), "'my orders'");
        assert_eq!(word_of(&format!("{}:3", path_name("a\nb"))), r"$'a\nb':3");
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_no_text_stay_apart() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;
        let name = |bytes| path_name(OsStr::from_bytes(bytes));
        assert_eq!(name(b"caf\xe9.scenario"), r"$'caf\351.scenario'");
        assert_ne!(name(b"caf\xe9"), name(b"caf\xe8"));
        assert_ne!(name(b"caf\xe9"), name(br"caf\351"));
    }
}
