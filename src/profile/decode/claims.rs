use super::Decoder;
use super::section::Section;
use crate::profile::tree::Node;
use crate::protocol::Capability;
use crate::text::{Code, Diagnostic};

/// What no section stands for.
const WITHOUT_SECTION: [(&str, Capability); 4] = [
    ("actors", Capability::Actors),
    ("asynchronous", Capability::Asynchronous),
    ("fault-hooks", Capability::FaultHooks),
    ("exclusive", Capability::Exclusive),
];

impl Decoder<'_> {
    /// `[claims]`
    pub(super) fn claims(&mut self, node: &Node) -> Vec<Capability> {
        let mut claimed = Vec::new();
        let Some(table) = self.table(node) else { return claimed };
        let mut section = Section::new(table, node.span, "[claims]");
        for (name, capability) in WITHOUT_SECTION {
            let Some(node) = section.get(name) else { continue };
            if self.truth(node) == Some(true) {
                claimed.push(capability);
            }
        }
        for capability in Capability::ALL {
            if WITHOUT_SECTION.iter().all(|(_, other)| *other != capability)
                && let Some(node) = section.get(capability.name())
            {
                let what = format!(
                    "{} is claimed by the section that says how: a claim alone gives no means for it",
                    capability.name()
                );
                self.out.push(Diagnostic::error(Code::BAD_VALUE, node.span, what));
            }
        }
        section.finish(&mut self.out);
        claimed
    }
}
