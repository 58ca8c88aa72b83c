use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How much of what a service says is kept, in bytes.
const KEPT: usize = 16 * 1024;

/// How many lines of it are shown.
const SHOWN: usize = 20;

/// How long what was said last may take to arrive here once the service has ended.
const DRAIN: Duration = Duration::from_millis(500);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// The last of what a service says. All of it is read, so that it never waits for a reader.
#[derive(Debug, Default)]
pub(super) struct Tail {
    kept: Arc<Mutex<VecDeque<u8>>>,
    readers: Vec<JoinHandle<()>>,
}

impl Tail {
    /// Reads from there, too, in a thread of its own, until it ends.
    pub(super) fn listen(&mut self, mut output: impl Read + Send + 'static) {
        let kept = self.kept.clone();
        self.readers.push(std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = output.read(&mut buffer) {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend(&buffer[..read]);
                let more = kept.len().saturating_sub(KEPT);
                kept.drain(..more);
            }
        }));
    }

    /// Waits for the end of what is said, for a moment: a process that got away may hold it open.
    pub(super) fn drain(&self) {
        let mut waited = Duration::ZERO;
        while waited < DRAIN && !self.readers.iter().all(JoinHandle::is_finished) {
            std::thread::sleep(PAUSE);
            waited += PAUSE;
        }
    }

    /// The last lines, indented; without control characters.
    pub(super) fn shown(&self) -> String {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = kept.iter().copied().collect();
        drop(kept);
        let text = String::from_utf8_lossy(&bytes);
        let mut lines: Vec<&str> = text.lines().collect();
        if bytes.len() >= KEPT {
            // What is cut in two might be a secret, and would not be known for one.
            if let Some(first) = lines.first_mut() {
                *first = "…";
            }
        }
        let last = &lines[lines.len().saturating_sub(SHOWN)..];
        last.iter().fold(String::new(), |shown, line| shown + "\n  | " + &crate::value::inert(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_lines_are_kept_and_shown() {
        let mut tail = Tail::default();
        let flood: Vec<String> = (0..100_000).map(|number| format!("line {number}")).collect();
        tail.listen(std::io::Cursor::new(flood.join("\n")));
        tail.drain();
        assert!(tail.kept.lock().expect("no panic").len() <= KEPT);
        let shown = tail.shown();
        assert_eq!(shown.lines().count(), SHOWN + 1, "{shown}");
        assert!(shown.ends_with("| line 99999"), "{shown}");
        let mut tail = Tail::default();
        tail.listen(std::io::Cursor::new("x".repeat(KEPT + 1)));
        tail.drain();
        assert_eq!(tail.shown(), "\n  | …");
    }
}
