//! Every kind of mistake has a page, whose wrong example makes it and whose right one doesn't.

use std::path::{Path, PathBuf};

use proofmark::suite::{ProfileFile, Suite};
use proofmark::text::{CATALOGUE, Colour, Example, Page};

/// Mistakes that take more lines than a page should have, or no text at all; each is made by a test elsewhere.
const WITHOUT_EXAMPLE: &[&str] = &[
    "unreadable-file",
    "file-too-large",
    "not-utf8",
    "binary-file",
    "too-deep",
    "too-many-mistakes",
    "too-many-parts",
    "too-much-work",
    "cannot-draw",
    "unset-variable",
];

/// A folder of its own that is gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("proofmark-explain-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        std::fs::copy("scenarios/orders/orders.contract", path.join("orders.contract"))
            .expect("the contract");
        Self(path)
    }

    /// What lint says of an example.
    fn lint(&self, example: &Example) -> String {
        let (name, text) = match example.kind {
            "steps" => (
                "example.scenario",
                format!(
                    "use orders\nscenario \"example\"\n  let $o = new Order\n  let $customer = unique \"c\"\n{}\n",
                    example.text
                ),
            ),
            "scenarios" => ("example.scenario", format!("{}\n", example.text)),
            "contract" => ("shop.contract", format!("{}\n", example.text)),
            "profile" => (
                "example.toml",
                format!("schema = 1\ncontract = \"orders\"\nname = \"example\"\n\n{}\n", example.text),
            ),
            other => panic!("there is no kind of example called {other}"),
        };
        let path = self.0.join(name);
        std::fs::write(&path, text).expect("a file");
        let told = told(&path);
        std::fs::remove_file(&path).expect("it was there");
        told
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn told(path: &Path) -> String {
    if path.extension().is_some_and(|extension| extension == "toml") {
        return ProfileFile::load(path).mistakes().render(Colour::Plain);
    }
    let suite = Suite::load([path]).expect("a place");
    let mut mistakes = suite.mistakes().clone();
    mistakes.merge(&suite.contradictions());
    mistakes.render(Colour::Plain)
}

#[test]
fn every_kind_of_mistake_has_a_page_whose_examples_are_true() {
    let folder = Folder::new();
    let mut wrong = Vec::new();
    for entry in CATALOGUE {
        let code = entry.code.0;
        let Some(page) = Page::of(entry.code) else {
            wrong.push(format!("{code} has no page in docs/mistakes"));
            continue;
        };
        assert!(page.prose.ends_with('.'), "{code}: {:?}", page.prose);
        let sorts: Vec<bool> = page.examples.iter().map(|example| example.wrong).collect();
        if WITHOUT_EXAMPLE.contains(&code) {
            assert!(sorts.is_empty(), "{code} is said to have no example");
            continue;
        }
        assert_eq!(sorts, [true, false], "{code} has one wrong example, then a right one");
        for example in &page.examples {
            let told = folder.lint(example);
            let made = told.contains(&format!("[{code}]"));
            if made != example.wrong || (!example.wrong && told.contains("error[")) {
                wrong.push(format!("{code}, wrong: {}\n{told}", example.wrong));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
