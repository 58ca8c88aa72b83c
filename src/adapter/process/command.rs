use std::net::{Ipv4Addr, TcpListener};

/// What stands for a free port in a command line.
const PORT: &str = "{port}";

/// What a service is started with: a program and its arguments. Words and quotes are a POSIX shell's; nothing else is
/// (no variables, no `&&`, no redirection), so that the process started is the service itself and gets our signals.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::adapter) struct CommandLine {
    words: Vec<String>,
}

/// A command line that can't be run.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandLineError {
    /// There is no word in it.
    #[error("the command line of the service is empty")]
    Empty,
    /// A quote that is not closed, or a backslash at the end.
    #[error("the command line of the service has a quote that is not closed: {0}")]
    Quotes(String),
    /// Processes are started on unix only.
    #[error("services can be started on unix only: start it yourself and say where it is with --url")]
    NoUnix,
    /// `{port}` and a URL are two addresses.
    #[error("`{{port}}` makes up the address of the service, so no URL can be given beside it")]
    TwoAddresses,
    /// There is no port to give it.
    #[error("no free port was found for the service: {0}")]
    NoPort(String),
}

impl CommandLine {
    pub(in crate::adapter) fn parse(text: &str) -> Result<Self, CommandLineError> {
        if !cfg!(unix) {
            return Err(CommandLineError::NoUnix);
        }
        let words = shlex::split(text).ok_or_else(|| CommandLineError::Quotes(text.to_owned()))?;
        if words.first().is_none_or(String::is_empty) {
            return Err(CommandLineError::Empty);
        }
        Ok(Self { words })
    }

    /// The program and its arguments.
    pub(super) fn words(&self) -> (&str, &[String]) {
        match self.words.split_first() {
            Some((program, arguments)) => (program, arguments),
            None => ("", &[]),
        }
    }

    pub(in crate::adapter) fn needs_port(&self) -> bool {
        self.words.iter().any(|word| word.contains(PORT))
    }

    /// Puts a port of 127.0.0.1 that is free now in place of `{port}`, and says where the service will be.
    pub(in crate::adapter) fn with_free_port(mut self) -> Result<(Self, String), CommandLineError> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let address = address.map_err(|error| CommandLineError::NoPort(error.to_string()))?;
        let port = address.port().to_string();
        for word in &mut self.words {
            *word = word.replace(PORT, &port);
        }
        Ok((self, format!("http://{address}")))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_a_shell_does() {
        let line = CommandLine::parse(r#"./my\ service --name "a b" '{port}' x{port}"#).expect("a line");
        assert_eq!(line.words, ["./my service", "--name", "a b", "{port}", "x{port}"]);
        assert!(line.needs_port());
        let (line, url) = line.with_free_port().expect("a port");
        let port = url.strip_prefix("http://127.0.0.1:").expect("an address");
        assert_eq!(line.words[3..], [port.to_owned(), format!("x{port}")]);
        assert!(!CommandLine::parse("./a $PORT && b").expect("words").needs_port());
        assert!(matches!(CommandLine::parse("./a 'b"), Err(CommandLineError::Quotes(_))));
        assert_eq!(CommandLine::parse("  "), Err(CommandLineError::Empty));
    }
}
