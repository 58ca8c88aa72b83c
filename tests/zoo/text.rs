//! Contract and profile of a service: each oddity says there what is so because of it.

use super::oddity::Oddity::{self, *};
use super::setup::Setup;

impl Setup {
    /// The rules, such as they are with these oddities.
    pub(super) fn contract(&self) -> String {
        let fields = self.opening();
        let names: Vec<&str> = fields.iter().map(|(name, ..)| *name).collect();
        let typed = |with: &[(&str, &str, &str)]| {
            let typed: Vec<_> = with.iter().map(|(name, sent, _)| format!("{name}: {sent}")).collect();
            typed.join(", ")
        };
        let mut text =
            String::from("contract pens\n\naggregate Pen\n  state status: absent | open | closed\n");
        for (name, _, kept) in &fields {
            text += &format!("  state {name}: {kept}\n");
        }
        if self.has(EqualStates) {
            text += "  state lit: bool = false\n";
        }
        text += &format!("  state feed: decimal = 0\n\n  command OpenPen {{ {} }}\n", typed(&fields));
        if !self.has(Upsert) {
            text += "    reject PenExists when self.status != absent\n";
        }
        text += "    set status = open\n    set feed = 0\n";
        for name in &names {
            text += &format!("    set {name} = {name}\n");
        }
        if self.has(EqualStates) {
            text += "    set lit = false\n";
        }
        if !self.has(OnlyCreation) {
            text += &self.changes();
        }
        if !self.has(NoQuery) {
            let shown: Vec<_> = self.shown().iter().map(|name| format!(", {name}: self.{name}")).collect();
            text += "\n  query GetPen\n    absent when self.status == absent\n";
            text += &format!(
                "    shows {{ pen: self.id, status: self.status, feed: self.feed{} }}\n",
                shown.concat()
            );
            text += &self.views();
        }
        text
    }

    /// What a pen is opened with: a name, its type, and its type as a state.
    fn opening(&self) -> Vec<(&'static str, &'static str, &'static str)> {
        let mut fields = vec![("label", "id", "id?"), ("keeper", "id", "id?")];
        if self.has(LookedUpIds) {
            fields.push(("tag", "id", "id?"));
        }
        if self.has(FreeText) {
            fields.push(("note", "string", "string?"));
        }
        if self.instants().is_some() {
            fields.push(("since", "instant", "instant?"));
        }
        if self.has(OptionalFields) {
            fields.push(("colour", "id?", "id?"));
            fields.push(("places", "int 1..100 = 4", "int = 0"));
        }
        fields
    }

