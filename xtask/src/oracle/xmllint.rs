//! The verdicts of `xmllint`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::Failed;

/// What xmllint says of one document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Lint {
    /// Whether it validates.
    pub(super) valid: bool,
    /// Whether it is well-formed.
    pub(super) well_formed: bool,
    /// Line and text of each error, in the order told.
    pub(super) errors: Vec<(u64, String)>,
}

/// The version line of xmllint; nothing when it is not installed.
pub(super) fn version() -> Option<String> {
    let output = Command::new("xmllint").arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    Some(text.lines().next().unwrap_or_default().to_owned())
}

/// Asks for all files of a folder at once, so that the schema is read once.
pub(super) fn ask(schema: &Path, folder: &Path, names: &[String]) -> Result<Vec<Lint>, Failed> {
    let output = Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema"])
        .arg(schema.canonicalize()?)
        .args(names)
        .current_dir(folder)
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    if text.contains("failed to compile") {
        return Err(format!("xmllint does not take {}:\n{text}", schema.display()).into());
    }
    Ok(parse(&text, names))
}

/// Sorts what xmllint says by document.
fn parse(text: &str, names: &[String]) -> Vec<Lint> {
    let mut lints: BTreeMap<&str, Lint> = names
        .iter()
        .map(|name| {
            let lint = Lint {
                well_formed: true,
                ..Lint::default()
            };
            (name.as_str(), lint)
        })
        .collect();
    for line in text.lines() {
        if let Some(name) = line.strip_suffix(" validates")
            && let Some(lint) = lints.get_mut(name)
        {
            lint.valid = true;
        } else if let Some((name, rest)) = line.split_once(':')
            && let Some(lint) = lints.get_mut(name)
            && let Some((number, message)) = rest.split_once(':')
            && let Ok(number) = number.parse()
        {
            let message = message.trim();
            if !message.contains("Schemas validity error") && is_fatal(message) {
                lint.well_formed = false;
            }
            lint.errors.push((number, message.to_owned()));
        } else if let Some(name) = line.strip_suffix(" : failed to parse")
            && let Some(lint) = lints.get_mut(name)
        {
            lint.well_formed = false;
        }
    }
    names
        .iter()
        .map(|name| lints.remove(name.as_str()).unwrap_or_default())
        .collect()
}

/// Warnings and namespace errors do not stop the parser.
fn is_fatal(message: &str) -> bool {
    !message.contains("warning :") && !message.contains("namespace error :")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_sorted_by_document() {
        let names = ["0.xml", "1.xml", "2.xml", "3.xml"].map(str::to_owned);
        let text = "0.xml validates\n\
            1.xml:7: element D: Schemas validity error : Element 'D': '\n2' is not a valid value of the atomic type 'xs:date'.\n\
            1.xml fails to validate\n\
            2.xml:3: parser error : Opening and ending tag mismatch: a line 2 and b\n</b>\n    ^\n\
            3.xml:1: namespace error : Namespace prefix p on a is not defined\n<p:a/>\n    ^\n\
            3.xml validates\n";
        let lints = parse(text, &names);
        assert!(lints[0].valid && lints[0].well_formed && lints[0].errors.is_empty());
        assert!(!lints[1].valid && lints[1].well_formed);
        assert_eq!(lints[1].errors[0].0, 7);
        assert!(!lints[2].valid && !lints[2].well_formed);
        assert!(lints[3].valid && lints[3].well_formed);
    }
}
