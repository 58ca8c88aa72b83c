//! Files become sources here, or a diagnostic that says why not.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{Code, Diagnostic, Source, Span, path_name};

/// No file of ours is larger; a larger one is refused before a byte of it is read.
pub const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A file that can't be taken as text, ready to be reported.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}: {}", source_text.name(), diagnostic.message)]
pub struct Unreadable {
    /// The file under its name; its text is what could be read, with what could not be read replaced.
    pub source_text: Source,
    /// What is wrong with it.
    pub diagnostic: Diagnostic,
}

impl Source {
    /// Reads the file at `path`; its name is the path as it was given, as far as it can be shown ([`path_name`]).
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Box<Unreadable>> {
        let path = path.as_ref();
        let name = path_name(path);
        let failed = |error: &std::io::Error| unreadable(&name, error);
        let file = File::open(path).map_err(|error| failed(&error))?;
        let length = file.metadata().map_err(|error| failed(&error))?.len();
        if length > MAX_FILE_BYTES {
            return Err(too_large(&name, Some(length)));
        }
        // A pipe or a file that grows tells no length beforehand.
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(too_large(&name, None));
        }
        let read = Self::from_bytes(&name, bytes)?;
        Ok(Self::at(path, read.text()))
    }

    /// Takes `bytes` as the content of a file called `name`. A byte order mark is skipped.
    pub fn from_bytes(name: &str, bytes: impl Into<Vec<u8>>) -> Result<Self, Box<Unreadable>> {
        let mut bytes = bytes.into();
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(too_large(name, Some(bytes.len() as u64)));
        }
        let mark = if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        bytes.drain(..mark);
        if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
            return Err(binary(name, &bytes, at, mark));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(name, text)),
            Err(error) => Err(not_utf8(name, error.as_bytes(), error.utf8_error().valid_up_to(), mark)),
        }
    }
}

fn refuse(name: &str, text: impl Into<Box<str>>, diagnostic: Diagnostic) -> Box<Unreadable> {
    Box::new(Unreadable { source_text: Source::new(name, text), diagnostic })
}

fn unreadable(name: &str, error: &std::io::Error) -> Box<Unreadable> {
    let diagnostic =
        Diagnostic::error(Code::UNREADABLE_FILE, Span::default(), format!("can't read this file: {error}"));
    refuse(name, "", diagnostic.advise("check that the path names a file that you may read"))
}

fn too_large(name: &str, length: Option<u64>) -> Box<Unreadable> {
    let limit = MAX_FILE_BYTES / (1024 * 1024);
    let message = match length {
        Some(length) => format!("this file has {length} bytes, more than the {limit} MiB a file may have"),
        None => format!("this file has more than the {limit} MiB a file may have"),
    };
    let diagnostic = Diagnostic::error(Code::FILE_TOO_LARGE, Span::default(), message);
    refuse(name, "", diagnostic.advise("split it into several files, or check that it is the file you meant"))
}

fn binary(name: &str, bytes: &[u8], at: usize, mark: usize) -> Box<Unreadable> {
    let message = format!("this file is not text: byte {} is a NUL", at + mark);
    let advice = match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "it looks like UTF-16: save it as UTF-8",
        _ => "check that it is the file you meant, and that it is saved as UTF-8",
    };
    // What a binary file holds explains nothing, so none of it is shown.
    let diagnostic = Diagnostic::error(Code::BINARY_FILE, Span::default(), message).advise(advice);
    refuse(name, "", diagnostic)
}

fn not_utf8(name: &str, bytes: &[u8], at: usize, mark: usize) -> Box<Unreadable> {
    let byte = bytes.get(at).copied().unwrap_or_default();
    let message = format!("this file is not UTF-8: byte {} is 0x{byte:02X}", at + mark);
    let start = u32::try_from(at).unwrap_or_default();
    let replaced = u32::try_from(char::REPLACEMENT_CHARACTER.len_utf8()).unwrap_or_default();
    let diagnostic = Diagnostic::error(Code::NOT_UTF8, Span::new(start, start + replaced), message)
        .label("not a UTF-8 character")
        .advise("save the file as UTF-8");
    refuse(name, String::from_utf8_lossy(bytes), diagnostic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Result<&str, Code>) {
        let read = Source::from_bytes("t", bytes);
        let read = read.as_ref().map(Source::text).map_err(|refused| refused.diagnostic.code);
        assert_eq!(read, expected);
    }

    #[test]
    fn text_is_taken_as_it_is() {
        check(b"", Ok(""));
        check(b"feature \"x\"\r\n", Ok("feature \"x\"\r\n"));
        check(b"\xEF\xBB\xBFuse x", Ok("use x"));
    }

    #[test]
    fn other_things_are_refused() {
        check(b"PK\x03\x04\0\0", Err(Code::BINARY_FILE));
        check(b"\xFF\xFEu\0s\0", Err(Code::BINARY_FILE));
        check(b"caf\xE9 bar", Err(Code::NOT_UTF8));
    }

    #[test]
    fn a_bad_byte_is_pointed_at() {
        let refused = Source::from_bytes("t", b"one\ncaf\xE9 bar".as_slice()).unwrap_err();
        assert_eq!(refused.source_text.slice(refused.diagnostic.span), "\u{FFFD}");
        assert_eq!(refused.to_string(), "t: this file is not UTF-8: byte 7 is 0xE9");
    }

    #[test]
    fn a_huge_file_is_refused_unread() {
        let path = std::env::temp_dir().join(format!("proofmark-huge-{}.scenario", std::process::id()));
        File::create(&path).unwrap().set_len(100_000_000).unwrap();
        let refused = Source::read(&path).unwrap_err();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(refused.diagnostic.code, Code::FILE_TOO_LARGE);
        assert!(refused.source_text.text().is_empty());
    }

    #[test]
    fn a_missing_file_or_a_folder_is_a_diagnostic() {
        let refused = Source::read("/no/such/file.scenario").unwrap_err();
        assert_eq!(refused.diagnostic.code, Code::UNREADABLE_FILE);
        let refused = Source::read(std::env::temp_dir()).unwrap_err();
        assert_eq!(refused.diagnostic.code, Code::UNREADABLE_FILE);
    }
}
