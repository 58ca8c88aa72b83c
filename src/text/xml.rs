use std::fmt::Write as _;

/// Writes XML 1.0 of elements, attributes and text, each on lines of its own.
#[derive(Debug)]
pub(crate) struct Xml {
    out: String,
    depth: usize,
}

impl Xml {
    pub(crate) fn new() -> Self {
        Self { out: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"), depth: 0 }
    }

    /// An element with whatever `inside` writes.
    pub(crate) fn element(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        inside: impl FnOnce(&mut Self),
    ) {
        self.open(name, attributes, ">\n");
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        let _ = writeln!(self.out, "{:1$}</{name}>", "", self.depth * 2);
    }

    /// An element without anything inside.
    pub(crate) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.open(name, attributes, "/>\n");
    }

    /// An element with a text.
    pub(crate) fn text(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes, ">");
        escape(text, false, &mut self.out);
        let _ = writeln!(self.out, "</{name}>");
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)], end: &str) {
        let _ = write!(self.out, "{:1$}<{name}", "", self.depth * 2);
        for (name, value) in attributes {
            let _ = write!(self.out, " {name}=\"");
            escape(value, true, &mut self.out);
            self.out.push('"');
        }
        self.out.push_str(end);
    }
}

/// Text as XML may hold it. `>` is escaped everywhere, so no `]]>` is left; in attributes line ends are, too, since a
/// reader would make them spaces (XML 1.0, section 3.3.3). What XML has no way to write becomes U+FFFD (section 2.2).
fn escape(text: &str, attribute: bool, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if attribute => out.push_str("&quot;"),
            '\n' | '\t' if attribute => drop(write!(out, "&#{};", u32::from(c))),
            '\r' => out.push_str("&#13;"),
            '\n' | '\t' => out.push(c),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_stands_in_a_text_is_text() {
        let mut xml = Xml::new();
        xml.text("a", &[("b", "\"<&>\n\0'")], "]]> <!-- &amp; \x1b[31m \u{ffff} \r\n");
        assert_eq!(
            xml.finish().lines().skip(1).collect::<Vec<_>>().join("\n"),
            "<a b=\"&quot;&lt;&amp;&gt;&#10;\u{fffd}'\">]]&gt; &lt;!-- &amp;amp; \u{fffd}[31m \u{fffd} &#13;\n</a>"
        );
    }
}