    /// What views show of a pen besides.
    fn shown(&self) -> Vec<&'static str> {
        let lit = self.has(EqualStates).then_some("lit");
        self.opening().into_iter().map(|(name, ..)| name).chain(lit).collect()
    }

    fn changes(&self) -> String {
        let mut text = String::from(
            "
  command Stock { amount: decimal 0.01..1000.00 }
    reject NoSuchPen when self.status != open
    set feed = self.feed + amount

  command Take { amount: decimal 0.01..1000.00 }
    reject NoSuchPen when self.status != open
    reject NotEnough when amount > self.feed
    set feed = self.feed - amount

  command Relabel { label: id }
    reject NoSuchPen when self.status != open
    set label = label

  command Move { to: Pen, amount: decimal 0.01..1000.00 }
    reject NoSuchPen when self.status != open
    reject NoSuchTarget when to.status != open
    reject NotEnough when amount > self.feed
",
        );
        if !self.has(SelfMoves) {
            text += "    reject SamePen when to == self\n";
        }
        text += "    set feed = self.feed - amount\n    set to.feed = to.feed + amount\n
  command ClosePen
    reject NoSuchPen when self.status != open
    reject NotEmpty when self.feed != 0
";
        text += if self.has(Reborn) { "    set status = absent\n" } else { "    set status = closed\n" };
        if self.has(EqualStates) {
            text += "
  command LightUp
    reject NoSuchPen when self.status != open
    reject AlreadySo when self.lit
    set lit = true

  command Douse
    reject NoSuchPen when self.status != open
    reject AlreadySo when not self.lit
    set lit = false
";
        }
        text
    }

    fn views(&self) -> String {
        let (fields, filter) =
            if self.for_everybody() { ("", "") } else { (" { keeper: id }", "self.keeper == keeper and ") };
        let note = if self.has(FreeText) { ", note: self.note" } else { "" };
        let order = match (self.has(NewestFirst), self.has(Totals)) {
            (true, true) => "newest first, total",
            (true, false) => "newest first",
            (false, true) => "unordered, total",
            (false, false) => "unordered",
        };
        let mut text = format!(
            "
view ListPens{fields}
  of Pen where {filter}self.status == open
  shows {{ pen: self.id, label: self.label, feed: self.feed{note} }}
  {order}
"
        );
        if self.has(Totals) {
            text += "
view PenTotals
  of Pen where self.status == open
  summarises { pens: count, feed: sum(self.feed) }
";
        }
        text
    }

    /// How the rules are spoken over HTTP.
    pub(super) fn profile(&self) -> String {
        let bound = format!("{}ms", self.bound().as_millis());
        let mut text = String::from("schema = 1\ncontract = \"pens\"\n\n[base]\nready = \"GET /health\"\n\n");
        text += &self.keys();
        text += "\n[version]\norder = \"number\"\nread = 'header ETag ~ /\"(\\d+)\"/'\n";
        text += "write = { header = \"If-Match\", value = '\"${version}\"', none = { header = \"If-None-Match\", value = \"*\" } }\n\n";
        text += &self.ids();
        text += &self.answers();
        if self.has(UuidFields) {
            text += "[generate]\nkeeper = { as = \"uuid\" }\n\n";
        }
        if !self.has(NoWait) && !self.has(NoQuery) {
            text += "[wait]\nrequest = \"GET /caught-up/${read_model}\"\n\n";
        }
        if self.has(Totals) && !self.has(DollarRows) {
            text += "[claims]\nexclusive = true\n\n";
        }
        let open = if self.makes_ids() { "/pens" } else { "/pens/${on}/open" };
        text += &format!("[command.OpenPen]\nrequest = \"POST {open}\"\nbody = \"${{fields}}\"\n\n");
        for (name, path) in self.commands() {
            text += &format!(
                "[command.{name}]\nrequest = \"POST /pens/${{on}}/{path}\"\nbody = \"${{fields}}\"\n\n"
            );
        }
        if self.has(NoQuery) {
            return text;
        }
        let tolerance = if self.has(Floats) { "tolerance = { feed = \"0.005\" }\n" } else { "" };
        text += &format!(
            "[query.GetPen]\nrequest = \"GET /pens/${{on}}\"\nabsent = [404]\nread_model = \"pen\"\nbound = \"{bound}\"\n{tolerance}\n"
        );
        let filter = if self.for_everybody() { "" } else { "?keeper=${.keeper}" };
        text += &format!(
            "[query.ListPens]\nrequest = \"GET /pens{filter}\"\nrows = \"$.pens\"\nread_model = \"list\"\nbound = \"{bound}\"\n{tolerance}"
        );
        if let Some(size) = self.page() {
            text += &format!(
                "page = {{ style = \"cursor\", cursor = \"after\", next = \"$.next\", size = \"size\", max = {size} }}\n"
            );
        }
        if self.has(Totals) {
            text += "total = \"$.total\"\n\n";
            text += &format!(
                "[query.PenTotals]\nrequest = \"GET /totals\"\nread_model = \"list\"\nbound = \"{bound}\"\n{tolerance}"
            );
        }
        text
    }

    fn keys(&self) -> String {
        let mut text = String::from("[key]\nheader = \"Idempotency-Key\"\n");
        if self.has(UuidFields) {
            text += "as = \"uuid\"\n";
        }
        if self.has(OtherReplays) {
            text += if self.has(PlainText) {
                "replayed = { status = 409, like = \"done before\" }\n"
            } else {
                "replayed = { status = 409, at = \"$.replayed\" }\n"
            };
        }
        text
    }

    fn ids(&self) -> String {
        let take = if self.has(PlainText) { "'header Location ~ /([^\\/]+)$/" } else { "'$.id" };
        let ids = if self.has(ServiceIds) {
            format!("by = \"captured\"\nas = \"string\"\ntake = {take}'\n")
        } else if self.has(IntegerIds) {
            let number = if self.has(PlainText) { " | number" } else { "" };
            format!("by = \"captured\"\nas = \"int\"\ntake = {take}{number}'\n")
        } else if self.has(LookedUpIds) {
            "by = \"lookup\"\nas = \"string\"\nquery = \"GET /tags/${.tag}\"\nrows = \"$.pens\"\nwhere = { tag = \"${.tag}\" }\ntake = \"$.pen\"\n"
                .into()
        } else {
            "by = \"client\"\nas = \"string\"\n".into()
        };
        format!("[id.Pen]\n{ids}\n")
    }

    /// What refusals look like.
    fn answers(&self) -> String {
        let mut text = String::new();
        if self.has(ConflictsAs500) {
            text += "[[answer]]\nstatus = 500\nlike = \"tuple concurrently updated\"\nis = \"rejected\"\ncode = \"ConcurrencyConflict\"\n\n";
        }
        if self.has(ErrorsIn200) {
            text += "[[answer]]\nstatus = 200\nat = \"$.errors[0]\"\nis = \"rejected\"\ncode = { from = \"$.errors[0].code\" }\n\n";
        }
        if self.has(PlainText) {
            let contract = self.contract();
            for code in CODES
                .iter()
                .filter(|code| contract.contains(&format!("reject {code} ")) || ALWAYS.contains(code))
            {
                text += &format!(
                    "[[answer]]\nstatus = [\"4xx\"]\nlike = \"{code}\"\nis = \"rejected\"\ncode = \"{code}\"\n\n"
                );
            }
        } else {
            text += "[[answer]]\nstatus = [\"4xx\"]\nat = \"$.code\"\nis = \"rejected\"\ncode = { from = \"$.code\" }\n\n";
        }
        text
    }

    fn commands(&self) -> Vec<(&'static str, &'static str)> {
        if self.has(OnlyCreation) {
            return Vec::new();
        }
        let mut commands = vec![
            ("Stock", "stock"),
            ("Take", "take"),
            ("Relabel", "relabel"),
            ("Move", "move"),
            ("ClosePen", "close"),
        ];
        if self.has(EqualStates) {
            commands.extend([("LightUp", "light"), ("Douse", "douse")]);
        }
        commands
    }

    /// In which form it shows instants, if it has any.
    pub(super) fn instants(&self) -> Option<Oddity> {
        [ZuluInstants, OffsetInstants, MilliInstants, OtherZone].into_iter().find(|form| self.has(*form))
    }
}

/// What any service may refuse for, whatever its contract says.
const ALWAYS: &[&str] = &["Malformed", "KeyReused", "ConcurrencyConflict"];

/// The names of refusals.
const CODES: &[&str] = &[
    "PenExists",
    "NoSuchPen",
    "NoSuchTarget",
    "NotEnough",
    "SamePen",
    "NotEmpty",
    "AlreadySo",
    "Malformed",
    "KeyReused",
    "ConcurrencyConflict",
];
