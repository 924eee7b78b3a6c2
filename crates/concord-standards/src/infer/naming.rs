//! What a definition that is inferred is called, and what it was inferred from.

/// What a definition that is inferred is called, and what it was inferred from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// Id of the standard: small letters, digits and hyphens.
    pub id: String,
    /// Version of the standard: small letters, digits and hyphens.
    pub version: String,
    /// What it is made from, as people are to read it: `clinic.csv`.
    pub from: String,
}

impl Naming {
    /// The standard `id@version`, made from `from`.
    pub fn new(id: impl Into<String>, version: impl Into<String>, from: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            version: version.into(),
            from: from.into(),
        }
    }

    /// The folder of the definition: `id/version`.
    pub fn folder(&self) -> String {
        format!("{}/{}", self.id, self.version)
    }

    /// The name of a table in rules: the id as SQL takes it.
    pub(super) fn table(&self) -> String {
        let name: String = self
            .id
            .chars()
            .map(|character| match character {
                'a'..='z' | '0'..='9' => character,
                _ => '_',
            })
            .collect();
        let plain = name.starts_with(|first: char| first.is_ascii_lowercase())
            && name != crate::definition::SUBMISSION;
        if plain { name } else { format!("table_{name}") }
    }

    /// What rules of the definition begin with: the id in capitals.
    pub(super) fn rule(&self, what: &str) -> String {
        format!("{}-{what}", self.id.to_ascii_uppercase())
    }
}
