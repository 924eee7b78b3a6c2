//! Texts compared as people read them.

use std::collections::BTreeMap;

use crate::catalogue::Kind;
use crate::change::Change;

/// Names of elements and columns that are other names now.
#[derive(Debug, Default)]
pub(super) struct Renamed {
    /// The new name by the old one; `None` where one old name became several.
    names: BTreeMap<String, Option<String>>,
}

impl Renamed {
    /// As changes tell it.
    pub(super) fn of(changes: &[Change]) -> Self {
        let mut names: BTreeMap<String, Option<String>> = BTreeMap::new();
        let renamed = changes.iter().filter(|change| {
            change.is_of(Kind::ElementRenamed) || change.is_of(Kind::ColumnRenamed)
        });
        for change in renamed {
            let last = |text: &Option<String>| {
                let name = text.as_deref()?.rsplit('/').next()?;
                Some(name.to_owned())
            };
            if let (Some(before), Some(now)) = (last(&change.old), last(&change.new)) {
                let known = names.entry(before).or_insert_with(|| Some(now.clone()));
                if known.as_ref() != Some(&now) {
                    *known = None;
                }
            }
        }
        Self { names }
    }

    /// A reference or SQL with the names that its elements have now. What stands in single quotes is a text and no name.
    pub(super) fn in_text(&self, text: &str) -> String {
        if self.names.is_empty() {
            return text.to_owned();
        }
        let mut all = String::with_capacity(text.len());
        for (index, part) in text.split('\'').enumerate() {
            if index > 0 {
                all.push('\'');
            }
            if index % 2 == 0 {
                self.push(part, &mut all);
            } else {
                all.push_str(part);
            }
        }
        all
    }

    fn push(&self, text: &str, all: &mut String) {
        let is_name = |character: char| character.is_alphanumeric() || character == '_';
        let mut rest = text;
        while let Some(start) = rest.find(is_name) {
            let (before, name) = rest.split_at(start);
            let end = name
                .find(|character: char| !is_name(character))
                .unwrap_or(name.len());
            let (name, after) = name.split_at(end);
            all.push_str(before);
            let now = self.names.get(name).and_then(Option::as_deref);
            all.push_str(now.unwrap_or(name));
            rest = after;
        }
        all.push_str(rest);
    }
}

/// Whether two texts have the same words: case, punctuation, blanks and accents on letters do not count, and neither do a few
/// ways to write one word.
pub(super) fn same_words(one: &str, other: &str) -> bool {
    plain(one) == plain(other)
}

/// A text as letters and digits only, in small letters.
fn plain(text: &str) -> String {
    let spelt = text.replace('&', " and ").to_lowercase();
    let words = spelt
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(british);
    words.collect()
}

/// `organization` and `organisation` are one word; so are `program` and `programme`.
fn british(word: &str) -> String {
    let word = match word {
        "program" => "programme",
        "center" => "centre",
        "labor" => "labour",
        other => other,
    };
    for (american, british) in [
        ("ization", "isation"),
        ("izations", "isations"),
        ("ized", "ised"),
    ] {
        if let Some(stem) = word.strip_suffix(american)
            && stem.len() > 2
        {
            return format!("{stem}{british}");
        }
    }
    word.to_owned()
}

/// SQL as it is compared: white space outside quotes is one blank, and none stands at the ends or beside brackets, commas and
/// operators. Comments of the form `-- …` are left out.
pub(super) fn plain_sql(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut characters = sql.chars().peekable();
    let mut blank = false;
    while let Some(character) = characters.next() {
        match character {
            '\'' | '"' => {
                push(&mut text, &mut blank, character);
                // A doubled quote ends a text and begins the next one, which comes to the same.
                for inner in characters.by_ref() {
                    text.push(inner);
                    if inner == character {
                        break;
                    }
                }
            }
            '-' if characters.peek() == Some(&'-') => {
                for inner in characters.by_ref() {
                    if inner == '\n' {
                        break;
                    }
                }
                blank = true;
            }
            character if character.is_whitespace() => blank = true,
            character => push(&mut text, &mut blank, character),
        }
    }
    text
}

fn push(text: &mut String, blank: &mut bool, character: char) {
    let tight = |character: char| "(),=<>+*/".contains(character);
    if *blank && !tight(character) && text.chars().last().is_some_and(|last| !tight(last)) {
        text.push(' ');
    }
    *blank = false;
    text.push(character);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_and_punctuation_are_not_words() {
        assert!(same_words("Non-binary", "non binary"));
        assert!(same_words("Day & night", "Day and night"));
        assert!(same_words("Organization (code)", "Organisation: Code"));
        assert!(!same_words("Not known", "Not stated"));
        assert!(!same_words("Under 16", "Under 18"));
        assert!(!same_words("Yes", "No"));
    }

    #[test]
    fn names_become_other_names_and_texts_stay() {
        let renamed = Renamed {
            names: BTreeMap::from([("WARD".to_owned(), Some("SITE".to_owned()))]),
        };
        assert_eq!(
            renamed.in_text("WARD = 'WARD' AND WARD_CODE <> a.WARD"),
            "SITE = 'WARD' AND WARD_CODE <> a.SITE"
        );
    }

    #[test]
    fn white_space_is_no_condition() {
        assert_eq!(
            plain_sql("  A =\n  'x  y' AND ( B > 1 )"),
            plain_sql("A='x  y' AND (B>1)")
        );
        assert_ne!(plain_sql("A = 'x  y'"), plain_sql("A = 'x y'"));
        assert_ne!(plain_sql("A AND B"), plain_sql("AANDB"));
        assert_eq!(plain_sql("A -- why\nAND B"), plain_sql("A AND B"));
        assert_eq!(plain_sql("'it''s'"), "'it''s'");
    }
}
