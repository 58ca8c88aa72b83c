/// One file as it was read, with the name it is reported under.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    name: Box<str>,
    text: Box<str>,
}

impl Source {
    /// A source called `name` (a path as the user would type it) that reads `text`.
    pub fn new(name: impl Into<Box<str>>, text: impl Into<Box<str>>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// The name it is reported under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text at `span`.
    pub fn slice(&self, span: super::Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Line of a byte offset, counted from 1.
    pub fn line(&self, offset: u32) -> usize {
        let end = (offset as usize).min(self.text.len());
        self.text.as_bytes()[..end].iter().filter(|b| **b == b'\n').count() + 1
    }
}
