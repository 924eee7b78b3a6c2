//! The coding frames of organisations and sites: which characters may stand at which place.
//!
//! Source: NHS Data Dictionary, supporting information "Organisation Data Service: coding frames". Codes issued
//! since April 2020 need not follow them (letter, digit, letter, digit, letter).

use Position::{Any, AnyLetter, Digit, Letter, LetterOrDigit, LetterOrNonZeroDigit, Of, One};

/// A coding frame.
pub(super) struct Frame {
    /// The type of organisation or site.
    pub(super) kind: &'static str,
    /// What each place may hold.
    pub(super) positions: &'static [Position],
}

/// What a place of a code may hold.
pub(super) enum Position {
    /// This character.
    One(u8),
    /// One of these.
    Of(&'static [u8]),
    /// A digit.
    Digit,
    /// A letter other than Z.
    Letter,
    /// Any letter.
    AnyLetter,
    /// A digit, or a letter other than Z.
    LetterOrDigit,
    /// A digit other than 0, or a letter other than Z.
    LetterOrNonZeroDigit,
    /// Any letter or digit.
    Any,
}

impl Position {
    fn admits(&self, byte: u8) -> bool {
        match self {
            One(expected) => byte == *expected,
            Of(bytes) => bytes.contains(&byte),
            Digit => byte.is_ascii_digit(),
            Letter => matches!(byte, b'A'..=b'Y'),
            AnyLetter => byte.is_ascii_uppercase(),
            LetterOrDigit => byte.is_ascii_digit() || matches!(byte, b'A'..=b'Y'),
            LetterOrNonZeroDigit => matches!(byte, b'1'..=b'9' | b'A'..=b'Y'),
            Any => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
        }
    }
}

impl Frame {
    /// Whether the code fits the frame.
    pub(super) fn admits(&self, code: &[u8]) -> bool {
        code.len() == self.positions.len()
            && self
                .positions
                .iter()
                .zip(code)
                .all(|(position, &byte)| position.admits(byte))
    }
}

/// Frames of organisations.
#[rustfmt::skip]
pub(super) const ORGANISATIONS: [Frame; 54] = [
    Frame { kind: "Application Service Provider", positions: &[One(b'Y'), One(b'G'), One(b'M'), Any, Any] },
    Frame { kind: "Booking Management System (BMS) Call Centre Establishment", positions: &[One(b'Y'), One(b'F'), Any] },
    Frame { kind: "Cancer Network", positions: &[One(b'N'), Digit, Any] },
    Frame { kind: "Cancer Registry", positions: &[One(b'Y'), Digit, Digit, Digit, Digit] },
    Frame { kind: "Care Home Headquarters", positions: &[Of(b"ACD"), Any, Any, Any] },
    Frame { kind: "Care Trust (CT)", positions: &[One(b'T'), Letter, Letter] },
    Frame { kind: "Clinical Commissioning Group (CCG)", positions: &[Digit, Digit, Letter] },
    Frame { kind: "Clinical Network", positions: &[One(b'Y'), One(b'D'), One(b'G'), Any, Any] },
    Frame { kind: "Commissioning Support Unit (CSU) / Data Services for Commissioners Regional Office (DSCRO)", positions: &[One(b'0'), Letter, Letter] },
    Frame { kind: "Dental Practice - England and Wales", positions: &[One(b'V'), Digit, Digit, Digit, Digit, Digit] },
    Frame { kind: "Education Establishment", positions: &[One(b'Y'), One(b'D'), One(b'F'), Any, Any] },
    Frame { kind: "Executive Agency", positions: &[One(b'X'), Digit, Digit] },
    Frame { kind: "Executive Agency Programme", positions: &[One(b'X'), Digit, Digit, Digit, Digit, Digit] },
    Frame { kind: "Government Department", positions: &[One(b'X'), Letter, Letter] },
    Frame { kind: "Government Office Region (GOR)", positions: &[Letter] },
    Frame { kind: "GP Abeyance and Dispersal GP Practice", positions: &[One(b'G'), One(b'7'), One(b'8'), Digit, Digit, Digit, Digit, Digit] },
    Frame { kind: "GP Practices in England and Wales", positions: &[Of(b"ABCDEFGHJKLMNPWY"), Digit, Digit, Digit, Digit, Digit] },
    Frame { kind: "Justice Organisation", positions: &[Of(b"VW"), Letter, Any] },
    Frame { kind: "High Level Health Geography, e.g. Sustainability and Transformation Partnership", positions: &[One(b'Q'), Any, Any] },
    Frame { kind: "Independent Sector Healthcare Provider (ISHP)", positions: &[Of(b"ABDGIKLMNOSUVW"), Letter, LetterOrDigit] },
    Frame { kind: "Local Authority (LA)", positions: &[Digit, Digit, Digit] },
    Frame { kind: "Local Health Board (Wales)", positions: &[One(b'7'), Any, Any] },
    Frame { kind: "Local Service Provider (LSP)", positions: &[One(b'L'), One(b'S'), One(b'P'), Digit, Digit] },
    Frame { kind: "Military Hospital", positions: &[One(b'X'), One(b'M'), One(b'D'), Any, Any] },
    Frame { kind: "National Application Service Provider", positions: &[One(b'Y'), One(b'E'), Any] },
    Frame { kind: "National Groupings (England)", positions: &[One(b'Y'), Of(b"56"), Digit] },
    Frame { kind: "NHS Support Agency", positions: &[One(b'Y'), One(b'D'), One(b'D'), Any, Any] },
    Frame { kind: "NHS Trust", positions: &[One(b'R'), Any, Any] },
    Frame { kind: "NHS Wales Informatics Service (NWIS)", positions: &[One(b'W'), One(b'0'), One(b'0')] },
    Frame { kind: "Non NHS Organisation (Independent Provider)", positions: &[One(b'8'), Letter, Any, Digit, Digit] },
    Frame { kind: "Northern Ireland Health & Social Care Board", positions: &[One(b'Z'), One(b'B'), One(b'0'), One(b'0'), One(b'1')] },
    Frame { kind: "Northern Ireland Health & Social Care Trust", positions: &[One(b'Z'), One(b'T'), Digit, Digit, Digit] },
    Frame { kind: "Northern Ireland Local Commissioning Group", positions: &[One(b'Z'), One(b'C'), One(b'0'), Digit, One(b'0')] },
    Frame { kind: "Optical Headquarters", positions: &[One(b'T'), Digit, Any, Any] },
    Frame { kind: "Other Statutory Authority (OSA)", positions: &[One(b'X'), Digit, Digit] },
    Frame { kind: "Pharmacy", positions: &[One(b'F'), Letter, Any, Any, Any] },
    Frame { kind: "Pharmacy Headquarters", positions: &[One(b'P'), Any, Any, Any] },
    Frame { kind: "Primary Care Trust (PCT)", positions: &[One(b'5'), Any, Any] },
    Frame { kind: "Prison Health Service", positions: &[One(b'Y'), One(b'D'), One(b'E'), Any, Any] },
    Frame { kind: "School", positions: &[One(b'E'), One(b'E'), Any, Any, Any, Any, Any, Any] },
    Frame { kind: "Special Health Authority (SpHA)", positions: &[One(b'T'), One(b'1'), Digit, Digit, One(b'0')] },
    Frame { kind: "Strategic Health Authority (SHA)", positions: &[One(b'Q'), Any, Any] },
    Frame { kind: "Welsh Assembly", positions: &[One(b'W'), Digit, Digit] },
    Frame { kind: "Welsh Health Commission", positions: &[One(b'W'), Digit, Digit, Letter, Letter] },
    Frame { kind: "GP Practice - Scotland", positions: &[One(b'S'), Digit, Digit, Digit, Digit, Digit] },
    Frame { kind: "Scottish GP Fundholder", positions: &[One(b'S'), AnyLetter, One(b'B'), Digit, Digit] },
    Frame { kind: "Scottish Health Agency", positions: &[One(b'S'), One(b'D'), Digit, Digit, Digit] },
    Frame { kind: "Scottish Health Board", positions: &[One(b'S'), AnyLetter, One(b'9'), One(b'9'), One(b'9')] },
    Frame { kind: "Scottish Provider", positions: &[One(b'S'), AnyLetter, Of(b"ACD"), Digit, Digit] },
    Frame { kind: "GP Practice - Alderney", positions: &[One(b'A'), One(b'L'), One(b'D'), Digit, Digit, Digit] },
    Frame { kind: "GP Practice - Guernsey", positions: &[One(b'G'), One(b'U'), One(b'E'), Digit, Digit, Digit] },
    Frame { kind: "GP Practice - Isle of Man (IOM)", positions: &[One(b'Y'), Digit, Digit, Digit, Digit, Digit] },
    Frame { kind: "GP Practice - Jersey", positions: &[One(b'J'), One(b'E'), One(b'R'), Digit, Digit, Digit] },
    Frame { kind: "Primary Healthcare Directorate (Isle of Man)", positions: &[One(b'Y'), One(b'K'), Any] },
];

/// Frames of sites.
#[rustfmt::skip]
pub(super) const SITES: [Frame; 20] = [
    Frame { kind: "Care Home Site", positions: &[One(b'V'), Of(b"LMN"), Any, Any, Any] },
    Frame { kind: "Care Trust Site", positions: &[One(b'T'), Letter, Letter, Any, Any] },
    Frame { kind: "Clinical Commissioning Group (CCG) Site", positions: &[Digit, Digit, Letter, Letter, Letter] },
    Frame { kind: "Commissioning Support Unit (CSU) Site", positions: &[One(b'0'), Letter, Letter, Any, Any] },
    Frame { kind: "Executive Agency Site", positions: &[One(b'X'), Digit, Digit, Digit, Digit] },
    Frame { kind: "Government Department Site", positions: &[One(b'X'), Letter, Letter, Digit, Digit] },
    Frame { kind: "GP Practice Branch Surgery - England and Wales", positions: &[Of(b"ABCDEFGHJKLMNPWY"), Digit, Digit, Digit, Digit, Digit, Digit, Digit, Digit] },
    Frame { kind: "Health Observatory", positions: &[One(b'X'), One(b'P'), Digit, Digit, Digit] },
    Frame { kind: "Care Trust Site", positions: &[One(b'Q'), Any, Any, Any, Any] },
    Frame { kind: "Independent Sector Healthcare Provider (ISHP) Site", positions: &[Of(b"ABDGIKLMNOSUVW"), Letter, LetterOrDigit, LetterOrDigit, LetterOrDigit] },
    Frame { kind: "Local Authority (LA) Site", positions: &[Digit, Digit, Digit, AnyLetter, AnyLetter] },
    Frame { kind: "Local Health Board (Wales) Site", positions: &[One(b'7'), Any, Any, Any, Any] },
    Frame { kind: "Local Service Provider Site", positions: &[One(b'L'), One(b'S'), One(b'P'), Digit, Digit, Digit, Digit] },
    Frame { kind: "NHS Trust Site", positions: &[One(b'R'), Any, Any, Any, Any] },
    Frame { kind: "Optical Site", positions: &[One(b'T'), Of(b"PQ"), Digit, Any, Any] },
    Frame { kind: "Other Statutory Authority (OSA) Site", positions: &[One(b'X'), Digit, Digit, Digit, Digit] },
    Frame { kind: "Primary Care Trust (PCT) Site", positions: &[One(b'5'), Any, Any, Any, Any] },
    Frame { kind: "Special Health Authority (SpHA) Site", positions: &[One(b'T'), One(b'1'), Digit, Digit, LetterOrNonZeroDigit] },
    Frame { kind: "Strategic Health Authority (SHA) Site", positions: &[One(b'Q'), Any, Any, Any, Any] },
    Frame { kind: "Primary Healthcare Directorate (Isle of Man) Site", positions: &[One(b'Y'), One(b'K'), Any, Any, Any] },
];
