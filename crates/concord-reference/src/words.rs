//! Facts that come with the program: default codes, pseudo postcodes, names of roles and relationships.
//!
//! Sources: NHS Data Dictionary, supporting information "Organisation Data Service: default codes" (and codes that
//! it has retired); the guidance on commissioner assignment 2025/26 for pseudo postcodes; the Organisation Data
//! Service's code systems for the names. Stated in our own words.

use std::sync::LazyLock;

/// What a default code is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The practice that a patient is registered with.
    Practice,
    /// Who pays.
    Commissioner,
    /// Who provides.
    Provider,
    /// Where care is given.
    Site,
    /// Who is responsible where the patient lives.
    Residence,
    /// Who referred.
    Referrer,
}

/// A code that stands in the place of an organisation's and is no organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultCode {
    /// The code.
    pub code: &'static str,
    /// What it is used for.
    pub scope: Scope,
    /// What it says.
    pub meaning: &'static str,
    /// Whether it is to be used still.
    pub current: bool,
}

/// A postcode that stands in the place of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PseudoPostcode {
    /// Without a blank.
    pub postcode: &'static str,
    /// What it stands for: unknown, country of the United Kingdom, crown dependency, overseas.
    pub kind: &'static str,
    /// Which one.
    pub meaning: &'static str,
}

static DEFAULT_CODES: LazyLock<Vec<DefaultCode>> = LazyLock::new(|| {
    let mut codes: Vec<DefaultCode> = rows(include_str!("../data/default-codes.csv"))
        .map(|[code, scope, meaning, usage]| DefaultCode {
            code,
            scope: match scope {
                "practice" => Scope::Practice,
                "commissioner" => Scope::Commissioner,
                "provider" => Scope::Provider,
                "site" => Scope::Site,
                "residence" => Scope::Residence,
                _ => Scope::Referrer,
            },
            meaning,
            current: usage == "current",
        })
        .collect();
    codes.sort_by_key(|known| (known.code, known.scope));
    codes
});

static PSEUDO_POSTCODES: LazyLock<Vec<PseudoPostcode>> = LazyLock::new(|| {
    let mut postcodes: Vec<PseudoPostcode> = rows(include_str!("../data/pseudo-postcodes.csv"))
        .map(|[postcode, kind, meaning]| PseudoPostcode {
            postcode,
            kind,
            meaning,
        })
        .collect();
    postcodes.sort_by_key(|known| known.postcode);
    postcodes
});

static NAMES: LazyLock<Vec<[&'static str; 2]>> = LazyLock::new(|| {
    let mut names: Vec<[&str; 2]> = rows(include_str!("../data/names.csv")).collect();
    names.sort_unstable();
    names
});

/// The rows of one of the files that come with the program: a heading, then values apart by a semicolon, never quoted.
fn rows<const N: usize>(text: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    text.lines().skip(1).map(|line| {
        let mut values = line.split(';');
        std::array::from_fn(|_| values.next().unwrap_or_default())
    })
}

/// What `code` says, when it is a default code; several, when it is one for several purposes.
pub fn default_codes(code: &str) -> &'static [DefaultCode] {
    let start = DEFAULT_CODES.partition_point(|known| known.code < code);
    let known = &DEFAULT_CODES[start..];
    &known[..known.partition_point(|known| known.code == code)]
}

/// Whether `code` is a default code of one of these scopes; of any, when there are none.
pub fn is_default_code(code: &str, scopes: &[Scope]) -> bool {
    default_codes(code)
        .iter()
        .any(|known| scopes.is_empty() || scopes.contains(&known.scope))
}

/// What a role or relationship is, in words.
pub fn name_of(id: &str) -> Option<&'static str> {
    let index = NAMES.binary_search_by(|[known, _]| (*known).cmp(id)).ok()?;
    Some(NAMES[index][1])
}

pub(crate) fn pseudo_postcodes() -> &'static [PseudoPostcode] {
    &PSEUDO_POSTCODES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_whole_and_stands_once() {
        assert!(DEFAULT_CODES.len() > 20 && PSEUDO_POSTCODES.len() > 45 && NAMES.len() > 20);
        for known in DEFAULT_CODES.iter() {
            assert!(
                !known.code.is_empty() && !known.meaning.is_empty(),
                "{known:?}"
            );
        }
        let twice = |codes: &[DefaultCode]| {
            codes
                .windows(2)
                .any(|pair| (pair[0].code, pair[0].scope) == (pair[1].code, pair[1].scope))
        };
        assert!(!twice(&DEFAULT_CODES));
        for known in PSEUDO_POSTCODES.iter() {
            assert!(
                known.postcode.len() == 7 && known.postcode.starts_with("ZZ99"),
                "{known:?}"
            );
            assert!(
                !known.kind.is_empty() && !known.meaning.is_empty(),
                "{known:?}"
            );
        }
        assert!(NAMES.windows(2).all(|pair| pair[0][0] < pair[1][0]));
        assert!(NAMES.iter().all(|[_, name]| !name.is_empty()));
    }

    #[test]
    fn default_codes_by_scope() {
        assert!(is_default_code("V81999", &[Scope::Practice]));
        assert!(!is_default_code("V81999", &[Scope::Site]));
        assert!(
            is_default_code("89997", &[Scope::Site])
                && is_default_code("89997", &[Scope::Provider])
        );
        assert!(is_default_code("X98", &[]) && !is_default_code("X97", &[]));
        assert_eq!(default_codes("89999").len(), 2);
        assert_eq!(name_of("RO76"), Some("GP practice"));
        assert_eq!(name_of("RO0"), None);
    }
}
