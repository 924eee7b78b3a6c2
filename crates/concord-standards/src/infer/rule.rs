//! Rules of a definition that is inferred: few, all of them kept by everything that was seen, to be gone on from.

use std::fmt::Write as _;

use super::naming::Naming;
use crate::definition::quoted;

/// What holds of an NHS number, in SQL.
pub(super) const NHS_NUMBER: &str =
    "nhs_number_is_valid(value) OR nhs_number_is_placeholder(value)";

/// A rule to be written.
pub(super) struct Inferred {
    pub(super) id: String,
    pub(super) title: String,
    /// Where it sits: a line of TOML.
    pub(super) at: String,
    pub(super) effect: &'static str,
    /// What it says: lines of TOML.
    pub(super) check: String,
    pub(super) message: String,
    pub(super) help: &'static str,
    /// Examples, as TOML.
    pub(super) pass: String,
    pub(super) fail: String,
}

/// `rules.toml`.
pub(super) fn file(rules: impl Iterator<Item = Inferred>, naming: &Naming) -> String {
    let mut text = "\
# Rules that structure and formats do not already say. These are inferred, so that they warn and do not reject: set `effect`
# to what the receiver does once it is known. docs/definitions.md says what else a rule can be.
"
    .to_owned();
    for rule in rules {
        text.push_str(&rule.text(naming));
    }
    text
}

/// The rule about check digits. What is left to say is where, and examples.
pub(super) fn nhs_number(naming: &Naming) -> Inferred {
    Inferred {
        id: naming.rule("NHS-NUMBER"),
        title: "an NHS number has its check digit".to_owned(),
        at: "at = \"record\"".to_owned(),
        effect: "warn",
        check: format!("check = {}", quoted(NHS_NUMBER)),
        message: "NHS number {value} fails its check digit".to_owned(),
        help: "a digit is wrong or two are swapped: trace the patient again",
        pass: "[{ value = \"9990000018\" }]".to_owned(),
        fail: "[{ value = \"9990000019\" }]".to_owned(),
    }
}

impl Inferred {
    fn text(&self, naming: &Naming) -> String {
        let source = quoted(&format!("inferred from {}", naming.from));
        let since = quoted(env!("CARGO_PKG_VERSION"));
        let mut text = String::new();
        // Writing to a `String` does not fail.
        let _ = write!(
            text,
            "\n[[rule]]\nid = {}\ntitle = {}\n{}\neffect = {}\n{}\nmessage = {}\nhelp = {}\nsource = {source}\n\
             provenance = \"inferred\"\nsince = {since}\npass = {}\nfail = {}\n",
            quoted(&self.id),
            quoted(&self.title),
            self.at,
            quoted(self.effect),
            self.check,
            quoted(&self.message),
            quoted(self.help),
            self.pass,
            self.fail,
        );
        text
    }
}
