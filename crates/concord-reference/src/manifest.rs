//! `manifest.toml`: which sources the stored reference data come from.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};

/// The name of the manifest's file.
pub(crate) const FILE: &str = "manifest.toml";

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `HSCOrgRefData`, the whole directory as XML. What it says of an organisation goes before what others say.
    OrganisationXml,
    /// One organisation, as the ORD interface answers.
    OrganisationJson,
    /// Organisations of one kind, as the Organisation Data Service's CSV files hold them.
    OrganisationCsv,
    /// Which practices belonged to which commissioner and when, as `epcmem.csv` holds it.
    MembershipCsv,
    /// Postcodes, as ONSPD and NHSPD hold them.
    PostcodeDirectory,
    /// Imaging codes with the days of their use.
    ImagingCodes,
    /// Which SNOMED CT code an imaging code stands for.
    ImagingMap,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OrganisationXml => "organisations, XML",
            Self::OrganisationJson => "organisation, JSON",
            Self::OrganisationCsv => "organisations, CSV",
            Self::MembershipCsv => "memberships, CSV",
            Self::PostcodeDirectory => "postcode directory",
            Self::ImagingCodes => "imaging codes, CSV",
            Self::ImagingMap => "imaging codes that stand for one another, CSV",
        })
    }
}

/// One source. Importing a source again replaces what it said before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its name, such as `epraccur`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The file that it was read from, without its folder; the first, when there are several.
    pub file: String,
    /// How many files it was read from.
    pub files: u64,
    /// The day of publication, when the source says it: `CCYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Bytes read, decompressed.
    pub bytes: u64,
    /// Organisations and sites.
    pub organisations: u64,
    /// Relationships between organisations.
    pub relationships: u64,
    /// Successions.
    pub successions: u64,
    /// Postcodes.
    pub postcodes: u64,
    /// Imaging codes, or pairs of them.
    #[serde(default, skip_serializing_if = "is_none")]
    pub imaging_codes: u64,
    /// Values that could not be read and were left out.
    pub problems: u64,
    /// When it was imported: `CCYY-MM-DDThh:mm:ssZ`.
    pub imported_at: String,
}

/// Whether there are none of something.
#[allow(clippy::trivially_copy_pass_by_ref)] // serde hands over a reference
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// The sources, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The sources, by name.
    #[serde(default, rename = "source")]
    pub sources: Vec<Source>,
}

impl Manifest {
    /// The manifest of a folder; none when there is no reference data.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::stored(&path, "cannot be read", &error)),
        };
        toml::from_str(&text)
            .map(Some)
            .map_err(|error| Error::stored(&path, "is no manifest", &error.message()))
    }

    /// The manifest of a folder that has reference data.
    pub(crate) fn require(folder: &Path) -> Result<Self, Error> {
        Self::read(folder)?.ok_or_else(|| {
            ErrorKind::Absent {
                folder: folder.to_owned(),
            }
            .into()
        })
    }

    /// How much a source's word counts: kind, then the later, then the name. The least goes first.
    pub(crate) fn rank(&self, name: &str) -> usize {
        let mut sources: Vec<&Source> = self.sources.iter().collect();
        sources.sort_by(|left, right| {
            let newer = right.date.cmp(&left.date);
            left.kind
                .cmp(&right.kind)
                .then(newer)
                .then_with(|| left.name.cmp(&right.name))
        });
        sources
            .iter()
            .position(|source| source.name == name)
            .unwrap_or(sources.len())
    }
}
